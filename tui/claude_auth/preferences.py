"""`config.toml`: what a person prefers. One table of what can be set; a variable wins over the file, and a
value that can't be meant is told by its line and leaves the default.

The table `[oauth]` is the OAuth client of one's own, which `oauth.configuration` reads.
"""

import math
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.named_tuples import NamedTuple

if TYPE_CHECKING:
    from claude_auth.formats.toml_document import Problem, TomlDocument

#: The name of our directories on every platform.
APPLICATION = "claude-auth"
PREFERENCES_NAME = "config.toml"
OAUTH_FILE_NAME = "oauth.toml"
OAUTH_TABLE, KEYS_TABLE = "oauth", "keys"
#: How long a configured command may take, and how long a sign-in of ours waits for the browser.
COMMAND_SECONDS, SIGN_IN_SECONDS = 180, 900
_LARGEST_FILE = 64 << 10

#: `terminal` takes the terminal's own sixteen colours; the others have their own, for a dark or a light
#: background, and of each kind one that does without telling red from green.
THEMES = ("terminal", "dark", "light", "dark-colour-blind", "light-colour-blind")
AUTOMATIC = "automatic"


class Preference(NamedTuple):
    """`name`: `table.key`, or `key` at the top. `choices` of a text, or `least` and `most` of a number."""

    name: str
    variable: str
    default: str | int
    what: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    @property
    def table(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        return self.name.rpartition(".")[2]

    def read(self, raw: object) -> tuple[str | int | None, str]:
        """The value, or None and what is wrong with it; never the value in the words."""
        if self.choices:
            if isinstance(raw, bool):
                raw = "on" if raw else "off"
            fits = isinstance(raw, str) and raw in self.choices
            return (raw, "") if fits else (None, f"is none of {', '.join(self.choices)}")  # type: ignore[return-value]
        if isinstance(self.default, int):
            return self._read_number(raw)
        if not isinstance(raw, str) or not raw.isprintable():
            return None, "is not a text without control characters"
        return (raw, "") if not raw or os.path.isabs(raw) else (None, "is not an absolute path")

    def _read_number(self, raw: object) -> tuple[int | None, str]:
        if isinstance(raw, str) and raw.isascii() and raw.isdigit():
            raw = int(raw[:12])
        if isinstance(raw, float) and math.isfinite(raw) and raw.is_integer():
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int) or not self.least <= raw <= self.most:
            return None, f"is not a whole number from {self.least} to {self.most}"
        return raw, ""


PREFERENCES = (
    Preference(
        "client",
        "CLAUDE_AUTH_CLIENT",
        "claude",
        "whom the answers are for, unless --client says otherwise",
        tuple(client.id for client in CLIENTS),
    ),
    Preference(
        "store",
        "CLAUDE_AUTH_STORE",
        AUTOMATIC,
        "which login `login`, `logout` and `refresh` are about, unless --store says otherwise",
        (AUTOMATIC, "claude-code", "sdk", "keyring"),
    ),
    Preference("screen.theme", "CLAUDE_AUTH_THEME", "terminal", "the dashboard's colours", THEMES),
    Preference(
        "screen.glyphs",
        "CLAUDE_AUTH_GLYPHS",
        AUTOMATIC,
        "which characters frames and signs are made of",
        (AUTOMATIC, "unicode", "ascii"),
    ),
    Preference(
        "screen.mouse",
        "CLAUDE_AUTH_MOUSE",
        AUTOMATIC,
        "whether the mouse is the dashboard's; automatic: not over SSH",
        (AUTOMATIC, "on", "off"),
    ),
    Preference(
        "time_limits.command",
        "CLAUDE_AUTH_COMMAND_SECONDS",
        COMMAND_SECONDS,
        "seconds that a configured command may take",
        least=1,
        most=86_400,
    ),
    Preference(
        "time_limits.sign_in",
        "CLAUDE_AUTH_SIGN_IN_SECONDS",
        SIGN_IN_SECONDS,
        "seconds that a sign-in of ours waits for the browser",
        least=30,
        most=86_400,
    ),
    Preference(
        "journal.directory",
        "CLAUDE_AUTH_JOURNAL",
        "",
        "where the journal lies; empty: in this platform's usual place",
    ),
)


class Preferences(NamedTuple):
    """`values` by name, complete; `origins`: for those that are set, the variable or the file and line.
    `keys`: the keys of actions by id, as Textual writes them, several with commas."""

    values: Mapping[str, str | int]
    origins: Mapping[str, str] = MappingProxyType({})
    keys: Mapping[str, str] = MappingProxyType({})
    problems: "tuple[Problem, ...]" = ()

    def text(self, name: str) -> str:
        return str(self.values[name])

    def number(self, name: str) -> int:
        return int(self.values[name])


_DEFAULTS = {one.name: one.default for one in PREFERENCES}


def preferences_path(environ: Mapping[str, str]) -> str:
    """Where the file belongs on this platform; on Linux nothing is imported for it, since `status` asks."""
    on_linux = sys.platform.startswith("linux")  # in two steps, since mypy knows its own platform
    if on_linux:
        home = environ.get("XDG_CONFIG_HOME", "")
        base = home if os.path.isabs(home) else os.path.join(os.path.expanduser("~"), ".config")
        return os.path.join(base, APPLICATION, PREFERENCES_NAME)
    import platformdirs

    return os.path.join(platformdirs.user_config_dir(APPLICATION, appauthor=False), PREFERENCES_NAME)


def older_client_path(environ: Mapping[str, str]) -> str:
    """The OAuth client's own file: read where `config.toml` has no table for it."""
    return os.path.join(os.path.dirname(preferences_path(environ)), OAUTH_FILE_NAME)


def load_preferences(environ: Mapping[str, str], path: str | None = None) -> Preferences:
    """What the variables and the file say together; never raises."""
    from claude_auth.files import read_file

    path = path or preferences_path(environ)
    read = read_file(path, _LARGEST_FILE)
    if read.content is not None:
        return read_preferences(environ, read.content, path)
    found = read_preferences(environ)
    if read.damage is None or read.damage.is_missing:
        return found
    from claude_auth.formats.toml_document import Problem

    unread = Problem(path, f"can't be read: {read.damage.text}")
    return Preferences(found.values, found.origins, found.keys, (*found.problems, unread))


def read_preferences(environ: Mapping[str, str], content: bytes = b"", path: str = "") -> Preferences:
    """The same without I/O. An empty variable counts as unset."""
    if not content and not any(environ.get(one.variable) for one in PREFERENCES):
        return Preferences(_DEFAULTS)
    from claude_auth.formats.toml_document import Problem, parse_toml

    document = parse_toml(content, path)
    values, origins = dict(_DEFAULTS), {}
    problems = [document.problem] if document.problem else []
    for one in PREFERENCES:
        for where, raw in _given(one, environ, document):
            value, wrong = one.read(raw)
            if value is None:
                problems.append(Problem(where, wrong))
            else:
                values[one.name], origins[one.name] = value, where
                break
    keys, wrong_keys = _keys(document)
    return Preferences(values, origins, keys, (*problems, *wrong_keys, *_unknown(document)))


def _given(one: Preference, environ: Mapping[str, str], document: "TomlDocument") -> list[tuple[str, object]]:
    """Where it is set and to what, what counts first."""
    found: list[tuple[str, object]] = []
    if raw := environ.get(one.variable, "").strip():
        found.append((one.variable, raw))
    table = document.table.get(one.table, {}) if one.table else document.table
    if isinstance(table, dict) and one.key in table:
        found.append((document.place(one.key, one.table), table[one.key]))
    return found


def _keys(document: "TomlDocument") -> "tuple[dict[str, str], list[Problem]]":
    """Which ids and keys there are the dashboard knows, and says."""
    from claude_auth.formats.toml_document import Problem

    table = document.table.get(KEYS_TABLE, {})
    if not isinstance(table, dict):
        return {}, [Problem(document.place(KEYS_TABLE), "is not a table")]
    keys, problems = {}, []
    for action, raw in table.items():
        if isinstance(raw, str) and raw.isprintable() and raw.strip():
            keys[action] = raw
        else:
            problems.append(
                Problem(document.place(action, KEYS_TABLE), 'is no key, such as "f2" or "L,ctrl+l"')
            )
    return keys, problems


def _unknown(document: "TomlDocument") -> "list[Problem]":
    from claude_auth.formats.toml_document import Problem
    from claude_auth.security.sanitize import clean

    tables = {one.table for one in PREFERENCES if one.table}
    known = {one.name for one in PREFERENCES} | {OAUTH_TABLE, KEYS_TABLE}
    found = []
    for key, value in document.table.items():
        if key in tables and isinstance(value, dict):
            found += [(inner, key) for inner in value if f"{key}.{inner}" not in known]
        elif key not in known:
            found.append((key, ""))
    return [
        Problem(document.place(key, table), f"is not a setting we know: {clean(key, 60)}")
        for key, table in found
    ]
