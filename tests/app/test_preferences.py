"""Settings that the dashboard follows: keys, and what is wrong with the file."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from claude_auth.app.app import DashboardApp
from claude_auth.app.screens.diagnose import DiagnoseScreen
from claude_auth.preferences import read_preferences
from tests.app.stage import Stage


def staged(directory: Path, content: bytes) -> Stage:
    stage = Stage(directory)
    preferences = read_preferences({}, content, "config.toml")
    stage.app = DashboardApp(stage.services, stage.app.first_scene, preferences=preferences)
    return stage


def test_a_key_of_one_s_own_opens_the_screen_and_stands_in_the_footer(tmp_path: Path) -> None:
    stage = staged(tmp_path, b"[keys]\ndiagnose = 'f2'\n")

    async def look(pilot: Pilot[int]) -> None:
        await stage.settle(pilot)
        assert "F2 Diagnose" in stage.hint
        await pilot.press("f2")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, DiagnoseScreen)

    stage.play(look)


def test_what_is_wrong_is_told_once_and_nothing_breaks(tmp_path: Path) -> None:
    stage = staged(tmp_path, b"[keys]\nfly = 'f2'\n[screen]\nmouse = 'maybe'\n")

    async def look(pilot: Pilot[int]) -> None:
        await stage.settle(pilot)
        assert "config.toml:4" in stage.hint
        assert "1 more" in stage.hint
        await pilot.press("d")
        await stage.settle(pilot)
        assert isinstance(stage.app.screen, DiagnoseScreen)

    stage.play(look)
