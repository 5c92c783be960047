"""The last runs of commands, from the journal; Enter shows what happened in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import get_current_worker

from claude_auth.app.screens.dialog import Dialog
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import step_lines
from claude_auth.present.lines import Line
from claude_auth.present.runs import history_rows
from claude_auth.security.sanitize import clean

if TYPE_CHECKING:
    from claude_auth.actions.runs import PastRun
    from claude_auth.app.screens.run.doors import RunDoors


class RunHistory(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "close", "Close", show=False, tooltip="Close", id="dialog.close-same-key"),
    ]

    def __init__(self, runs: Sequence[PastRun], problem: str, home: str) -> None:
        super().__init__()
        self.runs, self.problem, self.home = runs, problem, home

    def compose_content(self) -> ComposeResult:
        view = RowView(
            lambda width: history_rows(self.runs, self.problem, width), id="content", classes="box"
        )
        view.about = (
            "The commands that this program ran, the newest first: when, which, how long, what it came to. "
            "Enter shows a run’s events. Output is not kept."
        )
        view.entitle("Runs of the past")
        yield view

    @on(RowView.Chosen)
    def chosen(self, event: RowView.Chosen) -> None:
        self.app.push_screen(RunEvents(self.runs[int(event.row)], self.home))


class RunEvents(Dialog[None]):
    """The events of one run, as they stand in the journal."""

    def __init__(self, past: PastRun, home: str) -> None:
        super().__init__()
        self.past, self.home = past, home

    def compose_content(self) -> ComposeResult:
        view = LineView(self._lines, id="content", classes="box")
        view.about = "What happened in this run, as it stands in the journal. Output is not kept."
        view.entitle(f"Run of {self.past.setting}")
        yield view

    def _lines(self, width: int) -> list[Line]:
        return [one for event in self.past.events for one in step_lines(event, self.home, width)]


def open_history(screen: Screen[Any], doors: RunDoors) -> None:
    """The journal is read off the UI thread."""

    def read() -> None:
        runs: Sequence[PastRun] = ()
        problem = ""
        worker = get_current_worker()
        try:
            runs = doors.history()
        except OSError as error:
            problem = clean(error.strerror or str(error) or "input/output error")
        if not worker.is_cancelled:
            screen.app.call_from_thread(show, runs, problem)

    def show(runs: Sequence[PastRun], problem: str) -> None:
        if screen.app.screen is screen:
            screen.app.push_screen(RunHistory(runs, problem, doors.doors.home))

    screen.run_worker(read, thread=True, exclusive=True, exit_on_error=False, group="run-history")
