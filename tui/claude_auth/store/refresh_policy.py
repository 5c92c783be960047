"""How urgent a refresh is, and when it may be tried again after a failure. Pure."""

from __future__ import annotations

from typing import Literal

from claude_auth.model import TokenSet
from claude_auth.store.outcome import RefreshFailure
from claude_auth.store.refresh_state import FailureNote

Need = Literal["none", "advisory", "mandatory"]

#: Live: more is left than this, or than that part of the lifetime where it is shorter.
WINDOW_SECONDS = 300.0
WINDOW_PART = 0.1
#: With less than this part of the window left a request started now may arrive too late.
MANDATORY_PART = 0.2

#: A set minted so recently is not refreshed again, whatever our clock makes of its expiry.
JUST_MINTED_SECONDS = 60.0

_FIRST_PAUSE = {"advisory": 30.0, "mandatory": 5.0}
_LONGEST_PAUSE = {"advisory": 300.0, "mandatory": 60.0}
#: No server is waited for longer, whatever it asks for.
LONGEST_RETRY_AFTER = 24 * 3600.0
#: Notes from further ahead were written by a clock that was wrong.
_CLOCK_TOLERANCE = 60.0


def window(tokens: TokenSet) -> float:
    """Seconds before the end from which on a refresh is wanted."""
    if tokens.expires_at is None or tokens.issued_at is None or tokens.expires_at <= tokens.issued_at:
        return WINDOW_SECONDS
    return min(WINDOW_SECONDS, WINDOW_PART * (tokens.expires_at - tokens.issued_at))


def need(tokens: TokenSet, now: float) -> Need:
    """`advisory`: live but close to its end, worth a try. `mandatory`: ended, or as good as."""
    if tokens.expires_at is None:
        return "none"
    left = tokens.expires_at - now
    if left > window(tokens):
        return "none"
    return "advisory" if left > MANDATORY_PART * window(tokens) else "mandatory"


def is_live(tokens: TokenSet, now: float) -> bool:
    return tokens.expires_at is None or tokens.expires_at > now


def was_just_minted(tokens: TokenSet, now: float) -> bool:
    return tokens.issued_at is not None and abs(now - tokens.issued_at) < JUST_MINTED_SECONDS


def pause_of(note: FailureNote, tokens: TokenSet, now: float, forced: bool) -> float:
    """Seconds to wait yet before this token set may be tried again. Who forces it skips our own pause, never
    one that the server asked for."""
    if not note.is_about(tokens) or note.at > now + _CLOCK_TOLERANCE:
        return 0.0
    if forced and not note.asked_to_wait:
        return 0.0
    return max(0.0, min(note.retry_at - now, LONGEST_RETRY_AFTER))


def note_of(
    failure: RefreshFailure, tokens: TokenSet, now: float, before: FailureNote | None, forced: bool
) -> FailureNote:
    """What to remember of a failure: each one doubles the pause."""
    refresh = tokens.refresh_token
    count = 1 + (before.count if before is not None and before.is_about(tokens) else 0)
    urgency = "advisory" if need(tokens, now) == "advisory" and not forced else "mandatory"
    pause = min(_FIRST_PAUSE[urgency] * 2 ** min(count - 1, 10), _LONGEST_PAUSE[urgency])
    if failure.retry_after is not None:
        pause = min(max(failure.retry_after, 0.0), LONGEST_RETRY_AFTER)
    return FailureNote(
        refresh_token=refresh.fingerprint if refresh is not None else "",
        kind=failure.kind,
        sentence=failure.sentence,
        next_step=failure.next_step,
        at=now,
        retry_at=now + pause,
        count=count,
        is_verdict=failure.is_verdict,
        asked_to_wait=failure.retry_after is not None,
    )
