"""The dashboard on a real home with something to fix, with a journal and the copies of fixes beside it."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from claude_auth.actions.fixes.records import Done, Record
from claude_auth.app.app import DashboardApp
from claude_auth.app.eyes import Eyes
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.diagnose import Diagnose
from claude_auth.app.screens.diagnose_doors import DiagnoseDoors
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.fix import Fix, Undo
from claude_auth.journal import Journal
from claude_auth.model import Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.sandbox import scenes
from tests.actions.fixes.machines import Machine
from tests.app.stage import Scripted, Stage


class FixStage(Stage):
    """On real files: what is applied is applied."""

    def __init__(self, machine: Machine, **eyes: Any) -> None:
        self.machine = machine
        told = {"look": machine.look, "evaluate": lambda snapshot, client, version: snapshot, **eyes}
        self.eyes = Eyes(**told)
        journal = Journal(str(machine.root / "state"))
        self.doors = Doors(  # type: ignore[assignment]
            self.eyes, home=str(machine.home), environ=machine.environ, journal=journal
        )
        self.app = DashboardApp(self.doors, DashboardState.of(machine.look(), machine.client))

    async def diagnose(self, pilot: Pilot[int], at: str | None = None) -> Diagnose:
        """Opened, looked, with the cursor on a row."""
        await pilot.press("d")
        await self.until(pilot, lambda: isinstance(self.app.screen, Diagnose))
        screen = self.app.screen
        assert isinstance(screen, Diagnose)
        await self.until(pilot, lambda: screen.diagnosis.checks is not None)
        if at is not None:
            row = next((row for row in screen.found.choices if row.split("#")[0] == at), None)
            assert row is not None, screen.found.choices
            screen.found.go_to(row)
            await self.settle(pilot)
        return screen

    async def fix(self, pilot: Pilot[int], at: str, way: str | None = None) -> Fix:
        """The preview of a way to fix it."""
        await self.diagnose(pilot, at)
        await pilot.press("f")
        await self.until(pilot, lambda: isinstance(self.app.screen, Fix))
        screen = self.app.screen
        assert isinstance(screen, Fix)
        if way is not None:
            assert f"apply:{way}" in screen.ways, list(screen.ways)
            screen.choices.go_to(f"apply:{way}")
        await self.settle(pilot)
        return screen

    async def over(self, pilot: Pilot[int], screen: Fix | Undo) -> None:
        await self.until(pilot, lambda: screen.started and not screen.running and not screen.looking)

    async def read(self, pilot: Pilot[int], screen: Fix) -> None:
        """As long as one needs to see that the preview is another one."""
        await self.until(pilot, lambda: time.monotonic() > screen.readable_at)

    async def undo(self, pilot: Pilot[int]) -> Undo:
        await pilot.press("z")
        await self.until(pilot, lambda: isinstance(self.app.screen, Undo))
        screen = self.app.screen
        assert isinstance(screen, Undo)
        await self.until(pilot, lambda: not screen.looking)
        return screen

    def log(self) -> str:
        """What the dashboard's log says."""
        dashboard = self.app.screen_stack[0]
        assert isinstance(dashboard, Dashboard)
        return "\n".join(change.text for change in dashboard.scene.log)


class FixedDoors(DiagnoseDoors):
    """Told in fixed paths and owners, for pictures; what is applied is scripted."""

    def __init__(self, doors: Doors, laid: scenes.Scene, directory: Path) -> None:
        super().__init__(doors)
        self.laid, self.directory = laid, directory
        self.end_with: Any = None
        self.scripted: list[Scripted] = []
        self.records_told: tuple[Record, ...] = ()

    def diagnose(self, snapshot: Snapshot) -> Diagnosis:
        view = scenes.lay_out(self.laid, self.directory)
        told = scenes.told(super().diagnose(view.look(scenes.NOW)), view)
        return told._replace(snapshot=dataclasses.replace(told.snapshot, machine=self.laid.host))

    def apply(self, preview: Any, old: Snapshot) -> Any:
        self.scripted.append(Scripted(self.end_with))
        return self.scripted[-1]

    def undo(self, number: int, old: Snapshot) -> Any:
        self.scripted.append(Scripted(self.end_with))
        return self.scripted[-1]

    def done(self) -> tuple[Done, ...]:
        return tuple(Done(record, record.number == 1) for record in self.records_told)
