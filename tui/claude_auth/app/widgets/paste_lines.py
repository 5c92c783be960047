"""Lines typed by hand, for a terminal that can't paste in one piece. What stands in them is never shown."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from claude_auth.app.widgets.paste_line import PasteLine
from claude_auth.present.lines import Line, Span, line, wrap


class PasteLines(PasteLine, inherit_bindings=False):
    most = 64 << 20
    about = "Type or paste here, line by line; ^d ends it. It is not shown: there may be a secret in it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "submit", "Explain it", tooltip="Explain what was typed", id="lines.submit"),
        Binding("ctrl+x,tab,escape", "drop", "Drop it", tooltip="Forget what was typed", id="lines.drop"),
        Binding("enter", "end_line", "New line", show=False, tooltip="Begin a new line", id="lines.end"),
        Binding("backspace", "erase", "Erase", show=False, tooltip="Erase a letter", id="lines.erase"),
        Binding("ctrl+u", "erase_all", "Erase all", show=False, tooltip="Erase all", id="lines.erase-all"),
    ]

    def _lay_out(self, width: int) -> list[Line]:
        words = f"{len(self._typed)} characters typed, on line {self._typed.count(chr(10)) + 1}; not shown"
        return [*wrap(line(f"{words} ", Span("█", "dim")), width)]

    def action_end_line(self) -> None:
        self._typed.append("\n")
        self.show()

    def action_drop(self) -> None:
        """Also where nothing was typed: the screen takes the field away."""
        self.action_erase_all()
        self.post_message(self.Pasted("", typed=True))
