"""The causes of an error: the list, and beside or below it the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from claude_auth.actions.explain import Recognised
from claude_auth.app.widgets.cause_view import CauseView
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.causes import cause_list_rows
from claude_auth.present.lines import Row


class CauseList(RowView):
    about = (
        "What the text is known to mean, the likeliest first. ★ the text or this machine proves it, ▲ the "
        "usual reason, ? not checkable here, – ruled out: nothing on this machine points to it. Enter goes "
        "to what can be done."
    )


class Causes(Container):
    """Enter goes from the list to the steps, and there copies the command under the cursor."""

    def __init__(self, home: str) -> None:
        super().__init__(id="answer")
        self.home = home
        self.causes: Sequence[Recognised] = ()
        self.kinds = False

    def compose(self) -> ComposeResult:
        causes, cause = CauseList(self._rows, id="causes", classes="panel"), CauseView(self.home)
        causes.entitle("What it means")
        cause.entitle("In full")
        yield from (causes, cause)

    def tell(self, causes: Sequence[Recognised], *, kinds: bool = False) -> None:
        """`kinds`: with the table of the kinds of tokens. Shown by the screen where there are any."""
        self.causes, self.kinds = causes, kinds
        view = self.query_one(CauseList)
        view.cursor = None
        view.show_rows(self._rows)
        self._tell_cause()
        if causes:
            view.focus()

    def copied(self) -> str:
        return self.query_one(CauseView).copied()

    def _rows(self, width: int) -> list[Row]:
        return cause_list_rows(self.causes, width)

    def _tell_cause(self) -> None:
        number = int(self.query_one(CauseList).cursor or 0)
        self.query_one(CauseView).tell(self.causes[number] if self.causes else None, kinds=self.kinds)

    @on(RowView.Highlighted, "#causes")
    def moved(self, event: RowView.Highlighted) -> None:
        event.stop()
        self._tell_cause()

    @on(RowView.Chosen, "#causes")
    def cause_chosen(self, event: RowView.Chosen) -> None:
        event.stop()
        self.query_one(CauseView).focus()

    @on(RowView.Chosen, "#cause")
    def step_chosen(self, event: RowView.Chosen) -> None:
        event.stop()
        command = self.query_one(CauseView).command
        if command:
            self.app.copy_to_clipboard(command)
        words = "the command is sent to your terminal" if command else "there is no command in that step"
        self.screen.query_one(Hints).say(words)
