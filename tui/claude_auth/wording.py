"""The words: what a state, a moment, a scope or a bill is called. Pure; for the screen and the text alike.

Meaning is a glyph and a word, never a colour alone; `to_ascii` turns the glyphs into plain characters, one
for one, so that columns stay aligned.
"""

from __future__ import annotations

import time
from typing import Literal, NamedTuple

from claude_auth import clients, sources
from claude_auth.model import (
    BlockCode,
    Blocked,
    Expiry,
    FileFacts,
    HeaderValue,
    Layer,
    Location,
    Machine,
    Origin,
    Provider,
    Reading,
    Resolution,
    Severity,
    Standing,
    TokenSet,
    VersionAnswer,
)
from claude_auth.sanitise import clean

#: How a word is drawn: a class of the style sheet, and a colour of the text output.
Role = Literal["plain", "ok", "warn", "fail", "dim", "strong", "accent"]

MINUTE, HOUR, DAY = 60, 3600, 86400

#: A stored login's access token lasts about this long [behaviour.md section 3]; the bar is drawn against it.
ACCESS_TOKEN_LIFETIME = 8 * HOUR
LOGIN_LIFETIME = 30 * DAY


class Word(NamedTuple):
    glyph: str
    text: str
    role: Role = "plain"

    def __str__(self) -> str:
        return f"{self.glyph} {self.text}"


# ── glyphs ───────────────────────────────────────────────────────────────────────────────────────

_ASCII = str.maketrans(
    {
        "★": "*",
        "▲": "!",
        "✓": "+",
        "✗": "x",
        "–": "-",
        "○": "o",
        "↻": "@",
        "→": ">",
        "▸": ">",
        "▾": "v",
        "█": "#",
        "░": ".",
        "─": "-",
        "│": "|",
        "·": "-",
        "…": "~",
        "’": "'",
        "“": '"',
        "”": '"',
        "×": "x",
        "↑": "^",
        "↓": "v",
    }
)


def to_ascii(text: str) -> str:
    """`text` in plain ASCII, one character for one, so that nothing moves."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def speaks_unicode(encoding: str | None, term: str) -> bool:
    """Whether the glyphs arrive: a UTF-8 locale and a terminal whose font has them."""
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    return name == "utf8" and term not in {"linux", "dumb"}


# ── states and verdicts ──────────────────────────────────────────────────────────────────────────

WINS = Word("★", "wins", "ok")
ALSO_SENT = Word("▲", "also sent", "warn")
SHADOWED = Word("✓", "shadowed")
NOT_USED = Word("○", "not used", "dim")
UNUSABLE = Word("✗", "unusable", "fail")
UNREADABLE = Word("?", "unreadable", "warn")

_ABSENT: dict[str, str] = {
    "stored-login": "signed out",
    "managed-key": "none",
    "bedrock-api-key": "not set",
    "profile": "none",
}
_ABSENT_BY_FAMILY: dict[str, str] = {"provider": "off", "other-program": "none"}

STATE_MEANING: dict[str, str] = {
    "absent": "nothing is there",
    "present": "a value is there",
    "unusable": "something is there, but no client can use it",
    "unreadable": "it could not be looked at, so nothing is known",
}
VERDICT_MEANING: dict[str, str] = {
    "winning": "this one is used",
    "also-sent": "leaves the machine in the same request as the winner",
    "shadowed": "would work, but a stronger one is used",
    "unused": "this program does not use it",
}


def absent_word(source: str) -> Word:
    row = sources.BY_ID.get(source)
    family = row.family if row is not None else "ladder"
    return Word("–", _ABSENT.get(source, _ABSENT_BY_FAMILY.get(family, "not set")), "dim")


def standing_word(standing: Standing) -> Word:
    """The one word of a ladder row: the verdict where there is one, else the state."""
    if standing.verdict == "winning":
        return WINS
    if standing.verdict == "also-sent":
        return ALSO_SENT
    if standing.verdict == "shadowed":
        return SHADOWED
    return state_word(standing.reading)


def state_word(reading: Reading) -> Word:
    if reading.state == "unusable":
        return UNUSABLE
    if reading.state == "unreadable":
        return UNREADABLE
    return NOT_USED if reading.state == "present" else absent_word(reading.source)


SEVERITIES: dict[Severity, Word] = {
    "error": Word("✗", "error", "fail"),
    "warning": Word("▲", "warning", "warn"),
    "info": Word("·", "note", "accent"),
}

EXPIRIES: dict[Expiry, Word] = {
    "live": Word("✓", "live", "ok"),
    "stale-refreshable": Word("↻", "idle, renewed on next use", "ok"),
    "expired": Word("✗", "expired", "fail"),
    "none": Word("·", "no end known", "dim"),
}

BLOCKED_TITLES: dict[BlockCode, str] = {
    "no-credential": "no credential",
    "approval-pending": "waiting for your answer",
    "managed-policy": "blocked by a managed policy",
    "blank-credential": "the credential is blank",
    "no-cloud-credential": "no cloud credential",
    "not-checked": "not checked",
}


def outcome(resolution: Resolution) -> Word:
    """The headline: who wins, or that nothing goes out."""
    blocked = resolution.blocked
    if blocked is not None:
        glyph, role = ("?", "warn") if blocked.code == "not-checked" else ("✗", "fail")
        lead = "" if blocked.code == "not-checked" else "no request: "
        return Word(glyph, lead + BLOCKED_TITLES[blocked.code], role)  # type: ignore[arg-type]
    if resolution.winner is None:
        return Word("?", "no winner", "warn")
    if resolution.usable is False:
        return Word("✗", f"{sources.label(resolution.winner)} wins, but it can’t work", "fail")
    return Word(WINS.glyph, f"{sources.label(resolution.winner)} wins", WINS.role)


def blocked_sentence(blocked: Blocked) -> str:
    return clean(blocked.reason, 600)


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────

NOT_SENT = "not sent"
PRESS_E = "unknown until it is run: press e"
_ASKS_THE_NETWORK = "unknown here: only the network could tell"
_RUN_TO_KNOW = ("api-key-helper", "aws-credential-export")
_READ_TO_KNOW = ("oauth-token-file-descriptor", "api-key-file-descriptor")


def header_words(value: HeaderValue | None) -> Word:
    """What stands in one header, without its source."""
    if value is None:
        return Word("–", NOT_SENT, "dim")
    if value.is_signature:
        identity = clean(value.identity or "", 40)
        return Word("★", f"signature by {identity}" if identity else "AWS signature, key id unknown", "plain")
    scheme = f"{value.scheme} " if value.scheme else ""
    if value.value is None:
        return Word("?", f"{scheme}{unknown_until(value.source)}", "warn")
    return Word("★", scheme + value.value.masked, "plain" if not value.value.is_blank else "fail")


def unknown_until(source: str) -> str:
    """Why a value isn't known, and what would tell."""
    if source in _RUN_TO_KNOW:
        return PRESS_E
    if source in _READ_TO_KNOW:
        return "unknown until it is read: press e"
    return _ASKS_THE_NETWORK


PROVIDERS: dict[Provider, str] = {
    "first-party": "Anthropic's API",
    "gateway": "a gateway (ANTHROPIC_BASE_URL)",
    "bedrock": "Amazon Bedrock",
    "vertex": "Google Vertex AI",
    "foundry": "Microsoft Foundry",
    "anthropic-aws": "Claude Platform on AWS",
    "mantle": "Mantle",
}


def client_label(client: str) -> str:
    row = clients.BY_ID.get(client)
    return row.label if row is not None else client


def version_words(version: VersionAnswer) -> str:
    """Which version's rules were applied, and whether it was seen."""
    words = f"rules of {clean(version.resolved_as, 20)}"
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


# ── moments and durations ────────────────────────────────────────────────────────────────────────


def span(seconds: float) -> str:
    """A length of time in at most two units: `5 h 12 min`, `1 day 3 h`, `1 min 45 s` under two minutes."""
    whole = int(max(0, seconds))
    if whole >= 1000 * DAY:
        return f"{min(whole // (365 * DAY), 9999)} years"
    if whole >= 2 * DAY:
        return f"{whole // DAY} days"
    if whole >= DAY:
        return f"1 day {(whole % DAY) // HOUR} h"
    if whole >= HOUR:
        return f"{whole // HOUR} h {(whole % HOUR) // MINUTE} min"
    if whole >= 2 * MINUTE:
        return f"{whole // MINUTE} min"
    if whole >= MINUTE:
        return f"1 min {whole % MINUTE} s"
    return f"{whole} s"


def left(seconds: float) -> str:
    """`5 h 12 min left`, or `expired 2 days ago`."""
    return f"{span(seconds)} left" if seconds > 0 else f"expired {span(-seconds)} ago"


def next_change(seconds: float) -> float:
    """How long `left(seconds)` stays as it is: to the minute, and by the second in the last two minutes."""
    step = 1 if abs(seconds) < 2 * MINUTE else MINUTE if abs(seconds) < DAY else HOUR
    rest = seconds % step
    return rest if seconds > 0 or rest > 0 else float(step)


def clock(moment: float) -> str:
    return _local("%H:%M", moment)


def day(moment: float, now: float) -> str:
    """`14 Dec`, with the year where it isn't this one."""
    this_year = _local("%Y", moment) == _local("%Y", now)
    text = _local("%d %b" if this_year else "%d %b %Y", moment)
    return text.removeprefix("0")


def when(moment: float, now: float) -> str:
    """The clock for today, the day and the clock otherwise."""
    today = _local("%Y%j", moment) == _local("%Y%j", now)
    return clock(moment) if today else f"{day(moment, now)} {clock(moment)}".strip()


def _local(pattern: str, moment: float) -> str:
    try:
        return time.strftime(pattern, time.localtime(moment))
    except (OverflowError, ValueError, OSError):  # a file said year 99999
        return "?"


def expiry_words(tokens: TokenSet, expiry: Expiry | None, now: float) -> Word:
    """How long the access token lasts and what that means."""
    if tokens.expires_at is None:
        return Word("·", "no expiry is noted", "dim")
    rest = tokens.expires_at - now
    if expiry == "stale-refreshable":
        begin = f"ended {span(-rest)} ago" if rest <= 0 else f"{span(rest)} left"
        return Word("↻", f"{begin}, renewed on next use: normal", "ok")
    if expiry == "expired":
        words = left(rest) if rest <= 0 else "the sign-in itself has ended: sign in again"
        return Word("✗", words, "fail")
    return Word("✓", left(rest), "ok" if rest > 10 * MINUTE else "warn")


def deadline_words(tokens: TokenSet, now: float) -> Word | None:
    """Until when the sign-in itself lasts, where the store says so."""
    deadline = tokens.login_deadline
    if deadline is None:
        return None
    rest = deadline - now
    if rest <= 0:
        return Word("✗", f"ended {day(deadline, now)}: sign in again", "fail")
    role: Role = "ok" if rest > 3 * DAY else "warn"
    return Word("✓", f"lasts until {day(deadline, now)} ({span(rest)})", role)


def bar(rest: float, lifetime: float, cells: int) -> str:
    """How much of a lifetime is left, `cells` wide; something above nothing shows at least one cell."""
    share = min(1.0, max(0.0, rest / lifetime))
    full = min(cells, max(1, round(share * cells))) if share > 0 else 0
    return "█" * full + "░" * (cells - full)


# ── what a token is and may do ───────────────────────────────────────────────────────────────────

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
    parts = [clean(account, 80)] if account else []
    if tokens is not None and tokens.subscription:
        parts.append(f"{clean(tokens.subscription, 30)} plan")
    if tokens is not None and tokens.rate_limit_tier:
        parts.append(f"tier {clean(tokens.rate_limit_tier, 40)}")
    return ", ".join(parts)


def bill_words(source: str, tokens: TokenSet | None = None) -> str:
    """What a request by this source costs whom."""
    row = sources.BY_ID.get(source)
    if row is None:
        return "the AWS account of the credentials"
    if row.bills.startswith("the Claude subscription") and tokens is not None and tokens.subscription:
        return f"your Claude {clean(tokens.subscription, 30)} subscription"
    return row.bills


# ── where something comes from ───────────────────────────────────────────────────────────────────

LAYERS: dict[Layer, str] = {
    "managed": "managed settings",
    "flag": "settings given with --settings",
    "local": "local settings of this project",
    "project": "this project's settings",
    "user": "your settings",
}


def place(path: str, home: str) -> str:
    """A path as people write it: the home as `~`."""
    if home and home != "/" and (path == home or path.startswith(home.rstrip("/") + "/")):
        path = "~" + path[len(home.rstrip("/")) :]
    return clean(path, 200)


def homely(text: str, home: str) -> str:
    """A sentence with the paths in it as people write them."""
    return text.replace(f"{home.rstrip('/')}/", "~/") if home.strip("/") else text


def spot(location: Location, home: str) -> str:
    text = place(location.path, home)
    return text if location.line is None else f"{text}:{location.line}"


def origin_words(origin: Origin, home: str) -> str:
    """Where a value comes from, in a few words."""
    where = spot(Location(origin.path, origin.line), home) if origin.path else ""
    if origin.kind == "environment":
        return f"the environment: {clean(origin.variable or '', 80)}"
    if origin.kind == "settings":
        layer = LAYERS[origin.layer] if origin.layer else "settings"
        return f"{layer}: {where}" if where else layer
    if origin.kind == "descriptor":
        return f"a file descriptor named by {clean(origin.variable or 'a variable', 80)}"
    if origin.kind == "keychain":
        return "the system's keyring"
    return where


def short_origin(origin: Origin, home: str) -> str:
    """For the end of a row: file and line, or the first likely place, or the variable's home."""
    if origin.path:
        return spot(Location(origin.path, origin.line), home)
    if origin.likely_set_at:
        return spot(origin.likely_set_at[0], home)
    return {"environment": "environment", "descriptor": "descriptor", "keychain": "keyring"}.get(
        origin.kind, ""
    )


def mode_words(file: FileFacts) -> Word:
    """Who may read a file."""
    digits = f"{file.mode & 0o7777:04o}"
    if file.mode & 0o002:
        return Word("▲", f"{digits}, anybody may write it", "fail")
    if file.mode & 0o004:
        return Word("▲", f"{digits}, anybody may read it", "warn")
    if file.mode & 0o070:
        return Word("▲", f"{digits}, its group may open it", "warn")
    return Word("✓", f"{digits}, only its owner", "plain")
