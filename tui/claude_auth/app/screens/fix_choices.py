"""What the screen of fixes lets choose: the ways to fix one finding, or what was fixed, to take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol

from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.services import Services
from claude_auth.model import Finding, Fix, Snapshot
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.present.fixes import WAY_BACK, Way, done_lines, done_rows, way_lines, way_rows, ways
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.words import StatusText, abbreviate_home

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, FixResult, UndoFix
    from claude_auth.actions.fixes.records import Done

#: The row for what was done: there is nothing behind it, so that Enter does nothing there.
_DONE = "done"


class Choices(Protocol):
    """What the screen lets choose, by the id of its row. `known`: it was looked once."""

    heading: ClassVar[str]
    idle: ClassVar[str]
    asks: ClassVar[str]
    services: Services
    snapshot: Snapshot
    known: bool

    @property
    def title(self) -> str: ...

    @property
    def first(self) -> str | None:
        """The row that is asked about at once."""

    def look(self) -> Callable[[], str]:
        """Blocks. What takes over what was seen, and gives what to tell of it."""

    def rows(self, result: FixResult | None, width: int) -> list[Row]: ...

    def change(self, row: str, width: int) -> list[Line]:
        """Exactly what would be done."""

    def states(self, row: str) -> frozenset[str]:
        """As in the table of actions."""

    def command(self, row: str) -> str | None:
        """What `y` copies."""

    def remedy(self, row: str) -> Fix | None:
        """The action that Enter goes to."""

    def refusal(self, row: str) -> str | None:
        """Why that can't be done."""

    def question(self, row: str) -> ConfirmDialog: ...

    def action(self, row: str) -> ApplyFix | UndoFix: ...

    def outcome_words(self, result: FixResult) -> list[StatusText]: ...

    @property
    def cancellable(self) -> bool:
        """While a lock is watched nothing is changed yet. An exchange of a file is over in seconds, at most
        those that a lock is waited for."""


class Fixes:
    """The ways to fix `subject`: a finding, or what is possible without one. `diagnosis`: made just now;
    `wanted`: the id of the fix that is asked about first."""

    heading: ClassVar[str] = "fix"
    idle: ClassVar[str] = "nothing was changed yet"
    asks: ClassVar[str] = "Press Enter to apply exactly this: it asks you first."

    def __init__(
        self,
        services: Services,
        snapshot: Snapshot,
        subject: Finding | Preview,
        diagnosis: Diagnosis | None = None,
        wanted: str = "",
    ) -> None:
        self.services, self.snapshot, self.known = services, snapshot, diagnosis is not None
        self.subject, self.wanted = subject, f"apply:{wanted}"
        self.ways: dict[str, Way] = {}
        self.by_hand: tuple[str, ...] = ()
        self.gone = False
        self.usable: bool | None = None
        self.applying: Preview | None = None
        if diagnosis is not None:
            self.take(diagnosis)

    @property
    def title(self) -> str:
        return abbreviate_home(self.subject.title, self.snapshot.places.home)

    @property
    def first(self) -> str | None:
        changes = [row for row, way in self.ways.items() if way.command is None]
        if self.wanted in changes:
            return self.wanted
        leads = any(way.preview.leads for way in self.ways.values())
        return None if leads else next(iter(changes), None)

    def look(self) -> Callable[[], str]:
        fixing = self.services.fixing
        diagnosis = fixing.diagnose(fixing.look(self.snapshot))
        return lambda: self.take(diagnosis)

    def take(self, diagnosis: Diagnosis) -> str:
        self.snapshot = diagnosis.snapshot
        found = next((one for one in diagnosis.findings if _is_same(one, self.subject)), None)
        fixes = found.fixes if found is not None else ()
        self.ways = ways(diagnosis.previews_of(self.subject), fixes)
        self.by_hand = tuple(fix.title for fix in fixes)
        self.usable = diagnosis.resolution.usable
        known = {finding.id for finding in diagnosis.findings}
        self.gone = isinstance(self.subject, Finding) and self.subject.id not in known
        return ""

    def rows(self, result: FixResult | None, width: int) -> list[Row]:
        applied = result is not None and result.outcome == "applied"
        if self.ways:
            done = [worded_row(_DONE, self._done_words(result), width)] if applied else []
            return [*done, *way_rows(self.ways, self.snapshot.places.home, width)]
        if applied:
            return [worded_row(None, self._done_words(result), width)]
        if self.gone:
            return [worded_row(None, self._gone_words(), width)]
        home = self.snapshot.places.home
        steps = [Span(f"→ {abbreviate_home(step, home)}") for step in self.by_hand]
        what = "this is done by hand:" if steps else "what to do stands in the diagnosis"
        words = Span(f"no key and no command fixes this: {what}", "dim")
        return [worded_row(None, span, width) for span in (words, *steps)]

    def _done_words(self, result: FixResult | None) -> Span:
        """What the last fix has come to; what else there is stands below it, to be chosen anew."""
        if result is not None and result.worse is not None:
            return Span(f"✗ it was applied, and now it is worse: {WAY_BACK}", "fail")
        if self.gone:
            return self._gone_words()
        if self.applying is not None and self.applying.variable is not None:
            return Span("✓ applied: a new shell won't have it, this one still has the old value", "ok")
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
        return None if "way" in self.states(row) else "there is nothing to apply"

    def question(self, row: str) -> ConfirmDialog:
        home, way = self.snapshot.places.home, self.ways[row]
        return ConfirmDialog(
            "Apply exactly this?", maker=lambda width: way_lines(way, home, width), agree="apply it"
        )

    def action(self, row: str) -> ApplyFix:
        self.applying = self.ways[row].preview
        return self.services.fixing.apply(self.applying, self.snapshot)

    @property
    def cancellable(self) -> bool:
        return self.applying is not None and isinstance(self.applying.change, LockRemoval)

    def outcome_words(self, result: FixResult) -> list[StatusText]:
        if result.outcome == "refused":
            if result.again is None:
                return []  # said as the last step already
            return [StatusText("▲", "the preview shows the change as it is now: Enter asks anew", "warn")]
        back = "" if result.number is None else f"; {WAY_BACK}"
        if result.worse is not None:
            return [StatusText("✗", f"applied, and now it is worse: {result.worse}{back}", "fail")]
        if result.gone is False:
            return [StatusText("▲", "applied, but the finding is still there: see what is left", "warn")]
        done = "applied" if result.gone is None else "the finding is gone"
        if result.gone and self.applying is not None and self.applying.variable is not None:
            done = "the finding is gone in a new shell; this one still has the variable"
        if result.gone and result.usable is False:
            return [StatusText("▲", f"{done}, but no request can go out yet: see what is left{back}", "warn")]
        return [StatusText("✓", f"{done}{back}", "ok")]


class Undos:
    """What was fixed on this machine, to take back."""

    heading: ClassVar[str] = "undo a fix"
    idle: ClassVar[str] = "nothing was taken back yet"
    asks: ClassVar[str] = "Press Enter to take it back: it asks you first."
    title: ClassVar[str] = "What was fixed"
    first: ClassVar[None] = None

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        self.services, self.snapshot, self.known = services, snapshot, False
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
        return f"{notes} can't be read: `claude-auth fix --list` names it"

    def rows(self, result: FixResult | None, width: int) -> list[Row]:
        return done_rows(self.done, self.snapshot.places.home, self.services.host.clock(), width)

    def change(self, row: str, width: int) -> list[Line]:
        one, home, now = self.done.get(row), self.snapshot.places.home, self.services.host.clock()
        return [] if one is None else done_lines(one, home, now, width)

    def states(self, row: str) -> frozenset[str]:
        return frozenset({"undo"})

    def command(self, row: str) -> str | None:
        return None

    @property
    def cancellable(self) -> bool:
        return False

    def remedy(self, row: str) -> Fix | None:
        return None

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


def worded_row(row: str | None, words: Span, width: int) -> Row:
    return Row(row, wrap(line(words), width, 2))


def _is_same(finding: Finding, subject: Finding | Preview) -> bool:
    return isinstance(subject, Finding) and (finding.id, finding.source) == (subject.id, subject.source)
