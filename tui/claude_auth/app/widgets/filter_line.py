"""A line to type a filter into. No blinking cursor, so nothing is sent while it waits."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, fit_left, line
from claude_auth.security.sanitize import clean


class FilterLine(LineView, inherit_bindings=False):
    """Types go in here; Enter keeps the filter, Escape takes it away."""

    about = "Type some letters: only rows that contain them stay. Enter keeps the filter, Escape drops it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "Keep", tooltip="Keep the filter and go back to the list", id="filter.keep"),
        Binding("escape", "drop", "Drop", tooltip="Show all rows again", id="filter.drop"),
        Binding("backspace", "erase", "Erase", show=False, tooltip="Erase a letter", id="filter.erase"),
        Binding("ctrl+u", "erase_all", "Erase all", show=False, tooltip="Erase all", id="filter.erase-all"),
    ]

    class Changed(Message):
        def __init__(self, needle: str) -> None:
            super().__init__()
            self.needle = needle

    class Closed(Message):
        """Enter or Escape was pressed."""

    def __init__(self, *, id: str | None = None, prompt: str = "/") -> None:
        super().__init__(id=id)
        self.prompt = prompt
        self.needle = ""
        self.maker = self._lines

    def _lines(self, width: int) -> list[Line]:
        shown = fit_left(self.needle, width - len(self.prompt) - 3)
        return [line(" ", Span(f"{self.prompt} ", "accent"), shown, Span("█", "dim"))]

    def set_needle(self, needle: str) -> None:
        if needle != self.needle:
            self.needle = needle
            self.show()
            self.post_message(self.Changed(needle))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self.set_needle(
                clean(self.needle + event.character, 60) + (" " if event.character == " " else "")
            )

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.set_needle(clean(self.needle + event.text, 60))

    def action_erase(self) -> None:
        self.set_needle(self.needle[:-1])

    def action_erase_all(self) -> None:
        self.set_needle("")

    def action_keep(self) -> None:
        self.post_message(self.Closed())

    def action_drop(self) -> None:
        self.set_needle("")
        self.post_message(self.Closed())
