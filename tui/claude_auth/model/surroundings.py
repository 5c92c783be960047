"""What a second, slower look adds; first where Claude Code keeps logins on this machine, who uses them, and
what it left there about itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from claude_auth.model.machine import Mount
from claude_auth.model.origins import Damage, Location, Origin
from claude_auth.model.stores import ClaudeJson, StoreReading
from claude_auth.named_tuples import NamedTuple


class ClientInstance(NamedTuple):
    """A Claude Code that runs on a configuration directory. `kind`, `entrypoint` and `folder` as its own
    register says; None for one that the process table alone shows."""

    pid: int
    version: str | None = None
    kind: str | None = None
    entrypoint: str | None = None
    folder: str | None = None


class Editor(NamedTuple):
    """An editor that runs and waits for Claude Code's connection on `port`, with the folders open in it."""

    pid: int
    port: int
    name: str | None = None
    folders: tuple[str, ...] = ()


class BackgroundService(NamedTuple):
    """What Claude Code's background service wrote beside its log: when, and with how many workers; whether it
    still runs; since when it wants a sign-in; the last line of its log about that."""

    written_at: float | None = None
    pid: int | None = None
    runs: bool = False
    workers: int = 0
    sign_in_wanted_since: float | None = None
    logged_at: float | None = None
    logged: str | None = None


class ConfigDirectory(NamedTuple):
    """A configuration directory with the login in it. `found_by`: what names it, in words; `is_current`: the
    one that is looked at."""

    path: str
    found_by: tuple[str, ...]
    login: StoreReading
    state: ClaudeJson
    instances: tuple[ClientInstance, ...] = ()
    service: BackgroundService | None = None
    is_current: bool = False
    editors: tuple[Editor, ...] = ()


class Difference(NamedTuple):
    """A variable that another process has otherwise than this one: the values, a credential's fingerprint;
    None where it is not set."""

    name: str
    here: str | None
    there: str | None


class RunningClient(NamedTuple):
    """A Claude Code that runs as the same user on the same home and configuration. `config_dir` is None where
    its environment could not be read, so that this isn't known; `sign-in`: it waits for somebody to sign in.
    """

    pid: int
    kind: Literal["session", "sign-in"]
    program: str
    version: str | None = None
    started_at: float | None = None
    config_dir: str | None = None
    differences: tuple[Difference, ...] = ()


class CertificateFile(NamedTuple):
    """What a variable names as further certificates. Damage codes beside those of files: `tilde`, `der`,
    `not-pem`, `not-a-certificate`, `expired`, `not-read`."""

    variable: str
    path: str
    origin: Origin
    damage: Damage | None = None

    @property
    def sentence(self) -> str:
        return certificate_words(self.variable, self.path, self.damage)


def certificate_words(variable: str, path: str, damage: Damage | None) -> str:
    """The same wherever it is told: in a finding, in a check of the network, in a failure of ours."""
    return f"{variable} names {path}: {'it can be read' if damage is None else damage.text}"


class HostsFile(NamedTuple):
    """`localhost`: its addresses; `pinned`: hosts that Claude Code needs, their address and the line."""

    path: str
    damage: Damage | None = None
    localhost: tuple[str, ...] = ()
    pinned: tuple[tuple[str, str, Location], ...] = ()


class StorePlace(NamedTuple):
    """Where the credentials file lies once links are followed. `tracked`: whether git's index names it, None
    where that could not be told."""

    real_path: str
    repository: str | None = None
    tracked: bool | None = None


class Backup(NamedTuple):
    """A copy of `.claude.json`; `whole`: it parses, None where that was not tried."""

    path: str
    modified: float
    whole: bool | None = None


CommandProblem = Literal["missing", "not-executable", "not-on-path", "no-interpreter"]


class CommandFile(NamedTuple):
    """The program that a configured command starts, and why it can't be started."""

    setting: str
    path: str
    problem: CommandProblem
    origin: Origin


class AwsTool(NamedTuple):
    """The `aws` on PATH; `version` None where nothing beside it tells, `2` where nothing tells more."""

    path: str
    version: str | None = None

    @property
    def major(self) -> int | None:
        return None if self.version is None else int(self.version.partition(".")[0])


MisplacedKind = Literal[
    "user-local", "config", "user-managed", "top-level", "state", "editor", "repository", "elsewhere"
]


class Misplaced(NamedTuple):
    """Settings that stand where Claude Code does not read them: their names, the first one's line, and whose
    file it is. `top-level`: a key of a settings file that belongs into its env block."""

    kind: MisplacedKind
    names: tuple[str, ...]
    place: Location


class Surroundings(NamedTuple):
    """What costs too much for every look. None: not looked at, or not known on this platform."""

    running: tuple[RunningClient, ...] | None = None
    certificates: tuple[CertificateFile, ...] = ()
    hosts: HostsFile | None = None
    ipv6: bool | None = None
    mounts: Mapping[str, Mount] | None = None
    store: StorePlace | None = None
    backups: tuple[Backup, ...] = ()
    corrupted: tuple[Backup, ...] = ()
    has_subscription: bool | None = None
    commands: tuple[CommandFile, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()
    #: Set in a start-up file or a `.env`, and not in this process.
    not_loaded: Mapping[str, Location] = MappingProxyType({})
    not_exported: tuple[str, ...] = ()
    #: Credentials files with a login in them, elsewhere than where is looked.
    other_logins: tuple[str, ...] = ()
    #: Every configuration directory that holds a login or is in use, the one that is looked at first.
    directories: tuple[ConfigDirectory, ...] = ()
    user_variable: str | None = None
    sudo_user: str | None = None
    home_owner: str | None = None
    #: When the shared AWS files and the tokens of AWS sign-ins were written, by path.
    aws_files_modified: Mapping[str, float] = MappingProxyType({})
    free_files: int | None = None
    aws_tool: AwsTool | None = None
