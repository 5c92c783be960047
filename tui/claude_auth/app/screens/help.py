"""Help about what has the focus, from the widget's own words and the bindings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.keys import Key, keys_of
from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.lines import Line, Span, fact, line, pad, wrap
from claude_auth.words import (
    ALSO_SENT,
    HINDRANCE_MEANING,
    HINDRANCES,
    NOT_USED,
    SHADOWED,
    STATE_MEANING,
    UNREADABLE,
    UNUSABLE,
    VERDICT_MEANING,
    WINS,
    StatusText,
)

if TYPE_CHECKING:
    from textual.screen import Screen

WORDS: tuple[tuple[StatusText, str], ...] = (
    (WINS, VERDICT_MEANING["winning"]),
    (ALSO_SENT, VERDICT_MEANING["also-sent"]),
    (SHADOWED, VERDICT_MEANING["shadowed"]),
    (NOT_USED, VERDICT_MEANING["unused"]),
    *((word, HINDRANCE_MEANING[name]) for name, word in HINDRANCES.items()),
    (UNUSABLE, STATE_MEANING["unusable"]),
    (UNREADABLE, STATE_MEANING["unreadable"]),
    (StatusText("–", "not set, off", "dim"), STATE_MEANING["absent"]),
)


class Help(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "question_mark,f1", "close", "Close", show=False, tooltip="Close", id="dialog.close-same-key"
        ),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        focused = screen.focused
        self.about = focused.about if isinstance(focused, LineView) else ""
        self.keys = keys_of(screen)
        self.subject = focused.title if isinstance(focused, LineView) else ""

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box")
        view.entitle(f"Help · {self.subject}" if self.subject else "Help")
        yield view

    def _lines(self, width: int) -> list[Line]:
        found: list[Line] = []
        if self.about:
            found += [*wrap(line(self.about), width), ()]
        for key in sorted(self.keys, key=lambda key: not key.in_footer):
            found += key_lines(key, width)
        found += [(), line(Span("Words", "strong"))]
        for word, meaning in WORDS:
            found += wrap(line(Span(pad(str(word), 16), word.role), meaning), width, 16)
        return found


def key_lines(key: Key, width: int) -> tuple[Line, ...]:
    text = key.tooltip or key.label
    end = Span(f" (not now: {key.refusal})", "dim") if key.refusal else Span("")
    return (
        fact("", line(text, end), width, 11)
        if not key.shown
        else wrap(line(Span(pad(key.shown, 11), "accent"), text, end), width, 11)
    )
