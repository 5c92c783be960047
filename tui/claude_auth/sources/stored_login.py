"""The login at claude.ai that Claude Code stores, and renews by itself."""

from __future__ import annotations

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.plans import plan_name
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.model import HeaderValue, Snapshot, SourceReading, TokenSet
from claude_auth.sources.source import MANAGED_BY_HOST, OF_THE_PLAN, Source, bearer, read_store

_ID = "stored-login"


def _usable_tokens(snapshot: Snapshot) -> TokenSet | None:
    """The login's tokens where Claude Code would use them: a stale login is refreshed first, whatever its
    scopes were [seen]."""
    login = snapshot.login
    if login.tokens is None or login.tokens.access_token.is_empty:
        return None
    if login.unusable is None or login.tokens.refreshes_first(snapshot.observed_at, RENEWAL_MARGIN):
        return login.tokens
    return None


def _authorization(view: EffectiveConfig) -> HeaderValue | None:
    if view.is_simple or _ignored(view) is not None:
        return None
    if view.snapshot.login.present_unread:
        return bearer(_ID, None)
    tokens = _usable_tokens(view.snapshot)
    if tokens is None:
        return None
    stale = tokens.refreshes_first(view.snapshot.observed_at, RENEWAL_MARGIN)
    return bearer(_ID, tokens.access_token.stripped(), will_refresh=stale)


def _ignored(view: EffectiveConfig) -> str | None:
    if view.is_managed_by_host:
        return MANAGED_BY_HOST
    if view.client.is_claude_code and view.text("ANTHROPIC_UNIX_SOCKET"):
        return "ANTHROPIC_UNIX_SOCKET is set, so requests go to that socket without the login"
    return None


def _read(view: EffectiveConfig) -> SourceReading:
    login = view.snapshot.login
    reading = _in_words(view.snapshot, read_store(view, _ID, login, "not signed in"))
    tokens = login.tokens
    account = view.snapshot.claude_json.email if tokens is not None or login.present_unread else None
    if tokens is None:
        return reading._replace(account=account)
    facts = (
        ("plan", plan_name(tokens.subscription or "")),
        ("rate limit tier", tokens.rate_limit_tier or ""),
        ("MCP grants", str(len(login.mcp) or "")),
        *(("note", note) for note in tokens.notes),
    )
    details = (*reading.details, *((name, text) for name, text in facts if text))
    return reading._replace(tokens=tokens, account=account, details=details)


def _in_words(snapshot: Snapshot, reading: SourceReading) -> SourceReading:
    """With what the state means for Claude Code, which renews a login that is stale."""
    tokens = snapshot.login.tokens
    if reading.state == "unusable":
        if _usable_tokens(snapshot) is not None:
            why = "stale; Claude Code refreshes it first and then looks at its scopes again"
            return reading._replace(state="present", reason=why)
        none = tokens is None and snapshot.login.unusable == "the file holds no claude.ai login"
        return reading._replace(state="absent") if none else reading
    if reading.state != "present" or tokens is None:
        return reading
    if reading.expiry == "stale-refreshable":
        why = "signed in; the access token is stale and Claude Code refreshes it with the next request"
    elif reading.expiry == "expired" and tokens.is_refreshable:
        why = "the sign-in has lapsed: its deadline is past"
    elif reading.expiry == "expired":
        why = "the access token has expired and there is no refresh token"
    else:
        why = "signed in"
    return reading._replace(reason=why)


SOURCE = Source(
    id=_ID,
    label="claude.ai login",
    rank=5,
    family="ladder",
    sets="signing in: `claude auth login`",
    unset="sign out: `claude auth logout`",
    sign_out="claude auth logout",
    bills=OF_THE_PLAN,
    read=_read,
    authorization=_authorization,
    absent="signed out",
    ignored=_ignored,
)
