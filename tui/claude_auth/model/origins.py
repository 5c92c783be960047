"""Where a value comes from: a file and its line, a variable, a layer of settings."""

from collections.abc import Mapping
from time import localtime, strftime
from types import MappingProxyType
from typing import Literal

from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

OriginKind = Literal["environment", "settings", "file", "descriptor", "keychain", "none"]
Layer = Literal["managed", "flag", "local", "project", "user"]


class Location(NamedTuple):
    """A line of a file; `line` counts from 1, None where there is no line."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


class FileFacts(NamedTuple):
    """What `stat` says about a file that was read."""

    path: str
    mode: int
    owner: str
    owned_by_us: bool
    modified: float
    size: int
    link_target: str | None = None

    @property
    def copy_path(self) -> str:
        """Where a copy of what it holds now is kept, before another program writes over it."""
        return f"{self.path}.broken-{strftime('%Y%m%d-%H%M%S', localtime(self.modified))}"

    @property
    def open_to_others(self) -> bool:
        """Readable or writable by the group or by everybody."""
        return bool(self.mode & 0o077)

    @property
    def is_foreign(self) -> bool:
        """Another user wrote it: neither the caller nor root, who could do anything here anyway."""
        return not self.owned_by_us and self.owner not in {"root", "0"}


class Origin(NamedTuple):
    """Where a value comes from; `kind` `none`: nowhere."""

    kind: OriginKind = "none"
    layer: Layer | None = None
    path: str | None = None
    line: int | None = None
    variable: str | None = None
    likely_set_at: tuple[Location, ...] = ()
    file: FileFacts | None = None

    @property
    def location(self) -> Location:
        return Location(self.path or "", self.line)

    @property
    def of_project(self) -> bool:
        """A file of the working directory's says so, which whoever wrote the repository decides."""
        return self.layer in {"project", "local"}

    @property
    def is_foreign(self) -> bool:
        return self.file is not None and self.file.is_foreign


NOWHERE = Origin()


_LOOK_FAILED = frozenset(
    ("permission", "io-error", "not-a-file", "too-large", "dangling-link", "denied", "not-looked-at")
)


class Damage(NamedTuple):
    """Why a file gave no value: a stable code and one sentence without any of the content.

    Codes: `missing`, `empty`, `truncated`, `not-json`, `bom`, `utf-16`, `not-utf-8`, `wrong-type`,
    `not-a-file`, `dangling-link`, `too-large`, `permission`, `io-error`, `not-ini`; of the Keychain also
    `denied` and `not-looked-at`.
    """

    code: str
    text: str
    line: int | None = None
    column: int | None = None

    @property
    def is_missing(self) -> bool:
        return self.code == "missing"

    @property
    def is_no_json(self) -> bool:
        """Something stands there, and it is not JSON in UTF-8."""
        return self.code in {"not-json", "truncated", "utf-16"}

    @property
    def is_unreadable(self) -> bool:
        """The look itself failed, so nothing is known about the content."""
        return self.code in _LOOK_FAILED


class Assignment(NamedTuple):
    """One place that sets a variable: the shell, or the `env` block of a settings file."""

    name: str
    value: Secret
    origin: Origin

    @property
    def layer(self) -> Layer | None:
        """None for the shell."""
        return self.origin.layer

    @property
    def of_own_settings(self) -> bool:
        """A settings file says so, and not one of the working directory's."""
        return self.layer is not None and not self.origin.of_project


class Setting(NamedTuple):
    """One place that sets a settings key other than `env`; `value` is text (commands may hold secrets)."""

    name: str
    value: Secret
    origin: Origin


class SettingsFile(NamedTuple):
    """One settings file that was looked for; `damage` is None where it was read. `not_set`: its variables
    that are not set, since their value holds a NUL character."""

    layer: Layer
    path: str
    damage: Damage | None
    file: FileFacts | None
    at_repository_root: bool = False
    not_set: Mapping[str, Location] = MappingProxyType({})
