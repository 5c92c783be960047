"""Pictures of set-up: one way, step by step, as a newcomer sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.app.dialogs.choose import ValueDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog
from tests.actions.set_up.stage import KEY, TYPED, YEAR
from tests.app.set_up_stage import SetUpStage
from tests.app.stage import NOW, SIZES

STEPS = ("choose", "clear", "ask", "type", "do", "write", "prove")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", STEPS)
def test_picture_set_up(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path, {".claude/settings.json": {"env": {"ANTHROPIC_API_KEY": KEY}}})
    stage.services.host = stage.services.host._replace(clock=lambda: NOW)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        await stage.open(pilot)
        for name in STEPS[: STEPS.index(step) + 1]:
            await go(stage, pilot, name)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


async def go(stage: SetUpStage, pilot: Pilot[int], step: str) -> None:
    if step == "clear":
        await stage.take(pilot, "year-token", "clear")
    elif step == "ask":
        await stage.agree(pilot, "obstacle:ANTHROPIC_API_KEY")
        await stage.take(pilot, "go-on", "do")
    elif step == "type":
        await stage.to(pilot, "field:token")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ValueDialog))
        await pilot.press(*KEY[:16])
    elif step == "do":
        await pilot.press("escape")
        await stage.there(pilot)
        await stage.paste(pilot, "token", TYPED["year-token"]["token"])
        assert YEAR not in stage.shown[-1]
    elif step == "write":
        await stage.to(pilot, "task:startup")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
    elif step == "prove":
        await pilot.press("escape")
        await stage.there(pilot)
        await stage.agree(pilot, "task:startup")
        await stage.take(pilot, "go-on", "prove")
