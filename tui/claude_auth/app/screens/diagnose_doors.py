"""What the screens of the diagnosis and of the fixes ask for, by way of the dashboard's doors. Tests change
its attributes. What is imported here is imported when it is asked for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from claude_auth.app.eyes import merge_evaluations
from claude_auth.app.screens.doors import Doors
from claude_auth.model import Snapshot
from claude_auth.present.diagnosis import Diagnosis

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, Sleep, UndoFix
    from claude_auth.actions.fixes.plans import Preview
    from claude_auth.actions.fixes.records import Done, Records

PROGRAM = "claude-auth"


class DiagnoseDoors:
    """All but the actions themselves block: they are for a worker's thread."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.sleep: Sleep = asyncio.sleep
        self.monotonic: Callable[[], float] = time.monotonic

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def look(self, old: Snapshot) -> Snapshot:
        """The machine as it is now, with what was evaluated before and still holds."""
        return merge_evaluations(old, self.doors.look())

    def diagnose(self, snapshot: Snapshot) -> Diagnosis:
        from claude_auth.actions.fixes.shells import own_program, shell_of

        shell, program = shell_of(self.doors.environ), own_program(self.doors.environ)
        return Diagnosis.of(snapshot, self.doors.client, self.doors.version, shell=shell, program=program)

    # ── fixing ───────────────────────────────────────────────────────────────────────────────────

    @property
    def records(self) -> Records:
        from claude_auth.actions.fixes.records import Records

        return Records(self.doors.journal.directory)

    def running(self, config_dir: str) -> Collection[int] | None:
        return self.doors.running(config_dir)

    def apply(self, preview: Preview, old: Snapshot) -> ApplyFix:
        from claude_auth.actions.fixes.action import ApplyFix

        return ApplyFix(
            preview,
            look=lambda: self.look(old),
            client=self.doors.client,
            version=self.doors.version,
            records=self.records,
            running=self.running,
            clock=self.doors.clock,
            sleep=self.sleep,
            monotonic=self.monotonic,
        )

    def undo(self, number: int, old: Snapshot) -> UndoFix:
        from claude_auth.actions.fixes.action import UndoFix

        return UndoFix(
            number,
            look=lambda: self.look(old),
            records=self.records,
            running=self.running,
            clock=self.doors.clock,
        )

    def done(self) -> tuple[Done, ...]:
        """What was fixed on this machine, the newest first."""
        from claude_auth.actions.fixes.records import Done

        records = self.records
        return tuple(Done(record, records.is_undone(record.number)) for record in reversed(records.all()))

    def unreadable(self) -> int:
        """How many notes of earlier fixes can't be read: those can't be taken back from here."""
        return len(self.records.unreadable())

    # ── the report ───────────────────────────────────────────────────────────────────────────────

    def report(self, diagnosis: Diagnosis) -> str:
        """As `claude-auth report` makes it: Markdown without secrets and without names."""
        from claude_auth.present.support_report import (
            MOST_LINES,
            handout_document,
            handout_text,
            last_lines,
            versions,
        )

        document = handout_document(
            diagnosis.snapshot,
            diagnosis.resolution,
            diagnosis.findings,
            versions=versions(),
            journal=last_lines(MOST_LINES, self.doors.journal.directory),
            checks=diagnosis.checks or (),
        )
        return handout_text(document)

    def save_report(self, text: str) -> str:
        """The path of the file, which nobody else can read. Raises OSError."""
        from claude_auth.journal import export

        lines = text.rstrip("\n").split("\n")
        return export(lines, self.doors.clock(), self.doors.journal.directory, name="report", ending="md")
