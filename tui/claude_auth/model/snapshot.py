"""Everything seen on the machine at one moment."""

from __future__ import annotations

from collections.abc import Mapping
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
from claude_auth.model.origins import NOWHERE, Assignment, Setting, SettingsFile
from claude_auth.model.stores import ClaudeJson, DescriptorReading, StoreReading, UnsavedRefresh
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.model.surroundings import Surroundings


class CommandRun(NamedTuple):
    """A command that ran quietly; `stdout` may be a credential."""

    setting: str
    command: Secret
    exit_code: int | None
    stdout: Secret
    stderr: Secret
    seconds: float
    problem: str | None = None


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
