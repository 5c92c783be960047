"""The log's lines as rows of a width: how many each takes, and what stands in them. Knows no screen."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.app.widgets.line_ring import LineRing
from claude_auth.app.widgets.log_lines import LogFolds, LogRecord
from claude_auth.journal import LEVELS
from claude_auth.present.lines import Line, Span, fit_line, line, pad, wrap
from claude_auth.words import SEVERITIES, TextStyle
from claude_auth.words.times import day_of, second, weekday

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
        self.ring: LineRing[LogRecord] = LineRing(lambda record, above: 1)
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
