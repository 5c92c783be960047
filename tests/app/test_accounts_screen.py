"""Accounts: whose, which plan, until when; the active one in sight; switching; from a row to its actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.app.dialogs.choose import InputDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.accounts import AccountsScreen
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.refresh import RefreshScreen
from claude_auth.app.screens.sign_in import SignInScreen
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Event, McpLogin, TokenSet
from claude_auth.model.surroundings import ClientInstance, ConfigDirectory, Surroundings
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from tests.app.stage import SIZES, ScriptedLogins, ScriptedServices, Stage


def stage_of(tmp_path: Path, name: str = "healthy", **more: Any) -> Stage:
    seen = scenes.snapshot(scenes.SCENES["healthy"], tmp_path / "seen")
    own = seen.login._replace(others=("play", "work"))
    return Stage(tmp_path, name, sdk_tokens=own, **more)


class Switching(ScriptedLogins):
    """Notes what is asked for. `problem`: it fails."""

    def __init__(self, services: ScriptedServices, switched: list[Any], problem: str = "") -> None:
        super().__init__(services)
        self.switched, self.problem = switched, problem

    def switch(self, name: str, keep_as: str | None) -> Event:
        self.switched.append((name, keep_as))
        if self.problem:
            return Event(scenes.NOW, "accounts.failed", self.problem, "error", "sdk")
        return Event(scenes.NOW, "accounts.switched", f"{name} is the active account now", store="sdk")


async def open_screen(stage: Stage, pilot: Pilot[int]) -> AccountsScreen:
    await pilot.press("a")
    await stage.until(pilot, lambda: isinstance(stage.app.screen, AccountsScreen))
    screen = stage.app.screen
    assert isinstance(screen, AccountsScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
def test_picture_accounts(size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await open_screen(stage, pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_the_list_says_who_and_which_is_active(size: tuple[int, int], tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        for words in (
            "★ Claude Code's own store: ada@example.org, Analytical Engines, Claude Max plan",
            "★ active Claude Code's own store · (default)",
            "e-mail ada@example.org",
            "organisation Analytical Engines",
            "plan Claude Max",
            "✓ live, until 17:15, 5 h 12 min left",
            "– not now the SDK's store · play",
        ):
            assert words in stage.words, stage.words
        await pilot.press("end")
        await pilot.pause()
        assert "★ Claude Code's own store: ada@example.org" in stage.words

    stage.play(look, size)


def test_logins_of_other_directories_and_at_mcp_servers_are_only_read(tmp_path: Path) -> None:
    seen = scenes.snapshot(scenes.SCENES["healthy"], tmp_path / "seen")
    mcp = (McpLogin("issues", "mcp.example.org", TokenSet(Secret("made-up"))),)
    used = (ClientInstance(4711, "2.1.332", "interactive", "cli", "/home/ada/proj"),)
    other = ConfigDirectory(
        "/cfg", ("its name",), seen.login._replace(mcp=mcp), seen.claude_json._replace(email=None), used
    )
    stage = stage_of(tmp_path, more=Surroundings(directories=(other,)))

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert stage.words.count("Claude Code's own store") == 1  # of those that can be refreshed
        await pilot.press("escape")
        screen = await open_screen(stage, pilot)
        for words in (
            "– not now Claude Code's own store · /cfg",
            "used by process 4711 (interactive, cli, 2.1.332)",
            "Sign-ins at MCP servers",
            "issues (mcp.example.org)",
        ):
            assert words in stage.words, stage.words
        screen.query_one(RowView).go_to("claude-code:/cfg")
        for key in ("enter", "o", "r"):
            await pilot.press(key)
            assert "start claude-auth with CLAUDE_CONFIG_DIR=/cfg for this one" in stage.hint

    stage.play(press, SIZES["120x40"])


def test_no_account_at_all(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "fresh")

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        assert "No login is stored on this machine. Press l to sign in." in stage.words
        for key in "or":
            await pilot.press(key)
            assert "there is no account here" in stage.hint
        await pilot.press("l")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, SignInScreen))

    stage.play(look)


def test_switching_asks_how_to_keep_the_one_in_use(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    switched: list[Any] = []
    stage.services.logins = Switching(stage.services, switched)

    async def press(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await pilot.press("enter")
        assert "the active one already" in stage.hint
        screen.query_one(RowView).go_to("sdk:work")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(stage.app.screen, InputDialog)
        assert "Under which name is the one that is active now kept?" in stage.words
        await pilot.press(*"home", "enter")
        await stage.until(pilot, lambda: bool(switched))
        assert switched == [("work", "home")]
        await stage.until(pilot, lambda: "work is the active account now" in stage.hint)
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert "work is the active account now" in stage.words

    stage.play(press)
    assert "accounts.switched" in stage.journal()


def test_a_switch_that_fails_is_told(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    stage.services.logins = Switching(stage.services, [], "the name 'home' is taken. Choose another one")

    async def press(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        screen.query_one(RowView).go_to("sdk:play")
        await pilot.press("enter", *"home", "enter")
        await stage.until(pilot, lambda: "is taken" in stage.hint)

    stage.play(press)


def test_from_a_row_to_what_can_be_done_with_it(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        await pilot.press("r")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, RefreshScreen))
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        screen = await open_screen(stage, pilot)
        screen.query_one(RowView).go_to("sdk:play")
        await pilot.press("o")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        assert "Sign out of the SDK's store, account play?" in stage.words
        await pilot.press("n")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press)


def test_which_login_is_asked_where_there_are_several(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("r")
        await pilot.pause()
        assert "Refresh which login?" in stage.words
        await pilot.press("down", "down", "enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, RefreshScreen))
        assert "Refresh · the SDK's store, account play" in stage.words

    stage.play(press)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_back_and_copy(key: str, tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        await pilot.press("y")
        assert "ada@example.org" in stage.app.clipboard
        assert not [secret for secret in scenes.SECRETS if secret in stage.app.clipboard]
        await pilot.press(key)
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press)


def test_the_palette_lists_the_keys_of_this_screen(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        await pilot.press("ctrl+p")
        await stage.until(pilot, lambda: "Sign in to another one" in stage.words)
        assert "Ask as" not in stage.words
        assert "^p Palette" not in stage.hint  # there is none over a dialog
        await pilot.press(*"back", "enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press)
