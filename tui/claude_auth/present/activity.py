"""What happened, as lines: the newest few in a panel of the dashboard, and one event in full. The newest
stands at the end, as in the log and in `claude-auth log`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from claude_auth.model import Event
from claude_auth.present.lines import BLANK, Line, Row, Span, fact, line, pad, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import SEVERITIES, TextStyle, abbreviate_home, clock, day
from claude_auth.words.times import log_time, second

if TYPE_CHECKING:
    from claude_auth.journal import JournalEntry

#: Cells of the moment and the blanks behind it.
_MOMENT = 10
#: Values that are moments.
_MOMENTS = ("expires_at", "deadline", "written", "since")


def activity_rows(events: Sequence[Event], needle: str, now: float, since: float, width: int) -> list[Row]:
    """A row each, by its place in `events`, without the steps of a refresh and the like, unless they are
    looked for. `since`: when the first look was."""
    wanted, today = needle.lower(), day(now, now)
    found = [
        Row(str(number), _lines(_moment(event, now, today), event.text, event_role(event), width))
        for number, event in (enumerate(events) if wanted else enumerate_folded(events))
        if wanted in event.text.lower()
    ]
    if found:
        return found
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
    """A line of the log keeps numbers as text."""
    if name in _MOMENTS:
        with contextlib.suppress(TypeError, ValueError):
            return log_time(float(value or ""), year=True)
    return str(value)
