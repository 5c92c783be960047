"""Everything seen on the machine at one moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

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
from claude_auth.model.stores import ClaudeJson, DescriptorReading, StoreReading, UnsavedRefresh
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
    unsaved_refresh: UnsavedRefresh | None = None
    installed: tuple[InstalledClient, ...] = ()
    runs: Mapping[str, CommandRun] = field(default_factory=dict)
    #: Filled in by `observe_more`.
    more: Surroundings | None = None

    @property
    def trusts_folder(self) -> bool:
        """Whether the person said so to Claude Code; not where another user's file claims it."""
        state = self.claude_json
        return state.trusted and not (state.file is not None and state.file.is_foreign)

    def distrusts(self, origin: Origin) -> bool:
        """Whether nothing of this origin may reach a process before a question named it and was agreed to
        twice: files of a folder that is not trusted, and files of another user. Whichever client is asked
        about: `claude -p` itself asks nobody."""
        return (origin.of_project and not self.trusts_folder) or origin.is_foreign

    def foreign_settings(self, with_project: bool) -> FileFacts | None:
        """A settings file of another user whose commands, hooks too, a Claude Code would run that is started
        here; `with_project`: in the working directory, and not in the home directory."""
        layers = {"project", "local"} if not with_project else set()
        files = (one.file for one in self.settings_files if one.layer not in layers)
        return next((file for file in files if file is not None and file.is_foreign), None)

    def secrets(self) -> Iterator[Secret]:
        """Every value of this machine that must not be shown, whatever it looks like: of variables, stores,
        cloud files, and of what helpers printed."""
        from claude_auth.claude_code.variables import CREDENTIALS

        for name in CREDENTIALS:
            for assignment in self.variables.get(name, ()):
                yield assignment.value
                yield from _header_values(assignment.value)
        yield from (found.value for found in self.descriptors.values() if found.value is not None)
        stores = (self.login, self.sdk_tokens, self.keyring_tokens, self.claw_tokens, self.profile)
        for tokens in (store.tokens for store in stores):
            if tokens is not None:
                yield from (
                    token for token in (tokens.access_token, tokens.refresh_token) if token is not None
                )
        yield from (*self.claude_json.approved, *self.claude_json.rejected)
        if self.claude_json.primary_api_key is not None:
            yield self.claude_json.primary_api_key
        for profile in self.aws.profiles.values():
            yield from profile.secrets
        yield from self.google.secrets if self.google is not None else ()
        for run in self.runs.values():
            yield run.stdout
            yield from map(Secret, _QUOTED.findall(run.stdout.reveal()[:_MOST_PRINTED]))


#: A helper may print its credential within JSON.
_QUOTED = re.compile(r'"([^"\\\s]{16,8000})"')
_MOST_PRINTED = 100_000


def _header_values(value: Secret) -> Iterator[Secret]:
    """What stands behind the names, where a value is one of headers; behind `Bearer` too."""
    for line in value.reveal().splitlines():
        behind = line.partition(":")[2].strip()
        yield from (Secret(behind), Secret(behind.rpartition(" ")[2]))
