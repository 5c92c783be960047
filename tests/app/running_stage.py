"""The dashboard on a home with real files, where real commands run; and a scripted command for pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual import _wait
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.actions.run_command import RunResult
from claude_auth.app.app import DashboardApp
from claude_auth.app.screens.run import RunScreen
from claude_auth.app.services import Commands, Services
from claude_auth.app.widgets.output_view import OutputView
from claude_auth.app.widgets.steps import Steps
from claude_auth.journal import Journal
from claude_auth.model import Event
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.sandbox import scenes
from tests.app.stage import Stage
from tests.cloud.machines import CloudMachine, machine


class RunStage(Stage):
    """Real services: what is run here is run."""

    def __init__(
        self,
        directory: Path,
        settings: Mapping[str, object] | None = None,
        *,
        made: CloudMachine | None = None,
        client: str = "claude-print",
        **eyes: Any,
    ) -> None:
        self.made = made or machine(directory / "home", settings=settings)
        self.eyes = HostObserver(
            **{"look": self.made.snapshot, "evaluate": lambda snapshot, *_: snapshot, **eyes}
        )
        self.services: Any = Services(
            self.eyes,
            home=str(self.made.home),
            environ=self.made.environ,
            journal=Journal(str(directory / "journal")),
        )
        self.app = DashboardApp(self.services, DashboardState.of(self.made.snapshot(), client))

    @property
    def run(self) -> RunScreen:
        return next(one for one in self.app.screen_stack if isinstance(one, RunScreen))

    @property
    def output(self) -> str:
        return self.run.query_one(OutputView).text()

    @property
    def told(self) -> list[str]:
        return [event.kind for event in self.run.query_one(Steps).events]

    async def choose(self, pilot: Pilot[int], *downs: str) -> None:
        """The question before the run, for the first command that can be chosen."""
        await pilot.press("x")
        await self.until(pilot, lambda: "Run which command?" in self.text)
        await pilot.press(*downs, "enter")
        await self.settle(pilot)

    async def open(self, pilot: Pilot[int], *downs: str) -> RunScreen:
        """It runs."""
        await self.choose(pilot, *downs)
        await pilot.press("Y")
        await self.until(pilot, lambda: isinstance(self.app.screen, RunScreen) and self.app.screen.started)
        return self.run

    async def ended(self, pilot: Pilot[int], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while self.run.running:
                await pilot.pause(0.02)
        await self.settle(pilot)


class ScriptedCommand:
    """As much of `RunningCommand` as the screen uses; the test says what it prints and how it ends."""

    def __init__(self) -> None:
        self.elapsed, self.limit = 42.0, 180.0
        self.can_be_cancelled = self.asks_who_answers = True
        self.sent: list[str | None] = []
        self._queue: asyncio.Queue[Any] = asyncio.Queue()

    async def run(self) -> AsyncIterator[Any]:
        while (output := await self._queue.get()) is not None:
            yield output

    def tell(self, *outputs: Any) -> None:
        for output in outputs:
            self._queue.put_nowait(output)

    def event(self, kind: str, text: str, level: Any = "info") -> None:
        self.tell(Event(scenes.NOW, f"run.{kind}", text, level, None, {"setting": "awsAuthRefresh"}))

    def end(self, finished: RunResult | None) -> None:
        self.tell(finished, None)

    def send(self, text: str) -> bool:
        self.sent.append(text)
        return True

    def end_input(self) -> bool:
        self.sent.append(None)
        return True

    def set_limit(self, seconds: float | None) -> None:
        self.limit = seconds  # type: ignore[assignment]

    def resize(self, columns: int, rows: int) -> None: ...

    async def cancel(self) -> None:
        self.tell(None)

    def end_now(self) -> None: ...


class ScriptedCommands(Commands):
    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.scripted = ScriptedCommand()

    def command(self, *_: Any) -> Any:
        return self.scripted


@pytest.fixture
def never_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a command that floods: the pilot would wait a whole second after each key for the app to rest."""
    monkeypatch.setattr(_wait.wait_for_idle, "__defaults__", (_wait.SLEEP_GRANULARITY, 0.1))
