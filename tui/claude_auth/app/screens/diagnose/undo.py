"""Taking a fix back: what was fixed on this machine, what the undo of each does, and `y` to do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from claude_auth.actions.fixes.records import Done
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.diagnose.doors import DiagnoseDoors
from claude_auth.app.screens.diagnose.previewing import Change, Previewing
from claude_auth.model import Snapshot
from claude_auth.present.fixes import done_lines, done_rows
from claude_auth.present.lines import Line, Row, line, wrap
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import FixResult


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
