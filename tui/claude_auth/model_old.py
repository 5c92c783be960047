"""The nouns. All frozen: a snapshot is everything seen on the machine at one moment. The small ones are named
tuples, which Python makes five times as fast as dataclasses: start-up is a feature.

Times are seconds since the epoch (UTC) unless a name says otherwise. No I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from claude_auth.secret import Secret

State = Literal["absent", "present", "unusable", "unreadable"]
Verdict = Literal["winning", "also-sent", "shadowed", "unused"]
Expiry = Literal["live", "stale-refreshable", "expired", "none"]
OriginKind = Literal["environment", "settings", "file", "descriptor", "keychain", "none"]
Layer = Literal["managed", "flag", "local", "project", "user"]
Severity = Literal["error", "warning", "info"]
#: `seen`: the machine shows it; `likely`: what is seen has other explanations too; `not-checkable`: decided
#: elsewhere.
Certainty = Literal["seen", "likely", "not-checkable"]
BlockCode = Literal[
    "no-credential",
    "approval-pending",
    "managed-policy",
    "blank-credential",
    "no-cloud-credential",
    "not-checked",
]
AwsProvider = Literal["static", "sso", "assume-role", "web-identity", "process", "login", "none"]
Provider = Literal["first-party", "gateway", "bedrock", "vertex", "foundry", "anthropic-aws", "mantle"]


INFERENCE_SCOPE = "user:inference"

# ── where a value comes from ─────────────────────────────────────────────────────────────────────


class Location(NamedTuple):
    """A line of a file; `line` counts from 1, None where there is no line."""

    path: str
    line: int | None = None

    def __str__(self) -> str:
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What `stat` says about a file that was read."""

    path: str
    mode: int
    owner: str
    owned_by_us: bool
    modified: float
    size: int
    link_target: str | None = None

    @property
    def open_to_others(self) -> bool:
        """Readable or writable by the group or by everybody."""
        return bool(self.mode & 0o077)


class Origin(NamedTuple):
    """Where a value comes from; `kind` `none`: nowhere."""

    kind: OriginKind = "none"
    layer: Layer | None = None
    path: str | None = None
    line: int | None = None
    variable: str | None = None
    likely_set_at: tuple[Location, ...] = ()
    file: FileFacts | None = None


NOWHERE = Origin()


class Damage(NamedTuple):
    """Why a file gave no value: a stable code and one sentence without any of the content.

    Codes: `missing`, `empty`, `truncated`, `not-json`, `bom`, `utf-16`, `not-utf-8`, `wrong-type`,
    `not-a-file`, `dangling-link`, `too-large`, `permission`, `io-error`, `not-ini`.
    """

    code: str
    text: str
    line: int | None = None
    column: int | None = None

    @property
    def is_missing(self) -> bool:
        return self.code == "missing"

    @property
    def is_unreadable(self) -> bool:
        """The look itself failed, so nothing is known about the content."""
        return self.code in {"permission", "io-error", "not-a-file", "too-large", "dangling-link"}


# ── what was seen ────────────────────────────────────────────────────────────────────────────────


class Assignment(NamedTuple):
    """One place that sets a variable: the shell, or the `env` block of a settings file."""

    name: str
    value: Secret
    origin: Origin

    @property
    def layer(self) -> Layer | None:
        """None for the shell."""
        return self.origin.layer


class Setting(NamedTuple):
    """One place that sets a settings key other than `env`; `value` is text (commands may hold secrets)."""

    name: str
    value: Secret
    origin: Origin


class SettingsFile(NamedTuple):
    """One settings file that was looked for; `damage` is None where it was read."""

    layer: Layer
    path: str
    damage: Damage | None
    file: FileFacts | None
    at_repository_root: bool = False


@dataclass(frozen=True, slots=True)
class TokenSet:
    """An OAuth token set, whatever file shape it came from."""

    access_token: Secret
    refresh_token: Secret | None = None
    expires_at: float | None = None
    login_deadline: float | None = None
    scopes: tuple[str, ...] = ()
    subscription: str | None = None
    rate_limit_tier: str | None = None
    scopes_are_text: bool = False
    other_grants: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    #: Of our own sets: when they were minted, and by which OAuth client at which token endpoint.
    token_type: str | None = None
    issued_at: float | None = None
    client_id: str | None = None
    token_url: str | None = None

    @property
    def is_refreshable(self) -> bool:
        return self.refresh_token is not None and not self.refresh_token.is_empty

    @property
    def allows_inference(self) -> bool:
        """Text is searched as text, a list by whole entries: that is what Claude Code does [seen]."""
        if self.scopes_are_text:
            return INFERENCE_SCOPE in " ".join(self.scopes)
        return INFERENCE_SCOPE in self.scopes

    def is_spent(self, now: float) -> bool:
        """No use any more: the access token has ended and can't be renewed. A live access token works on past
        the deadline of the sign-in [seen]."""
        if self.expires_at is None or self.expires_at > now:
            return False
        return not self.is_refreshable or (self.login_deadline is not None and self.login_deadline <= now)

    def refreshes_first(self, now: float, margin: float = 300.0) -> bool:
        """Whether Claude Code refreshes before it sends: less than `margin` seconds left and a refresh token,
        whatever the login deadline says [seen]."""
        return self.is_refreshable and self.expires_at is not None and self.expires_at - now < margin

    def expiry(self, now: float, margin: float = 300.0) -> Expiry:
        """`margin`: Claude Code refreshes with less than five minutes left [seen: 4 yes, 6 no]."""
        if self.is_refreshable and self.login_deadline is not None and self.login_deadline <= now:
            return "expired"
        if self.expires_at is None:
            return "none"
        if self.is_refreshable:
            return "live" if self.expires_at - now >= margin else "stale-refreshable"
        return "live" if self.expires_at > now else "expired"


@dataclass(frozen=True, slots=True)
class StoreReading:
    """A place that holds token sets. `tokens` is None where none can be used; then `damage` or
    `unusable` says why. A store whose value was not asked for (Keychain) is `present_unread`."""

    origin: Origin
    tokens: TokenSet | None = None
    damage: Damage | None = None
    unusable: str | None = None
    present_unread: bool = False
    account: str | None = None
    others: tuple[str, ...] = ()


class DescriptorReading(NamedTuple):
    """A variable that names a file descriptor, looked at before we opened any file."""

    variable: str
    number: int | None
    kind: Literal["file", "pipe", "other", "closed", "not-a-number"]
    value: Secret | None = None
    damage: str | None = None


@dataclass(frozen=True, slots=True)
class ClaudeJson:
    """What `.claude.json` says; lists of key suffixes are secrets."""

    path: str
    damage: Damage | None = None
    file: FileFacts | None = None
    email: str | None = None
    organization: str | None = None
    organization_id: str | None = None
    approved: tuple[Secret, ...] = ()
    rejected: tuple[Secret, ...] = ()
    primary_api_key: Secret | None = None
    onboarded: bool | None = None
    trusted: bool = False


class AwsProfile(NamedTuple):
    """One profile of the shared AWS files. `access_key_id` is an identifier, not a secret."""

    name: str
    access_key_id: str | None = None
    has_secret: bool = False
    region: str | None = None
    provider: AwsProvider = "none"
    origin: Origin = NOWHERE


class AwsFiles(NamedTuple):
    """Both shared AWS files; `damage` is by path."""

    profiles: Mapping[str, AwsProfile] = MappingProxyType({})
    credentials_path: str = ""
    config_path: str = ""
    damage: tuple[tuple[str, Damage], ...] = ()


class GoogleCredentials(NamedTuple):
    """The file of Application Default Credentials that would be loaded, unread by Google's library."""

    path: str
    explicit: bool
    damage: Damage | None = None
    kind: str | None = None
    account: str | None = None
    project: str | None = None
    quota_project: str | None = None
    file: FileFacts | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """One of Claude Code's lock directories. `age` is seconds since it was touched, negative where its
    time lies in the future."""

    path: str
    guards: str
    age: float
    moving: bool | None = None


class InstalledClient(NamedTuple):
    """A `claude` on PATH, its real file, and the version that its package tells."""

    path: str
    target: str
    version: str | None


class Machine(NamedTuple):
    """Where this runs."""

    platform: str = "linux"
    user: str = ""
    user_id: int = 0
    home_in_passwd: str | None = None
    over_ssh: bool = False
    multiplexer: str | None = None
    container: str | None = None
    wsl: bool = False
    display: bool = False
    vendor: str | None = None
    free_bytes: int | None = None
    writable: Mapping[str, bool] = MappingProxyType({})


# ── what a second, slower look adds ──────────────────────────────────────────────────────────────


class Difference(NamedTuple):
    """A variable that another process has otherwise than this one: fingerprints, None where it is not set."""

    name: str
    here: str | None
    there: str | None


class RunningClient(NamedTuple):
    """A `claude` that runs as the same user. `config_dir` is None where its environment could not be read;
    `sign-in`: it waits for somebody to sign in."""

    pid: int
    kind: Literal["session", "sign-in"]
    program: str
    version: str | None = None
    started_at: float | None = None
    config_dir: str | None = None
    differences: tuple[Difference, ...] = ()


class CertificateFile(NamedTuple):
    """What a variable names as further certificates. Damage codes beside those of files: `tilde`, `der`,
    `not-pem`, `not-a-certificate`, `expired`."""

    variable: str
    path: str
    origin: Origin
    damage: Damage | None = None


class HostsFile(NamedTuple):
    """`localhost`: its addresses; `pinned`: hosts that Claude Code needs, their address and the line."""

    path: str
    damage: Damage | None = None
    localhost: tuple[str, ...] = ()
    pinned: tuple[tuple[str, str, Location], ...] = ()


class Mount(NamedTuple):
    """The mounted file system that a path lies on."""

    point: str
    kind: str
    read_only: bool = False


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


class CommandFile(NamedTuple):
    """The program that a configured command starts, where a path names it."""

    setting: str
    path: str
    problem: Literal["missing", "not-executable"]
    origin: Origin


class AwsSession(NamedTuple):
    """The token of an AWS single sign-on, by the profile that needs it."""

    profile: str
    state: Literal["live", "refreshable", "expired", "missing", "damaged"]
    path: str
    expires_at: float | None = None


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
    #: Set in a start-up file or a `.env`, and not in this process.
    not_loaded: Mapping[str, Location] = MappingProxyType({})
    #: Credentials files with a login in them, elsewhere than where is looked.
    other_logins: tuple[str, ...] = ()
    user_variable: str | None = None
    sudo_user: str | None = None
    home_owner: str | None = None
    aws_sessions: tuple[AwsSession, ...] = ()
    #: When the shared AWS files and the tokens of AWS sign-ins were written, by path.
    aws_files_modified: Mapping[str, float] = MappingProxyType({})
    free_files: int | None = None


class CommandRun(NamedTuple):
    """A command that ran quietly; `stdout` may be a credential."""

    setting: str
    command: Secret
    exit_code: int | None
    stdout: Secret
    stderr: Secret
    seconds: float
    problem: str | None = None


class Places(NamedTuple):
    """Where was looked: all absolute paths."""

    home: str
    root: str
    cwd: str
    config_dir: str
    credentials_path: str
    repository_root: str | None = None

    @property
    def secure_dir(self) -> str:
        """The directory of the credentials file."""
        return self.credentials_path.rpartition("/")[0]


#: Nothing was found in the AWS files; nothing is known of the machine.
NO_AWS = AwsFiles()
UNKNOWN_MACHINE = Machine()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything seen on the machine at one moment. Assignments and settings: strongest first."""

    observed_at: float
    places: Places
    machine: Machine = UNKNOWN_MACHINE
    variables: Mapping[str, tuple[Assignment, ...]] = field(default_factory=dict)
    settings: Mapping[str, tuple[Setting, ...]] = field(default_factory=dict)
    settings_files: tuple[SettingsFile, ...] = ()
    descriptors: Mapping[str, DescriptorReading] = field(default_factory=dict)
    login: StoreReading = StoreReading(NOWHERE)
    claude_json: ClaudeJson = ClaudeJson("")
    sdk_tokens: StoreReading = StoreReading(NOWHERE)
    keyring_tokens: StoreReading = StoreReading(NOWHERE)
    claw_tokens: StoreReading = StoreReading(NOWHERE)
    profile: StoreReading = StoreReading(NOWHERE)
    aws: AwsFiles = NO_AWS
    google: GoogleCredentials | None = None
    azure_signed_in: bool = False
    locks: tuple[Lock, ...] = ()
    installed: tuple[InstalledClient, ...] = ()
    runs: Mapping[str, CommandRun] = field(default_factory=dict)
    #: Filled in by `observe_more`.
    more: Surroundings | None = None


# ── what follows from it ─────────────────────────────────────────────────────────────────────────


class Reading(NamedTuple):
    """What one source holds; `state` never depends on the client that asks."""

    source: str
    state: State
    reason: str
    origin: Origin = NOWHERE
    value: Secret | None = None
    tokens: TokenSet | None = None
    expiry: Expiry | None = None
    account: str | None = None
    details: tuple[tuple[str, str], ...] = ()


class HeaderValue(NamedTuple):
    """What fills one header. `value` None: unknown without `--evaluate`, a key press or the network.
    `identity` is the access key id of a signature."""

    source: str
    scheme: str | None = None
    value: Secret | None = None
    identity: str | None = None
    will_refresh: bool = False

    @property
    def is_signature(self) -> bool:
        return self.scheme == "AWS4-HMAC-SHA256"


class Wire(NamedTuple):
    """The request that would go out: where to, and its two credential headers."""

    host: str
    url: str
    x_api_key: HeaderValue | None = None
    authorization: HeaderValue | None = None
    beta: str | None = None


class Blocked(NamedTuple):
    """Why no request goes out."""

    code: BlockCode
    reason: str


class Standing(NamedTuple):
    """One row of the ladder: what the source holds, and what this client makes of it."""

    reading: Reading
    verdict: Verdict
    reason: str


class VersionAnswer(NamedTuple):
    """`resolved_as`: the version whose rules were applied; `observed` is False where that version's own
    behaviour was not seen."""

    resolved_as: str
    installed: str | None
    asked: str | None = None
    observed: bool = True


class Resolution(NamedTuple):
    """What one client, by the rules of one version, would send, and why."""

    client: str
    version: VersionAnswer
    provider: Provider
    usable: bool | None
    winner: str | None
    blocked: Blocked | None
    wire: Wire | None
    standings: tuple[Standing, ...]

    def standing(self, source: str) -> Standing:
        return next(standing for standing in self.standings if standing.reading.source == source)


class Fix(NamedTuple):
    """One thing to do: a title and, where there is one, the exact command to copy."""

    title: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something worth telling. `symptoms` are entry numbers of the catalogue of causes; `explanation`
    is a paragraph, `evidence` names files, lines and variables, never a value."""

    id: str
    severity: Severity
    title: str
    explanation: str
    evidence: str
    symptoms: tuple[int, ...] = ()
    fixes: tuple[Fix, ...] = ()
    source: str | None = None
    certainty: Certainty = "seen"


class Check(NamedTuple):
    """One question that was asked of the machine, by the id of its finding. `why`: where it was not checked,
    the reason; where it was found, the evidence."""

    id: str
    title: str
    state: Literal["found", "fine", "not-checked"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened while an action ran, or that was seen. `kind` is dotted (`refresh.saved`);
    `text` is one sentence; `data` holds plain JSON values, fingerprints and paths, never a secret."""

    at: float
    kind: str
    text: str
    level: Severity = "info"
    store: str | None = None
    data: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
