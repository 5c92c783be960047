"""What follows from a snapshot for a client: which credential wins, and what goes out."""

from typing import Literal

from claude_auth.model.origins import NOWHERE, Origin
from claude_auth.model.stores import Expiry, State, TokenSet
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

#: The answer of a row, in JSON its `verdict`.
StandingVerdict = Literal["winning", "also-sent", "shadowed", "unused"]
#: Why a source that is there does not work at the moment, in JSON a part of its `reason` alone. `blocked`: no
#: request goes out; `waits`: for somebody's answer; `unknown`: what goes out was not checked; `fails`: it is
#: sent and can't work.
Hindrance = Literal["blocked", "waits", "unknown", "fails"]
#: The answer of the whole: the first word of everything that is told about a resolution.
VerdictWord = Literal["works", "works-not-as-expected", "does-not-work", "not-known"]
BlockCode = Literal[
    "no-credential",
    "approval-pending",
    "managed-policy",
    "blank-credential",
    "no-cloud-credential",
    "not-checked",
]
#: How what is set up can be wrong.
SetupProblemCode = Literal[
    "not-a-url",
    "plain-http",
    "two-addresses",
    "no-address",
    "resource-name",
    "no-project",
    "not-set",
    "unsendable",
    "blank",
    "not-understood",
    "several-lines",
    "not-run",
]
Provider = Literal[
    "first-party",
    "gateway",
    "bedrock",
    "vertex",
    "foundry",
    "anthropic-aws",
    "anthropic-google-cloud",
    "mantle",
]


class SourceReading(NamedTuple):
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

    @property
    def is_unknown(self) -> bool:
        """Whether what fills it isn't known."""
        return self.identity is None if self.is_signature else self.value is None

    @property
    def is_empty(self) -> bool:
        """A header of one's own that is set to nothing at all."""
        return self.source == "custom-headers" and self.scheme is None and self.value == Secret("")


class Wire(NamedTuple):
    """The request that would go out: where to, and its two credential headers."""

    host: str
    url: str
    x_api_key: HeaderValue | None = None
    authorization: HeaderValue | None = None
    beta: str | None = None


class SetupProblem(NamedTuple):
    """What is set up wrongly, so that no request goes out. `variable`: the variable or the setting to mend;
    `text` completes a sentence."""

    code: SetupProblemCode
    variable: str
    text: str


class Blocked(NamedTuple):
    """Why no request goes out. `source`: the row of a slot whose credential would have been sent, where one
    alone is to blame; `problem`: what exactly is set up wrongly, where it is no credential."""

    code: BlockCode
    reason: str
    source: str | None = None
    problem: SetupProblem | None = None


class Standing(NamedTuple):
    """One row of the ladder: what the source holds, and what this client makes of it."""

    reading: SourceReading
    verdict: StandingVerdict
    reason: str
    hindrance: Hindrance | None = None


class VersionAnswer(NamedTuple):
    """`resolved_as`: the version whose rules were applied; `observed` is False where that version's own
    behaviour was not seen, `is_newer` where it came out after the newest that was."""

    resolved_as: str
    installed: str | None
    asked: str | None = None
    observed: bool = True
    is_newer: bool = False


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
    #: Of a client that names a credential and sends nothing: the word that it has for it.
    auth_method: str | None = None

    @property
    def finds_nothing(self) -> bool:
        """Whether no credential is there at all, which is another thing than one that does not work."""
        blocked = self.blocked
        if blocked is None or blocked.code != "no-credential" or blocked.problem is not None:
            return False
        return all(one.reading.state == "absent" for one in self.standings)

    def standing(self, source: str) -> Standing:
        """Raises KeyError where it is no source's id; no StopIteration, which a future doesn't take."""
        for standing in self.standings:
            if standing.reading.source == source:
                return standing
        raise KeyError(source)
