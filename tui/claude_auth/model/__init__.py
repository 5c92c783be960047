"""The nouns. All frozen: a snapshot is everything seen on the machine at one moment. The small ones are named
tuples, which Python makes five times as fast as dataclasses, and twice as fast where their annotations are
evaluated (no `from __future__ import annotations`): start-up is a feature.

What only a second, slower look adds is in `surroundings`, and imported from there.

Times are seconds since the epoch (UTC) unless a name says otherwise. No I/O here.
"""

from claude_auth.model.findings import Certainty, Check, Event, Finding, Fix, Severity, Verdict
from claude_auth.model.machine import (
    NO_AWS,
    UNKNOWN_MACHINE,
    AwsFiles,
    AwsProfile,
    AwsProvider,
    AwsSession,
    GoogleCredentials,
    InstalledClient,
    Lock,
    Machine,
    Places,
)
from claude_auth.model.origins import (
    NOWHERE,
    Assignment,
    Damage,
    FileFacts,
    Layer,
    Location,
    Origin,
    OriginKind,
    Setting,
    SettingsFile,
)
from claude_auth.model.resolution import (
    BlockCode,
    Blocked,
    HeaderValue,
    Hindrance,
    Provider,
    Resolution,
    SourceReading,
    Standing,
    StandingVerdict,
    VerdictWord,
    VersionAnswer,
    Wire,
)
from claude_auth.model.snapshot import CommandRun, Snapshot
from claude_auth.model.stores import (
    INFERENCE_SCOPE,
    ClaudeJson,
    DescriptorReading,
    Expiry,
    State,
    StoreReading,
    TokenSet,
    UnsavedRefresh,
)

__all__ = [
    "INFERENCE_SCOPE",
    "NOWHERE",
    "NO_AWS",
    "UNKNOWN_MACHINE",
    "Assignment",
    "AwsFiles",
    "AwsProfile",
    "AwsProvider",
    "AwsSession",
    "BlockCode",
    "Blocked",
    "Certainty",
    "Check",
    "ClaudeJson",
    "CommandRun",
    "Damage",
    "DescriptorReading",
    "Event",
    "Expiry",
    "FileFacts",
    "Finding",
    "Fix",
    "GoogleCredentials",
    "HeaderValue",
    "Hindrance",
    "InstalledClient",
    "Layer",
    "Location",
    "Lock",
    "Machine",
    "Origin",
    "OriginKind",
    "Places",
    "Provider",
    "Resolution",
    "Setting",
    "SettingsFile",
    "Severity",
    "Snapshot",
    "SourceReading",
    "Standing",
    "StandingVerdict",
    "State",
    "StoreReading",
    "TokenSet",
    "UnsavedRefresh",
    "Verdict",
    "VerdictWord",
    "VersionAnswer",
    "Wire",
]
