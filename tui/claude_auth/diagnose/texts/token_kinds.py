"""The kinds of values that look alike, and what each is good for [seed 004, behaviour.md section 7]."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenKind:
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
