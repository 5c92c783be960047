"""What is asked for in a dialog: one of a list, with or without letters to search by; a name; a value that is
judged with each letter, and counted instead of shown where it is a secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from textual import on
from textual.app import ComposeResult

from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.confirm import Dialog
from claude_auth.app.widgets.fields import FilterLine, TypedField
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.present.demo import EXPLAIN, DemoMenu
from claude_auth.present.lines import Line, Row, Span, fit, fit_left, line, pad, wrap
from claude_auth.security.redact import holds_secret
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText

Judge = Callable[[Secret], str | None]


class Option(NamedTuple):
    """Without an id it stands there and can't be chosen. `key`: what does the same at once."""

    id: str
    label: str
    detail: str = ""
    key: str = ""


class ChooseDialog(Dialog[str]):
    """Dismissed with the id of what was chosen. `search`: typing narrows the list."""

    BINDINGS = bindings("choose")

    def __init__(
        self, title: str, options: list[Option], *, current: str | None = None, search: bool = False
    ) -> None:
        super().__init__()
        self.heading, self.options, self.current, self.search = title, options, current, search
        self.needle = ""

    def compose_content(self) -> ComposeResult:
        if self.search:
            yield SearchField(id="search")
        view = RowView(self._rows, id="content", classes="box searched" if self.search else "box")
        view.about = "One of these can be chosen; Enter takes the row under the cursor."
        view.entitle(self.heading)
        view.cursor = self.current
        yield view

    def on_mount(self) -> None:
        if self.search:
            self.query_one(SearchField).focus()

    def _rows(self, width: int) -> list[Row]:
        found = []
        label_width = min(30, max((len(option.label) for option in self.options), default=0)) + 1
        for option in self.options:
            if self.needle.lower() not in f"{option.label} {option.detail}".lower():
                continue
            key = pad(option.key, 6) if self.search else ""
            detail = fit(option.detail, max(0, width - label_width - len(key)))
            label = Span(pad(option.label, label_width), "strong" if option.id == self.current else "plain")
            found.append(Row(option.id or None, (line(Span(key, "accent"), label, Span(detail, "dim")),)))
        if not found:
            found.append(Row(None, wrap(line(Span("nothing matches", "dim")), width)))
        return found

    @on(FilterLine.Changed)
    def searched(self, event: FilterLine.Changed) -> None:
        self.needle = event.value
        self.query_one(RowView).show()

    @on(RowView.Chosen)
    def row_chosen(self, event: RowView.Chosen) -> None:
        self.dismiss(event.row)

    def action_choose(self) -> None:
        self.query_one(RowView).action_choose()


class SearchField(FilterLine, inherit_bindings=False):
    """Typing searches; the arrows walk the list below."""

    about = "Type to search; the arrows walk, Enter takes."
    BINDINGS = bindings("search", "edit")

    def action_walk(self, steps: int) -> None:
        self.screen.query_one(RowView).action_move(steps)


def client_menu(current: str) -> ChooseDialog:
    """The programs that can ask."""
    options = [Option(client.id, client.label, client.about) for client in CLIENTS]
    return ChooseDialog("See it for which program?", options, current=current)


def demo_menu(menu: DemoMenu) -> ChooseDialog:
    options = [Option(offer.id, offer.label, offer.about) for offer in menu.offers]
    words = "paste an error text of this scene, as a person would"
    options.append(Option(EXPLAIN, "explain an error", words))
    return ChooseDialog("The demo goes on with", options, current=menu.current)


# ── typing ───────────────────────────────────────────────────────────────────────────────────────


class EntryField(FilterLine, inherit_bindings=False):
    about = "Type here; Enter takes it."
    BINDINGS = bindings("edit")


class InputDialog(Dialog[str]):
    """Dismissed with what was typed, None where nothing is to be changed. `optional`: it may be empty."""

    AUTO_FOCUS = "#search"
    BINDINGS = bindings("input")

    def __init__(self, title: str, words: str, first: str = "", *, optional: bool = False) -> None:
        super().__init__()
        self.heading, self.words, self.first, self.optional = title, words, first, optional

    def compose_content(self) -> ComposeResult:
        view = LineView(lambda width: [*wrap(line(self.words), width)], id="content", classes="box")
        view.entitle(self.heading)
        yield view
        yield EntryField(self.first, id="search", hint="type it here")

    def action_take(self) -> None:
        text = self.query_one(EntryField).value.strip()
        if text or self.optional:
            self.dismiss(text)


class ValueField(TypedField, inherit_bindings=False):
    """`judge` gives the sentence about what is wrong, None where the value may stand."""

    about = "Type or paste the value; what is wrong with it is said at once. Enter takes it once it is right."
    most = 16_384
    BINDINGS = bindings("erase")

    def __init__(self, judge: Judge, first: str, *, hidden: bool) -> None:
        super().__init__(id="value", classes="box")
        self.judge, self.hidden = judge, hidden
        self._typed = list(first)

    @property
    def value(self) -> Secret:
        return Secret("".join(self._typed))

    def lay_out_field(self, width: int) -> list[Line]:
        text = "".join(self._typed)
        shown = f"{len(text)} character{'' if len(text) == 1 else 's'}, not shown"
        if not self.hidden and not holds_secret(text):  # one may have got into the wrong field
            shown = fit_left(clean(text, self.most), width - 4)
        return [line(Span("> ", "accent"), shown, Span("█", "dim")), *wrap(line(self._judged()), width, 2)]

    def _judged(self) -> StatusText:
        if not self._typed:
            return StatusText("·", "type or paste it; Esc leaves it", "dim")
        problem = self.judge(self.value)
        return (
            StatusText("✓", "that may stand", "ok") if problem is None else StatusText("✗", problem, "fail")
        )

    def insert(self, text: str) -> None:
        """The line break behind a copied line is no part of it, nor is one where a window broke a key or
        token of Anthropic's in two, if its pieces make a right one; everything else is judged."""
        text = text.rstrip("\r\n")
        pieces = [piece.strip() for piece in text.splitlines()]
        whole = Secret("".join((*self._typed, *pieces)))
        if self.hidden and len(pieces) > 1 and whole.kind != "unknown" and self.judge(whole) is None:
            text = "".join(pieces)
        self.add(text)


class ValueDialog(Dialog[Secret], inherit_bindings=False):
    """Dismissed with a value that may stand; None where nothing is to be changed."""

    AUTO_FOCUS = "#value"
    BINDINGS = bindings("input")

    def __init__(self, title: str, words: str, judge: Judge, first: str = "", *, hidden: bool) -> None:
        super().__init__()
        self.heading, self.words = title, words
        self.judge, self.first, self.hidden_value = judge, first, hidden

    def compose_content(self) -> ComposeResult:
        view = LineView(lambda width: [*wrap(line(self.words), width)], id="content", classes="box")
        view.entitle(self.heading)
        yield view
        yield ValueField(self.judge, self.first, hidden=self.hidden_value)

    def action_take(self) -> None:
        value = self.query_one(ValueField).value
        problem = self.judge(value)
        if problem is None:
            self.dismiss(value)
        else:
            self.show_notice(f"not taken: {problem}")
