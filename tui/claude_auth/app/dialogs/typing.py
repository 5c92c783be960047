"""A value typed into a field that judges it with each letter; a secret is counted, not shown."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.base import Dialog
from claude_auth.app.widgets.fields import TypedField
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, fit_left, line, wrap
from claude_auth.security.redact import holds_secret
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.words import StatusText

Judge = Callable[[Secret], str | None]


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
