"""The lives of a login's tokens as lines: one of blocks for the last days, and one of words for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from claude_auth.journal.refreshes import TokenLife
from claude_auth.present.lines import BLANK, Line, Span, line, wrap
from claude_auth.words import abbreviate_home, span, when

#: How far back the line of blocks goes.
WINDOW = 2 * 86400.0
LIVE, DEAD, RENEWED = "█", "░", "|"
ABOUT = (
    "From when to when each access token was the one of its login, by what the journal holds: at most 30 "
    "days. In the line of blocks a token lives where it is full, had ended where it is light, was renewed "
    "at a bar. Tokens are named by their fingerprints."
)


def token_life_lines(
    logins: Mapping[str, Sequence[TokenLife]], home: str, now: float, width: int
) -> list[Line]:
    """A part for each login, its newest token first."""
    found: list[Line] = []
    for login, lives in logins.items():
        begin, end, blocks = life_blocks(lives, now, width)
        title = abbreviate_home(login, home)
        found += [*wrap(line(Span(title, "strong")), width), line(Span(blocks, "accent"))]
        found.append(_scale(when(begin, now), when(end, now), width))
        for life, later in [*pairwise([*lives, None])][::-1]:
            if life is not None:
                found += wrap(line(f"{life.fingerprint}  ", Span(_words(life, later, now), "dim")), width, 10)
        found.append(BLANK)
    return found[:-1] or [line(Span("no login has been seen yet", "dim"))]


def life_blocks(lives: Sequence[TokenLife], now: float, width: int) -> tuple[float, float, str]:
    """The moments of its first and last cell, and a cell for each part of the time between."""
    ends = [life.expires_at for life in lives if life.until is None and life.expires_at is not None]
    end = max([now, *(min(one, now + WINDOW) for one in ends)])
    begin = min(max(lives[0].since, end - WINDOW), end - 60.0)
    step = (end - begin) / max(1, width)
    cells = [_cell(lives, begin + place * step, step) for place in range(width)]
    return begin, end, "".join(cells)


def _cell(lives: Sequence[TokenLife], start: float, step: float) -> str:
    """What a part of the time shows: a renewal in it before all, then whether any token lived."""
    if any(start <= later.since < start + step for _, later in pairwise(lives)):
        return RENEWED
    middle = start + step / 2
    here = next((life for life in reversed(lives) if life.since <= middle), None)
    if here is None or (here.until is not None and here.until <= middle):
        return " "
    return LIVE if here.expires_at is None or middle < here.expires_at else DEAD


def _scale(begin: str, end: str, width: int) -> Line:
    return line(Span(f"{begin}{end:>{max(1, width - len(begin))}}", "dim"))


def _words(life: TokenLife, later: TokenLife | None, now: float) -> str:
    from_when = f"from {when(life.since, now)}"
    until = "" if life.expires_at is None else f" to {when(life.expires_at, now)}"
    if life.until is None:
        rest = None if life.expires_at is None else life.expires_at - now
        left = "" if rest is None else f", {span(rest)} left" if rest > 0 else f", ended {span(-rest)} ago"
        return f"{from_when}{until}: the one now{left}"
    what = "removed" if later is None or later.since > life.until else "renewed"
    spare = None if life.expires_at is None else life.expires_at - life.until
    how = (
        "" if spare is None else f", {span(abs(spare))} {'before its end' if spare > 0 else 'after its end'}"
    )
    return f"{from_when}{until}, {what} {when(life.until, now)}{how}"
