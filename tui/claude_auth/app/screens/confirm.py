"""Asks before anything is run: the exact command, and the file and line that it comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.consent import Request
from claude_auth.app.lines import Line, Span, fact, line, wrap
from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.widgets.line_view import LineView


class Confirm(Dialog[bool]):
    """`y` runs. Enter does so too, but never for what a project's files say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "Run", tooltip="Run what stands here", id="confirm.yes"),
        Binding("n,q,escape", "close", "Don’t", tooltip="Run nothing", id="dialog.close"),
        Binding(
            "enter", "default", "The default", show=False, tooltip="The default answer", id="confirm.default"
        ),
    ]

    def __init__(self, requests: tuple[Request, ...]) -> None:
        super().__init__()
        self.requests = requests
        self.foreign = any(request.foreign for request in requests if not request.refused)

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box")
        view.about = "What would be run or read, exactly, and where it is configured."
        view.entitle("Run this to learn what it gives?")
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
            if request.refused:
                words = "✗ this is not run: it stands in a project’s files, and the folder is not trusted yet"
                found += wrap(line(Span(words, "fail")), width, 2)
            elif request.foreign:
                words = "▲ this comes from the project’s own files: whoever wrote them chose this command"
                found += wrap(line(Span(words, "warn")), width, 2)
        found.append(())
        words = "What it prints is kept in memory, shown masked, and written nowhere."
        found += wrap(line(Span(words, "dim")), width)
        default = "y runs it; Enter means no" if self.foreign else "y or Enter runs it"
        found += wrap(line(f"{default}; n closes this."), width)
        return found

    def action_agree(self) -> None:
        self.dismiss(True)

    def action_default(self) -> None:
        self.dismiss(not self.foreign)


def ask_to_evaluate(screen: Speaking[Any], wanted: tuple[Request, ...], go_on: Callable[[], object]) -> None:
    def answered(agreed: bool | None) -> None:
        screen.say("running: this may take some seconds" if agreed else "nothing was run")
        if agreed:
            go_on()

    screen.app.push_screen(Confirm(wanted), answered)
