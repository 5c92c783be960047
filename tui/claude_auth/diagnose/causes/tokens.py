"""Tokens of a subscription: where they belong, and what they may do."""

from __future__ import annotations

from claude_auth.claude_code.values import SETUP_TOKEN_LENGTH
from claude_auth.diagnose.cause import (
    OPEN,
    SIGN_IN_AGAIN,
    STATUS_PAGE,
    TRY_WITHOUT_TOKEN,
    UNSET_TOKEN,
    UPDATE,
    USE_CLAUDE,
    USE_CONSOLE_KEY,
    Answer,
    Cause,
    MachineQuestion,
    RuleMatch,
    is_set,
    move,
)
from claude_auth.diagnose.context import DiagnosisContext, place_of
from claude_auth.model import Fix
from claude_auth.named_tuples import NamedTuple
from claude_auth.sources import label


def _oauth_token_in(source: str) -> MachineQuestion:
    def question(s: DiagnosisContext) -> Answer:
        reading = s.reading(source)
        if reading.value is None or reading.value.kind != "oauth-access-token":
            return None
        return RuleMatch(f"{label(source)} begins with sk-ant-oat; {place_of(reading.origin)}", source=source)

    return question


def _scope(s: DiagnosisContext) -> Answer:
    variable, tokens = is_set("claude-code-oauth-token")(s), s.snapshot.login.tokens
    if isinstance(variable, RuleMatch):
        return variable._replace(fixes=())
    if tokens is not None and tokens.scopes and "user:profile" not in " ".join(tokens.scopes):
        return RuleMatch(f"{s.snapshot.login.origin.path} lists no user:profile")
    return OPEN


def _setup_token(s: DiagnosisContext) -> Answer:
    """A token in the variable that can't be a whole one of `claude setup-token`."""
    reading = s.reading("claude-code-oauth-token")
    if reading.value is None:
        return None
    length, where = len(reading.value.stripped()), place_of(reading.origin)
    if reading.value.unsendable is not None:
        return RuleMatch(f"the token contains {reading.value.unsendable}; {where}")
    if reading.value.kind != "oauth-access-token":
        return RuleMatch(f"the value does not begin with sk-ant-oat; {where}")
    if length < SETUP_TOKEN_LENGTH:
        words = f"the token has {length} characters, a complete one usually {SETUP_TOKEN_LENGTH}; {where}"
        return RuleMatch(words, certainty="likely")
    return OPEN


_MOVE_TOKEN = "move the token to the variable that is meant for it"

CAUSES: tuple[Cause, ...] = (
    Cause(
        "oauth-not-supported",
        "A subscription token was sent by a program other than Claude Code",
        "The Messages API takes an OAuth token (sk-ant-oat…) only from Claude Code, which marks such "
        "requests with the beta header oauth-2025-04-20. An SDK, a script or another tool that sends the "
        "token as a plain Bearer is refused with 401. Direct calls need an API key (sk-ant-api03-…), "
        "billed per token; the subscription is used through Claude Code; the Agent SDK needs an API key as "
        "well.",
        (1,),
        fixes=(
            USE_CONSOLE_KEY,
            USE_CLAUDE,
            Fix("in a program, use the Agent SDK with an API key", "pip install claude-agent-sdk"),
        ),
        also="oauth-token-in-auth-token oauth-token-in-api-key gateway-drops-beta-header "
        "scopes-written-as-text client-too-old",
        phrases="""
            95: oauth authentication is currently not supported
            90 no-stranger: oauth authentication is not supported
        """,
    ),
    Cause(
        "oauth-token-in-auth-token",
        "ANTHROPIC_AUTH_TOKEN holds a subscription token",
        "The value of ANTHROPIC_AUTH_TOKEN goes out as a plain Bearer, without the beta header that an "
        "OAuth token needs. The variable is meant for a gateway's own token. A token of `claude "
        "setup-token` belongs into CLAUDE_CODE_OAUTH_TOKEN.",
        (1, 8),
        fixes=(move(_MOVE_TOKEN, "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),),
        mended_by="wrong-kind",
        here=_oauth_token_in("anthropic-auth-token"),
    ),
    Cause(
        "oauth-token-in-api-key",
        "ANTHROPIC_API_KEY holds a subscription token",
        "The variable is sent as x-api-key, and that header takes API keys (sk-ant-api03-…) alone. An "
        "OAuth token in it is refused, by Anthropic and by gateways that check the key's shape.",
        (89, 1, 33),
        fixes=(
            move(_MOVE_TOKEN, "ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"),
            Fix("or put a real API key there", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
        ),
        mended_by="wrong-kind",
        here=_oauth_token_in("anthropic-api-key"),
    ),
    Cause(
        "credential-only-for-claude-code",
        "A subscription credential in another program",
        "The service lets this credential be used by Claude Code alone. If another program sent it, it "
        "needs an API key. If Claude Code itself got this answer and is up to date, the fault has usually "
        "been on the server's side and has passed.",
        (2,),
        fixes=(USE_CONSOLE_KEY, USE_CLAUDE, UPDATE, STATUS_PAGE),
        phrases="95: only authorized for use with claude code",
    ),
    Cause(
        "setup-token-rejected",
        "The token in CLAUDE_CODE_OAUTH_TOKEN is refused",
        "A token of `claude setup-token` breaks easily on its way: cut off or wrapped when it was copied, "
        "with a line break or a quotation mark, or made while the browser was signed in to another "
        "account. `claude auth status` does not test it.",
        (18,),
        fixes=(
            Fix("make a new one in a wide window, signed in as the right account", "claude setup-token"),
            TRY_WITHOUT_TOKEN,
            Fix("if it is complete to the last character, report it with the request id"),
        ),
        here=_setup_token,
        also="oauth-variable-stale action-hides-error long-lived-token-expired",
        sent="claude-code-oauth-token oauth-token-file-descriptor",
        phrases="""
            88: claude_code_oauth_token … expired, claude_code_oauth_token … revoked, claude_code_oauth_token
                … rejected, claude_code_oauth_token … invalid, claude_code_oauth_token … refused;
                also: long-lived-token-expired oauth-variable-stale; gap: 60
            90 ours: long-lived token has expired, long-lived token was rejected
            90: oauth access token is invalid
        """,
    ),
    Cause(
        "long-lived-token-expired",
        "A token made for a year has ended",
        "Tokens of `claude setup-token` last 365 days, and nothing in them says when that is over.",
        (93,),
        fixes=(Fix("make a new one, and note the day", "claude setup-token"),),
        certainty="not-checkable",
        here=is_set("claude-code-oauth-token"),
    ),
    Cause(
        "scope-missing",
        "The token may not read the profile",
        "Tokens of `claude setup-token` and logins from before that permission existed carry no "
        "user:profile scope. Requests to the model work all the same; only usage and profile pages need "
        "it. Where CLAUDE_CODE_OAUTH_TOKEN is set, it hides a full login.",
        (19,),
        fixes=(UNSET_TOKEN, SIGN_IN_AGAIN),
        certainty="seen",
        here=_scope,
        also="oauth-variable-stale",
        phrases="90: does not meet scope requirement",
    ),
)

# ── the kinds side by side ───────────────────────────────────────────────────────────────────────


class TokenKind(NamedTuple):
    """A kind of values that look alike, and what each is good for [seed 004, behaviour.md section 7]."""

    prefix: str
    name: str
    belongs: str
    good_for: str


TOKEN_KINDS: tuple[TokenKind, ...] = (
    TokenKind(
        "sk-ant-api03-",
        "API key",
        "ANTHROPIC_API_KEY",
        "direct API calls, SDKs, the Agent SDK, other programs; billed per token",
    ),
    TokenKind(
        "sk-ant-oat01-",
        "OAuth access token",
        "Claude Code's store; of `claude setup-token`: CLAUDE_CODE_OAUTH_TOKEN",
        "Claude Code alone, on the subscription; the prefix does not tell a login from a setup token",
    ),
    TokenKind(
        "sk-ant-ort01-",
        "OAuth refresh token",
        "Claude Code's store, nowhere else",
        "renewing the access token, once each",
    ),
    TokenKind(
        "(anything else)",
        "a gateway's own token",
        "ANTHROPIC_AUTH_TOKEN, with ANTHROPIC_BASE_URL",
        "that gateway alone",
    ),
)

#: Causes beside which the table helps.
TELL_KINDS: frozenset[str] = frozenset(
    {
        "oauth-not-supported",
        "oauth-token-in-auth-token",
        "oauth-token-in-api-key",
        "credential-only-for-claude-code",
        "external-key-invalid",
        "token-overrides-login",
        "setup-token-rejected",
    }
)
