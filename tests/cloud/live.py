"""The dashboard over a real home, with its real eyes, and the cloud screen opened on it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from claude_auth.actions.cloud import CloudLook
from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.cloud import CloudScreen, ProviderDetail, Providers
from claude_auth.app.services import Services
from claude_auth.app.widgets.hints import Hints
from claude_auth.journal import Journal
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.dashboard_state import DashboardState
from tests.app.driving import drive, screen_lines
from tests.cloud.machines import CloudMachine, assert_clean

Script = Callable[["Live", Pilot[int]], Awaitable[None]]


class Live:
    """Whatever is asked goes to loopback, since the machine's environment leads there."""

    def __init__(
        self, made: CloudMachine, *, client: str = "claude-print", token_endpoint: str | None = None
    ) -> None:
        self.made = made
        viewpoint = ObservationContext(
            home=str(made.home),
            cwd=str(made.cwd),
            root=str(made.home / "root"),
            environ=Environment(made.environ),
            user_id=os.geteuid(),
        )
        (made.home / "root").mkdir(exist_ok=True)
        self.eyes = HostObserver.of(viewpoint)
        journal = Journal(str(made.home / "journal"))
        self.services = Services(self.eyes, home=str(made.home), environ=made.environ, journal=journal)
        self.app = DashboardApp(self.services, DashboardState.of(self.eyes.look(), client))
        self.cloud = self.services.cloud = CloudLook(made.environ, None, token_endpoint)

    def play(self, script: Script, size: tuple[int, int] = (120, 40), *, provider: str = "aws") -> None:
        """Opens the screen, puts the cursor on a provider, and goes on from there."""

        async def run(pilot: Pilot[int]) -> None:
            await self.open(pilot)
            self.screen.query_one(Providers).go_to(provider)
            await pilot.pause()
            await script(self, pilot)
            assert_clean(self.everything())

        drive(self.app, run, size)

    async def open(self, pilot: Pilot[int]) -> None:
        await pilot.press("w")
        await self.until(
            pilot, lambda: isinstance(self.app.screen, CloudScreen) and self.screen.seen is not None
        )

    @property
    def screen(self) -> CloudScreen:
        screen = self.app.screen
        assert isinstance(screen, CloudScreen)
        return screen

    async def until(self, pilot: Pilot[int], holds: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(60):
                while not holds():
                    await pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError("\n".join(screen_lines(self.app))) from None
        await pilot.pause()

    async def agree(self, pilot: Pilot[int], key: str) -> None:
        """The key asks; only the dialog's own letter does it."""
        await pilot.press(key)
        await self.until(pilot, lambda: isinstance(self.app.screen, ConfirmDialog))
        await pilot.press("Y")

    async def says(self, pilot: Pilot[int], words: str) -> None:
        await self.until(pilot, lambda: words in self.words)

    @property
    def words(self) -> str:
        """The list and all lines about one provider, also those that are scrolled away."""
        found = [view.text() for view in self.app.screen.query(Providers)]
        found += [view.text() for view in self.app.screen.query(ProviderDetail)]
        if not found:
            found = [line.strip("┃│ ") for line in screen_lines(self.app)]
        return " ".join(" ".join(found).split())

    @property
    def hint(self) -> str:
        return self.app.screen.query_one(Hints).text()

    async def go_to_line(self, pilot: Pilot[int], words: str) -> None:
        """The cursor onto the first line that holds these words."""
        detail = self.screen.query_one(ProviderDetail)
        detail.focus()
        row = next(row for row in detail.rows if words in "".join(s.text for line in row.lines for s in line))
        assert row.id is not None
        detail.go_to(row.id)
        await pilot.pause()

    def everything(self) -> str:
        """Whatever was shown, copied, kept or written."""
        parts = [
            "\n".join(screen_lines(self.app)),
            self.app.export_screenshot(),
            self.app.clipboard,
            repr(self.app.screen),
            repr(self.cloud.asked),
            repr(self.cloud.runs),
            self.journal(),
        ]
        return "\n".join(parts)

    def journal(self) -> str:
        path = Path(self.services.journal.directory) / "journal.jsonl"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def processes_with(marker: str) -> list[int]:
    """The processes whose command line holds a word."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


async def gone(pilot: Pilot[int], marker: str) -> None:
    deadline = time.monotonic() + 60
    while processes_with(marker):
        assert time.monotonic() < deadline, processes_with(marker)
        await pilot.pause(0.05)
