"""The dashboard with set-up on real files: a person at its keyboard, and what was shown meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.choose import ValueDialog, ValueField
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.set_up import SetUpScreen
from claude_auth.app.services import Services
from claude_auth.journal import Journal
from claude_auth.present.dashboard_state import DashboardState
from tests.actions.set_up.stage import SECRETS
from tests.actions.set_up.stage import Stage as Engine
from tests.app.driving import drive, screen_text
from tests.app.stage import Stage

Playing = Callable[[Pilot[int]], Awaitable[None]]


class SetUpStage(Stage):
    """`environ`: the shell's, `$HOME` is filled in."""

    def __init__(self, root: Path, files: Any = None, environ: Any = None) -> None:
        self.engine = Engine(root, files, environ)
        context = self.engine.laid.context()
        host = HostObserver.of(context)._replace(watch=None)
        self.services = Services(  # type: ignore[assignment]
            host, str(self.engine.home), environ=context.environ, journal=Journal(str(self.engine.state))
        )
        self.state = DashboardState.of(host.look(), "claude")
        self.app = DashboardApp(self.services, self.state)
        self.shown: list[str] = []

    def play(self, script: Playing, size: tuple[int, int] = (80, 24)) -> None:
        drive(self.app, script, size)

    @property
    def needs_it(self) -> bool:
        """Whether it opens by itself."""
        return self.state.resolution.finds_nothing

    @property
    def screen(self) -> SetUpScreen:
        screen = self.app.screen
        assert isinstance(screen, SetUpScreen), screen
        return screen

    async def there(self, pilot: Pilot[int]) -> None:
        """The set-up stands there and has looked."""

        def holds() -> bool:
            screen = self.app.screen
            return isinstance(screen, SetUpScreen) and not screen.looking and not screen.running

        await self.until(pilot, holds)
        self.shown.append(screen_text(self.app))

    async def open(self, pilot: Pilot[int]) -> None:
        """It opens by itself where there is no credential."""
        if not self.needs_it:
            await pilot.press("S")
        await self.there(pilot)

    async def to(self, pilot: Pilot[int], row: str) -> None:
        """Down to a row, and Enter."""
        listed = self.screen.listed
        assert row in listed.choices, listed.choices
        await pilot.press("home")
        while listed.cursor != row:
            await pilot.press("down")
        self.shown.append(screen_text(self.app))
        await pilot.press("enter")

    async def take(self, pilot: Pilot[int], row: str, step: str) -> None:
        await self.to(pilot, row)
        await self.until(pilot, lambda: self.screen.seen.step == step)
        await self.there(pilot)

    async def type(self, pilot: Pilot[int], field: str, text: str, *, wrong: str = "") -> None:
        await self.to(pilot, f"field:{field}")
        await self.until(pilot, lambda: isinstance(self.app.screen, ValueDialog))
        if wrong:
            await pilot.press(*wrong, "enter")
            self.shown.append(screen_text(self.app))
            assert isinstance(self.app.screen, ValueDialog)
        await pilot.press("ctrl+u", *text)
        self.shown.append(screen_text(self.app))
        await pilot.press("enter")
        await self.there(pilot)

    async def paste(self, pilot: Pilot[int], field: str, text: str) -> None:
        await self.to(pilot, f"field:{field}")
        await self.until(pilot, lambda: isinstance(self.app.screen, ValueDialog))
        await pilot.press("ctrl+u")
        await self.insert(pilot, text)
        assert self.app.screen.query_one(ValueField).value.reveal() == text
        await pilot.press("enter")
        await self.there(pilot)

    async def insert(self, pilot: Pilot[int], text: str) -> None:
        """A paste into the open field, as the terminal brings it."""
        field, before = self.app.screen.query_one(ValueField), pilot.app.screen.query_one(ValueField).value
        self.app.post_message(events.Paste(text))
        await self.until(pilot, lambda: field.value != before)

    async def agree(self, pilot: Pilot[int], row: str) -> None:
        await self.to(pilot, row)
        await self.until(pilot, lambda: isinstance(self.app.screen, ConfirmDialog))
        self.shown.append(screen_text(self.app))
        await pilot.press("Y")
        await self.until(pilot, lambda: row not in self.screen.listed.choices)
        await self.there(pilot)

    async def back(self, pilot: Pilot[int], key: str, row: str) -> None:
        """From another screen; `row` is done then."""
        await pilot.press(key)
        await self.until(pilot, lambda: isinstance(self.app.screen, SetUpScreen))
        await self.until(pilot, lambda: row not in self.screen.listed.choices)
        await self.there(pilot)

    def leaks(self) -> list[str]:
        return [secret for secret in SECRETS if any(secret[16:40] in text for text in self.shown)]
