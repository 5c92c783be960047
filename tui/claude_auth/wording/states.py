"""What the state of a source, of a token and of the whole answer is called."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.model import BlockCode, Blocked, Expiry, Reading, Resolution, Severity, Standing
from claude_auth.security.sanitize import shown_sentence
from claude_auth.wording.glyphs import Word

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
    return shown_sentence(blocked.reason, 600)
