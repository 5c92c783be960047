"""The dashboard's lines on the screen: what `present.dashboard` lays out, painted; keys and clicks change its
state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.message import Message

from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.dashboard import Layout, lay_out
from claude_auth.present.dashboard_state import LISTS, DashboardState, PanelName
from claude_auth.present.panels import ABOUT

#: Lines for one notch of the wheel.
_NOTCH = 2
_OF_LISTS = ("move", "choose")


class DashboardView(LineView, inherit_bindings=False):
    """`change` is told every state that the person asks for; `paint` shows one, and tells what it came to:
    with the cursors and scroll positions that are possible. `others`: lines that aren't its own at first."""

    BINDINGS = [*RowView.BINDINGS, *LineView.BINDINGS]

    @dataclass
    class Chosen(Message):
        """Enter, or a second click, on a row."""

        panel: PanelName
        row: str

    def __init__(
        self, state: DashboardState, change: Callable[[DashboardState], None], *, id: str, others: int = 1
    ) -> None:
        super().__init__(id=id)
        self._others = others
        self.change = change
        self._room = (0, 0, 0)
        self.layout_now = self._laid_out(state)
        self.maker = lambda width: self.layout_now.lines

    def _room_now(self) -> tuple[int, int, int]:
        """Columns and rows of the terminal, and how many of these stand below."""
        width, height = self.app.size
        return width, height, height - self.size.height if self.size.height else self._others

    def _laid_out(self, state: DashboardState) -> Layout:
        self._room = self._room_now()
        found = lay_out(state, *self._room)
        self.title, self.about = found.focused.title, ABOUT[found.state.focused]
        return found

    def paint(self, state: DashboardState) -> DashboardState:
        self.layout_now = self._laid_out(state)
        self.show()
        return self.layout_now.state

    def on_mount(self) -> None:
        self._fill(self.app.size.width)  # now, for the first frame

    def on_resize(self, event: events.Resize) -> None:
        """The terminal, or what stands below, may have another size."""
        if self._room_now() != self._room:
            self.change(self.layout_now.state)
        self._fill(self.size.width)

    def copied(self) -> str:
        return self.layout_now.focused.copied()

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A list is walked; what is no list is scrolled, by the same keys."""
        return (action in _OF_LISTS) is (self.layout_now.state.focused in LISTS)

    def action_move(self, steps: int) -> None:
        self.change(self.layout_now.moved(steps))

    def action_choose(self) -> None:
        panel = self.layout_now.focused
        if panel.cursor is not None:
            self.post_message(self.Chosen(panel.name, panel.cursor))

    def _scroll(self, steps: int) -> None:
        self.change(self.layout_now.scrolled(self.layout_now.state.focused, steps))

    def action_scroll_up(self) -> None:
        self._scroll(-1)

    def action_scroll_down(self) -> None:
        self._scroll(1)

    def action_page_up(self) -> None:
        self._scroll(-self.layout_now.focused.room)

    def action_page_down(self) -> None:
        self._scroll(self.layout_now.focused.room)

    def action_scroll_home(self) -> None:
        self._scroll(-len(self.layout_now.focused.lines))

    def action_scroll_end(self) -> None:
        self._scroll(len(self.layout_now.focused.lines))

    # ── the mouse ────────────────────────────────────────────────────────────────────────────────

    def on_click(self, event: events.Click) -> None:
        """A row gets the cursor, and opens where it had it; a scroll bar turns a page."""
        layout, found = self.layout_now, self.layout_now.at(event.x, event.y)
        if found is None:
            return
        panel, inside = found
        self.change(layout.state._replace(focused=panel.name))
        if panel.most and event.x == panel.x + panel.width - 2:
            self.change(
                self.layout_now.scrolled(
                    panel.name, panel.room if inside > panel.height // 2 else -panel.room
                )
            )
            return
        index = inside - 1 + panel.scroll
        row = panel.owners[index] if 0 < inside < panel.height - 1 and index < len(panel.owners) else None
        if row is not None:
            self.change(self.layout_now.gone_to(row))
            if row == panel.cursor:
                self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._turn(event, _NOTCH)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._turn(event, -_NOTCH)

    def _turn(self, event: events.MouseEvent, steps: int) -> None:
        event.stop()
        found = self.layout_now.at(event.x, event.y)
        name = self.layout_now.state.focused if found is None else found[0].name
        self.change(self.layout_now.scrolled(name, steps))
