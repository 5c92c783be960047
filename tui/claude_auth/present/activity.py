"""What happened, as lines: the newest few in a panel of the dashboard, and one event in full. The newest
stands at the end, as in the log and in `claude-auth log`. And the lives of a login's tokens: one line of
blocks for the last days, and one of words for each."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from claude_auth.model import Event
from claude_auth.present.lines import BLANK, Line, Row, Span, fact, line, pad, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import SEVERITIES, TextStyle, abbreviate_home, clock, day, span, when
from claude_auth.words.times import log_time, second

if TYPE_CHECKING:
    from claude_auth.journal import JournalEntry
    from claude_auth.journal.refreshes import TokenLife


#: Cells of the moment and the blanks behind it.
_MOMENT = 10
#: Values that are moments.
_MOMENTS = ("expires_at", "deadline", "written", "since", "refresh", "action", "look")


def activity_rows(
    events: Sequence[Event], needle: str, now: float, since: float | None, width: int, home: str
) -> list[Row]:
    """A row each, by its place in `events`, without the steps of a refresh and the like, unless they are
    looked for. `since`: when the first look was; None: what is kept was not read yet, so nothing is said."""
    wanted, today = needle.lower(), day(now, now)
    found = []
    for number, event in enumerate(events) if wanted else enumerate_folded(events):
        text = abbreviate_home(event.text, home)
        if wanted in text.lower():
            row = _lines(_moment(event, now, today), text, event_role(event), width)
            found.append(Row(str(number), row))
    if found:
        return found
    if since is None:
        return [Row(None, ((),))]
    words = "nothing matches" if needle and events else f"nothing has happened since {clock(since)}"
    return [Row(None, wrap(line(Span(words, "dim")), width))]


def enumerate_folded(events: Sequence[Event]) -> Iterable[tuple[int, Event]]:
    """Each with its place, but for the steps that another line stands for."""
    if not any(event.group for event in events):  # spares an import before the first frame
        return enumerate(events)
    from claude_auth.journal.groups import folded

    return folded(events)


def _moment(event: Event, now: float, today: str) -> str:
    told = day(event.at, now)
    return second(event.at) if told == today else told


@lru_cache(maxsize=256)  # no more rows than are kept, of one width
def _lines(moment: str, text: str, role: TextStyle, width: int) -> tuple[Line, ...]:
    """Kept: a change adds one row, and the others stay."""
    return wrap(line(Span(pad(moment, _MOMENT), "dim"), Span(text, role)), width, _MOMENT)


def event_role(event: Event) -> TextStyle:
    return "plain" if event.level == "info" else SEVERITIES[event.level].role


def event_lines(entry: JournalEntry, home: str, width: int) -> list[Line]:
    """All that is known of it, the sentence first."""
    event, severity = entry.event, SEVERITIES[entry.event.level]
    found = [*wrap(line(Span(f"{severity.glyph} ", severity.role), event.text), width, 2), BLANK]
    facts = [("when", log_time(event.at, year=True)), ("kind", event.kind)]
    facts += [("store", event.store)] if event.store else []
    by = f"{entry.program} {entry.pid}" if entry.program else "seen from outside"
    facts.append(("told by", by))
    facts += [(name, _value(name, value)) for name, value in event.data.items() if value is not None]
    label = min(14, max(len(name) for name, _ in facts) + 2)
    for name, value in facts:
        found += fact(name, line(abbreviate_home(clean(value), home)), width, label)
    return found


def _value(name: str, value: str | float | bool | None) -> str:
    """A line of the log keeps numbers as text. What belongs together is named by its begin."""
    if name in _MOMENTS:
        with contextlib.suppress(TypeError, ValueError):
            return log_time(float(".".join(str(value or "").split(".")[:2])), year=True)
    return str(value)


# ── the lives of a login's tokens ─────────────────────────────────────────────────────────────────

#: How far back the line of blocks goes.
WINDOW = 2 * 86400.0
LIVE, DEAD, RENEWED = "█", "░", "|"
ABOUT_LIVES = (
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
    until = ""
    if life.expires_at is not None:  # an idle login is first seen long after its end
        until = f"{' to' if life.expires_at > life.since else ', ended'} {when(life.expires_at, now)}"
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
