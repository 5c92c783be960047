"""Keys that come faster than screens can open: nothing breaks, though the last q may end the app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.app.screens.dashboard.screen import Dashboard
from tests.app.stage import Stage

#: The key that opens a screen from the dashboard; q leaves each.
OPENING = ("l", "r", "p", "d", "c", "g", "a", "w", "o", "b", "n", "x", "question_mark", "ctrl+p")


@pytest.mark.parametrize("key", OPENING)
def test_a_key_and_its_way_back_in_haste(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path)

    async def hurry(pilot: Pilot[int]) -> None:
        for _ in range(4):
            for one in (key, "q"):
                stage.app.post_message(events.Key(one, one if len(one) == 1 else None))
        for _ in range(400):
            if stage.app.is_leaving or isinstance(stage.app.screen, Dashboard):
                break
            back = "escape" if key in ("ctrl+p", "c") else "q"
            stage.app.post_message(events.Key(back, "q" if back == "q" else None))
            await asyncio.sleep(0.02)
        assert stage.app.is_leaving or isinstance(stage.app.screen, Dashboard)

    stage.play(hurry)
    assert stage.app.return_code in (None, 0)
