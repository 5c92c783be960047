"""What a new user comes for: at most three keys to the answer, five to the mended state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.accounts import AccountsScreen
from claude_auth.app.screens.cloud import CloudScreen
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.explain import ExplainScreen
from claude_auth.app.screens.fix import FixScreen
from claude_auth.app.screens.refresh import RefreshScreen
from claude_auth.app.screens.sign_in import SignInScreen
from claude_auth.model import CommandRun, Snapshot
from claude_auth.security.secret import Secret
from tests.actions.fixes.machines import key_in_bashrc
from tests.app.driving import app_on, drive, words_of
from tests.app.fix_stage import FixStage

ANSWER, MENDED = 3, 5
PASTED = "API Error: 401 OAuth authentication is currently not supported."


def failed(snapshot: Snapshot, client: str, version: str | None, agreed: bool) -> Snapshot:
    """A helper that ended with 2 and said nothing."""
    setting = snapshot.settings["apiKeyHelper"][0]
    run = CommandRun("apiKeyHelper", setting.value, 2, Secret(""), Secret("no vault"), 0.1)
    return snapshot._replace(runs={"apiKeyHelper": run})


#: Scene, keys, the screen they end on, and what is read there.
QUESTIONS: dict[str, tuple[str, tuple[str, ...], type, str]] = {
    "who-pays": ("key-over-login", (), Dashboard, "billed per token"),
    "sign-in": ("fresh", ("l",), SignInScreen, "Sign in"),
    "explain-an-error": ("healthy", ("p",), ExplainScreen, "aste"),
    "refresh": ("stale", ("r",), RefreshScreen, "renewed on next use"),
    "an-aws-sign-in": ("bedrock", ("w",), CloudScreen, "AKIAMADEUPEXAMPLE001"),
    "another-account": ("healthy", ("a",), AccountsScreen, "ada@example.org"),
}


@pytest.mark.parametrize("task", QUESTIONS)
def test_an_answer_takes_at_most_three_keys(task: str, tmp_path: Path) -> None:
    scene, keys, screen, words = QUESTIONS[task]
    assert len(keys) <= ANSWER < MENDED
    app = app_on(scene, tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(app.screen, screen) and words in words_of(app))

    drive(app, press)


def test_a_failing_helper_is_understood(tmp_path: Path) -> None:
    app = app_on("helper", tmp_path, evaluate=failed)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog) or "What it prints" in words_of(app))
        await pilot.press("Y")
        await until(pilot, lambda: "DOESN'T WORK" in words_of(app))
        assert "exit" in words_of(app) or "empty" in words_of(app)

    drive(app, press)


def test_an_error_that_is_pasted_is_explained(tmp_path: Path) -> None:
    """`p`, and the paste itself."""
    stage = FixStage(key_in_bashrc(tmp_path))

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("p")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ExplainScreen))
        stage.app.post_message(Paste(PASTED))
        await stage.until(pilot, lambda: "oauth-not-supported" in stage.words or "OAuth" in stage.words)

    stage.play(press)


def test_a_key_over_a_login_is_mended_and_the_fix_undone(tmp_path: Path) -> None:
    stage = FixStage(key_in_bashrc(tmp_path))
    file = stage.machine.home / ".bashrc"
    before = file.read_bytes()

    async def press(pilot: Pilot[int]) -> None:
        # f, Enter, Y: three keys; z, Enter, Y take it back
        await pilot.press("f")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, FixScreen))
        screen = stage.app.screen
        assert isinstance(screen, FixScreen)
        await stage.settle(pilot)
        await pilot.press("enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        await stage.settle(pilot)
        await pilot.press("Y")
        await stage.over(pilot, screen)
        assert file.read_bytes() != before
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

        undo = await stage.undo(pilot)
        await pilot.press("enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        await stage.settle(pilot)
        await pilot.press("Y")
        await stage.over(pilot, undo)
        assert file.read_bytes() == before

    stage.play(press)


def test_a_report_is_made(tmp_path: Path) -> None:
    """`d`, `m`."""
    app = app_on("key-over-login", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("d", "m")
        await until(pilot, lambda: "report" in words_of(app).lower())

    drive(app, press)


def test_a_key_without_a_meaning_says_so(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("colon")
        await until(pilot, lambda: ": does nothing here; ? shows the keys" in words_of(app))

    drive(app, press)


async def until(pilot: Pilot[int], so: Callable[[], bool], limit: float = 20.0) -> None:
    """Waits for what a key leads to."""
    end = asyncio.get_running_loop().time() + limit
    while not so():
        assert asyncio.get_running_loop().time() < end, "it never came"
        await pilot.pause(0.02)
