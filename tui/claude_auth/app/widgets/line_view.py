"""A scrolling view of styled lines that sends only the lines that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, get_args

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from claude_auth.present.lines import Line, Maker, plain
from claude_auth.security.sanitize import printable
from claude_auth.words import TextStyle, to_ascii

#: The component classes of a screen that shows lines.
ROLE_CLASSES = frozenset(f"line--{role}" for role in get_args(TextStyle) if role != "plain")


class LineView(ScrollView, inherit_bindings=False):
    """Shows what a maker lays out for its width. `show` compares with what stands there."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False, tooltip="One line up", id="scroll.up"),
        Binding("down,j", "scroll_down", "Down", show=False, tooltip="One line down", id="scroll.down"),
        Binding("pageup", "page_up", "Page up", show=False, tooltip="One page up", id="scroll.page-up"),
        Binding(
            "pagedown", "page_down", "Page down", show=False, tooltip="One page on", id="scroll.page-down"
        ),
        Binding("home", "scroll_home", "Top", show=False, tooltip="Scroll to the top", id="scroll.top"),
        Binding("end", "scroll_end", "End", show=False, tooltip="Scroll to the end", id="scroll.end"),
    ]

    #: What the panel is for, in the help.
    about = ""
    title = ""

    def __init__(
        self, maker: Maker | None = None, *, id: str | None = None, classes: str | None = None
    ) -> None:
        self._styles_of_roles: dict[str, Style] = {}
        super().__init__(id=id, classes=classes)
        self.maker = maker
        self.lines: Sequence[Line] = ()
        self._laid_out_for = -1

    def entitle(self, title: str) -> None:
        """The title in the frame. As content, since a plain string would be read as markup."""
        if title != self.title:
            self.title = title
            self.border_title = Content(self.spoken(title))

    def spoken(self, text: str) -> str:
        """`text` in the characters that this terminal has, and may get."""
        text = printable(text)
        return to_ascii(text) if self.app.has_class("-ascii") else text

    # ── content ──────────────────────────────────────────────────────────────────────────────────

    def show(self, maker: Maker | None = None) -> None:
        """Lay out anew and repaint the lines that differ."""
        if maker is not None:
            self.maker = maker
        if self._laid_out_for < 0:
            return  # not on the screen yet: the first layout asks
        before, width = self.lines, self._laid_out_for
        self.lines = self.lay_out(width)
        if len(before) != len(self.lines):
            self.virtual_size = Size(width, len(self.lines))
            self.refresh(layout=self.styles.is_auto_height)
            return
        for index, (old, new) in enumerate(zip(before, self.lines, strict=True)):
            if old != new:
                self.refresh_line(index)

    def lay_out(self, width: int) -> Sequence[Line]:
        return self.maker(width) if self.maker is not None else ()

    def text(self) -> str:
        """What stands there, as plain text."""
        return "\n".join(printable(plain(spans)).rstrip() for spans in self.lines)

    def copied(self) -> str:
        """What `y` copies: never a secret, since none is on the screen."""
        return self.text()

    # ── layout ───────────────────────────────────────────────────────────────────────────────────

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        self._fill(width - self._scrollbar_cells)
        return len(self.lines)

    @property
    def _scrollbar_cells(self) -> int:
        """The last column is the scrollbar's, there or not, so that nothing moves when it appears."""
        return 1 if self.styles.overflow_y == "auto" else 0

    def on_resize(self, event: events.Resize) -> None:
        self._fill_room()

    def _fill_room(self) -> None:
        bar = 0 if self.show_vertical_scrollbar else self._scrollbar_cells
        self._fill(self.scrollable_content_region.width - bar)

    def _fill(self, width: int) -> None:
        if width <= 0 or width == self._laid_out_for:
            return
        self._laid_out_for = width
        self.lines = self.lay_out(width)
        self.virtual_size = Size(width, len(self.lines))
        self.refresh()

    # ── painting ─────────────────────────────────────────────────────────────────────────────────

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        width = self._size.width  # with the frame, so never too little; what is too much is cut off
        if self._laid_out_for < 0:  # no size is told of what was shown while the screen's map was asked for
            self.call_later(self._fill_room)
        if index >= len(self.lines):
            return Strip.blank(width, self.style_of("plain", False))
        marked = self.is_marked(index)
        segments = [
            Segment(self.spoken(text), self.style_of(role, marked)) for text, role in self.lines[index]
        ]
        return Strip(segments).adjust_cell_length(width, self.style_of("plain", marked))

    def is_marked(self, index: int) -> bool:
        """Whether the cursor stands on that line."""
        return False

    def style_of(self, role: TextStyle, marked: bool = False) -> Style:
        """Looked up in the screen, which keeps the roles once for all its widgets; then remembered."""
        name = "cursor" if marked else role
        style = self._styles_of_roles.get(name)
        if style is None:
            style = self.rich_style
            if name != "plain":
                style += self.screen.get_component_rich_style(f"line--{name}", partial=True)
            self._styles_of_roles[name] = style
        return style

    def notify_style_update(self) -> None:
        self._styles_of_roles.clear()
        super().notify_style_update()
