"""What was seen of the machine itself: its places, clients, locks and cloud configuration."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from claude_auth.model.origins import NOWHERE, Damage, FileFacts, Origin
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

AwsProvider = Literal["static", "sso", "assume-role", "web-identity", "process", "login", "none"]


class Mount(NamedTuple):
    """The mounted file system that a path lies on."""

    point: str
    kind: str
    read_only: bool = False


class AwsProfile(NamedTuple):
    """One profile of the shared AWS files. `access_key_id` is an identifier, not a secret. `source_profile`
    or `credential_source`: where a role starts from. `wants_code`: for its role. `lacks`: what single sign-on
    needs and neither file has."""

    name: str
    access_key_id: str | None = None
    has_secret: bool = False
    region: str | None = None
    provider: AwsProvider = "none"
    origin: Origin = NOWHERE
    #: What must not be shown wherever it turns up: the secret key, the session token.
    secrets: tuple[Secret, ...] = ()
    source_profile: str | None = None
    credential_source: str | None = None
    wants_code: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def has_keys(self) -> bool:
        return self.access_key_id is not None and self.has_secret


class AwsSession(NamedTuple):
    """The token of an AWS single sign-on, by the profile that needs it."""

    profile: str
    state: Literal["live", "refreshable", "expired", "missing", "damaged"]
    path: str
    expires_at: float | None = None


class AwsFiles(NamedTuple):
    """Both shared AWS files; `damage` is by path. `sessions`: of the profiles that sign in once for all.
    `identity`: the file of a web identity token that a variable names, and why it can't be read."""

    profiles: Mapping[str, AwsProfile] = MappingProxyType({})
    credentials_path: str = ""
    config_path: str = ""
    damage: tuple[tuple[str, Damage], ...] = ()
    sessions: tuple[AwsSession, ...] = ()
    identity: tuple[str, Damage] | None = None


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
    #: What must not be shown wherever it turns up: the private key, refresh token and client secret.
    secrets: tuple[Secret, ...] = ()


class Lock(NamedTuple):
    """One of Claude Code's lock directories. `age` is seconds since it was touched, negative where its
    time lies in the future."""

    path: str
    guards: str
    age: float


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


class Places(NamedTuple):
    """Where was looked: all absolute paths."""

    home: str
    root: str
    cwd: str
    config_dir: str
    credentials_path: str
    repository_root: str | None = None
    #: Whose `.claude/settings.local.json` is read: the repository's, of a linked worktree the main one's.
    local_root: str | None = None

    @property
    def secure_dir(self) -> str:
        """The directory of the credentials file."""
        return self.credentials_path.rpartition("/")[0]


#: Nothing was found in the AWS files; nothing is known of the machine.
NO_AWS = AwsFiles()
UNKNOWN_MACHINE = Machine()
