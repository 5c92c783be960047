"""What a token is, what it may do, and whom it bills."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.model import TokenSet
from claude_auth.security.sanitize import clean, shown_value
from claude_auth.sources.source import OF_THE_PLAN

KINDS: dict[str, str] = {
    "api-key": "API key",
    "oauth-access-token": "OAuth access token",
    "oauth-refresh-token": "OAuth refresh token",
    "admin-key": "admin API key",
    "unknown": "no known prefix",
}

SCOPES: dict[str, str] = {
    "user:inference": "may ask Claude for answers",
    "user:profile": "may read your account's profile",
    "user:sessions:claude_code": "may use Claude Code sessions",
    "user:mcp_servers": "may use your connected MCP servers",
    "user:file_upload": "may upload files",
    "user:office": "may use the Office add-ins",
    "org:create_api_key": "may create API keys in the Console",
    "org:profile": "may read the organisation's profile",
}


def scope_words(scope: str) -> str:
    return SCOPES.get(scope, "not known here")


def kind_words(kind: str) -> str:
    return KINDS.get(kind, kind)


def account_words(account: str | None, tokens: TokenSet | None) -> str:
    """Who is signed in and on which plan, as far as known."""
    parts = [shown_value("account", account, 80)] if account else []
    if tokens is not None and tokens.subscription:
        parts.append(f"{clean(tokens.subscription, 30)} plan")
    if tokens is not None and tokens.rate_limit_tier:
        parts.append(f"tier {clean(tokens.rate_limit_tier, 40)}")
    return ", ".join(parts)


def bill_words(source: str, tokens: TokenSet | None = None) -> str:
    """What a request by this source costs whom."""
    row = sources.BY_ID[sources.owner(source)]
    if row.bills == OF_THE_PLAN and tokens is not None and tokens.subscription:
        return f"your Claude {clean(tokens.subscription, 30)} subscription"
    return row.bills
