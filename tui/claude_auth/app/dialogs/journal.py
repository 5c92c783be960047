"""What the journal holds: one event in full, the lives of tokens, the runs of the past."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult

from claude_auth.app.dialogs.confirm import Dialog, TextDialog
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import step_lines
from claude_auth.journal import JournalEntry
from claude_auth.journal.refreshes import token_lives
from claude_auth.model import Event
from claude_auth.present.activity import ABOUT_LIVES, event_lines, token_life_lines
from claude_auth.present.lines import Line
from claude_auth.present.runs import history_rows
from claude_auth.security.sanitize import clean

if TYPE_CHECKING:
    from claude_auth.actions.runs import PastRun

_ABOUT = "All that is known of one event. Nothing here is a secret; y copies it."


def event_dialog(entry: JournalEntry, home: str) -> TextDialog:
    return TextDialog("Event", lambda width: event_lines(entry, home, width), _ABOUT)


def lives_dialog(events: Iterable[Event], home: str, now: float) -> TextDialog:
    lives = token_lives(events)
    return TextDialog("Lives of tokens", lambda width: token_life_lines(lives, home, now, width), ABOUT_LIVES)


# ── the runs of the past ─────────────────────────────────────────────────────────────────────────


class RunHistory(Dialog[None]):
    """Enter shows what happened in the run under the cursor."""

    def __init__(self, runs: Sequence[PastRun], problem: str, home: str) -> None:
        super().__init__()
        self.runs, self.problem, self.home = runs, problem, home

    def compose_content(self) -> ComposeResult:
        view = RowView(
            lambda width: history_rows(self.runs, self.problem, width), id="content", classes="box"
        )
        view.about = (
            "The commands that this program ran, the newest first: when, which, how long, what it came to. "
            "Enter shows a run's events. Output is not kept."
        )
        view.entitle("Runs of the past")
        yield view

    @on(RowView.Chosen)
    def chosen(self, event: RowView.Chosen) -> None:
        past = self.runs[int(event.row)]

        def lines(width: int) -> list[Line]:
            return [one for happened in past.events for one in step_lines(happened, self.home, width)]

        about = "What happened in this run, as it stands in the journal. Output is not kept."
        self.app.push_screen(TextDialog(f"Run of {past.setting}", lines, about))


async def show_history(screen: BaseScreen[Any], services: Services) -> None:
    """The journal is read off the UI thread."""
    runs: Sequence[PastRun] = ()
    problem = ""
    try:
        runs = await asyncio.to_thread(services.commands.history)
    except OSError as error:
        problem = clean(error.strerror or str(error) or "input/output error")
    if screen.app.screen is screen:
        screen.app.push_screen(RunHistory(runs, problem, services.home))
