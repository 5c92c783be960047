"""The causes of an error: the list, and beside or below it the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from claude_auth.actions.explain import Recognised
from claude_auth.app.actions import bindings
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Fix, first_action
from claude_auth.present.causes import cause_list_rows, cause_rows, cause_text
from claude_auth.present.lines import Row
from claude_auth.security.sanitize import clean

ABOUT_LIST = (
    "What the text is known to mean, the likeliest first. ★ the text or this machine proves it, ▲ the "
    "usual reason, ? not checkable here, – ruled out: nothing on this machine points to it. Enter goes "
    "to what mends it, or to the steps where no key does; tab goes to the steps."
)


class CauseView(RowView):
    """One cause in full; the cursor walks over what can be done about it."""

    about = (
        "What the cause is, what this machine shows of it, and what helps. The cursor walks over what can be "
        "done; Enter does it, or copies its command where it is for you to run; y copies the explanation. "
        "Neither holds a secret."
    )
    BINDINGS = bindings("causes")


class Causes(Container):
    """Enter goes from the list to what mends it, or to the steps where no key does; among those to the action
    under the cursor, or copies its command."""

    class Remedied(Message):
        """The step under the cursor is an action, and was chosen."""

    def __init__(self, home: str) -> None:
        super().__init__(id="answer")
        self.home = home
        self.causes: Sequence[Recognised] = ()
        self.kinds = False

    def compose(self) -> ComposeResult:
        listed = RowView(self._rows, id="causes", classes="panel")
        cause = CauseView(self._cause_rows, id="cause", classes="panel")
        listed.about = ABOUT_LIST
        listed.entitle("What it means")
        cause.entitle("In full")
        yield from (listed, cause)

    @property
    def listed(self) -> RowView:
        return self.query_one("#causes", RowView)

    @property
    def view(self) -> CauseView:
        return self.query_one(CauseView)

    @property
    def cause(self) -> Recognised | None:
        """The one under the cursor."""
        return self.causes[int(self.listed.cursor or 0)] if self.causes else None

    def tell(self, causes: Sequence[Recognised], *, kinds: bool = False) -> None:
        """`kinds`: with the table of the kinds of tokens. Shown by the screen where there are any."""
        self.causes, self.kinds = causes, kinds
        self.listed.cursor = None
        self.listed.show_rows(self._rows)
        self._show_cause()
        if causes:
            self.listed.focus()

    def copied(self) -> str:
        return "" if self.cause is None else cause_text(self.cause, self.home)

    @property
    def step(self) -> Fix | None:
        """The one under the cursor."""
        fixes, step = () if self.cause is None else self.cause.fixes, self.view.cursor
        return fixes[int(step)] if fixes and step is not None else None

    @property
    def remedy(self) -> Fix | None:
        """What a key does about the cause: the step under the cursor where the steps have the keys and it is
        an action, else the first that is one."""
        step = self.step if self.view.has_focus else None
        if step is not None and step.action is not None:
            return step
        return None if self.cause is None else first_action(self.cause.fixes)

    def _rows(self, width: int) -> list[Row]:
        return cause_list_rows(self.causes, width)

    def _cause_rows(self, width: int) -> list[Row]:
        return [] if self.cause is None else cause_rows(self.cause, self.home, width, kinds=self.kinds)

    def _show_cause(self) -> None:
        self.view.cursor = None
        self.view.scroll_home(animate=False)
        self.view.show_rows(self._cause_rows)

    @on(RowView.Highlighted, "#causes")
    def moved(self, event: RowView.Highlighted) -> None:
        event.stop()
        self._show_cause()

    @on(RowView.Chosen, "#causes")
    def cause_chosen(self, event: RowView.Chosen) -> None:
        event.stop()
        if self.remedy is None:
            self.view.focus()
        else:
            self.post_message(self.Remedied())

    @on(RowView.Chosen, "#cause")
    def step_chosen(self, event: RowView.Chosen) -> None:
        event.stop()
        step = self.step
        if step is not None and step.action is not None:
            self.post_message(self.Remedied())
        elif step is not None and step.command:
            command = clean(step.command, 2000)
            self.screen.send_to_clipboard(command, "the command")  # type: ignore[attr-defined]
        else:
            self.screen.query_one(Hints).say("there is no command in that step")
