"""What is typed and pasted wrongly on the real screen, in every field: the sentence about it stands there,
and nothing of it is taken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from claude_auth.actions.set_up.fields import problem_with
from claude_auth.actions.set_up.paths import PATH_BY_ID, SET_UP_PATHS
from claude_auth.app.dialogs.choose import ValueDialog
from tests.actions.set_up.stage import SECRETS
from tests.actions.set_up.wrong_input import RIGHT, wrong
from tests.app.set_up_stage import SetUpStage

#: Of the thirty and more of the engine's test; the first one is typed, the others are pasted.
KINDS = (
    "an AWS key id",
    "a blank before",
    "quotes",
    "a zero-width space",
    "two lines",
    "an escape character",
    "a refresh token",
    "a token of GitHub's",
)
#: Only where it is not meant.
USUALLY = ("an API key", "an address")


def words(text: str) -> str:
    """As it stands in a box, whose lines may break anywhere between two words."""
    return " ".join(re.sub(r"[^\x20-\x7e]", " ", text).split())


@pytest.mark.parametrize("way", [path.id for path in SET_UP_PATHS if path.fields])
def test_a_sentence_while_it_is_typed_and_nothing_taken(way: str, tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path)
    home, state = stage.engine.home, stage.engine.state
    files = {path for path in home.rglob("*") if path.is_file()}

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, way, "clear")
        await stage.take(pilot, "go-on", "do")
        kept = (state / "set-up.json").read_bytes()
        for one in PATH_BY_ID[way].fields:
            await stage.to(pilot, f"field:{one.id}")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ValueDialog))
            told = wrong(way, one)
            for kind in (*KINDS, *(kind for kind in USUALLY if kind in told)):
                text = told[kind].replace("$HOME", str(home))
                await pilot.press("ctrl+u")
                if kind == KINDS[0]:
                    await pilot.press(*text)
                else:
                    await stage.insert(pilot, text)
                sentence = problem_with(one, text, stage.app.screen_stack[1].set_up.facts)  # type: ignore[attr-defined]
                await stage.until(pilot, lambda s=sentence: words(s or "?") in words(stage.text))  # type: ignore[misc]
                await pilot.press("enter")
                assert isinstance(stage.app.screen, ValueDialog), (one.id, kind)
                await stage.until(pilot, lambda: "not taken: " in words(stage.text))
                stage.shown.append(stage.text)
            await pilot.press("escape")
            await stage.there(pilot)
            assert (state / "set-up.json").read_bytes() == kept, one.id
            assert stage.screen.set_up.values == {}

    stage.play(script)
    assert {path for path in home.rglob("*") if path.is_file()} == files
    right = {RIGHT[way, one.id] for one in PATH_BY_ID[way].fields if one.secret}
    assert stage.leaks() == []
    assert not [text for text in stage.shown for secret in (*SECRETS, *right) if secret[16:40] in text]
