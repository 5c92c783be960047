"""What every dialog is: an opaque page with a titled box, and a line of hints, built when it is asked for;
and the one question before something is done.

Its default is no: Enter agrees only where the cursor was put on yes, a capital letter at once. What was typed
before the question stood on the screen answers nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.screen import ModalScreen

from claude_auth.app.actions import bindings
from claude_auth.app.screens.base import Answer, BaseScreen
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.consent import EvaluationRequest, evaluation_lines, second
from claude_auth.present.lines import Line, Maker, Row, Span, line, pad, wrap
from claude_auth.words import StatusText


class Dialog(BaseScreen[Answer], ModalScreen[Answer], inherit_bindings=False):
    """Escape closes; so does `q`, at once: a bare Escape waits for the rest of a sequence."""

    CSS_PATH = sheet("dialog")
    AUTO_FOCUS = "#content"
    BINDINGS = bindings("dialog")

    def compose(self) -> ComposeResult:
        yield from self.compose_content()
        yield Hints(id="hints")

    def compose_content(self) -> ComposeResult:
        """The widget with the id `content`, and what goes around it."""
        yield from ()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one("#content", LineView).copied())


class TextDialog(Dialog[None]):
    """Lines to read. `about`: what they are, for the help; `classes`: how the box looks."""

    BINDINGS = bindings("help")

    def __init__(self, title: str, maker: Maker, about: str = "", *, classes: str = "box") -> None:
        super().__init__()
        self.heading, self.maker, self.about, self.box_classes = title, maker, about, classes

    def compose_content(self) -> ComposeResult:
        view = LineView(self.maker, id="content", classes=self.box_classes)
        view.about = self.about
        view.entitle(self.heading)
        yield view


# ── the question ──────────────────────────────────────────────────────────────────────────────────

NO = "no"


class Answers(RowView, inherit_bindings=False):
    about = "The answers. Enter takes the one under the cursor; a page key scrolls the text above."
    BINDINGS = bindings("walk", "answers")


class ConfirmDialog(Dialog[str]):
    """Dismissed with `yes`, with `terminal`, or with None for no. `words`: what to know before; `command`:
    what would be run; `maker`: lines of the caller's own in their place. `agree` completes “Yes, …”.
    `terminal`: the real terminal will do too; a text, which its key says and no row lists, tells why not."""

    AUTO_FOCUS = "#choices"
    BINDINGS = bindings("confirm")

    def __init__(
        self,
        title: str,
        words: Sequence[StatusText] = (),
        *,
        command: str = "",
        maker: Maker | None = None,
        agree: str = "do it",
        decline: str = "nothing is changed",
        terminal: bool | str = False,
    ) -> None:
        super().__init__()
        self.heading, self.words, self.command, self.maker = title, words, command, maker
        self.agree, self.decline, self.terminal = agree, decline, terminal
        self.shown_at: float | None = None

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box")
        view.about = "A question. Enter takes the answer under the cursor, which is no at first; Y says yes."
        view.entitle(self.heading)
        yield view
        choices = Answers(self._choices, id="choices", classes="box")
        choices.cursor = NO
        yield choices

    def on_mount(self) -> None:
        self.call_after_refresh(self._is_shown)  # at the latest

    def _compositor_refresh(self) -> None:
        """A question is shown from its first byte on: whoever sees it may answer it."""
        if self.is_current and any(one.size for one in self.query("#choices")):
            self._is_shown()
        super()._compositor_refresh()

    def _is_shown(self) -> None:
        if self.shown_at is None:
            self.shown_at = time.monotonic()

    def hears(self, event: events.Event) -> bool:
        return self.shown_at is not None and event.time >= self.shown_at

    def states(self) -> frozenset[str]:
        return frozenset({"terminal"}) if self.terminal else frozenset()

    def _lines(self, width: int) -> list[Line]:
        if self.maker is not None:
            return [*self.maker(width)]
        found = [one for word in self.words for one in wrap(line(word), width, 2)]
        if self.command:
            found += [*([()] if found else []), *wrap(line(Span(self.command, "accent")), width, 2)]
        return found

    def _choices(self, width: int) -> list[Row]:
        answers = [(NO, "Enter", f"No, {self.decline}"), ("yes", "Y", f"Yes, {self.agree}")]
        if self.terminal is True:
            answers.append(("terminal", "T", f"Yes, {self.agree} in the real terminal"))
        return [
            Row(answer, wrap((Span(pad(key, 7), "accent"), Span(words)), width, 7))
            for answer, key, words in answers
        ]

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        return self.terminal if action == "agree('terminal')" and isinstance(self.terminal, str) else None

    @on(RowView.Chosen, "#choices")
    def chosen(self, event: RowView.Chosen) -> None:
        if event.row == NO:
            self.action_close()
        else:
            self.action_agree(event.row)

    def action_agree(self, answer: str) -> None:
        if not self.refuses(f"agree('{answer}')"):
            self.dismiss(answer)

    def action_page(self, pages: int) -> None:
        view = self.query_one("#content", LineView)
        (view.scroll_page_down if pages > 0 else view.scroll_page_up)(animate=False)


async def agreed_to_evaluate(screen: BaseScreen[Any], wanted: tuple[EvaluationRequest, ...]) -> bool | None:
    """In a worker of `screen`. None: nothing may be run; else whether the second question was agreed to as
    well. A no to that one alone leaves what the first one allowed."""
    doubtful = second(wanted)
    first = await screen.wait_for(_question(wanted, "go on to a second question" if doubtful else "run it"))
    allowed, again = first is not None, False
    if allowed and doubtful:
        answer = await screen.wait_for(_question(doubtful, "run it", again=True))
        again = answer is not None
        allowed = again or any(not request.distrusted for request in wanted)
    screen.show_notice("running: this may take some seconds" if allowed else "nothing was run")
    return again if allowed else None


def _question(wanted: tuple[EvaluationRequest, ...], agree: str, *, again: bool = False) -> ConfirmDialog:
    return ConfirmDialog(
        "It is not trusted. Really run this?" if again else "Run this to learn what it gives?",
        maker=lambda width: evaluation_lines(wanted, again, width),
        agree=agree,
        decline="nothing is run",
    )
