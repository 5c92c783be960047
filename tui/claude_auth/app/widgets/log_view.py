"""The log, painted one row at a time, no widget per line: the ring is asked only for the rows on the screen.
What is appended below or falls out above never moves the view."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from claude_auth.app.actions import bindings
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.log_lines import LogFilter, LogFolds, LogRecord, LogRows, pieces
from claude_auth.journal import JournalEntry
from claude_auth.present.lines import plain

CAPACITY = 100_000


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
        self, *, id: str | None = None, classes: str | None = None, capacity: int = CAPACITY, home: str = ""
    ) -> None:
        super().__init__(None, id=id, classes=classes)
        self.capacity, self.home = capacity, home
        self.folds = LogFolds()
        self.rows = LogRows(self.folds)
        self.ring = self.rows.ring
        self.cursor: int | None = None
        self.unseen = 0
        self.filter = LogFilter()
        self.ring.keep = lambda record: self.filter.keeps(record, self.folds)
        self._hidden_rows, self._moving = 0, False
        self._rows_now: list[tuple[int, int]] | None = None

    @property
    def follows(self) -> bool:
        return self.cursor is None

    # ── taking in ────────────────────────────────────────────────────────────────────────────────

    def extend(self, entries: Iterable[JournalEntry]) -> None:
        """Append lines. Where somebody reads further up nothing moves and nothing is painted."""
        ring = self.ring
        has_room = len(self._visible) < self.size.height
        records = [LogRecord.of(entry, self.home) for entry in entries]
        changed = self.folds.take(records, ring.count)
        if changed < ring.count:
            self._lay_out(changed)
        more = ring.extend(records)
        gone = ring.lines[: max(0, len(ring.lines) - self.capacity)]
        are_bare = self.folds.forget(gone, ring.oldest)
        moved = self._forget(len(gone))
        if self.cursor is None:
            self._show_from(len(self.ring), 0)
        else:
            self.unseen += more
            self.cursor = ring.numbers[ring.place(self.cursor)] if len(ring) else None
            self._set_rows(self.rows.last_screen(self.size.height)[0])
            if has_room or moved:
                self.refresh()
        if are_bare:
            self._lay_out()
        self.post_message(self.Changed())

    def _forget(self, lines: int) -> bool:
        """Drops so many above; whether one that stands on the screen was among them. The others have another
        place now: it is looked there, and nothing is painted again."""
        top = self.scroll_offset.y
        headed = self.rows.begins_day(top)
        gone = self.ring.forget(lines)
        if gone:
            place = max(0, top - gone)
            heads = self.rows.begins_day(place)
            self._hidden_rows = self._hidden_rows + heads - headed if gone <= top else int(heads)
            self._rows_now = None
            self.set_reactive(LogView.scroll_y, float(place))
            self.set_reactive(LogView.scroll_target_y, float(place))
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.position = place
        return gone > top

    # ── what stands on the screen ────────────────────────────────────────────────────────────────
    # The scroll position counts lines, not rows: `_hidden_rows` of the first one stand above the screen.

    @property
    def _visible(self) -> list[tuple[int, int]]:
        """The rows on the screen: the place of each one's line, and which row of that it is."""
        if self._rows_now is None:
            self._rows_now = self.rows.below(self.scroll_offset.y, self._hidden_rows, self.size.height)
        return self._rows_now

    @property
    def _place(self) -> int:
        """The cursor's; where there is none that of the newest line."""
        return len(self.ring) - 1 if self.cursor is None else self.ring.place(self.cursor)

    @property
    def _last_place(self) -> int:
        rows = self._visible
        return rows[-1][0] if rows else -1

    def _show_from(self, place: int, rows: int) -> None:
        """Let the screen begin so many rows below the first one of that line, at most where the end of all
        stands at its end."""
        end = self.rows.last_screen(self.size.height)
        place, self._hidden_rows = min(self.rows.settled(place, rows), end)
        self._set_rows(end[0])
        self._moving = True
        self.scroll_to(y=place, animate=False, force=True)
        self._moving = False
        self._rows_now = None
        self.refresh()

    def _set_rows(self, last: int) -> None:
        """To which line it can be scrolled, without the layout that assigning `virtual_size` asks for."""
        height = last + self.container_size.height
        self._rows_now = None
        self.set_reactive(LogView.virtual_size, Size(max(0, self._laid_out_for), height))
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = height

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
        last, place = len(self.ring) - 1, self._place
        if steps > 0 and place + steps >= last:
            self.action_newest()
        elif last >= 0:
            self.go_to(self.ring.numbers[max(0, place + steps)])

    def action_page(self, pages: int) -> None:
        """As many lines as stand on the screen now."""
        self.action_move(pages * max(1, self._last_place - self.scroll_offset.y))

    def action_oldest(self) -> None:
        if len(self.ring):
            self.go_to(self.ring.numbers[0])

    def action_newest(self) -> None:
        self.cursor, self.unseen = None, 0
        self._show_from(len(self.ring), 0)
        self.post_message(self.Changed())

    def go_to(self, number: int) -> None:
        """Stop following, put the cursor on a line and show it."""
        self._put_cursor(number)
        place, rows = self.ring.place(number), self._visible
        if (place, 0) < (self.scroll_offset.y, self._hidden_rows):
            self._show_from(place, 0)
        elif rows and (place, self.rows.height(place) - 1) > rows[-1]:
            self._show_from(*min((place, 0), self.rows.settled(place + 1, -self.size.height)))

    def _put_cursor(self, number: int) -> None:
        before, self.cursor = self.cursor, number
        touched = {self.ring.place(one) for one in (before, number) if one is not None}
        for y, (place, _) in enumerate(self._visible):
            if place in touched:
                self.refresh(Region(0, y, self.size.width, 1))
        if before != number:
            self.post_message(self.Changed())

    def seek(self, step: int, wanted: Callable[[LogRecord], bool]) -> str:
        """Go to the next (1) or previous (-1) line that is wanted; what to say about it."""
        ring, total = self.ring, len(self.ring)
        start = self._place if self.cursor is not None else total if step < 0 else -1
        place = ring.find(wanted, start, step)
        if place is None:
            return "none here"
        self.go_to(ring.numbers[place % total])
        return "" if 0 <= place < total else "on from the other end"

    # ── what is shown and how ────────────────────────────────────────────────────────────────────

    def filter_by(self, wanted: LogFilter) -> None:
        before, self.filter = self.filter, wanted
        if wanted.only_matching or self.folds.groups or wanted._replace(needle=before.needle) != before:
            self._lay_out()
        else:
            self.refresh()

    @property
    def here(self) -> LogRecord | None:
        """The line under the cursor; the newest where there is no cursor."""
        return self.ring.at(self._place)

    @property
    def top(self) -> LogRecord | None:
        """The first line on the screen."""
        return self.ring.at(self.scroll_offset.y)

    def unfold(self) -> bool:
        """Shows the steps of what is told here, or hides them; False where there are none."""
        turned = self.here is not None and self.folds.turn(self.here)
        if turned:
            self._lay_out()
        return turned

    def go_to_time(self, moment: float) -> bool:
        """The first line that isn't before it; False where all are."""
        ring = self.ring
        number = next((one for one in ring.numbers if ring[one].at >= moment), None)
        if number is not None:
            self.go_to(number)
        return number is not None

    def wrap(self, wraps: bool) -> None:
        self._hold(lambda: self.rows.lay_out(self.rows.width, wraps=wraps))

    def _fill(self, width: int) -> None:
        if width > 0:
            self._laid_out_for = width
            self._hold(lambda: self.rows.lay_out(width, wraps=self.rows.wraps))

    def _lay_out(self, first: int = 0) -> None:
        """Which lines are shown, anew from that one on."""
        self._hold(lambda: self.ring.lay_out(first))

    def _hold(self, change: Callable[[], None]) -> None:
        """Lays out anew after that change, with the line that was looked at where it stood."""
        ring, anchor = self.ring, self.cursor
        place = 0 if anchor is None else ring.place(anchor)
        offset = next((y for y, (one, _) in enumerate(self._visible) if one == place), 0)
        change()
        self._rows_now = None
        if anchor is None or not len(ring):
            self.action_newest()
            return
        place = min(ring.place(anchor), len(ring) - 1)
        self.cursor = ring.numbers[place]
        self._show_from(place, -min(offset, self.size.height - 1))
        self.post_message(self.Changed())

    # ── painting ─────────────────────────────────────────────────────────────────────────────────

    def render_line(self, y: int) -> Strip:
        rows, width = self._visible, self.size.width
        if y >= len(rows):
            words = self.filter.ways_out if self.ring.count else "nothing has been written yet"
            blank = Segment(f"  {words}" if y == 0 else "", self.style_of("dim"))
            return Strip([blank]).adjust_cell_length(width, self.style_of("plain"))
        spans, record, marked = self.rows.row(*rows[y], self.cursor)
        needle = self.filter.needle.lower()
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
        if place is not None and place.y < len(self._visible):
            self.go_to(self.ring.numbers[self._visible[place.y][0]])

    def text(self) -> str:
        return "\n".join(plain(self.rows.row(*row, self.cursor)[0]).rstrip() for row in self._visible)

    def copied(self) -> str:
        """The whole line under the cursor; the newest where there is no cursor."""
        return "" if self.here is None else self.here.full
