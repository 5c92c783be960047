"""The menu of the two routes to a login."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.app.screens.claude_terminal import ClaudeScreen
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.screens.sign_in import SignInOwnScreen, SignInScreen
from tests.app.stage import CLIENT, SIZES, Stage

# ── the menu ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["both", "nothing"])
def test_picture_sign_in_menu(kind: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, installed=kind == "both", environ=CLIENT if kind == "both" else {})

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await pilot.press("l")
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_both_routes_stand_on_one_screen(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        for words in (
            "Claude account: Claude Code signs you in",
            "Claude Code 2.1.328, ~/.local/bin/claude",
            "Subscription",
            "claude auth login",
            "Console",
            "SSO",
            "E-mail address…",
            "Token for a year",
            "Your own OAuth client",
            "client engines at https://id.example.org/authorize",
            "Into a file",
            "Into the keyring",
        ):
            assert words in stage.words, stage.words
        assert "Enter" in stage.hint
        assert "q Back" in stage.hint

    stage.play(look, size)


@pytest.mark.parametrize("size", SIZES.values())
def test_what_is_missing_says_how_to_get_it(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path, installed=False)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        words = stage.words
        assert "curl -fsSL https://claude.ai/install.sh | bash" in words
        assert "npm install -g @anthropic-ai/claude-code" in words
        assert "Not configured. Set CLAUDE_OAUTH_CLIENT_ID" in words
        assert "~/.config/claude-auth/oauth.toml" in words
        await pilot.press("enter")
        assert stage.app.clipboard == "curl -fsSL https://claude.ai/install.sh | bash"
        await pilot.press("t")
        assert "put the cursor on one of its rows" in stage.hint
        await pilot.press("c")
        assert "isn't configured" in stage.hint

    stage.play(look, size)


def test_a_broken_configuration_says_what_is_wrong(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ={"CLAUDE_OAUTH_CLIENT_ID": "engines"})

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        assert "CLAUDE_OAUTH_AUTHORIZE_URL is missing" in stage.words

    stage.play(look)


@pytest.mark.parametrize("key", ["q", "escape"])
def test_back_changes_nothing(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        assert isinstance(stage.app.screen, SignInScreen)
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(stage.app.screen, Dashboard)
        assert not stage.services.asked

    stage.play(press)


@pytest.mark.parametrize(
    ("downs", "arguments"), [(0, ()), (1, ("--console",)), (2, ("--sso",)), (3, ("--email=ada@example.org",))]
)
def test_each_choice_of_claude_code(downs: int, arguments: tuple[str, ...], tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", *["down"] * downs, "enter")
        await pilot.pause()
        if downs == 3:
            await pilot.press(*"ada@example.org", "enter")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, ClaudeScreen)
        assert stage.services.asked[0].arguments == ("auth", "login", *arguments)

    stage.play(press)


def test_no_email_no_sign_in(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", "down", "down", "down", "enter", "enter")
        await pilot.pause()
        assert "Whose Claude account" in stage.words
        await pilot.press("a", "ctrl+x")
        await pilot.pause()
        assert isinstance(stage.app.screen, SignInScreen)
        assert not stage.services.asked

    stage.play(press)


def test_an_account_of_ours_is_named_and_the_store_chosen(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", "c", *"work", "enter")
        await pilot.pause()
        assert "as the account work" in stage.words
        await pilot.press("end", "up", "enter")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, SignInOwnScreen))
        assert stage.services.asked == [("engines", "sdk", "work")]

    stage.play(press)


@pytest.mark.parametrize(("downs", "key"), [(0, "t"), (4, "enter"), (4, "t")])
def test_in_the_real_terminal_where_nothing_can_step_aside(downs: int, key: str, tmp_path: Path) -> None:
    """Without a terminal of its own the app can't be suspended: the command is handed out instead."""
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("l", *["down"] * downs, key)
        await pilot.pause()
        command = "claude setup-token" if downs else "claude auth login"
        assert stage.app.clipboard == command
        assert command in stage.hint

    stage.play(press, (200, 24))


def test_every_key_of_the_menu_has_id_and_tooltip(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("l")
        await pilot.pause()
        for active in stage.app.screen.active_bindings.values():
            assert active.binding.id, active.binding
            assert active.binding.tooltip, active.binding
            assert 0 < len(active.binding.description) <= 18

    stage.play(look)


def test_the_dashboards_new_keys(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        assert "l Sign in" in stage.hint
        assert "r Refresh" in stage.hint
        await pilot.press("g")
        await pilot.pause()
        assert isinstance(stage.app.screen, LogScreen)
        await pilot.press("q")
        await pilot.pause()
        for key in ("u", "f5"):
            await pilot.press(key)
            await stage.until(pilot, lambda: "looked again" in stage.hint)

    stage.play(press, (80, 24))
