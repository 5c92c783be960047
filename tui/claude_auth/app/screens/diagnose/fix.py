"""Fixing one thing: the ways, the exact change, and on `y` the change made and looked at again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType

from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.diagnose.doors import DiagnoseDoors
from claude_auth.app.screens.diagnose.previewing import Change, Previewing
from claude_auth.model import Finding, Snapshot
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.present.fixes import Way, way_lines, way_rows, ways
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, abbreviate_home

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import FixResult

#: A key that was pressed twice agrees to nothing that came in between.
READING_SECONDS = 0.7
#: The row for what was done: there is nothing behind it, so that `y` does nothing there.
_DONE = "done"


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
