"""Fixing one thing: the ways, the exact change, and on `y` the change made and looked at again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.actions.fixes.records import Done
from claude_auth.app.eyes import NOT_OWNER
from claude_auth.app.screens.acting import Acting, Told
from claude_auth.app.screens.diagnose_doors import DiagnoseDoors
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Finding, Snapshot
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.present.fixes import Way, done_lines, done_rows, way_lines, way_rows, ways
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, abbreviate_home

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, FixResult, UndoFix


#: A key that was pressed twice agrees to nothing that came in between.
READING_SECONDS = 0.7
#: The row for what was done: there is nothing behind it, so that `y` does nothing there.
_DONE = "done"
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


class Fix(Previewing):
    """`subject`: a finding, or what is possible without one. `diagnosis`: where it was made just now."""

    heading = "fix"
    idle = "nothing was changed yet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "apply", "Apply", tooltip="Apply the change that the preview shows", id="fix.apply"),
        Binding("y", "copy", "Copy", tooltip="Copy the command under the cursor", id="fix.copy"),
    ]

    def __init__(
        self,
        doors: DiagnoseDoors,
        snapshot: Snapshot,
        subject: Finding | Preview,
        told: Told = lambda event: None,
        *,
        diagnosis: Diagnosis | None = None,
    ) -> None:
        super().__init__(doors, snapshot, told)
        self.subject = subject
        self.ways: dict[str, Way] = {}
        self.looking = diagnosis is None
        self.applying: Preview | None = None
        self.gone = False
        self.usable: bool | None = None
        self.readable_at = 0.0
        #: Since the ways were looked at again nobody has moved: another one may stand under the cursor.
        self.unread = False
        if diagnosis is not None:
            self._take(diagnosis)

    def _take(self, diagnosis: Diagnosis) -> None:
        self.snapshot = diagnosis.snapshot
        self.ways = ways(diagnosis.previews_of(self.subject))
        self.usable = diagnosis.resolution.usable
        self.gone = isinstance(self.subject, Finding) and self.subject.id not in {
            finding.id for finding in diagnosis.findings
        }

    def opened(self) -> None:
        home = self.snapshot.places.home
        self.choices.entitle(clean(abbreviate_home(self.subject.title, home), 200))
        self.query_one(Change).entitle("Preview")
        self.steps.entitle("Steps")
        if self.looking:
            self.look_again()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def way(self) -> Way | None:
        return self.ways.get(self.choices.cursor or "")

    def rows(self, width: int) -> list[Row]:
        if self.ways:
            done = [Row(_DONE, wrap(line(self._done_words()), width, 2))] if self._has_applied else []
            return [*done, *way_rows(self.ways, self.snapshot.places.home, width)]
        words = self.unknown()
        if words is None and self._has_applied:
            words = self._done_words()
        elif words is None and self.gone:
            words = _gone_words(self.usable)
        elif words is None:
            words = Span("no key and no command fixes this: what to do stands in the diagnosis", "dim")
        return [Row(None, wrap(line(words), width, 2))]

    @property
    def _has_applied(self) -> bool:
        return self.result is not None and self.result.outcome == "applied"

    def _done_words(self) -> Span:
        """What the last fix has come to; what else there is stands below it, to be chosen anew."""
        result = self.result
        if result is not None and result.worse is not None:
            return Span("✗ it was applied, and now it is worse: z on the diagnosis takes it back", "fail")
        if self.gone:
            return _gone_words(self.usable)
        if self.ways:
            return Span("✓ applied: what else can be done stands below", "ok")
        return Span("✓ applied: what is left to do stands in the diagnosis", "ok")

    def preview(self, width: int) -> list[Line]:
        way = self.way
        return [] if way is None else way_lines(way, self.snapshot.places.home, width)

    def look(self) -> Callable[[], None]:
        doors = self.diagnose_doors
        diagnosis = doors.diagnose(doors.look(self.snapshot))

        def take() -> None:
            self._take(diagnosis)
            if self._has_applied:
                self.choices.cursor = None  # on no other way that `y` would apply
            if self.started:
                self.readable_at = time.monotonic() + READING_SECONDS
                self.unread = True

        return take

    def show(self) -> None:
        super().show()
        self._go_to_the_command()

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action == "apply":
            return self.hindrance() or ("there is nothing to apply" if self.way is None else None)
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        copies = self.way is not None and self.way.command is not None
        if action in ("apply", "copy"):
            return copies is (action == "copy")
        return super().check_action(action, parameters)

    def action_apply(self) -> None:
        refused, way = self.refusal("apply"), self.way
        if refused is not None or way is None:
            self.say(refused or "")
            return
        moved_by_us = self.unread and self.applying is not None and way.preview.id != self.applying.id
        if moved_by_us or time.monotonic() < self.readable_at:
            step = "press Enter, read it, then press y" if moved_by_us else "read it, then press y"
            self.say(f"another preview stands here now: {step}")
            return
        self.applying = way.preview
        self.carry_out(self.diagnose_doors.apply(way.preview, self.snapshot))

    def on_key(self, event: events.Key) -> None:
        if event.key != "y":
            self.unread = False

    def action_copy(self) -> None:
        command = self.way.command if self.way is not None else None
        if command is None:
            return
        if clean(command, len(command)) != command:  # say an end of the paste, and then a command
            self.say("not copied: a name in it has characters that a terminal would act on")
            return
        self.send_to_clipboard(command, "the command")

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        if result.outcome == "refused":
            if result.again is None:
                return []  # said as the last step already
            return [StatusText("▲", "the preview shows the change as it is now: y asks anew", "warn")]
        back = "" if result.number is None else "; z on the diagnosis takes it back"
        if result.worse is not None:
            return [
                StatusText("✗", f"applied, and now it is worse: {clean(result.worse, 300)}{back}", "fail")
            ]
        if result.gone is False:
            return [StatusText("▲", "applied, but the finding is still there: see what is left", "warn")]
        done = "applied" if result.gone is None else "the finding is gone"
        if result.gone and self.applying is not None and self.applying.variable is not None:
            done = "the finding is gone in a new shell; this one still has the variable"
        if result.gone and result.usable is False:
            return [StatusText("▲", f"{done}, but no request can go out yet: see what is left{back}", "warn")]
        return [StatusText("✓", f"{done}{back}", "ok")]

    def _go_to_the_command(self) -> None:
        """Where a fix was refused but can be done by hand, `y` copies how."""
        result = self.result
        if result is None or result.outcome != "refused" or result.again is not None:
            return
        for key, way in self.ways.items():
            if way.command is not None and way.command in result.next_step:
                self.choices.go_to(key)
                self.say("y copies the command")
                return

    @property
    def cancellable(self) -> bool:
        """While a lock is watched nothing is changed yet."""
        return self.applying is not None and isinstance(self.applying.change, LockRemoval)

    async def cancel(self) -> None:
        self.workers.cancel_group(self, "action")

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if self.cancelled and self.result is None:
            return [StatusText("·", "cancelled; what stands there now is looked at again", "plain")]
        return super().conclusion(problem)


def _gone_words(usable: bool | None) -> Span:
    if usable is False:
        words = "▲ this finding is gone, but no request can go out yet: the diagnosis says why"
        return Span(words, "warn")
    return Span("✓ this finding is gone: there is nothing left to do here", "ok")


class Undo(Previewing):
    heading = "undo a fix"
    idle = "nothing was taken back yet"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "apply", "Take back", tooltip="Take back what the preview shows", id="undo.apply"),
    ]

    def __init__(self, doors: DiagnoseDoors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__(doors, snapshot, told)
        self.done: dict[str, Done] = {}
        self.looking = True

    def opened(self) -> None:
        self.choices.entitle("What was fixed")
        self.query_one(Change).entitle("Preview")
        self.steps.entitle("Steps")
        self.look_again()

    @property
    def one(self) -> Done | None:
        return self.done.get(self.choices.cursor or "")

    def rows(self, width: int) -> list[Row]:
        unknown = self.unknown()
        if unknown is not None and not self.done:
            return [Row(None, wrap(line(unknown), width, 2))]
        return done_rows(self.done, self.snapshot.places.home, self.doors.clock(), width)

    def preview(self, width: int) -> list[Line]:
        one = self.one
        return [] if one is None else done_lines(one, self.snapshot.places.home, self.doors.clock(), width)

    def look(self) -> Callable[[], None]:
        done = {str(one.record.number): one for one in self.diagnose_doors.done()}
        unreadable = self.diagnose_doors.unreadable()

        def take() -> None:
            self.done = done
            if unreadable:
                notes = "one note of a fix" if unreadable == 1 else f"{unreadable} notes of fixes"
                self.say(f"{notes} can’t be read: `claude-auth fix --list` names it")

        return take

    def refusal(self, action: str) -> str | None:
        if action != "apply":
            return None
        hindrance = self.hindrance()
        if hindrance is not None:
            return hindrance
        if self.one is None:
            return "there is nothing to take back"
        return "this one was taken back already" if self.one.undone else None

    def action_apply(self) -> None:
        refused, one = self.refusal("apply"), self.one
        if refused is not None or one is None:
            self.say(refused or "")
            return
        self.carry_out(self.diagnose_doors.undo(one.record.number, self.snapshot))

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        if result.outcome == "refused":
            return []  # said as the last step already
        return [StatusText("✓", "taken back: the diagnosis shows what that means", "ok")]
