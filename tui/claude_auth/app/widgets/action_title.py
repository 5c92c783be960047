"""The first line of a screen that does something: what this is, where it runs, how far it is."""

from __future__ import annotations

from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import Machine
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of
from claude_auth.words import machine_marks


class ActionTitle(LineView, can_focus=False):
    def __init__(self, heading: str, machine: Machine) -> None:
        super().__init__(self._lay_out, id="title")
        self.heading, self.machine, self.state = heading, machine, ""

    def tell(self, state: str) -> None:
        self.state = state
        self.show()

    def _lay_out(self, width: int) -> list[Line]:
        left = line(" ", Span("claude-auth", "strong"), Span(f" · {self.heading}", "dim"))
        right = line(Span(f"{self.state} ", "strong")) if self.state else ()
        for mark in machine_marks(self.machine):
            left = (*left, Span(f" · {mark}", "dim"))
        return [spread(fit_line(left, width - width_of(right) - 1), right, width)]
