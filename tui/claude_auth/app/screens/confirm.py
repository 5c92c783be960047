"""Asks before anything is run: the exact command, and the file and line that it comes from; twice about what
is not trusted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.consent import EvaluationRequest, second
from claude_auth.present.lines import Line, Span, fact, line, wrap


class Confirm(Dialog[bool]):
    """`y` runs. Enter does so too, but never for what a project's files say. `again`: the second question,
    about what a folder says that is not trusted, or another user's file."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "Run", tooltip="Run what stands here", id="confirm.yes"),
        Binding("n,q,escape", "close", "Don’t", tooltip="Run nothing", id="dialog.close"),
        Binding(
            "enter", "default", "The default", show=False, tooltip="The default answer", id="confirm.default"
        ),
    ]

    def __init__(self, requests: tuple[EvaluationRequest, ...], *, again: bool = False) -> None:
        super().__init__()
        self.requests, self.again = requests, again
        self.foreign = again or any(request.foreign or request.asked_twice for request in requests)

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box")
        view.about = "What would be run or read, exactly, and where it is configured."
        view.entitle(
            "It is not trusted. Really run this?" if self.again else "Run this to learn what it gives?"
        )
        yield view

    def _lines(self, width: int) -> list[Line]:
        found: list[Line] = []
        for number, request in enumerate(self.requests):
            found += [()] if number else []
            found += wrap(line(Span(f"{number + 1}. {request.what}", "strong")), width, 3)
            if request.command:
                found += fact("command", line(Span(request.command, "accent")), width, 11)
            if request.where:
                found += fact("set in", line(request.where), width, 11)
            for word in (request.beware, request.variables_word(self.again)):
                if word is not None:
                    found += wrap(line(word), width, 2)
        found.append(())
        words = "What it prints is kept in memory, shown masked, and written nowhere."
        found += wrap(line(Span(words, "dim")), width)
        found += wrap(line(f"{self._keys()}; n closes this."), width)
        return found

    def _keys(self) -> str:
        if self.again:
            return "y runs it; Enter means no"
        if second(self.requests):
            return "y goes on to a second question; Enter means no"
        return "y runs it; Enter means no" if self.foreign else "y or Enter runs it"

    def action_agree(self) -> None:
        self.dismiss(True)

    def action_default(self) -> None:
        self.dismiss(not self.foreign)


def ask_to_evaluate(
    screen: Speaking[Any], wanted: tuple[EvaluationRequest, ...], go_on: Callable[[bool], object]
) -> None:
    """`go_on` is called with whether the second question was agreed to as well; a no to that one alone leaves
    what the first one allowed."""
    doubtful = second(wanted)

    def run(agreed: bool) -> None:
        screen.say("running: this may take some seconds")
        go_on(agreed)

    def answered(agreed: bool | None) -> None:
        if not agreed:
            screen.say("nothing was run")
        elif doubtful:
            screen.app.push_screen(Confirm(doubtful, again=True), answered_again)
        else:
            run(False)

    def answered_again(agreed: bool | None) -> None:
        if agreed or any(not request.distrusted for request in wanted):
            run(bool(agreed))
        else:
            screen.say("nothing was run")

    screen.app.push_screen(Confirm(wanted), answered)
