"""A list to choose one thing from, with or without letters to search by."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.widgets.filter_line import FilterLine
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.lines import Row, Span, fit, line, pad, wrap


class Choice(NamedTuple):
    """Without an id it stands there and can't be chosen."""

    id: str
    label: str
    detail: str = ""
    key: str = ""


class Chooser(Dialog[str]):
    """Dismissed with the id of what was chosen. `search`: typing narrows the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", tooltip="Take the row under the cursor", id="chooser.choose"),
    ]

    def __init__(
        self, title: str, choices: list[Choice], *, current: str | None = None, search: bool = False
    ) -> None:
        super().__init__()
        self.heading, self.choices, self.current, self.search = title, choices, current, search
        self.needle = ""

    def compose_content(self) -> ComposeResult:
        if self.search:
            yield SearchLine(id="search", prompt=">")
        view = RowView(self._rows, id="content", classes="box")
        view.about = "One of these can be chosen; Enter takes the row under the cursor."
        view.entitle(self.heading)
        view.cursor = self.current
        yield view

    def on_mount(self) -> None:
        if self.search:
            self.query_one(SearchLine).focus()

    def _rows(self, width: int) -> list[Row]:
        found = []
        label_width = min(30, max((len(choice.label) for choice in self.choices), default=0)) + 1
        for choice in self.choices:
            if self.needle.lower() not in f"{choice.label} {choice.detail}".lower():
                continue
            key = pad(choice.key, 6) if self.search else ""
            detail = fit(choice.detail, max(0, width - label_width - len(key)))
            mark = "strong" if choice.id == self.current else "plain"
            row = line(Span(key, "accent"), Span(pad(choice.label, label_width), mark), Span(detail, "dim"))  # type: ignore[arg-type]
            found.append(Row(choice.id or None, (row,)))
        if not found:
            found.append(Row(None, wrap(line(Span("nothing matches", "dim")), width)))
        return found

    @on(FilterLine.Changed)
    def searched(self, event: FilterLine.Changed) -> None:
        self.needle = event.needle
        self.query_one(RowView).show()

    @on(RowView.Chosen)
    def row_chosen(self, event: RowView.Chosen) -> None:
        self.dismiss(event.row)

    def action_choose(self) -> None:
        self.query_one(RowView).action_choose()


class SearchLine(FilterLine, inherit_bindings=False):
    """Typing searches; the arrows walk the list below."""

    about = "Type to search; the arrows walk, Enter takes."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "walk(-1)", "Up", show=False, tooltip="The row above", id="search.up"),
        Binding("down", "walk(1)", "Down", show=False, tooltip="The row below", id="search.down"),
        Binding("pageup", "walk(-10)", "Page up", show=False, tooltip="Ten rows up", id="search.page-up"),
        Binding(
            "pagedown", "walk(10)", "Page down", show=False, tooltip="Ten rows down", id="search.page-down"
        ),
        Binding("backspace", "erase", "Erase", show=False, tooltip="Erase a letter", id="search.erase"),
        Binding("ctrl+u", "erase_all", "Erase all", show=False, tooltip="Erase all", id="search.erase-all"),
        Binding("ctrl+p", "screen.close", "Close", show=False, tooltip="Close", id="search.close"),
    ]

    def action_walk(self, steps: int) -> None:
        self.screen.query_one(RowView).action_move(steps)
