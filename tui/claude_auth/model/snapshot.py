"""Everything seen on the machine at one moment."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from claude_auth.model.machine import (
    NO_AWS,
    UNKNOWN_MACHINE,
    AwsFiles,
    GoogleCredentials,
    InstalledClient,
    Lock,
    Machine,
    Places,
)
from claude_auth.model.origins import NOWHERE, Assignment, FileFacts, Origin, Setting, SettingsFile
from claude_auth.model.stores import (
    AnthropicProfile,
    ClaudeJson,
    DescriptorReading,
    SecretFile,
    StoreReading,
    UnsavedRefresh,
)
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.model.surroundings import Surroundings


class CommandRun(NamedTuple):
    """A command that ran quietly; `stdout` may be a credential. `withheld`: variables that it did not get,
    since only settings that are not trusted set them; with them it may print something else."""

    setting: str
    command: Secret
    exit_code: int | None
    stdout: Secret
    stderr: Secret
    seconds: float
    problem: str | None = None
    withheld: tuple[str, ...] = ()


class Snapshot(NamedTuple):
    """Everything seen on the machine at one moment. Assignments and settings: strongest first."""

    observed_at: float
    places: Places
    machine: Machine = UNKNOWN_MACHINE
    variables: Mapping[str, tuple[Assignment, ...]] = MappingProxyType({})
    settings: Mapping[str, tuple[Setting, ...]] = MappingProxyType({})
    settings_files: tuple[SettingsFile, ...] = ()
    #: What a server's settings said when they were last fetched, and the variables that they set, which
    #: count once they were fetched anew.
    server_settings: Mapping[str, Setting] = MappingProxyType({})
    server_variables: tuple[str, ...] = ()
    descriptors: Mapping[str, DescriptorReading] = MappingProxyType({})
    login: StoreReading = StoreReading(NOWHERE)
    claude_json: ClaudeJson = ClaudeJson("")
    sdk_tokens: StoreReading = StoreReading(NOWHERE)
    keyring_tokens: StoreReading = StoreReading(NOWHERE)
    claw_tokens: StoreReading = StoreReading(NOWHERE)
    #: The Anthropic profile that counts, if one does, and its tokens; federation's file of an identity token.
    profile: AnthropicProfile | None = None
    profile_tokens: StoreReading = StoreReading(NOWHERE)
    identity: SecretFile | None = None
    #: By source: what the host of a remote session laid down, where it is there.
    remote_files: Mapping[str, SecretFile] = MappingProxyType({})
    aws: AwsFiles = NO_AWS
    google: GoogleCredentials | None = None
    azure_signed_in: bool = False
    locks: tuple[Lock, ...] = ()
    unsaved_refresh: UnsavedRefresh | None = None
    installed: tuple[InstalledClient, ...] = ()
    runs: Mapping[str, CommandRun] = MappingProxyType({})
    #: Filled in by `observe_more`.
    more: "Surroundings | None" = None

    @property
    def trusts_folder(self) -> bool:
        """Whether the person said so to Claude Code; not where another user's file claims it."""
        state = self.claude_json
        return state.trusted and not (state.file is not None and state.file.is_foreign)

    def distrusts(self, origin: Origin) -> bool:
        """Whether nothing of this origin may reach a process before a question named it and was agreed to
        twice: files of a folder that is not trusted, and files of another user. Whichever client is asked
        about: `claude -p` itself asks nobody."""
        of_folder = origin.of_project or self._is_led_into_folder(origin)
        return (of_folder and not self.trusts_folder) or origin.is_foreign

    def _is_led_into_folder(self, origin: Origin) -> bool:
        """Whether a user's settings file is one of the working directory's, since an empty or a relative
        CLAUDE_CONFIG_DIR starts there."""
        named = self.variables.get("CLAUDE_CONFIG_DIR", ())
        inside = origin.layer == "user" and (origin.path or "").startswith(self.places.cwd.rstrip("/") + "/")
        return inside and any(not found.value.reveal().startswith("/") for found in named)

    def foreign_settings(self, with_project: bool) -> FileFacts | None:
        """A settings file of another user whose commands, hooks too, a Claude Code would run that is started
        here; `with_project`: in the working directory, and not in the home directory."""
        layers = {"project", "local"} if not with_project else set()
        files = (one.file for one in self.settings_files if one.layer not in layers)
        return next((file for file in files if file is not None and file.is_foreign), None)
