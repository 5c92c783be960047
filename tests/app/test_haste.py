"""Keys that come faster than screens can open: nothing breaks, though the last q may end the app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.widgets.fields import FilterLine
from tests.app.stage import CLIENT, Stage

#: The key that opens a screen from the dashboard; q leaves each.
OPENING = ("l", "r", "p", "d", "c", "g", "a", "w", "o", "s", "h", "x", "question_mark", "ctrl+p")


@pytest.mark.parametrize("key", OPENING)
def test_a_key_and_its_way_back_in_haste(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        for _ in range(4):
            for one in (key, "q"):
                stage.app.post_message(events.Key(one, one if len(one) == 1 else None))
        async with asyncio.timeout(60):
            while not (stage.app.is_leaving or isinstance(stage.app.screen, Dashboard)):
                back = "escape" if key in ("ctrl+p", "c") else "q"
                stage.app.post_message(events.Key(back, "q" if back == "q" else None))
                await asyncio.sleep(0.02)

    stage.play(hurry)
    assert stage.app.return_code in (None, 0)


def key(name: str) -> events.Key:
    return events.Key(name, "/" if name == "slash" else name if len(name) == 1 else None)


def test_keys_go_to_the_screen_that_the_keys_before_them_open(tmp_path: Path) -> None:
    """Sent at once, as a line that hangs sends them."""
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        for one in ("l", "down", "enter"):
            stage.app.post_message(key(one))
        await stage.until(pilot, lambda: bool(stage.services.asked))
        assert stage.services.asked[0].arguments == ("auth", "login", "--console")

    stage.play(hurry)


def test_after_a_key_that_opens_an_input_all_go_into_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def hurry(pilot: Pilot[int]) -> None:
        for one in ("l", "c", *"quit", "enter"):
            stage.app.post_message(key(one))
        await stage.until(pilot, lambda: "as the account quit" in stage.words)

    stage.play(hurry)


def test_a_question_is_not_answered_by_what_was_typed_before_it_stood_there(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        for one in ("o", "Y", "down", "enter"):
            stage.app.post_message(key(one))
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        for _ in range(5):
            await pilot.pause()
        assert isinstance(stage.app.screen, ConfirmDialog)
        assert not stage.services.asked
        await pilot.press("Y")
        await stage.until(pilot, lambda: bool(stage.services.asked))

    stage.play(hurry)


@pytest.mark.parametrize(
    ("opening", "typing"), [("g", "slash"), ("d", "slash"), ("", "slash"), ("", "ctrl+p")]
)
def test_no_letter_is_lost_before_a_line_to_type_into(opening: str, typing: str, tmp_path: Path) -> None:
    """The line is opened and filled in one burst."""
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        for one in (*opening, typing, *"abc"):
            stage.app.post_message(key(one))
        await stage.until(
            pilot, lambda: any(line.value == "abc" for line in stage.app.screen.query(FilterLine))
        )

    stage.play(hurry)


def test_after_enter_in_a_filter_keys_are_the_screens_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        for one in ("slash", "n", "enter", "v"):
            stage.app.post_message(key(one))
        dashboard = stage.app.screen
        assert isinstance(dashboard, Dashboard)
        await stage.until(pilot, lambda: dashboard.scene.zoomed)
        assert dashboard.scene.needle == "n"

    stage.play(hurry)


def test_a_look_that_makes_way_for_another_has_not_failed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        dashboard = stage.app.screen
        assert isinstance(dashboard, Dashboard)
        never = asyncio.Event()
        for group in ("watch", "observe", "ready", "ask"):
            dashboard.run_worker(never.wait(), exit_on_error=False, group=group)
            await pilot.pause()
            dashboard.workers.cancel_group(dashboard, group)
        await pilot.pause()
        assert dashboard.scene.watching == "live"
        assert "failed" not in stage.words

    stage.play(hurry)
