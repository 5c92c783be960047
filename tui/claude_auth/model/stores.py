"""What was read where logins are kept."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, Self

from claude_auth.model.origins import Damage, FileFacts, Location, Origin
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import Secret

Expiry = Literal["live", "stale-refreshable", "expired", "none"]
State = Literal["absent", "present", "unusable", "unreadable"]

INFERENCE_SCOPE = "user:inference"

#: How urgent a refresh of a set of ours is.
Need = Literal["none", "advisory", "mandatory"]
#: Live: more is left than this, or than that part of the lifetime where it is shorter.
WINDOW_SECONDS = 300.0
WINDOW_PART = 0.1
#: With less than this part of the window left a refresh started now may arrive too late.
MANDATORY_PART = 0.2
#: A set minted so recently is not refreshed again, whatever our clock makes of its expiry.
JUST_MINTED_SECONDS = 60.0


class TokenSet(NamedTuple):
    """An OAuth token set, whatever file shape it came from."""

    access_token: Secret
    refresh_token: Secret | None = None
    expires_at: float | None = None
    login_deadline: float | None = None
    scopes: tuple[str, ...] = ()
    subscription: str | None = None
    rate_limit_tier: str | None = None
    scopes_are_text: bool = False
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

    def refreshes_first(self, now: float, margin: float) -> bool:
        """Whether Claude Code refreshes before it sends: less than `margin` seconds left and a refresh token,
        whatever the login deadline says [seen]."""
        return self.is_refreshable and self.expires_at is not None and self.expires_at - now < margin

    @property
    def window(self) -> float:
        """Seconds before the end from which on we refresh a set of ours."""
        if self.expires_at is None or self.issued_at is None or self.expires_at <= self.issued_at:
            return WINDOW_SECONDS
        return min(WINDOW_SECONDS, WINDOW_PART * (self.expires_at - self.issued_at))

    def need(self, now: float) -> Need:
        """`advisory`: live but near its end, a refresh is worth a try. `mandatory`: ended, or nearly so."""
        if self.expires_at is None:
            return "none"
        left = self.expires_at - now
        if left > self.window:
            return "none"
        return "advisory" if left > MANDATORY_PART * self.window else "mandatory"

    def is_live(self, now: float) -> bool:
        return self.expires_at is None or self.expires_at > now

    def was_just_minted(self, now: float) -> bool:
        return self.issued_at is not None and abs(now - self.issued_at) < JUST_MINTED_SECONDS

    def followed_by(self, new: Self, now: float) -> Self:
        """The answer to a refresh: what it may leave out is as it was."""
        return new._replace(
            refresh_token=new.refresh_token if new.is_refreshable else self.refresh_token,
            scopes=new.scopes or self.scopes,
            issued_at=new.issued_at if new.issued_at is not None else now,
            token_type=new.token_type or self.token_type,
            client_id=new.client_id or self.client_id,
            token_url=new.token_url or self.token_url,
            login_deadline=new.login_deadline if new.login_deadline is not None else self.login_deadline,
        )

    def expiry(self, now: float, margin: float) -> Expiry:
        """`margin`: with less than so much left, in seconds, whoever uses the token refreshes it first."""
        if self.is_refreshable and self.login_deadline is not None and self.login_deadline <= now:
            return "expired"
        if self.expires_at is None:
            return "none"
        if self.is_refreshable:
            return "live" if self.expires_at - now >= margin else "stale-refreshable"
        return "live" if self.expires_at > now else "expired"


class McpLogin(NamedTuple):
    """A sign-in of Claude Code at an MCP server, `mcpOAuth` of its credentials. `host`: of the server's
    address. `tokens` None: the server is registered, and nobody is signed in."""

    server: str
    host: str | None = None
    tokens: TokenSet | None = None


class StoreReading(NamedTuple):
    """A place that holds token sets. `tokens` is None where none can be used; then `damage` or
    `unusable` says why. A store whose value was not asked for (Keychain) is `present_unread`. `mcp` may stand
    there without tokens; `organization_id`: whose login it is, where the store says so beside it. `is_kept`:
    of a damaged file a copy stands beside it."""

    origin: Origin
    tokens: TokenSet | None = None
    damage: Damage | None = None
    unusable: str | None = None
    present_unread: bool = False
    account: str | None = None
    others: tuple[str, ...] = ()
    #: A sign-in to a Cloud gateway lies there too.
    gateway_session: bool = False
    mcp: tuple[McpLogin, ...] = ()
    organization_id: str | None = None
    is_kept: bool = False

    @property
    def secrets(self) -> Iterator[Secret]:
        """Every token in it."""
        for tokens in (self.tokens, *(one.tokens for one in self.mcp)):
            if tokens is not None:
                yield from (
                    token for token in (tokens.access_token, tokens.refresh_token) if token is not None
                )


class SecretFile(NamedTuple):
    """A file that holds one credential and nothing else: trimmed, None where there is none; `damage` says why
    the file could not be read."""

    path: str
    value: Secret | None = None
    damage: Damage | None = None
    file: FileFacts | None = None


class AnthropicProfile(NamedTuple):
    """The Anthropic profile that counts, as its configuration tells it. `kind`: how it authenticates; empty
    where Claude Code goes on without it, then `unusable` says why. `base_url` is empty where none is named.
    `renews`: it names the OAuth client that a refresh needs. `has_rule`, `has_organization`, `identity`: of
    federation, where the configuration names them. `refused`: why Claude Code stops at it, whatever its
    tokens are, which stand in a store."""

    name: str
    path: str
    kind: Literal["user_oauth", "oidc_federation", ""] = ""
    unusable: str | None = None
    base_url: str = ""
    renews: bool = False
    has_rule: bool = False
    has_organization: bool = False
    identity: SecretFile | None = None
    refused: str | None = None
    file: FileFacts | None = None


class UnsavedRefresh(NamedTuple):
    """A refresh of the login with this `fingerprint` after which the same login was still stored: by which
    command, when the lock of the refresh was let go, for how many seconds it was `held`, and whether the
    program `ended` while it held it."""

    fingerprint: str
    command: str
    at: float
    held: float
    ended: bool = False


class DescriptorReading(NamedTuple):
    """A variable that names a file descriptor, looked at before we opened any file."""

    variable: str
    number: int | None
    kind: Literal["file", "pipe", "other", "closed", "not-a-number"]
    value: Secret | None = None
    damage: str | None = None


class CachedUsage(NamedTuple):
    """How much of a plan was used at `at`, in percent of its windows, and by which account [2.1.332]."""

    at: float
    account_id: str | None = None
    five_hours: float | None = None
    seven_days: float | None = None


class ClaudeJson(NamedTuple):
    """What `.claude.json` says; lists of key suffixes are secrets. `not_set`: as of a settings file.
    `key_is_no_text`: something stands as `primaryApiKey` that JavaScript takes for true."""

    path: str
    damage: Damage | None = None
    file: FileFacts | None = None
    email: str | None = None
    organization: str | None = None
    organization_id: str | None = None
    account_id: str | None = None
    #: When the account was last asked about itself.
    account_at: float | None = None
    usage: CachedUsage | None = None
    approved: tuple[Secret, ...] = ()
    rejected: tuple[Secret, ...] = ()
    primary_api_key: Secret | None = None
    key_is_no_text: bool = False
    onboarded: bool | None = None
    trusted: bool = False
    not_set: Mapping[str, Location] = MappingProxyType({})
