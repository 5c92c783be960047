"""Before something is done: a question whose default is no, and a line to type a name into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.widgets.filter_line import FilterLine
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.words import StatusText


class Question(Dialog[bool]):
    """`y` does it; Enter, like everything else, doesn't. `words`: what to know before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "agree", "Yes", tooltip="Do it", id="question.yes"),
        Binding("n,enter,q,escape", "close", "No", tooltip="Do nothing", id="dialog.close"),
    ]

    def __init__(
        self, title: str, words: Sequence[StatusText], *, command: str = "", doing: str = "do it"
    ) -> None:
        super().__init__()
        self.heading, self.words, self.command, self.doing = title, words, command, doing

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box")
        view.about = "A question. y means yes; Enter and everything else mean no."
        view.entitle(self.heading)
        yield view

    def _lines(self, width: int) -> list[Line]:
        found: list[Line] = []
        for word in self.words:
            found += wrap(line(word), width, 2)
        if self.command:
            found += [(), *wrap(line(Span(self.command, "accent")), width, 2)]
        found += [(), *wrap(line(f"Press y to {self.doing}. n or Enter changes nothing."), width)]
        return found

    def action_agree(self) -> None:
        self.dismiss(True)

    def action_close(self) -> None:
        self.dismiss(False)


class EntryLine(FilterLine, inherit_bindings=False):
    about = "Type here; Enter takes it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "keep", "Take", tooltip="Take what stands here", id="entry.take"),
        Binding("ctrl+x", "screen.close", "Cancel", tooltip="Close and change nothing", id="dialog.close"),
        Binding("backspace", "erase", "Erase", show=False, tooltip="Erase a letter", id="entry.erase"),
        Binding("ctrl+u", "erase_all", "Erase all", show=False, tooltip="Erase all", id="entry.erase-all"),
    ]


class Naming(Dialog[str]):
    """Dismissed with what was typed, None where nothing was to be changed."""

    AUTO_FOCUS = "#search"

    def __init__(self, title: str, about: str, first: str = "", *, optional: bool = False) -> None:
        super().__init__()
        self.heading, self.words, self.first, self.optional = title, about, first, optional

    def compose_content(self) -> ComposeResult:
        view = LineView(lambda width: list(wrap(line(self.words), width)), id="content", classes="box")
        view.entitle(self.heading)
        yield view
        entry = EntryLine(id="search", prompt=">")
        entry.needle = self.first
        yield entry

    @on(FilterLine.Closed)
    def taken(self) -> None:
        text = self.query_one(EntryLine).needle.strip()
        if text or self.optional:
            self.dismiss(text)
