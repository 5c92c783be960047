"""Set-up on the screen: by keyboard alone at 80×24, on real files."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.set_up.paths import PATH_BY_ID
from claude_auth.app.dialogs.choose import ChooseDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog, TextDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.set_up import SetUpScreen
from claude_auth.app.widgets.row_view import RowView
from claude_auth.store import keyring
from tests.actions.set_up.stage import GATEWAY, KEY, TYPED, YEAR
from tests.app.set_up_stage import Playing, SetUpStage
from tests.store.world import FakeKeyring

#: A login of the person's own client.
OWN_LOGIN = {"access_token": "own-" + "made0up" * 6, "expires_at": 4e9}


def test_a_gateway_to_its_proof_by_keyboard(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        assert "recommended" in stage.shown[-1]
        assert "1 ▸ choose" in stage.shown[-1]
        assert "DOESN'T WORK" in stage.shown[-1].splitlines()[1]
        await stage.take(pilot, "gateway", "clear")
        assert "DOESN'T WORK" not in stage.shown[-1]
        await stage.take(pilot, "go-on", "do")
        await stage.type(pilot, "url", TYPED["gateway"]["url"], wrong="http://gateway.example.org")
        assert any("clear text" in text for text in stage.shown)
        await stage.type(pilot, "token", GATEWAY, wrong=YEAR[:20])
        assert any("not a gateway's token" in text or "not a gateway's token" in text for text in stage.shown)
        await stage.agree(pilot, "task:settings")
        await stage.take(pilot, "go-on", "prove")
        assert "done: run: claude" in stage.shown[-1]
        await pilot.press("n")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(script)
    settings = json.loads((stage.engine.home / ".claude/settings.json").read_text())
    assert settings["env"] == {"ANTHROPIC_BASE_URL": TYPED["gateway"]["url"], "ANTHROPIC_AUTH_TOKEN": GATEWAY}
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


def test_what_opens_while_a_step_back_waits_is_not_closed_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escape while it looks; then the help stands over it when the look ends."""
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        screen, may_end = stage.screen, threading.Event()
        look = screen.set_up.look_again
        monkeypatch.setattr(screen.set_up, "look_again", lambda: may_end.wait(60) and look())
        screen.look_again()
        await stage.until(pilot, lambda: screen.looking)
        await pilot.press("escape", "question_mark")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, TextDialog))
        may_end.set()
        await stage.until(pilot, lambda: not screen.looking)
        await pilot.pause()
        assert isinstance(stage.app.screen, TextDialog)
        await pilot.press("escape")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert stage.app.screen_stack == [stage.app.screen]

    stage.play(script)


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


def test_the_place_that_is_used_is_where_the_cursor_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "system_backend", FakeKeyring)
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "api-key", "clear")
        places = PATH_BY_ID["api-key"].places
        for before, place in pairwise((places[0], places[-1], places[1])):
            await stage.to(pilot, "place")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ChooseDialog))
            listed = stage.app.screen.query_one(RowView)
            assert listed.cursor == before
            steps = places.index(place) - places.index(before)
            await pilot.press(*["down" if steps > 0 else "up"] * abs(steps), "enter")
            await stage.there(pilot)
            assert stage.screen.set_up.progress.place == place

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
        ({}, {"ANTHROPIC_BASE_URL": "ftp://gateway.example.org"}, False),
        # A login that does not work: the dashboard's verdict says why.
        (
            {
                ".claude/.credentials.json": {
                    "claudeAiOauth": {"accessToken": "sk-ant-oat01-madeUp", "scopes": []}
                }
            },
            {},
            False,
        ),
        (
            {
                ".claude/.credentials.json": {
                    "claudeAiOauth": {"accessToken": "", "refreshToken": "", "expiresAt": 0}
                }
            },
            {},
            False,
        ),
        ({".claude/.credentials.json": '{"claudeAiOauth": {"acc'}, {}, False),
        # Claude Code doesn't start, whatever the credential.
        ({".claude.json": '{"numStartups": 1'}, {}, False),
        ({".claude.json": "no JSON"}, {}, False),
        ({".claude_code/tokens.json": OWN_LOGIN}, {}, False),  # not connected: f connects it
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
