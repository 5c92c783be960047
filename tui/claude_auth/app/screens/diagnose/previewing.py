"""What a fix and its undo have in common: a list to choose from, the preview of the choice, the steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.app.eyes import NOT_OWNER
from claude_auth.app.screens.acting import Acting, Told
from claude_auth.app.screens.diagnose.doors import DiagnoseDoors
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Snapshot
from claude_auth.present.lines import Line, Row, Span
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, FixResult, UndoFix

UNDER_WAY = "it is under way"
OF_OTHERS = f"not from here: {NOT_OWNER}"
NOT_HALF = "it can’t be broken off half-way: this goes back as soon as it is over"


class Choices(RowView):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Read", tooltip="Go to the preview, to scroll it", id="row.open"),
    ]
    about = (
        "What can be done here. y does what stands under the cursor, as the preview below shows it; Enter "
        "goes to the preview and never changes anything."
    )


class Change(LineView):
    about = "Exactly what would be changed, and where. Nothing is done before y is pressed."


class Previewing(Acting):
    """The preview is the question: `y` alone goes on."""

    CSS_PATH = sheet("fix")
    AUTO_FOCUS = "#choices"
    idle = ""

    class Looked(Message):
        """It was looked again."""

        def __init__(self, take: Callable[[], None]) -> None:
            super().__init__()
            self.take = take

    def __init__(self, doors: DiagnoseDoors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__(doors.doors, snapshot, told)
        self.diagnose_doors = doors
        self.action: ApplyFix | UndoFix | None = None
        self.looking = self.failed = self.leaves = False

    def compose_content(self) -> ComposeResult:
        yield Choices(self.rows, id="choices", classes="panel")
        yield Change(self.preview, id="change", classes="panel")
        yield Steps(self.snapshot.places.home, idle=self.idle)

    @property
    def choices(self) -> Choices:
        return self.query_one(Choices)

    @property
    def result(self) -> FixResult | None:
        return None if self.action is None else self.action.result

    # ── hooks ────────────────────────────────────────────────────────────────────────────────────

    def rows(self, width: int) -> list[Row]:
        return []

    def preview(self, width: int) -> list[Line]:
        return []

    def look(self) -> Callable[[], None]:
        """Blocks, in a thread. What takes over what was seen."""
        return lambda: None

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    def unknown(self) -> Span | None:
        """Why it can't be said what there is."""
        if self.looking:
            return Span("looking", "dim")
        return Span("? not known: the look at this machine failed", "warn") if self.failed else None

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def look_again(self) -> None:
        take = self.look()
        if not get_current_worker().is_cancelled:
            self.post_message(self.Looked(take))

    @on(Looked)
    def looked(self, message: Looked) -> None:
        self.looking = self.failed = False
        message.take()
        self.show()

    def show(self) -> None:
        self.choices.show_rows(self.rows)
        self.query_one(Change).show()
        self.set_class(not self.choices.choices, "-nothing")
        self.refresh_bindings()

    @on(RowView.Highlighted)
    def moved(self) -> None:
        change = self.query_one(Change)
        change.show()
        change.scroll_home(animate=False)
        self.refresh_bindings()

    @on(RowView.Chosen)
    def chosen(self) -> None:
        self.query_one(Change).focus()

    @on(Worker.StateChanged)
    def look_ended(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "look" and event.state is WorkerState.ERROR:
            self.looking, self.failed = False, True
            self.show()
            self.say(f"that look failed ({type(event.worker.error).__name__})")

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────

    def hindrance(self) -> str | None:
        """Why nothing can be changed from here now."""
        if self.running:
            return UNDER_WAY
        if self.looking:
            return "the machine is being looked at: a moment"
        return None if self.doors.ours() else OF_OTHERS

    def carry_out(self, action: ApplyFix | UndoFix) -> None:
        self.action = action
        self.add_class("-started")
        self.steps.conclude()
        self.begin(action.events())

    def over(self) -> None:
        if self.leaves:
            self.action_leave()
            return
        self.looking = True
        self.look_again()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        result = self.result
        if problem is not None or result is None:
            return super().conclusion(problem)
        return self.outcome_words(result)

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        return []

    @property
    def cancellable(self) -> bool:
        """An exchange of a file is not: it is over in seconds, at most those that a lock is waited for."""
        return False

    def action_hold(self) -> None:
        if self.cancellable:
            super().action_hold()
        else:
            self.say("it is still under way: ^x goes back as soon as it is over")

    def action_stop(self) -> None:
        if self.cancellable:
            super().action_stop()
        else:
            self.leaves = True
            self.say(NOT_HALF)
