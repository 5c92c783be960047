"""A line to type a name or an address into."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.base import Dialog
from claude_auth.app.widgets.filter_line import FilterLine
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import wrap
from claude_auth.present.lines import line as line_of


class EntryField(FilterLine, inherit_bindings=False):
    about = "Type here; Enter takes it."
    BINDINGS = bindings("erase")


class InputDialog(Dialog[str]):
    """Dismissed with what was typed, None where nothing is to be changed. `optional`: it may be empty."""

    AUTO_FOCUS = "#search"
    BINDINGS = bindings("input")

    def __init__(self, title: str, words: str, first: str = "", *, optional: bool = False) -> None:
        super().__init__()
        self.heading, self.words, self.first, self.optional = title, words, first, optional

    def compose_content(self) -> ComposeResult:
        view = LineView(lambda width: [*wrap(line_of(self.words), width)], id="content", classes="box")
        view.entitle(self.heading)
        yield view
        entry = EntryField(id="search", prompt=">")
        entry.needle = self.first
        yield entry

    def action_take(self) -> None:
        text = self.query_one(EntryField).needle.strip()
        if text or self.optional:
            self.dismiss(text)
