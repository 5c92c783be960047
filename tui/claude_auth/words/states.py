"""What the state of a source, of a token and of the whole answer is called."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.claude_code import clients
from claude_auth.claude_code.plans import plan_name
from claude_auth.model import (
    Blocked,
    Certainty,
    Expiry,
    HeaderValue,
    Hindrance,
    Machine,
    Provider,
    Severity,
    SourceReading,
    Standing,
    TokenSet,
    VersionAnswer,
)
from claude_auth.security.sanitize import clean, shown_sentence, shown_value
from claude_auth.security.secret import Secret
from claude_auth.sources.source import NETWORK_TELLS, OF_THE_PLAN
from claude_auth.words.glyphs import StatusText

WINS = StatusText("★", "used", "ok")
ALSO_SENT = StatusText("▲", "also sent", "warn")
SHADOWED = StatusText("○", "ignored")
NOT_USED = StatusText("·", "not used", "dim")
UNUSABLE = StatusText("✗", "unusable", "fail")
UNREADABLE = StatusText("?", "unreadable", "warn")

#: How certain a cause of an error text is.
CERTAINTY_WORDS: dict[Certainty, str] = {
    "seen": "seen",
    "likely": "likely",
    "not-checkable": "not checkable here",
}
HINDRANCES: dict[Hindrance, StatusText] = {
    "blocked": StatusText("✗", "blocked", "fail"),
    "waits": StatusText("○", "waits", "warn"),
    "unknown": StatusText("?", "not known", "warn"),
    "fails": StatusText("✗", "fails", "fail"),
}
HINDRANCE_MEANING: dict[Hindrance, str] = {
    "blocked": "would be used, but no request goes out",
    "waits": "somebody has to answer first",
    "unknown": "whether it is sent was not checked",
    "fails": "is sent, and can't work",
}

STATE_MEANING: dict[str, str] = {
    "absent": "nothing is there",
    "present": "a value is there",
    "unusable": "something is there, but no client can use it",
    "unreadable": "it could not be looked at, so nothing is known",
}
VERDICT_MEANING: dict[str, str] = {
    "winning": "this one is used",
    "also-sent": "leaves the machine in the same request",
    "shadowed": "is there, but another one comes first",
    "unused": "this program does not use it",
}


def absent_word(source: str) -> StatusText:
    row = sources.BY_ID.get(source)
    return StatusText("–", "not set" if row is None else row.absent, "dim")


def standing_word(standing: Standing) -> StatusText:
    """The one word of a ladder row: what hinders it, else the verdict where there is one, else the state."""
    if standing.hindrance is not None:
        return HINDRANCES[standing.hindrance]
    if standing.verdict == "winning":
        return WINS
    if standing.verdict == "also-sent":
        return ALSO_SENT
    if standing.verdict == "shadowed":
        return SHADOWED
    return state_word(standing.reading)


def state_word(reading: SourceReading) -> StatusText:
    if reading.state == "unusable":
        return UNUSABLE
    if reading.state == "unreadable":
        return UNREADABLE
    return NOT_USED if reading.state == "present" else absent_word(reading.source)


SEVERITIES: dict[Severity, StatusText] = {
    "error": StatusText("✗", "error", "fail"),
    "warning": StatusText("▲", "warning", "warn"),
    "info": StatusText("·", "note", "accent"),
}

EXPIRIES: dict[Expiry, StatusText] = {
    "live": StatusText("✓", "live", "ok"),
    "stale-refreshable": StatusText("↻", "idle, renewed on next use", "ok"),
    "expired": StatusText("✗", "expired", "fail"),
    "none": StatusText("·", "no end known", "dim"),
}


def blocked_sentence(blocked: Blocked) -> str:
    return shown_sentence(blocked.reason, 600)


KINDS: dict[str, str] = {
    "api-key": "API key",
    "oauth-access-token": "OAuth access token",
    "oauth-refresh-token": "OAuth refresh token",
    "admin-key": "admin API key",
    "unknown": "no known prefix",
}

SCOPES: dict[str, str] = {
    "user:inference": "may ask Claude for answers, in Claude Code alone",
    "user:profile": "may read your account's profile",
    "user:sessions:claude_code": "may use Claude Code sessions",
    "user:mcp_servers": "may use your connected MCP servers",
    "user:file_upload": "may upload files",
    "user:office": "may use the Office add-ins",
    "org:create_api_key": "may create API keys in the Console",
    "org:profile": "may read the organisation's profile",
    # Of OpenID Connect, for a client of the person's own.
    "openid": "says who signed in",
    "profile": "may read your name and picture",
    "email": "may read your e-mail address",
    "offline_access": "may be renewed while you are away",
}


def scope_words(scope: str) -> str:
    return SCOPES.get(scope, "not known here")


def kind_words(kind: str) -> str:
    return KINDS.get(kind, kind)


def account_words(account: str | None, tokens: TokenSet | None) -> str:
    """Who is signed in and on which plan, as far as known."""
    parts = [shown_value("account", account, 80)] if account else []
    if tokens is not None and tokens.subscription:
        parts.append(f"{clean(plan_name(tokens.subscription), 30)} plan")
    if tokens is not None and tokens.rate_limit_tier:
        parts.append(f"tier {clean(tokens.rate_limit_tier, 40)}")
    return ", ".join(parts)


def bill_words(source: str, tokens: TokenSet | None = None) -> str:
    """What a request by this source costs whom."""
    row = sources.BY_ID[sources.owner(source)]
    if row.bills == OF_THE_PLAN and tokens is not None and tokens.subscription:
        return f"your {clean(plan_name(tokens.subscription), 30)} subscription"
    return row.bills


NOT_SENT = "not sent"


def header_words(value: HeaderValue | None) -> StatusText:
    """What stands in one header, without its source."""
    if value is None:
        return StatusText("–", NOT_SENT, "dim")
    if value.is_signature:
        identity = shown_value("identity", value.identity or "", 40)
        return StatusText(
            "★", f"signature by {identity}" if identity else "AWS signature, key id unknown", "plain"
        )
    scheme = f"{value.scheme} " if value.scheme else ""
    shown = value.value
    if shown is not None and shown.reveal()[:7].lower() == "bearer ":  # the word is in the value as well
        scheme, shown = f"{scheme}{shown.reveal()[:7]}", Secret(shown.reveal()[7:])
    if shown is None:
        return StatusText("?", f"{scheme}{unknown_until(value.source)}", "warn")
    return StatusText("★", scheme + shown.masked, "plain" if not shown.is_blank else "fail")


def unknown_until(source: str) -> str:
    """Why a value isn't known, and what would tell."""
    row = sources.find(source)
    return NETWORK_TELLS if row is None else row.unknown_until


PROVIDERS: dict[Provider, str] = {
    "first-party": "Anthropic's API",
    "gateway": "a gateway (ANTHROPIC_BASE_URL)",
    "bedrock": sources.label("bedrock"),
    "vertex": sources.label("vertex"),
    "foundry": sources.label("foundry"),
    "anthropic-aws": sources.label("anthropic-aws"),
    "anthropic-google-cloud": sources.label("anthropic-google-cloud"),
    "mantle": sources.label("mantle"),
}


def client_label(client: str) -> str:
    row = clients.BY_ID.get(client)
    return row.label if row is not None else client


def version_words(version: VersionAnswer) -> str:
    """Which version's rules were applied, and whether it was seen."""
    words = f"rules of {version.resolved_as}"
    if version.observed:
        return words
    meant = clean(version.asked or version.installed or "", 20)
    return f"{words}, the nearest seen to {meant}" if meant else words


def machine_marks(machine: Machine) -> tuple[str, ...]:
    """Short marks for the title: where this runs."""
    marks = []
    if machine.over_ssh:
        marks.append("ssh")
    if machine.multiplexer:
        marks.append(clean(machine.multiplexer, 12))
    if machine.container:
        marks.append(clean(machine.container, 16))
    if machine.wsl:
        marks.append("wsl")
    return tuple(marks)
