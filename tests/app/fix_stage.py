"""The dashboard on a real home with something to fix, with a journal and the copies of fixes beside it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from claude_auth.actions.fixes.records import Done, Record
from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.diagnose import DiagnoseScreen
from claude_auth.app.screens.fix import FixScreen
from claude_auth.app.screens.fix_choices import Fixes, Undos
from claude_auth.app.services import Fixing, Services
from claude_auth.journal import Journal
from claude_auth.model import Snapshot
from claude_auth.model.surroundings import Surroundings
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.diagnosis import Diagnosis
from claude_auth.present.fixes import Way
from claude_auth.sandbox import scenes
from claude_auth.sandbox.machines import CREDENTIALS
from claude_auth.sandbox.scenes import NOW
from tests.actions.fixes.machines import Machine
from tests.app.stage import Scripted, Stage


class FixStage(Stage):
    """On real files: what is applied is applied."""

    def __init__(self, machine: Machine, **eyes: Any) -> None:
        self.machine = machine
        told = {"look": machine.look, "evaluate": lambda snapshot, client, version: snapshot, **eyes}
        self.eyes = HostObserver(**told)
        journal = Journal(str(machine.root / "state"))
        self.services = Services(  # type: ignore[assignment]
            self.eyes, home=str(machine.home), environ=machine.environ, journal=journal
        )
        self.app = DashboardApp(self.services, DashboardState.of(machine.look(), machine.client))

    async def diagnose(self, pilot: Pilot[int], at: str | None = None) -> DiagnoseScreen:
        """Opened, looked, with the cursor on a row."""
        await pilot.press("d")
        await self.until(pilot, lambda: isinstance(self.app.screen, DiagnoseScreen))
        screen = self.app.screen
        assert isinstance(screen, DiagnoseScreen)
        await self.until(pilot, lambda: screen.diagnosis.checks is not None)
        if at is not None:
            row = next((row for row in screen.found.choices if row.split("#")[0] == at), None)
            assert row is not None, screen.found.choices
            screen.found.go_to(row)
            await self.settle(pilot)
        return screen

    async def fix(self, pilot: Pilot[int], at: str, way: str | None = None) -> FixScreen:
        """The preview of a way to fix it."""
        await self.diagnose(pilot, at)
        await pilot.press("f")
        screen = await all_ways(self, pilot)
        if way is not None:
            assert f"apply:{way}" in ways(screen), list(ways(screen))
            screen.listed.go_to(f"apply:{way}")
        await self.settle(pilot)
        return screen

    async def over(self, pilot: Pilot[int], screen: FixScreen) -> None:
        await self.until(pilot, lambda: screen.started and not screen.running and not screen.looking)

    async def undo(self, pilot: Pilot[int]) -> FixScreen:
        await pilot.press("z")
        await self.until(pilot, lambda: undoes(self))
        screen = self.app.screen
        assert isinstance(screen, FixScreen)
        await self.until(pilot, lambda: not screen.looking)
        return screen

    def log(self) -> str:
        """What the dashboard's log says."""
        dashboard = self.app.screen_stack[0]
        assert isinstance(dashboard, Dashboard)
        return "\n".join(change.text for change in dashboard.scene.log)


async def all_ways(stage: Stage, pilot: Pilot[int]) -> FixScreen:
    """The screen with all ways, where the question about the first is answered with no."""
    app = stage.app
    await stage.until(pilot, lambda: any(isinstance(one, FixScreen) for one in app.screen_stack))
    screen = next(one for one in app.screen_stack if isinstance(one, FixScreen))

    def is_asked() -> bool:
        workers = [w for w in app.workers if w.node is screen and w.group in ("ask", "look")]
        question = app.screen
        if isinstance(question, ConfirmDialog):
            return question.shown_at is not None
        return all(worker.is_finished for worker in workers)

    await stage.until(pilot, is_asked)
    if isinstance(app.screen, ConfirmDialog):
        await pilot.press("n")
    await stage.until(pilot, lambda: app.screen is screen)
    return screen


async def agree_at_once(stage: Stage, pilot: Pilot[int]) -> FixScreen:
    """To the question that stands there."""
    app = stage.app
    await stage.until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
    await pilot.press("Y")
    await stage.until(pilot, lambda: isinstance(app.screen, FixScreen))
    assert isinstance(app.screen, FixScreen)
    return app.screen


async def agree(stage: Stage, pilot: Pilot[int], key: str = "enter") -> None:
    """Enter asks; only the dialog's own letter does it."""
    await pilot.press(key)
    await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
    await pilot.press("Y")
    await stage.until(pilot, lambda: isinstance(stage.app.screen, FixScreen))


def ways(screen: FixScreen) -> dict[str, Way]:
    assert isinstance(screen.choices, Fixes)
    return screen.choices.ways


def undoes(stage: Stage) -> bool:
    """Whether the screen stands there that takes fixes back."""
    screen = stage.app.screen
    return isinstance(screen, FixScreen) and isinstance(screen.choices, Undos)


class FixedFixing(Fixing):
    """Told in fixed paths and owners, for pictures; what is applied is scripted."""

    def __init__(self, services: Services, laid: scenes.Scene, directory: Path) -> None:
        super().__init__(services)
        services.fixing = self
        self.laid, self.directory = laid, directory
        self.end_with: Any = None
        self.scripted: list[Scripted] = []
        self.records_told: tuple[Record, ...] = ()

    def diagnose(self, snapshot: Snapshot) -> Diagnosis:
        view = scenes.lay_out(self.laid, self.directory)
        told = scenes.told(super().diagnose(view.look(scenes.NOW)), view)
        looked = told.snapshot.more or Surroundings()  # the second look was made, and what mends is known
        return told._replace(snapshot=told.snapshot._replace(machine=self.laid.host, more=looked))

    def apply(self, preview: Any, old: Snapshot) -> Any:
        self.scripted.append(Scripted(self.end_with))
        return self.scripted[-1]

    def undo(self, number: int, old: Snapshot) -> Any:
        self.scripted.append(Scripted(self.end_with))
        return self.scripted[-1]

    def applied(self) -> tuple[Done, ...]:
        return tuple(Done(record, record.number == 1) for record in self.records_told)


def answers(key: str) -> dict[str, object]:
    given = {"approved": [], "rejected": [], key: [scenes.KEY[-20:]]}
    return {**scenes.ACCOUNT, "hasCompletedOnboarding": True, "customApiKeyResponses": given}


#: Several causes at once: a rejected key from a start-up file, a token of settings, a loose store.
TROUBLED = scenes.Scene(
    {
        CREDENTIALS: scenes.login(),
        ".claude.json": answers("rejected"),
        ".claude/settings.json": {"model": "m", "env": {"ANTHROPIC_AUTH_TOKEN": scenes.GATEWAY}},
        ".zshrc": scenes.ZSHRC,
    },
    environ={"ANTHROPIC_API_KEY": scenes.KEY},
    modes={CREDENTIALS: 0o644},
)
#: The same once its first fix is applied.
APPROVED = dataclasses.replace(TROUBLED, files={**TROUBLED.files, ".claude.json": answers("approved")})
RECORDS = (
    Record(
        number=2,
        at=NOW - 600,
        id="key-rejected/approve-key",
        title="approve the key sk-ant-api03-…k3y9 (fingerprint 792dbf4d)",
        operation="edit",
        path=f"{scenes.HOME}/.claude.json",
        before="0" * 64,
        after="1" * 64,
    ),
    Record(
        number=1,
        at=NOW - 86400,
        id="store-readable-by-others/chmod",
        title="make ~/.claude/.credentials.json yours alone",
        operation="chmod",
        path=f"{scenes.HOME}/.claude/.credentials.json",
        before="0644",
        after="0600",
        claudes=False,
    ),
)


def fixed_stage(tmp_path: Path, laid: scenes.Scene = TROUBLED) -> tuple[Stage, FixedFixing]:
    """On the dashboard of a healthy machine; the diagnosis is that of `laid`, in fixed words."""
    stage = Stage(tmp_path)
    fixing = FixedFixing(stage.services, laid, tmp_path / "laid")
    fixing.records_told = RECORDS
    return stage, fixing


async def opened(stage: Stage, pilot: Pilot[int]) -> DiagnoseScreen:
    stage.enter(pilot)
    await pilot.press("d")
    await stage.until(pilot, lambda: isinstance(stage.app.screen, DiagnoseScreen))
    screen = stage.app.screen
    assert isinstance(screen, DiagnoseScreen)
    await stage.until(pilot, lambda: screen.diagnosis.checks is not None)
    return screen
