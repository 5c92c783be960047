"""A list of rows with a cursor; a move repaints two rows and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message

from claude_auth.app.actions import bindings
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Row, RowMaker, Span, plain

_CURSOR, _NO_CURSOR = Span("▸ ", "strong"), Span("  ")


class RowView(LineView, inherit_bindings=False):
    """Rows that can be walked, chosen and filtered. The cursor follows its row's id, not its place. Where the
    rows stand `worst_first` it does so once the person has moved it; until then it stands on the first."""

    BINDINGS = bindings("walk", "walk-pages", "rows")

    @dataclass
    class Highlighted(Message):
        """The cursor went to another row."""

        view: RowView
        row: str

        @property
        def control(self) -> RowView:  # what `@on` selects by
            return self.view

    @dataclass
    class Chosen(Message):
        """Enter, or a second click, on a row."""

        view: RowView
        row: str

        @property
        def control(self) -> RowView:
            return self.view

    def __init__(
        self,
        maker: RowMaker | None = None,
        *,
        worst_first: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(None, id=id, classes=classes)
        self.row_maker, self.worst_first = maker, worst_first
        #: Whether somebody chose where the cursor stands.
        self.moved = False
        self.rows: Sequence[Row] = ()
        self.cursor: str | None = None
        self._owner: list[str | None] = []  # the row of each line

    def show_rows(self, maker: RowMaker) -> None:
        """Lay rows out anew. Where the cursor's row is gone the cursor goes to the first, and says so."""
        self.row_maker = maker
        before = self.cursor
        self.show()
        if self.cursor != before and self.cursor is not None and before is not None:
            self.post_message(self.Highlighted(self, self.cursor))
            if self.has_focus:
                self.call_after_refresh(self._reveal)

    def lay_out(self, width: int) -> Sequence[Line]:
        self.rows = self.row_maker(width - 2) if self.row_maker is not None else ()
        choices = self.choices
        if self.cursor not in choices or (self.worst_first and not self.moved):
            self.cursor = choices[0] if choices else None
        lines: list[Line] = []
        self._owner = []
        for row in self.rows:
            for number, spans in enumerate(row.lines):
                here = number == 0 and row.id is not None and row.id == self.cursor
                lines.append((_CURSOR if here else _NO_CURSOR, *spans))
                self._owner.append(row.id)
        return lines

    @property
    def choices(self) -> list[str]:
        return [row.id for row in self.rows if row.id is not None]

    def is_marked(self, index: int) -> bool:
        return self.has_focus and self.cursor is not None and self._owner[index] == self.cursor

    def copied(self) -> str:
        """The row under the cursor."""
        found = (row.lines for row in self.rows if row.id is not None and row.id == self.cursor)
        return "\n".join(" ".join(plain(spans).split()) for spans in next(found, ()))

    # ── the cursor ───────────────────────────────────────────────────────────────────────────────

    def action_move(self, steps: int) -> None:
        choices = self.choices
        if not choices:
            return
        place = steps + (choices.index(self.cursor) if self.cursor in choices else 0)
        self.go_to(choices[min(len(choices) - 1, max(0, place))])

    def go_to(self, row: str) -> None:
        """Put the cursor on a row and show it."""
        if row not in self.choices:
            return
        self.moved = True
        if row != self.cursor:
            self._repaint_marked()
            self.cursor = row
            self.show()
            self._repaint_marked()
            self.post_message(self.Highlighted(self, row))
        self._reveal()

    def action_choose(self) -> None:
        if self.cursor is not None:
            self.post_message(self.Chosen(self, self.cursor))

    def _repaint_marked(self) -> None:
        for index, owner in enumerate(self._owner):
            if owner is not None and owner == self.cursor:
                self.refresh_line(index)

    def _reveal(self) -> None:
        """Scroll to the cursor: in here, or in the column that this list is part of."""
        if self.cursor not in self._owner:
            return
        first, count = self._owner.index(self.cursor), self._owner.count(self.cursor)
        region = Region(0, first, max(1, self.size.width), count)
        if self.show_vertical_scrollbar:
            self.scroll_to_region(region, animate=False, force=True)
            return
        for parent in self.ancestors:
            if isinstance(parent, VerticalScroll) and parent.show_vertical_scrollbar:
                inside = self.content_region.offset - parent.content_region.offset + parent.scroll_offset
                parent.scroll_to_region(region.translate(inside), animate=False, force=True)
                return

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._repaint_marked()

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        index = place.y + self.scroll_offset.y
        row = self._owner[index] if 0 <= index < len(self._owner) else None
        if row is not None:
            was_here = row == self.cursor
            self.go_to(row)
            if was_here:
                self.action_choose()
