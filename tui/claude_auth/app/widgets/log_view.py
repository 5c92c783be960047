"""The log, painted one row at a time, no widget per line: the ring is asked only for the rows on the screen.
What is appended below or falls out above never moves the view."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from claude_auth.app.actions import bindings
from claude_auth.app.widgets.line_ring import LineRing, breaks, part_of
from claude_auth.app.widgets.line_view import LineView
from claude_auth.journal import LEVELS, JournalEntry
from claude_auth.journal.refreshes import CLOSING, step_of
from claude_auth.model import Event
from claude_auth.present.lines import Line, Span, fit_line, line, pad, plain
from claude_auth.words import SEVERITIES, TextStyle
from claude_auth.words.times import day_of, log_time, second, weekday

CAPACITY = 100_000
#: From this width on the store has a column of its own.
WIDE = 90
PROBLEM = LEVELS.index("warning")
#: The further rows of a broken line begin so many cells further right.
INDENT = 4
_CURSOR, _NO_CURSOR = Span("▸ ", "strong"), Span("  ")
#: Cells of the mark, the moment and the glyph; of the store's column; and before the words of a refresh.
_HEAD, _STORE, _FOLD = 13, 12, 2
#: Between the facts of a line; no text that was cleaned holds it.
_BETWEEN = "\x1f"


class LogRecord(NamedTuple):
    """A line of the log as it is kept: compact, since a hundred thousand of them are. `tag`: what kind of
    event, by whom; it is shared by all lines that have the same. `refresh`: that it is about; `step`: whether
    the last line of that refresh sums it up."""

    at: float
    level: int
    store: str
    tag: str
    text: str
    data: str
    refresh: str | None = None
    step: bool = False

    @classmethod
    def of(cls, entry: JournalEntry) -> LogRecord:
        event = entry.event
        by = f" · {entry.program} {entry.pid}" if entry.program else ""
        data = _BETWEEN.join(f"{name}={value}" for name, value in event.data.items() if value is not None)
        store, tag = sys.intern(event.store or ""), sys.intern(event.kind + by)
        refresh = event.data.get("refresh") if event.data else None
        refresh = refresh if isinstance(refresh, str) else None
        step = refresh is not None and step_of(event) is not None
        return cls(event.at, LEVELS.index(event.level), store, tag, event.text, data, refresh, step)

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
    def kind_closes(self) -> bool:
        return self.tag.startswith(CLOSING)

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


class LogView(LineView, inherit_bindings=False):
    """Follows the end until somebody goes up; `cursor` is the number of the line gone to, None at the end."""

    about = (
        "What our programs did and what was seen of Claude Code, the newest at the bottom. Going up stops "
        "following; End follows again. A refresh is one line: space shows its steps. Secrets are named by "
        "their fingerprints."
    )
    BINDINGS = bindings("log-view")

    class Changed(Message):
        """Lines came, or it follows now, or no more."""

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, capacity: int = CAPACITY
    ) -> None:
        super().__init__(None, id=id, classes=classes)
        self.capacity = capacity
        self.ring: LineRing[LogRecord] = LineRing(self._height)
        self.cursor: int | None = None
        self.unseen = 0
        self.needle = ""
        self.only_matching = False
        self.wraps = False
        self.store: str | None = None
        self.level = 0
        self.stores: set[str] = set()
        #: Refreshes whose last line is there, the first step of those without one, and what is unfolded.
        self._summed_up: set[str] = set()
        self._first_steps: dict[str, int] = {}
        self._unfolded: set[str] = set()
        self.ring.keep = self._keeps
        self._day = (0.0, 0.0)
        self._moving = False

    @property
    def follows(self) -> bool:
        return self.cursor is None

    # ── taking in ────────────────────────────────────────────────────────────────────────────────

    def extend(self, entries: Iterable[JournalEntry]) -> None:
        """Append lines. Where somebody reads further up nothing moves and nothing is painted."""
        ring, top, rows = self.ring, self.scroll_offset.y, self.ring.rows
        records = [LogRecord.of(entry) for entry in entries]
        self.stores.update(record.store for record in records)
        self._fold(records)
        more = ring.extend(records)
        gone = ring.forget(len(ring.lines) - self.capacity)
        self._set_rows()
        if self.cursor is None:
            self._scroll(ring.rows)
            self.refresh()
        else:
            self.unseen += more
            self.cursor = ring.numbers[ring.place(self.cursor)] if len(ring) else None
            self._shift(gone)
            if rows < top + self.size.height or gone > top:
                self.refresh()
        self.post_message(self.Changed())

    def _fold(self, records: Sequence[LogRecord]) -> None:
        """What closes a refresh takes the place of its steps, also of those that stand here already."""
        first: int | None = None
        for number, record in enumerate(records, self.ring.count):
            if record.step and record.refresh is not None:
                self._first_steps.setdefault(record.refresh, number)
            elif record.refresh is not None and record.kind_closes:
                self._summed_up.add(record.refresh)
                step = self._first_steps.pop(record.refresh, None)
                if step is not None and step < self.ring.count:
                    first = step if first is None else min(first, step)
        if first is not None:
            self._lay_out(first)

    def _set_rows(self) -> None:
        """The height of the content, without the new layout that assigning `virtual_size` asks for."""
        self.set_reactive(LogView.virtual_size, Size(max(0, self._laid_out_for), self.ring.rows))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = self.ring.rows

    def _scroll(self, row: int) -> None:
        self._moving = True
        self.scroll_to(y=min(max(0, row), self.max_scroll_y), animate=False, force=True)
        self._moving = False

    def _shift(self, gone: int) -> None:
        """What stands here has moved up by so many rows: look there, and paint nothing again."""
        if gone:
            row = float(max(0, self.scroll_offset.y - gone))
            self.set_reactive(LogView.scroll_y, row)
            self.set_reactive(LogView.scroll_target_y, row)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.position = row

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel or the scrollbar: to the end it follows, elsewhere the cursor stays on the screen."""
        super().watch_scroll_y(old_value, new_value)
        if self._moving or round(old_value) == round(new_value) or not len(self.ring):
            return
        if new_value >= self.max_scroll_y and new_value > old_value:
            self.action_newest()
        else:
            first, last = self.ring.place_at(round(new_value)), self._last_place(round(new_value))
            here = last if self.cursor is None else min(max(self.ring.place(self.cursor), first), last)
            self._put_cursor(self.ring.numbers[here])

    def _last_place(self, top: int) -> int:
        return min(self.ring.place_at(top + max(1, self.size.height) - 1), len(self.ring) - 1)

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def action_move(self, steps: int) -> None:
        last = len(self.ring) - 1
        if last < 0:
            return
        place = last if self.cursor is None else self.ring.place(self.cursor)
        if steps > 0 and place + steps >= last:
            self.action_newest()
        else:
            self.go_to(self.ring.numbers[max(0, place + steps)])

    def action_page(self, pages: int) -> None:
        """As many lines as stand on the screen now."""
        top = self.scroll_offset.y
        lines = self._last_place(top) - self.ring.place_at(top) if len(self.ring) else 0
        self.action_move(pages * max(1, lines))

    def action_oldest(self) -> None:
        if len(self.ring):
            self.go_to(self.ring.numbers[0])

    def action_newest(self) -> None:
        self.cursor, self.unseen = None, 0
        self._scroll(self.ring.rows)
        self.refresh()
        self.post_message(self.Changed())

    def go_to(self, number: int) -> None:
        """Stop following, put the cursor on a line and show it."""
        self._put_cursor(number)
        place, top, height = self.ring.place(number), self.scroll_offset.y, max(1, self.size.height)
        first, below = self.ring.first_row(place), self.ring.first_row(place + 1)
        if first < top:
            self._scroll(first)
        elif below > top + height:
            self._scroll(min(first, below - height))

    def _put_cursor(self, number: int) -> None:
        before, self.cursor = self.cursor, number
        for touched in (before, number):
            place = len(self.ring) if touched is None else self.ring.place(touched)
            if place < len(self.ring):
                first = self.ring.first_row(place)
                self.refresh_lines(first, self.ring.first_row(place + 1) - first)
        if before != number:
            self.post_message(self.Changed())

    def seek(self, step: int, wanted: Callable[[LogRecord], bool]) -> str:
        """Go to the next (1) or previous (-1) line that is wanted; what to say about it."""
        ring, total = self.ring, len(self.ring)
        start = (total if step < 0 else -1) if self.cursor is None else ring.place(self.cursor)
        for distance in range(1, total + 1):
            place = start + step * distance
            number = ring.numbers[place % total]
            if wanted(ring[number]):
                self.go_to(number)
                return "" if 0 <= place < total else "on from the other end"
        return "none here"

    # ── what is shown and how ────────────────────────────────────────────────────────────────────

    def search(self, needle: str) -> None:
        self.needle = needle
        if self.only_matching:
            self._lay_out()
        else:
            self.refresh()

    def show_only_matching(self, only: bool) -> None:
        """What doesn't match the search is hidden, or dimmed."""
        self.only_matching = only
        self._lay_out()

    def filter(self, store: str | None, level: int) -> None:
        """Only lines of that store, at least that serious."""
        self.store, self.level = store, level
        self._lay_out()

    def _keeps(self, record: LogRecord) -> bool:
        return (
            record.level >= self.level
            and self.store in (None, record.store)
            and not (
                record.step and record.refresh in self._summed_up and record.refresh not in self._unfolded
            )
            and not (self.only_matching and self.needle and not record.holds(self.needle.lower()))
        )

    @property
    def here(self) -> LogRecord | None:
        """The line under the cursor; the newest where there is no cursor."""
        if not len(self.ring):
            return None
        return self.ring[self.ring.numbers[-1] if self.cursor is None else self.cursor]

    @property
    def top(self) -> LogRecord | None:
        """The first line on the screen."""
        row = self.scroll_offset.y
        return self.ring[self.ring.numbers[self.ring.place_at(row)]] if row < self.ring.rows else None

    def of_logins(self) -> Iterator[Event]:
        """Those about a store, also the hidden ones."""
        return (record.entry.event for record in self.ring.lines if record.store)

    def unfold(self) -> bool:
        """Shows the steps of the refresh here, or hides them; False where this is none."""
        here = self.here
        if here is None or here.refresh is None or here.refresh not in self._summed_up:
            return False
        self._unfolded ^= {here.refresh}
        self._lay_out()
        return True

    def go_to_time(self, moment: float) -> bool:
        """The first line that isn't before it; False where all are."""
        ring = self.ring
        number = next((one for one in ring.numbers if ring[one].at >= moment), None)
        if number is not None:
            self.go_to(number)
        return number is not None

    def wrap(self, wraps: bool) -> None:
        self.wraps = wraps
        self._lay_out()

    def _fill(self, width: int) -> None:
        if width > 0 and width != self._laid_out_for:
            self._laid_out_for = width
            self._lay_out()
        elif self.cursor is None:
            self._scroll(self.ring.rows)

    def _lay_out(self, first: int = 0) -> None:
        """Anew from that line on, with the one that was looked at where it stood."""
        ring, anchor = self.ring, self.cursor
        offset = 0 if anchor is None else ring.first_row(ring.place(anchor)) - self.scroll_offset.y
        ring.lay_out(first)
        self._set_rows()
        if anchor is None or not len(ring):
            self.action_newest()
            return
        place = min(ring.place(anchor), len(ring) - 1)
        self.cursor = ring.numbers[place]
        self._scroll(ring.first_row(place) - offset)
        self.refresh()
        self.post_message(self.Changed())

    # ── painting ─────────────────────────────────────────────────────────────────────────────────

    def _spans(self, record: LogRecord, mark: Span = _NO_CURSOR) -> Line:
        severity = SEVERITIES[LEVELS[record.level]]
        role: TextStyle = severity.role if record.level >= PROBLEM else "plain"
        details, store = record.details, ""
        if self._laid_out_for >= WIDE:
            store = f"{pad(record.store, _STORE)} "
        elif record.store:
            details = f"{record.store} · {details}"
        return line(
            mark,
            Span(f"{second(record.at)} ", "dim"),
            Span(f"{severity.glyph} ", role),
            Span(store, "dim"),
            Span(self._fold_mark(record), "accent"),
            Span(record.text, role),
            Span(f"  {details}", "dim"),
        )

    def _fold_mark(self, record: LogRecord) -> str:
        if record.refresh is None:
            return ""
        if record.step:
            return "│ "
        return "- " if record.refresh in self._unfolded else "+ "

    def _height(self, record: LogRecord, above: LogRecord | None) -> int:
        """Its rows, and one for the day where it is another than that of the line above."""
        rows = self._rows(record) if self.wraps else 1
        return rows if above is not None and self._is_same_day(above.at, record.at) else rows + 1

    def _is_same_day(self, one: float, other: float) -> bool:
        """Asked for each of a hundred thousand: the day before is remembered, not worked out each time."""
        begin, end = self._day
        if not begin <= one < end:
            self._day = begin, end = day_of(one)
        return begin <= other < end

    def _rows(self, record: LogRecord) -> int:
        """How many rows a broken line takes. A hundred thousand are asked at once, so it is counted, not laid
        out, where every character takes one cell."""
        width, text = self._laid_out_for, f"{record.text}{record.details}"
        later = max(1, width - INDENT)
        if not (text.isascii() or cell_len(text) == len(text)) or not record.store.isascii():
            return len(breaks(plain(self._spans(record)), width, later)) + 1
        fold = 0 if record.refresh is None else _FOLD
        if width >= WIDE:
            cells = _HEAD + _STORE + 1 + fold + len(text) + 2
        else:
            cells = _HEAD + fold + len(text) + 2 + (len(record.store) + 3 if record.store else 0)
        return max(1, 1 - (width - cells) // later)

    def _row(self, row: int) -> tuple[Line, LogRecord, bool]:
        ring, width = self.ring, self._laid_out_for
        place = ring.place_at(row)
        number = ring.numbers[place]
        record, marked = ring[number], number == self.cursor
        part = row - ring.first_row(place)
        if ring.height_at(place) > (self._rows(record) if self.wraps else 1):
            if not part:
                return line(Span(f"  {weekday(record.at)}", "strong")), record, False
            part -= 1
        spans = self._spans(record, _CURSOR if marked else _NO_CURSOR)
        if not self.wraps:
            return fit_line(spans, width), record, marked
        shown = part_of(spans, part, width, width - INDENT)
        return (Span(" " * INDENT), *shown) if part else shown, record, marked

    def render_line(self, y: int) -> Strip:
        row, width, base = y + self.scroll_offset.y, self.size.width, self.rich_style
        if row >= self.ring.rows:
            words = "nothing passes the filter" if self.ring.count else "nothing has been written yet"
            blank = Segment(f"  {words}" if y == 0 else "", base + self.style_of("dim", False))
            return Strip([blank]).adjust_cell_length(width, base)
        spans, record, marked = self._row(row)
        needle = self.needle.lower()
        dim = bool(needle) and not record.holds(needle)
        reverse = marked and self.has_focus
        segments = []
        for text, role in spans:
            style = base + self.style_of("dim" if dim else role, reverse)
            for piece, hit in pieces(text, needle):
                mark = self.screen.get_component_rich_style("log--match", partial=True) if hit else None
                segments.append(Segment(self.spoken(piece), style + mark))
        return Strip(segments).adjust_cell_length(width, base + self.style_of("plain", reverse))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        if self.cursor is not None:
            self._put_cursor(self.cursor)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is not None and place.y + self.scroll_offset.y < self.ring.rows:
            self.go_to(self.ring.numbers[self.ring.place_at(place.y + self.scroll_offset.y)])

    def text(self) -> str:
        top = self.scroll_offset.y
        rows = range(top, min(self.ring.rows, top + self.size.height))
        return "\n".join(plain(self._row(row)[0]).rstrip() for row in rows)

    def copied(self) -> str:
        """The whole line under the cursor; the newest where there is no cursor."""
        return "" if self.here is None else self.here.full

    def exported(self) -> list[str]:
        """Every line that passes the filter."""
        return [self.ring[number].full for number in self.ring.numbers]


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
