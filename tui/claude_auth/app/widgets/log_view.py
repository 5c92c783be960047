"""The log, painted one row at a time, no widget per line: the ring is asked only for the rows on the screen.
What is appended below or falls out above never moves the view."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from claude_auth.app.actions import bindings
from claude_auth.app.widgets.line_ring import LineRing
from claude_auth.app.widgets.line_view import LineView
from claude_auth.journal import LEVELS, JournalEntry
from claude_auth.journal.groups import tells_the_whole
from claude_auth.model import Event
from claude_auth.present.lines import Line, Span, fit_line, line, pad, plain, wrap
from claude_auth.words import SEVERITIES, TextStyle
from claude_auth.words.times import day_of, log_time, second, weekday

CAPACITY = 100_000
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
#: Between the facts of a line; no text that was cleaned holds it.
_BETWEEN = "\x1f"


class LogRecord(NamedTuple):
    """A line of the log as it is kept: compact, since a hundred thousand of them are. `tag`: what kind of
    event, by whom; it is shared by all lines that have the same. `group`: what it belongs to; `step`: whether
    another line tells the whole of that."""

    at: float
    level: int
    store: str
    tag: str
    text: str
    data: str
    group: str | None = None
    step: bool = False

    @classmethod
    def of(cls, entry: JournalEntry) -> LogRecord:
        event = entry.event
        by = f" · {entry.program} {entry.pid}" if entry.program else ""
        data = _BETWEEN.join(f"{name}={value}" for name, value in event.data.items() if value is not None)
        store, tag = sys.intern(event.store or ""), sys.intern(event.kind + by)
        group = event.group if event.data else None
        step = group is not None and not tells_the_whole(event)
        return cls(event.at, LEVELS.index(event.level), store, tag, event.text, data, group, step)

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


class LogView(LineView, inherit_bindings=False):
    """Follows the end until somebody goes up; `cursor` is the number of the line gone to, None at the end."""

    about = (
        "What our programs did and what was seen of Claude Code, the newest at the bottom. Going up stops "
        "following; End follows again. A refresh, a command, a change and what came of it are one line each: "
        "space shows the steps. Kept for 30 days, at most 10 MB. Secrets are named by their fingerprints."
    )
    BINDINGS = bindings("log-view")

    class Changed(Message):
        """Lines came, or it follows now, or no more."""

    def __init__(
        self, *, id: str | None = None, classes: str | None = None, capacity: int = CAPACITY
    ) -> None:
        super().__init__(None, id=id, classes=classes)
        self.capacity = capacity
        self.ring: LineRing[LogRecord] = LineRing(lambda record, above: 1)
        self.cursor: int | None = None
        self.unseen = 0
        self.needle = ""
        self.only_matching = False
        self.wraps = False
        self.store: str | None = None
        self.level = 0
        self.stores: set[str] = set()
        #: How serious the line is that tells the whole of a group, the first step of each, what is unfolded.
        self._wholes: dict[str, int] = {}
        self._first_steps: dict[str, int] = {}
        self._unfolded: set[str] = set()
        self.ring.keep = self._keeps
        self._hidden_rows, self._moving = 0, False
        self._rows_now: list[tuple[int, int]] | None = None
        self._broken_lines: dict[LogRecord, tuple[Line, ...]] = {}

    @property
    def follows(self) -> bool:
        return self.cursor is None

    # ── taking in ────────────────────────────────────────────────────────────────────────────────

    def extend(self, entries: Iterable[JournalEntry]) -> None:
        """Append lines. Where somebody reads further up nothing moves and nothing is painted."""
        ring = self.ring
        has_room = len(self._rows) < self.size.height
        records = [LogRecord.of(entry) for entry in entries]
        self.stores.update(record.store for record in records)
        self._fold(records)
        more = ring.extend(records)
        moved = self._forget()
        if self.cursor is None:
            self._to_the_end()
        else:
            self.unseen += more
            self.cursor = ring.numbers[ring.place(self.cursor)] if len(ring) else None
            self._set_rows()
            if has_room or moved:
                self.refresh()
        self.post_message(self.Changed())

    def _fold(self, records: Sequence[LogRecord]) -> None:
        """What tells the whole takes the place of its steps, also of those that stand here already."""
        first = count = self.ring.count
        for number, record in enumerate(records, count):
            if record.group is None:
                continue
            step = self._first_steps.get(record.group, count)
            if record.step:
                self._first_steps.setdefault(record.group, number)
            else:
                self._wholes[record.group] = max(record.level, self._wholes.get(record.group, 0))
                first = min(first, step)
        if first < count:
            self._lay_out(first)

    def _forget(self) -> bool:
        """Drops the lines that are too many above; whether one that stands on the screen was among them. What
        stands here moves up in the list, not on the screen."""
        ring, top = self.ring, self.scroll_offset.y
        headed = self._begins_day(top)
        for record in ring.lines[: max(0, len(ring.lines) - self.capacity)]:
            if record.group is not None:
                (self._first_steps if record.step else self._wholes).pop(record.group, None)
        gone = ring.forget(len(ring.lines) - self.capacity)
        if gone:
            place = max(0, top - gone)
            heads = self._begins_day(place)
            self._hidden_rows = self._hidden_rows + heads - headed if gone <= top else int(heads)
            self._stand_at(place)
        return gone > top

    # ── what stands on the screen ────────────────────────────────────────────────────────────────

    # The scroll position counts lines, not rows: how many rows a line takes is asked only of those on the
    # screen, and of a hundred thousand others never. `_hidden_rows` of the first one stand above it.

    @property
    def _rows(self) -> list[tuple[int, int]]:
        """The rows on the screen: the place of each one's line, and which row of that it is."""
        if self._rows_now is None:
            found: list[tuple[int, int]] = []
            place, part = self.scroll_offset.y, self._hidden_rows
            while place < len(self.ring) and len(found) < self.size.height:
                found += [(place, one) for one in range(part, self._height(place))]
                place, part = place + 1, 0
            self._rows_now = found[: self.size.height]
        return self._rows_now

    @property
    def _last_place(self) -> int:
        rows = self._rows
        return rows[-1][0] if rows else -1

    def _height(self, place: int) -> int:
        """Its rows, and one for the day where it is another than that of the line above."""
        rows = len(self._broken(self.ring[self.ring.numbers[place]])) if self.wraps else 1
        return rows + self._begins_day(place)

    def _begins_day(self, place: int) -> bool:
        ring = self.ring
        if not place or place >= len(ring):
            return not place
        begin, end = day_of(ring[ring.numbers[place - 1]].at)
        return not begin <= ring[ring.numbers[place]].at < end

    def _settled(self, place: int, rows: int) -> tuple[int, int]:
        """So many rows below the first one of that line, or above it: which line is there, and which row."""
        while rows < 0 < place:
            place -= 1
            rows += self._height(place)
        while place < len(self.ring) - 1 and rows >= (height := self._height(place)):
            place, rows = place + 1, rows - height
        return place, max(0, rows)

    def _show_from(self, place: int, rows: int) -> None:
        """Let the screen begin so many rows below the first one of that line, at most where the end of all
        stands at its end."""
        end = self._settled(len(self.ring), -self.size.height)
        place, self._hidden_rows = min(self._settled(place, rows), end)
        self._set_rows(end[0])
        self._moving = True
        self.scroll_to(y=place, animate=False, force=True)
        self._moving = False
        self._rows_now = None
        self.refresh()

    def _to_the_end(self) -> None:
        self._show_from(len(self.ring), 0)

    def _set_rows(self, last: int | None = None) -> None:
        """How far it can be scrolled, without the new layout that assigning `virtual_size` asks for. `last`:
        the line that the screen begins with at the end."""
        if last is None:
            last = self._settled(len(self.ring), -self.size.height)[0]
        height = last + self.container_size.height
        self._rows_now = None
        self.set_reactive(LogView.virtual_size, Size(max(0, self._laid_out_for), height))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = height

    def _stand_at(self, place: int) -> None:
        """The same lines have another place now: look there, and paint nothing again."""
        self._rows_now = None
        self.set_reactive(LogView.scroll_y, float(place))
        self.set_reactive(LogView.scroll_target_y, float(place))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = place

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel or the scrollbar: to the end it follows, elsewhere the cursor stays on the screen."""
        super().watch_scroll_y(old_value, new_value)
        self._rows_now = None
        if self._moving or round(old_value) == round(new_value) or not len(self.ring):
            return
        if new_value >= self.max_scroll_y and new_value > old_value:
            self.action_newest()
        else:
            self._hidden_rows = 0
            first, last = round(new_value), self._last_place
            here = last if self.cursor is None else min(max(self.ring.place(self.cursor), first), last)
            self._put_cursor(self.ring.numbers[here])

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
        self.action_move(pages * max(1, self._last_place - self.scroll_offset.y))

    def action_oldest(self) -> None:
        if len(self.ring):
            self.go_to(self.ring.numbers[0])

    def action_newest(self) -> None:
        self.cursor, self.unseen = None, 0
        self._to_the_end()
        self.post_message(self.Changed())

    def go_to(self, number: int) -> None:
        """Stop following, put the cursor on a line and show it."""
        self._put_cursor(number)
        place, rows = self.ring.place(number), self._rows
        if (place, 0) < (self.scroll_offset.y, self._hidden_rows):
            self._show_from(place, 0)
        elif rows and (place, self._height(place) - 1) > rows[-1]:
            self._show_from(*min((place, 0), self._settled(place + 1, -self.size.height)))

    def _put_cursor(self, number: int) -> None:
        before, self.cursor = self.cursor, number
        touched = {self.ring.place(one) for one in (before, number) if one is not None}
        for y, (place, _) in enumerate(self._rows):
            if place in touched:
                self.refresh(Region(0, y, self.size.width, 1))
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
        if self.only_matching or self._wholes:
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
            and not self._is_folded(record)
            and not (self.only_matching and self.needle and not record.holds(self.needle.lower()))
        )

    def _is_folded(self, record: LogRecord) -> bool:
        """What is more serious than the line that tells the whole went wrong on the way: it stays.
        So does what is searched for."""
        group = record.group
        if group is None or not record.step or group in self._unfolded:
            return False
        if self.needle and record.holds(self.needle.lower()):
            return False
        return record.level <= self._wholes.get(group, -1)

    @property
    def here(self) -> LogRecord | None:
        """The line under the cursor; the newest where there is no cursor."""
        if not len(self.ring):
            return None
        return self.ring[self.ring.numbers[-1] if self.cursor is None else self.cursor]

    @property
    def top(self) -> LogRecord | None:
        """The first line on the screen."""
        place = self.scroll_offset.y
        return self.ring[self.ring.numbers[place]] if place < len(self.ring) else None

    def of_logins(self) -> Iterator[Event]:
        """Those about a store, also the hidden ones."""
        return (record.entry.event for record in self.ring.lines if record.store)

    def unfold(self) -> bool:
        """Shows the steps of what is told here, or hides them; False where there are none."""
        here = self.here
        if here is None or not self._unfolds(here):
            return False
        self._unfolded ^= {str(here.group)}
        self._lay_out()
        return True

    def _unfolds(self, record: LogRecord) -> bool:
        return record.group in self._wholes and record.group in self._first_steps

    def go_to_time(self, moment: float) -> bool:
        """The first line that isn't before it; False where all are."""
        ring = self.ring
        number = next((one for one in ring.numbers if ring[one].at >= moment), None)
        if number is not None:
            self.go_to(number)
        return number is not None

    def wrap(self, wraps: bool) -> None:
        self._hold(lambda: setattr(self, "wraps", wraps))

    def _fill(self, width: int) -> None:
        if width > 0:
            self._hold(lambda: setattr(self, "_laid_out_for", width))

    def _lay_out(self, first: int = 0) -> None:
        """Which lines are shown, anew from that one on."""
        self._hold(lambda: self.ring.lay_out(first))

    def _hold(self, change: Callable[[], None]) -> None:
        """Lays out anew after that change, with the line that was looked at where it stood."""
        ring, anchor = self.ring, self.cursor
        place = 0 if anchor is None else ring.place(anchor)
        offset = next((y for y, (one, _) in enumerate(self._rows) if one == place), 0)
        change()
        self._broken_lines.clear()
        self._rows_now = None
        if anchor is None or not len(ring):
            self.action_newest()
            return
        place = min(ring.place(anchor), len(ring) - 1)
        self.cursor = ring.numbers[place]
        self._show_from(place, -min(offset, self.size.height - 1))
        self.post_message(self.Changed())

    # ── painting ─────────────────────────────────────────────────────────────────────────────────

    def _spans(self, record: LogRecord) -> Line:
        severity = SEVERITIES[LEVELS[record.level]]
        role: TextStyle = severity.role if record.level >= PROBLEM else "plain"
        details, store = record.details, ""
        if self._laid_out_for >= WIDE:
            store = f"{pad(record.store, _STORE)} "
        elif record.store:
            details = f"{record.store} · {details}"
        return line(
            _NO_CURSOR,
            Span(f"{second(record.at)} ", "dim"),
            Span(f"{severity.glyph} ", role),
            Span(store, "dim"),
            Span(self._fold_mark(record), "accent"),
            Span(record.text, role),
            Span(f"  {details}", "dim"),
        )

    def _fold_mark(self, record: LogRecord) -> str:
        if not self._unfolds(record):
            return ""
        if record.step:
            return "│ "
        return "- " if record.group in self._unfolded else "+ "

    def _broken(self, record: LogRecord) -> tuple[Line, ...]:
        """Broken between words; kept as long as it is laid out so."""
        found = self._broken_lines.get(record)
        if found is None:
            if len(self._broken_lines) >= MOST_BROKEN:
                self._broken_lines.clear()
            found = self._broken_lines[record] = wrap(self._spans(record), self._laid_out_for, INDENT)
        return found

    def _row(self, place: int, part: int) -> tuple[Line, LogRecord, bool]:
        ring, number = self.ring, self.ring.numbers[place]
        record, marked = ring[number], number == self.cursor
        if self._begins_day(place):
            if not part:
                return line(Span(f"  {weekday(record.at)}", "strong")), record, False
            part -= 1
        shown = (
            self._broken(record)[part] if self.wraps else fit_line(self._spans(record), self._laid_out_for)
        )
        return (_CURSOR, *shown[1:]) if marked and not part else shown, record, marked

    def render_line(self, y: int) -> Strip:
        rows, width = self._rows, self.size.width
        if y >= len(rows):
            words = "nothing passes the filter" if self.ring.count else "nothing has been written yet"
            blank = Segment(f"  {words}" if y == 0 else "", self.style_of("dim"))
            return Strip([blank]).adjust_cell_length(width, self.style_of("plain"))
        spans, record, marked = self._row(*rows[y])
        needle = self.needle.lower()
        dim = bool(needle) and not record.holds(needle)
        reverse = marked and self.has_focus
        segments = []
        for text, role in spans:
            style = self.style_of("dim" if dim else role, reverse)
            for piece, hit in pieces(text, needle):
                mark = self.screen.get_component_rich_style("log--match", partial=True) if hit else None
                segments.append(Segment(self.spoken(piece), style + mark))
        return Strip(segments).adjust_cell_length(width, self.style_of("plain", reverse))

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        if self.cursor is not None:
            self._put_cursor(self.cursor)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is not None and place.y < len(self._rows):
            self.go_to(self.ring.numbers[self._rows[place.y][0]])

    def text(self) -> str:
        return "\n".join(plain(self._row(*row)[0]).rstrip() for row in self._rows)

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
