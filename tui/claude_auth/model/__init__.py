"""The nouns. All frozen: a snapshot is everything seen on the machine at one moment. The small ones are named
tuples, made in a tenth of the time of dataclasses: start-up is a feature.

What only a second, slower look adds is in `surroundings`, and imported from there.

Times are seconds since the epoch (UTC) unless a name says otherwise. No I/O here.
"""

from claude_auth.model.findings import (
    Certainty,
    Check,
    Event,
    Finding,
    Fix,
    RemedyAction,
    Severity,
    Verdict,
    first_action,
)
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
    SetupProblem,
    SetupProblemCode,
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
    AnthropicProfile,
    CachedUsage,
    ClaudeJson,
    DescriptorReading,
    Expiry,
    McpLogin,
    SecretFile,
    State,
    StoreReading,
    TokenSet,
    UnsavedRefresh,
)
