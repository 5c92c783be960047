"""Fixing one thing, and taking a fix back: what can be chosen, the exact change, and, once it was agreed to,
the change made and looked at again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult

from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.actions.look import NOT_OWNER
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Finding, Fix, Snapshot
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.present.fixes import Way, done_lines, done_rows, way_lines, way_rows, ways
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, abbreviate_home

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, FixResult, UndoFix
    from claude_auth.actions.fixes.records import Done

UNDER_WAY = "it is under way"
OF_OTHERS = f"not from here: {NOT_OWNER}"
NOT_HALF = "it can’t be broken off half-way: this goes back as soon as it is over"
ABOUT_CHOICES = (
    "What can be done here, as the preview shows it. Enter asks, and then does what stands under the cursor, "
    "or goes to its screen; y copies it where it is a command. tab goes to the preview, to scroll it."
)
ABOUT_CHANGE = "Exactly what would be changed, and where. Nothing is done before you have agreed."
#: The row for what was done: there is nothing behind it, so that Enter does nothing there.
_DONE = "done"


class Choices:
    """What the screen lets choose, by the id of its row. `known`: it was looked once."""

    heading: ClassVar[str]
    idle: ClassVar[str]
    asks: ClassVar[str]

    def __init__(self, services: Services, snapshot: Snapshot, *, known: bool = False) -> None:
        self.services, self.snapshot, self.known = services, snapshot, known

    @property
    def title(self) -> str:
        raise NotImplementedError

    def look(self) -> Callable[[], str]:
        """Blocks. What takes over what was seen, and gives what to tell of it."""
        raise NotImplementedError

    def rows(self, result: FixResult | None, width: int) -> list[Row]:
        raise NotImplementedError

    def change(self, row: str, width: int) -> list[Line]:
        """Exactly what would be done."""
        raise NotImplementedError

    def states(self, row: str) -> frozenset[str]:
        """As in the table of actions."""
        raise NotImplementedError

    def command(self, row: str) -> str | None:
        """What `y` copies."""
        return None

    def remedy(self, row: str) -> Fix | None:
        """The action that Enter goes to."""
        return None

    def refusal(self, row: str) -> str | None:
        """Why that can't be done."""
        raise NotImplementedError

    def question(self, row: str) -> ConfirmDialog:
        raise NotImplementedError

    def action(self, row: str) -> ApplyFix | UndoFix:
        raise NotImplementedError

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        raise NotImplementedError


class Fixes(Choices):
    """The ways to fix `subject`: a finding, or what is possible without one. `diagnosis`: made just now."""

    heading = "fix"
    idle = "nothing was changed yet"
    asks = "Press Enter to apply exactly this: it asks you first."

    def __init__(
        self,
        services: Services,
        snapshot: Snapshot,
        subject: Finding | Preview,
        diagnosis: Diagnosis | None = None,
    ) -> None:
        super().__init__(services, snapshot, known=diagnosis is not None)
        self.subject = subject
        self.ways: dict[str, Way] = {}
        self.gone = False
        self.usable: bool | None = None
        self.applying: Preview | None = None
        if diagnosis is not None:
            self.take(diagnosis)

    @property
    def title(self) -> str:
        return clean(abbreviate_home(self.subject.title, self.snapshot.places.home), 200)

    def look(self) -> Callable[[], str]:
        fixing = self.services.fixing
        diagnosis = fixing.diagnose(fixing.look(self.snapshot))
        return lambda: self.take(diagnosis)

    def take(self, diagnosis: Diagnosis) -> str:
        self.snapshot = diagnosis.snapshot
        found = next((one for one in diagnosis.findings if _is_same(one, self.subject)), None)
        self.ways = ways(diagnosis.previews_of(self.subject), found.fixes if found is not None else ())
        self.usable = diagnosis.resolution.usable
        known = {finding.id for finding in diagnosis.findings}
        self.gone = isinstance(self.subject, Finding) and self.subject.id not in known
        return ""

    def rows(self, result: FixResult | None, width: int) -> list[Row]:
        applied = result is not None and result.outcome == "applied"
        if self.ways:
            done = [_row(_DONE, self._done_words(result), width)] if applied else []
            return [*done, *way_rows(self.ways, self.snapshot.places.home, width)]
        if applied:
            return [_row(None, self._done_words(result), width)]
        if self.gone:
            return [_row(None, self._gone_words(), width)]
        words = "no key and no command fixes this: what to do stands in the diagnosis"
        return [_row(None, Span(words, "dim"), width)]

    def _done_words(self, result: FixResult | None) -> Span:
        """What the last fix has come to; what else there is stands below it, to be chosen anew."""
        if result is not None and result.worse is not None:
            return Span("✗ it was applied, and now it is worse: z on the diagnosis takes it back", "fail")
        if self.gone:
            return self._gone_words()
        if self.ways:
            return Span("✓ applied: what else can be done stands below", "ok")
        return Span("✓ applied: what is left to do stands in the diagnosis", "ok")

    def _gone_words(self) -> Span:
        if self.usable is False:
            words = "▲ this finding is gone, but no request can go out yet: the diagnosis says why"
            return Span(words, "warn")
        return Span("✓ this finding is gone: there is nothing left to do here", "ok")

    def change(self, row: str, width: int) -> list[Line]:
        way = self.ways.get(row)
        return [] if way is None else way_lines(way, self.snapshot.places.home, width)

    def command(self, row: str) -> str | None:
        way = self.ways.get(row)
        return None if way is None else way.command

    def states(self, row: str) -> frozenset[str]:
        way = self.ways.get(row)
        if way is None:
            return frozenset()
        if way.command is None:
            return frozenset({"way"})
        return frozenset({"command"} if way.action is None else {"command", "action"})

    def remedy(self, row: str) -> Fix | None:
        way = self.ways.get(row)
        return None if way is None else way.action

    def refusal(self, row: str) -> str | None:
        return None if "way" in self.states(row) else "there is nothing to apply here"

    def question(self, row: str) -> ConfirmDialog:
        home, way = self.snapshot.places.home, self.ways[row]
        return ConfirmDialog(
            "Apply exactly this?", maker=lambda width: way_lines(way, home, width), agree="apply it"
        )

    def action(self, row: str) -> ApplyFix:
        self.applying = self.ways[row].preview
        return self.services.fixing.apply(self.applying, self.snapshot)

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        if result.outcome == "refused":
            if result.again is None:
                return []  # said as the last step already
            return [StatusText("▲", "the preview shows the change as it is now: Enter asks anew", "warn")]
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


class Undos(Choices):
    """What was fixed on this machine, to take back."""

    heading = "undo a fix"
    idle = "nothing was taken back yet"
    asks = "Press Enter to take it back: it asks you first."
    title = "What was fixed"

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        super().__init__(services, snapshot)
        self.done: dict[str, Done] = {}

    def look(self) -> Callable[[], str]:
        fixing = self.services.fixing
        done, unreadable = fixing.applied(), fixing.unreadable()
        return lambda: self.take(done, unreadable)

    def take(self, done: Sequence[Done], unreadable: int) -> str:
        self.done = {str(one.record.number): one for one in done}
        if not unreadable:
            return ""
        notes = "one note of a fix" if unreadable == 1 else f"{unreadable} notes of fixes"
        return f"{notes} can’t be read: `claude-auth fix --list` names it"

    def rows(self, result: FixResult | None, width: int) -> list[Row]:
        return done_rows(self.done, self.snapshot.places.home, self.services.host.clock(), width)

    def change(self, row: str, width: int) -> list[Line]:
        one, home, now = self.done.get(row), self.snapshot.places.home, self.services.host.clock()
        return [] if one is None else done_lines(one, home, now, width)

    def states(self, row: str) -> frozenset[str]:
        return frozenset({"undo"})

    def refusal(self, row: str) -> str | None:
        one = self.done.get(row)
        if one is None:
            return "there is nothing to take back"
        return "this one was taken back already" if one.undone else None

    def question(self, row: str) -> ConfirmDialog:
        return ConfirmDialog(
            "Take this back?", maker=lambda width: self.change(row, width), agree="take it back"
        )

    def action(self, row: str) -> UndoFix:
        return self.services.fixing.undo(self.done[row].record.number, self.snapshot)

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        if result.outcome == "refused":
            return []  # said as the last step already
        return [StatusText("✓", "taken back: the diagnosis shows what that means", "ok")]


class FixScreen(ActionScreen):
    CSS_PATH = sheet("fix")
    AUTO_FOCUS = "#choices"
    BINDINGS = bindings("fix")

    def __init__(self, services: Services, choices: Choices) -> None:
        super().__init__(services, choices.snapshot)
        self.heading, self.choices = choices.heading, choices
        self.action: ApplyFix | UndoFix | None = None
        #: For what action it was left.
        self.remedy: Fix | None = None
        self.looking, self.failed, self.leaves = not choices.known, False, False

    def compose_content(self) -> ComposeResult:
        listed = ChoiceList(self._rows, id="choices", classes="panel")
        change = LineView(self._change, id="change", classes="panel")
        listed.about, change.about = ABOUT_CHOICES, ABOUT_CHANGE
        yield from (listed, change, Steps(self.snapshot.places.home, idle=self.choices.idle))

    def opened(self) -> None:
        self.listed.entitle(self.choices.title)
        self.preview.entitle("Preview")
        self.steps.entitle("Steps")
        if self.looking:
            self.look_again()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def listed(self) -> RowView:
        return self.query_one("#choices", RowView)

    @property
    def preview(self) -> LineView:
        return self.query_one("#change", LineView)

    @property
    def row(self) -> str:
        """What stands under the cursor."""
        return self.listed.cursor or ""

    @property
    def result(self) -> FixResult | None:
        return None if self.action is None else self.action.result

    def _rows(self, width: int) -> list[Row]:
        if not self.choices.known:
            words = Span("looking", "dim")
            if self.failed:
                words = Span("? not known: the look at this machine failed", "warn")
            return [_row(None, words, width)]
        return self.choices.rows(self.result, width)

    def _change(self, width: int) -> list[Line]:
        found = self.choices.change(self.row, width)
        if found and self.choices.refusal(self.row) is None:
            found += wrap(line(self.choices.asks), width)
        return found

    def show(self) -> None:
        self.listed.show_rows(self._rows)
        self.preview.show()
        self.set_class(not self.listed.choices, "-nothing")
        self.refresh_bindings()
        self._go_to_the_command()

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.preview.show()
        self.preview.scroll_home(animate=False)
        self.refresh_bindings()

    @on(RowView.Chosen)
    def chosen(self) -> None:
        self.preview.focus()

    @work(exclusive=True, exit_on_error=False, group="look")
    async def look_again(self) -> None:
        take = await asyncio.to_thread(self.choices.look)
        notice = take()
        self.looking, self.failed, self.choices.known = False, False, True
        self.snapshot = self.choices.snapshot
        if self.result is not None and self.result.outcome == "applied":
            self.listed.cursor = None  # on nothing that a second Enter would do
        self.show()
        if notice:
            self.show_notice(notice)

    def after_worker(self, group: str, error: BaseException | None) -> None:
        super().after_worker(group, error)
        if group == "look" and error is not None:
            self.looking, self.failed = False, True
            self.show()
            self.show_notice(f"that look failed ({type(error).__name__})")

    def _go_to_the_command(self) -> None:
        """Where a fix was refused but can be done by hand, `y` copies how."""
        result, choices = self.result, self.choices
        if result is None or result.outcome != "refused" or result.again is not None:
            return
        for row in self.listed.choices:
            command = choices.command(row)
            if command is not None and command in result.next_step:
                self.listed.go_to(row)
                self.show_notice("y copies the command")
                return

    # ── doing it ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        return super().states() | self.choices.states(self.row)

    def refusal(self, action: str) -> str | None:
        if action not in ("apply", "take_back", "go"):
            return super().refusal(action)
        if self.running:
            return UNDER_WAY
        if action == "go":
            return None
        if self.looking:
            return "the machine is being looked at: a moment"
        return self.choices.refusal(self.row) if self.services.host.ours() else OF_OTHERS

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_apply(self) -> None:
        if self.refuses("apply"):
            return
        row = self.row
        if not await self.wait_for(self.choices.question(row)) or self.refuses("apply"):
            return
        self.action = self.choices.action(row)
        self.add_class("-started")
        self.steps.conclude()
        self.begin(self.action.events())

    action_take_back = action_apply

    def action_go(self) -> None:
        if not self.refuses("go"):
            self.remedy = self.choices.remedy(self.row)
            self.dismiss(self.started)

    def action_copy(self) -> None:
        command = self.choices.command(self.row)
        if command is None:
            return
        if clean(command, len(command)) != command:  # say an end of the paste, and then a command
            self.show_notice("not copied: a name in it has characters that a terminal would act on")
            return
        self.send_to_clipboard(command, "the command")

    def over(self) -> None:
        if self.leaves:
            self.dismiss(self.started)
            return
        self.looking = True
        self.look_again()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if self.cancelled and self.result is None:
            return [StatusText("·", "cancelled; what stands there now is looked at again", "plain")]
        if problem is not None or self.result is None:
            return super().conclusion(problem)
        return self.choices.outcome_words(self.result)

    # ── leaving ──────────────────────────────────────────────────────────────────────────────────

    @property
    def cancellable(self) -> bool:
        """While a lock is watched nothing is changed yet. An exchange of a file is over in seconds, at most
        those that a lock is waited for."""
        applying = self.choices.applying if isinstance(self.choices, Fixes) else None
        return applying is not None and isinstance(applying.change, LockRemoval)

    async def cancel(self) -> None:
        self.workers.cancel_group(self, "action")

    def action_stop(self) -> None:
        if self.cancellable:
            super().action_stop()
        else:
            self.leaves = True
            self.show_notice(NOT_HALF)

    def action_leave(self) -> None:
        if self.running and not self.cancellable:
            self.show_notice("it is still under way: ^x goes back as soon as it is over")
        else:
            super().action_leave()


class ChoiceList(RowView, inherit_bindings=False):
    """Enter is the screen's."""

    BINDINGS = bindings("walk", "walk-pages")


def _is_same(finding: Finding, subject: Finding | Preview) -> bool:
    return isinstance(subject, Finding) and (finding.id, finding.source) == (subject.id, subject.source)


def _row(row: str | None, words: Span, width: int) -> Row:
    return Row(row, wrap(line(words), width, 2))
