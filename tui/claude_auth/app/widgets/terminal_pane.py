"""A pane that is another program's terminal: its cells are painted, every key goes to it as it is.

Nothing that is typed or pasted is looked at or kept here.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from claude_auth.actions.terminal import Pane
from claude_auth.app.themes import style_of
from claude_auth.security.sanitize import printable
from claude_auth.words import to_ascii

#: Chunks that come within this time are painted together.
BEAT = 0.03
LEAVE = ("f6", "ctrl+right_square_bracket")


class TerminalPane(Widget, can_focus=True, inherit_bindings=False):
    """`attach` a program's pane to it; it keeps that pane's size to its own."""

    about = (
        "This is the terminal of the program named in its frame. What you type or paste here goes to that "
        "program as it is; nothing here reads or keeps it. F6 or Ctrl-] leaves the terminal."
    )
    title = ""
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            ",".join(LEAVE),
            "leave",
            "Leave terminal",
            tooltip="Back to the keys of this screen (Ctrl-] does so too)",
            id="terminal.leave",
        )
    ]

    class Sized(Message):
        """So many cells are there for the program."""

    class Left(Message):
        """The person wants out."""

    def __init__(self, *, id: str = "terminal") -> None:
        super().__init__(id=id, classes="panel")
        self.pane: Pane | None = None
        self._waiting = False

    def entitle(self, title: str) -> None:
        self.title = printable(title)
        self.border_title = Content(to_ascii(title) if self.app.has_class("-ascii") else title)

    @property
    def cells(self) -> tuple[int, int]:
        """Columns and rows."""
        size = self.content_size
        return max(20, size.width), max(4, size.height)

    def attach(self, pane: Pane) -> None:
        self.pane = pane
        self._fit()
        self.refresh()

    def changed(self) -> None:
        """The program wrote something; called as often as it likes."""
        if not self._waiting and self.is_mounted:
            self._waiting = True
            self.set_timer(BEAT, self._paint)

    def _paint(self) -> None:
        self._waiting = False
        if self.pane is None:
            return
        width = self.content_size.width
        for y in self.pane.screen.take_changed():
            self.refresh(Region(0, y, width, 1))

    def on_resize(self) -> None:
        self._fit()
        self.post_message(self.Sized())

    def _fit(self) -> None:
        pane = self.pane
        if pane is not None and (pane.screen.columns, pane.screen.rows) != self.cells:
            pane.resize(*self.cells)
            self.refresh()

    # ── painting ─────────────────────────────────────────────────────────────────────────────────

    def render_line(self, y: int) -> Strip:
        width, base = self.content_size.width, self.rich_style
        if self.pane is None or y >= self.pane.screen.rows:
            return Strip.blank(width, base)
        plain = self.app.has_class("-ascii")
        segments = [
            Segment(to_ascii(span.text) if plain else span.text, base + style_of(span.look))
            for span in self.pane.screen.row(y)
        ]
        strip = Strip(segments).adjust_cell_length(width, base)
        cursor = self.pane.screen.cursor
        if cursor is None or cursor[1] != y or not self.has_focus:
            return strip
        x = min(cursor[0], width - 1)
        under = Strip(
            [Segment(s.text, (s.style or base) + Style(reverse=True)) for s in strip.crop(x, x + 1)]
        )
        return Strip.join([strip.crop(0, x), under, strip.crop(x + 1, width)])

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh()

    # ── to the program ───────────────────────────────────────────────────────────────────────────

    def on_key(self, event: events.Key) -> None:
        if event.key in LEAVE:
            return
        event.stop()
        event.prevent_default()
        if self.pane is not None:
            data = bytes_of(event.key, event.character, self.pane.screen.application_keys)
            if data:
                self.pane.type(data)

    def interrupt(self) -> None:
        """Ctrl-C is the program's here."""
        if self.pane is not None:
            self.pane.type(b"\x03")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.pane is not None:
            data = event.text.encode("utf-8", "replace")
            if self.pane.screen.bracketed_paste:
                data = b"\x1b[200~" + data.replace(b"\x1b", b"") + b"\x1b[201~"
            self.pane.type(data)

    def action_leave(self) -> None:
        self.post_message(self.Left())


_CURSOR_KEYS = {"up": b"A", "down": b"B", "right": b"C", "left": b"D", "home": b"H", "end": b"F"}
_KEYS = {
    "enter": b"\r",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "escape": b"\x1b",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "insert": b"\x1b[2~",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "ctrl+@": b"\0",
    "ctrl+backslash": b"\x1c",
    "ctrl+circumflex_accent": b"\x1e",
    "ctrl+underscore": b"\x1f",
    "ctrl+left": b"\x1b[1;5D",
    "ctrl+right": b"\x1b[1;5C",
    **{f"f{number}": b"\x1bO" + bytes([0x4F + number]) for number in range(1, 5)},
}


def bytes_of(key: str, character: str | None, application_keys: bool = False) -> bytes:
    """What a terminal sends for that key; empty for one that it has no bytes for."""
    if key in _CURSOR_KEYS:
        return (b"\x1bO" if application_keys else b"\x1b[") + _CURSOR_KEYS[key]
    if key in _KEYS:
        return _KEYS[key]
    if key.startswith("ctrl+") and len(key) == 6 and key[5].isalpha():
        return bytes([ord(key[5].lower()) & 0x1F])
    if key.startswith("alt+") and len(key) == 5:
        return b"\x1b" + key[4].encode()
    return character.encode() if character and character.isprintable() else b""
