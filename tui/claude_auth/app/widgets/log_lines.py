"""The lines of the log, as they are kept and searched, and which are shown: those that pass the filter, but
for the steps of something of which another line tells the whole. Then the same as rows of a width: how many
each takes, and what stands in them. Knows no screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from claude_auth.app.widgets.line_ring import LineRing
from claude_auth.journal import LEVELS, JournalEntry
from claude_auth.journal.groups import change_of_login, rank
from claude_auth.model import Event
from claude_auth.present.lines import Line, Span, fit_line, line, pad, wrap
from claude_auth.words import SEVERITIES, TextStyle, abbreviate_home
from claude_auth.words.times import day_of, log_time, second, weekday

#: Between the facts of a line; no text that was cleaned holds it.
_BETWEEN = "\x1f"


class LogRecord(NamedTuple):
    """A line of the log as it is kept: compact, since a hundred thousand of them are. `tag`: what kind of
    event, by whom; it is shared by all lines that have the same. `group`: what it belongs to; `rank`: whether
    it tells the whole of that."""

    at: float
    level: int
    store: str
    tag: str
    text: str
    data: str
    group: str | None = None
    rank: int = 0

    @classmethod
    def of(cls, entry: JournalEntry, home: str = "") -> LogRecord:
        event = entry.event
        by = f" · {entry.program} {entry.pid}" if entry.program else ""
        facts = (f"{name}={value}" for name, value in event.data.items() if value is not None)
        text, data = abbreviate_home(event.text, home), abbreviate_home(_BETWEEN.join(facts), home)
        store, tag = sys.intern(event.store or ""), sys.intern(event.kind + by)
        group = event.group if event.data else None
        place = 0 if group is None else rank(event)
        return cls(event.at, LEVELS.index(event.level), store, tag, text, data, group, place)

    @property
    def entry(self) -> JournalEntry:
        """As it came, but for its facts, which are text."""
        kind, _, by = self.tag.partition(" · ")
        program, _, pid = by.rpartition(" ")
        facts = (fact.partition("=") for fact in self.data.split(_BETWEEN) if fact)
        data = {name: value for name, _, value in facts}
        event = Event(self.at, kind, self.text, LEVELS[self.level], self.store or None, data)
        return JournalEntry(event, int(pid or 0), program)

    @property
    def details(self) -> str:
        return f"{self.tag} · {self.data.replace(_BETWEEN, ' ')}" if self.data else self.tag

    @property
    def full(self) -> str:
        """For the clipboard and the export."""
        store = f"{self.store}  " if self.store else ""
        lead = f"{log_time(self.at, year=True)}  {LEVELS[self.level]:<7}"
        return f"{lead}  {store}{self.text}  ({self.details})"

    def holds(self, needle: str) -> bool:
        """`needle` in lower case."""
        return needle in self.text.lower() or needle in f"{self.store} {self.details}".lower()


LEVEL_WORDS = ("everything", "warnings and errors", "errors")


class LogFilter(NamedTuple):
    """Only lines of that store, at least that serious. What doesn't match the search is hidden where
    `only_matching`, else dimmed."""

    needle: str = ""
    only_matching: bool = False
    store: str | None = None
    level: int = 0

    def keeps(self, record: LogRecord, folds: LogFolds) -> bool:
        """What is searched for is never folded."""
        if record.level < self.level or self.store not in (None, record.store):
            return False
        if self.needle and record.holds(self.needle.lower()):
            return True
        return not (self.needle and self.only_matching) and not folds.hides(record)

    @property
    def ways_out(self) -> str:
        """Where it keeps nothing."""
        found = ["! for every level"] if self.level else []
        found += ["c for all stores"] if self.store is not None else []
        found += ["esc without the search"] if self.needle and self.only_matching else []
        return f"no line is shown: {' · '.join(found)}"

    @property
    def words(self) -> list[str]:
        found = [LEVEL_WORDS[self.level]] if self.level else []
        found += [f"store {self.store or 'none'}"] if self.store is not None else []
        return found + (
            [f"{'only' if self.only_matching else 'search'} “{self.needle}”"] if self.needle else []
        )


class Group:
    """What belongs together, under one name or more. `ranks`: the numbers of the first and the last line of
    each rank, and how serious the most serious one is. `top`: the rank of what stands for the others."""

    __slots__ = ("is_unfolded", "names", "ranks", "top")

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.ranks: dict[int, tuple[int, int, int]] = {}
        self.top, self.is_unfolded = 0, False

    def hold(self, rank: int, first: int, last: int, level: int) -> None:
        held = self.ranks.get(rank, (first, last, level))
        self.ranks[rank] = min(first, held[0]), max(last, held[1]), max(level, held[2])
        self.top = max(self.top, rank)

    @property
    def has_steps(self) -> bool:
        return len(self.ranks) > 1


class LogFolds:
    """Follows the lines by their numbers, as they come in below and fall out above."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}

    def of(self, record: LogRecord) -> Group:
        """An empty one for a line by itself."""
        return self.groups.get(record.group or "") or Group()

    def take(self, records: Iterable[LogRecord], first: int) -> int:
        """Lines come in, from that number on. From which number on another one is shown now: what tells the
        whole takes the place of its steps, also of those that stand there already."""
        changed = first
        for number, record in enumerate(records, first):
            if record.group is None:
                continue
            group = self.groups.get(record.group) or self._named(record.group, Group())
            if record.rank and (change := change_of_login(record.entry.event)):
                group = self._named(change, group)
            group.hold(record.rank, number, number, record.level)
            if record.rank:
                changed = min(changed, *(begin for begin, *_ in group.ranks.values()))
        return changed

    def _named(self, name: str, group: Group) -> Group:
        """That name, too; with what else has it."""
        other = self.groups.get(name)
        if other is not group:
            other = other or Group()
            group.names += other.names or (name,)
            for rank, held in other.ranks.items():
                group.hold(rank, *held)
            self.groups |= dict.fromkeys(group.names, group)
        return group

    def forget(self, records: Iterable[LogRecord], first: int) -> bool:
        """Lines fall out, from that number on; whether steps are left that no line stands for any more."""
        bare = False
        for number, record in enumerate(records, first):
            group = self.of(record)
            if number != group.ranks.get(record.rank, (0, -1))[1]:
                continue
            del group.ranks[record.rank]
            group.top = max(group.ranks, default=0)
            if not group.ranks:
                for name in group.names:
                    del self.groups[name]
            bare = bare or (bool(group.ranks) and group.top < record.rank)
        return bare

    def hides(self, record: LogRecord) -> bool:
        """What is more serious than the line that tells the whole went wrong on the way: it stays."""
        group = None if record.group is None else self.groups.get(record.group)
        if group is None or group.is_unfolded or record.rank >= group.top:
            return False
        return record.level <= group.ranks[group.top][2]

    def turn(self, record: LogRecord) -> bool:
        """Unfolds what the line belongs to, or folds it; False where it has no steps."""
        group = self.of(record)
        group.is_unfolded ^= group.has_steps
        return group.has_steps

    def mark(self, record: LogRecord) -> str:
        """What stands before its text."""
        group = self.of(record)
        if not group.has_steps:
            return ""
        return "│ " if record.rank < group.top else "- " if group.is_unfolded else "+ "


# ── rows of a width ───────────────────────────────────────────────────────────────────────────────

#: From this width on the store has a column of its own.
WIDE = 90
PROBLEM = LEVELS.index("warning")
#: The further rows of a broken line begin so many cells further right.
INDENT = 4
_CURSOR, _NO_CURSOR = Span("▸ ", "strong"), Span("  ")
#: Cells of the store's column.
_STORE = 12
#: Of so many lines it is remembered how they are broken.
MOST_BROKEN = 500


class LogRows:
    """A shown line has one row, or as many as it is broken into where `wraps`, and one more above it for the
    day where that is another than of the line above. A line is meant by its place among the shown ones, a row
    by that and its number in the line. What a row takes is asked only of the lines near the screen, of a
    hundred thousand others never."""

    def __init__(self, folds: LogFolds) -> None:
        self.ring: LineRing[LogRecord] = LineRing(lambda record: 1)
        self.folds = folds
        self.width = -1
        self.wraps = False
        self._broken: dict[LogRecord, tuple[Line, ...]] = {}

    # ── how many ─────────────────────────────────────────────────────────────────────────────────

    def below(self, place: int, part: int, most: int) -> list[tuple[int, int]]:
        """At most so many rows, from that one on."""
        found: list[tuple[int, int]] = []
        while place < len(self.ring) and len(found) < most:
            found += [(place, one) for one in range(part, self.height(place))]
            place, part = place + 1, 0
        return found[:most]

    def height(self, place: int) -> int:
        """Its rows, and one for the day where it is another than that of the line above."""
        rows = len(self.broken(self.ring[self.ring.numbers[place]])) if self.wraps else 1
        return rows + self.begins_day(place)

    def begins_day(self, place: int) -> bool:
        ring = self.ring
        if not place or place >= len(ring):
            return not place
        begin, end = day_of(ring[ring.numbers[place - 1]].at)
        return not begin <= ring[ring.numbers[place]].at < end

    def settled(self, place: int, rows: int) -> tuple[int, int]:
        """So many rows below the first one of that line, or above it: which line is there, and which row."""
        while rows < 0 < place:
            place -= 1
            rows += self.height(place)
        while place < len(self.ring) - 1 and rows >= (height := self.height(place)):
            place, rows = place + 1, rows - height
        return place, max(0, rows)

    def last_screen(self, height: int) -> tuple[int, int]:
        """The row that a screen of that height begins with where the end of all stands at its end."""
        return self.settled(len(self.ring), -height)

    # ── what stands in them ──────────────────────────────────────────────────────────────────────

    def lay_out(self, width: int, *, wraps: bool) -> None:
        """Anew, for that width."""
        self.width, self.wraps = width, wraps
        self._broken.clear()

    def spans(self, record: LogRecord) -> Line:
        severity = SEVERITIES[LEVELS[record.level]]
        role: TextStyle = severity.role if record.level >= PROBLEM else "plain"
        details, store = record.details, ""
        if self.width >= WIDE:
            store = f"{pad(record.store, _STORE)} "
        elif record.store:
            details = f"{record.store} · {details}"
        return line(
            _NO_CURSOR,
            Span(f"{second(record.at)} ", "dim"),
            Span(f"{severity.glyph} ", role),
            Span(store, "dim"),
            Span(self.folds.mark(record), "accent"),
            Span(record.text, role),
            Span(f"  {details}", "dim"),
        )

    def broken(self, record: LogRecord) -> tuple[Line, ...]:
        """Broken between words; kept as long as it is laid out so."""
        found = self._broken.get(record)
        if found is None:
            if len(self._broken) >= MOST_BROKEN:
                self._broken.clear()
            found = self._broken[record] = wrap(self.spans(record), self.width, INDENT)
        return found

    def row(self, place: int, part: int, cursor: int | None) -> tuple[Line, LogRecord, bool]:
        ring, number = self.ring, self.ring.numbers[place]
        record, marked = ring[number], number == cursor
        if self.begins_day(place):
            if not part:
                return line(Span(f"  {weekday(record.at)}", "strong")), record, False
            part -= 1
        shown = self.broken(record)[part] if self.wraps else fit_line(self.spans(record), self.width)
        return (_CURSOR, *shown[1:]) if marked and not part else shown, record, marked


def pieces(text: str, needle: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and whether each is what was searched for."""
    lower = text.lower()
    if not needle or len(lower) != len(text):
        yield text, False
        return
    start = 0
    while (found := lower.find(needle, start)) >= 0:
        yield text[start:found], False
        yield text[found : found + len(needle)], True
        start = found + len(needle)
    yield text[start:], False
