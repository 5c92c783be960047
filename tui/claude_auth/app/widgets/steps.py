"""Above and below an action: the title, which says what this is, where it runs and how far it is; and its
steps, the newest last and in sight."""

from __future__ import annotations

from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import Event, Machine
from claude_auth.present.actions import level_word
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of, wrap
from claude_auth.words import StatusText, abbreviate_home, machine_marks

#: More than that of one action is no longer read.
MOST = 400


class Steps(LineView):
    about = "What has happened so far, one line each, with its time. None of it holds a secret; g has it all."

    def __init__(self, home: str, *, id: str = "steps", idle: str = "") -> None:
        super().__init__(self._lay_out, id=id, classes="panel")
        self.home, self.idle = home, idle
        self.events: list[Event] = []
        self.words: list[StatusText] = []

    def add(self, event: Event) -> None:
        self.events = [*self.events, event][-MOST:]
        self._show_end()

    def conclude(self, *words: StatusText) -> None:
        """What it came to, below the steps."""
        self.words = list(words)
        self._show_end()

    def clear(self) -> None:
        self.events, self.words = [], []
        self.show()

    def _show_end(self) -> None:
        self.show()
        self.call_after_refresh(self.scroll_end, animate=False)

    def _lay_out(self, width: int) -> list[Line]:
        found: list[Line] = []
        for event in self.events:
            found += step_lines(event, self.home, width)
        if not found and self.idle:
            found += wrap(line(Span(self.idle, "dim")), width)
        for word in self.words:
            text = abbreviate_home(word.text, self.home)
            if self.events and self.events[-1].text.startswith(word.text):
                continue  # the last step says so already
            found += wrap(line(Span(f"{word.glyph} {text}", word.role)), width, 2)
        return found


def step_lines(event: Event, home: str, width: int) -> tuple[Line, ...]:
    word = level_word(event)
    text = abbreviate_home(event.text, home)
    role = "strong" if word.role == "fail" else word.role  # its mark shouts enough
    parts = (Span(f"{_seconds(event.at)} ", "dim"), Span(word.glyph, word.role), Span(f" {text}", role))
    return wrap(line(*parts), width, 11)


def _seconds(moment: float) -> str:
    import time

    return time.strftime("%H:%M:%S", time.localtime(moment))


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
