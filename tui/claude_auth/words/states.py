"""What the state of a source, of a token and of the whole answer is called."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.model import Blocked, Certainty, Expiry, Hindrance, Severity, SourceReading, Standing
from claude_auth.security.sanitize import shown_sentence
from claude_auth.words.glyphs import StatusText

WINS = StatusText("★", "wins", "ok")
ALSO_SENT = StatusText("▲", "also sent", "warn")
SHADOWED = StatusText("✓", "shadowed")
NOT_USED = StatusText("○", "not used", "dim")
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
    "also-sent": "leaves the machine in the same request as the winner",
    "shadowed": "would work, but a stronger one is used",
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
