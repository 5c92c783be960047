"""Set-up on the screen: by keyboard alone at 80×24, on real files."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.dialogs.typing import ValueDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.set_up import SetUpScreen
from claude_auth.app.services import Services
from claude_auth.journal import Journal
from claude_auth.present.dashboard_state import DashboardState
from tests.actions.set_up.stage import GATEWAY, KEY, SECRETS, TYPED, YEAR
from tests.actions.set_up.stage import Stage as Engine
from tests.app.driving import drive, screen_text
from tests.app.stage import Stage

Playing = Callable[[Pilot[int]], Awaitable[None]]


class SetUpStage(Stage):
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
        blocked = self.state.resolution.blocked
        return blocked is not None and blocked.code == "no-credential"

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

    async def agree(self, pilot: Pilot[int], row: str) -> None:
        await self.to(pilot, row)
        await self.until(pilot, lambda: isinstance(self.app.screen, ConfirmDialog))
        self.shown.append(screen_text(self.app))
        await pilot.press("Y")
        await self.until(pilot, lambda: row not in self.screen.listed.choices)
        await self.there(pilot)

    def leaks(self) -> list[str]:
        return [secret for secret in SECRETS if any(secret[16:40] in text for text in self.shown)]


def test_a_gateway_to_its_proof_by_keyboard(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        assert "recommended" in stage.shown[-1]
        assert "1 ▸ choose" in stage.shown[-1]
        await stage.take(pilot, "gateway", "clear")
        await stage.take(pilot, "go-on", "do")
        await stage.type(pilot, "url", TYPED["gateway"]["url"], wrong="http://gateway.example.org")
        assert any("clear text" in text for text in stage.shown)
        await stage.type(pilot, "token", GATEWAY, wrong=YEAR[:20])
        assert any("not a gateway’s token" in text or "not a gateway's token" in text for text in stage.shown)
        await stage.agree(pilot, "task:settings")
        await stage.take(pilot, "go-on", "prove")
        assert "done: run: claude" in stage.shown[-1]
        await pilot.press("n")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(script)
    settings = json.loads((stage.engine.home / ".claude/settings.json").read_text())
    assert settings["env"] == {
        "ANTHROPIC_BASE_URL": TYPED["gateway"]["url"],
        "ANTHROPIC_AUTH_TOKEN": GATEWAY,
    }
    assert stage.leaks() == []
    assert not (stage.engine.state / "set-up.json").exists()
    assert GATEWAY not in (stage.engine.state / "journal.jsonl").read_text()


def test_what_is_in_the_way_is_cleared_after_a_yes(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path, {".bashrc": f"export ANTHROPIC_API_KEY={KEY}\n"}, {"ANTHROPIC_API_KEY": KEY})

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "subscription", "clear")
        assert "ANTHROPIC_API_KEY would win" in stage.shown[-1]
        await stage.agree(pilot, "obstacle:ANTHROPIC_API_KEY")
        assert "nothing is in the way" in stage.shown[-1]

    stage.play(script)
    assert (stage.engine.home / ".bashrc").read_text().startswith(": # export ANTHROPIC_API_KEY=")
    assert stage.leaks() == []


def test_left_at_every_step_and_gone_on_with(tmp_path: Path) -> None:
    """Each time in a new program."""

    def again(script: Callable[[SetUpStage], Playing]) -> SetUpStage:
        stage = SetUpStage(tmp_path)
        stage.play(script(stage))
        return stage

    def choose(stage: SetUpStage) -> Playing:
        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            await stage.take(pilot, "bedrock-profile", "clear")

        return script

    def clear(stage: SetUpStage) -> Playing:
        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            assert stage.screen.seen.step == "clear"
            await stage.take(pilot, "go-on", "do")

        return script

    def do(stage: SetUpStage) -> Playing:
        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            assert stage.screen.seen.step == "do"
            await stage.type(pilot, "profile", "keys")
            await stage.type(pilot, "region", "us-east-1")

        return script

    def prove(stage: SetUpStage) -> Playing:
        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            assert stage.screen.seen.open == frozenset()
            await stage.agree(pilot, "task:settings")
            await stage.take(pilot, "go-on", "prove")
            assert stage.screen.seen.proof is not None
            assert stage.screen.seen.proof.proved

        return script

    for script in (choose, clear, do, prove):
        again(script)
    assert json.loads((tmp_path / "state/set-up.json").read_text())["step"] == "prove"


def test_back_goes_one_step_back_and_out(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "foundry", "clear")
        await stage.take(pilot, "go-on", "do")
        for step in ("clear", "choose"):
            await pilot.press("q")
            await stage.until(pilot, lambda step=step: stage.screen.seen.step == step)  # type: ignore[misc]
            await stage.there(pilot)
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(script)


def test_no_yes_nothing_written(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "foundry", "clear")
        await stage.take(pilot, "go-on", "do")
        await stage.type(pilot, "resource", "my-resource")
        await stage.to(pilot, "task:settings")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        await pilot.press("enter")
        await stage.there(pilot)

    stage.play(script)
    assert not (stage.engine.home / ".claude/settings.json").exists()


@pytest.mark.parametrize(
    ("files", "environ", "opens"),
    [
        ({}, {}, True),
        ({}, {"ANTHROPIC_API_KEY": KEY}, False),  # not approved yet
        (
            {"root/etc/claude-code/managed-settings.json": {"forceLoginMethod": "console"}},
            {"ANTHROPIC_API_KEY": KEY},
            False,
        ),
        ({".claude/settings.json": {"apiKeyHelper": "echo made-up"}}, {}, False),  # not known
        ({}, {"CLAUDE_CODE_USE_BEDROCK": "1"}, False),
    ],
)
def test_it_opens_by_itself_without_a_credential_alone(
    files: Any, environ: Any, opens: bool, tmp_path: Path
) -> None:
    stage = SetUpStage(tmp_path, files, environ)

    async def script(pilot: Pilot[int]) -> None:
        await stage.settle(pilot)
        if opens:
            await stage.there(pilot)
        assert not any(worker.group == "ask" and worker.is_running for worker in stage.app.workers) or opens
        assert isinstance(stage.app.screen, SetUpScreen) is opens

    stage.play(script)
