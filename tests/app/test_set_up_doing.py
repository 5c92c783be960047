"""What set-up has other screens and programs do: sign-ins, a cloud's command, the keyring, a live request."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from claude_auth.app.dialogs.choose import ChooseDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.claude_terminal import ClaudeScreen
from claude_auth.app.screens.probe import ProbeScreen
from claude_auth.app.screens.run import RunScreen
from claude_auth.app.screens.sign_in import SignInOwnScreen
from claude_auth.sandbox import stand_in
from claude_auth.sandbox.authorization_rules import CONFIDENTIAL_CLIENT
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN, CloudEndpoints
from claude_auth.sandbox.messages_api import MessagesApi
from claude_auth.store import keyring
from tests.actions.set_up.stage import GATEWAY, KEY, TYPED
from tests.app.set_up_stage import SetUpStage
from tests.own_world import visit
from tests.store.world import FakeKeyring


def claude(directory: Path) -> dict[str, str]:
    stand_in.install(directory / "bin", {"login": {"code": "good#code"}})
    return {"PATH": f"{directory / 'bin'}:/usr/bin:/bin"}


@pytest.mark.parametrize("way", ["subscription", "console"])
def test_claude_code_signs_in(way: str, tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path, environ=claude(tmp_path))

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, way, "clear")
        await stage.take(pilot, "go-on", "do")
        await stage.to(pilot, "task:sign-in")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ClaudeScreen))
        await stage.until(pilot, lambda: "Paste code here" in stage.text)
        await pilot.press(*"good#code", "enter")
        await stage.until(pilot, lambda: not stage.app.screen.running)  # type: ignore[attr-defined]
        await stage.back(pilot, "q", "task:sign-in")
        await stage.take(pilot, "go-on", "prove")
        assert stage.screen.seen.proof is not None
        assert stage.screen.seen.proof.proved

    stage.play(script)


def test_a_sign_in_that_is_given_up_is_still_to_be_done(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path, environ=claude(tmp_path))

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "subscription", "clear")
        await stage.take(pilot, "go-on", "do")
        await stage.to(pilot, "task:sign-in")
        await stage.until(pilot, lambda: "Paste code here" in stage.text)
        await pilot.press("ctrl+right_square_bracket", "ctrl+x")
        await stage.until(pilot, lambda: not stage.app.screen.running)  # type: ignore[attr-defined]
        await pilot.press("q")
        await stage.there(pilot)
        assert "task:sign-in" in stage.screen.listed.choices
        await stage.take(pilot, "go-on", "prove")
        assert stage.screen.seen.proof is not None
        assert not stage.screen.seen.proof.proved
        assert "not proved yet" in stage.shown[-1]

    stage.play(script)


def test_a_client_of_one_s_own_signs_in_here(tmp_path: Path) -> None:
    with AuthorizationServer() as server:
        stage = SetUpStage(tmp_path)

        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            await stage.take(pilot, "own-client", "clear")
            await stage.take(pilot, "go-on", "do")
            await stage.paste(pilot, "client_id", CONFIDENTIAL_CLIENT.client_id)
            await stage.paste(pilot, "issuer", server.issuer)
            await stage.paste(pilot, "client_secret", CONFIDENTIAL_CLIENT.secret or "")
            await stage.agree(pilot, "task:client")
            await stage.to(pilot, "task:sign-in")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, SignInOwnScreen))
            screen = stage.app.screen
            assert isinstance(screen, SignInOwnScreen)
            await stage.until(pilot, lambda: screen.address.offered is not None)
            assert "it leads to 127.0.0.1" in stage.words
            offered = screen.address.offered
            assert offered is not None
            page = await asyncio.to_thread(visit, offered.url.reveal())
            assert "sign-in worked" in page
            await stage.until(pilot, lambda: not screen.running)
            stage.shown.append(stage.text)
            await stage.back(pilot, "q", "task:sign-in")
            await stage.agree(pilot, "task:settings")
            await stage.take(pilot, "go-on", "prove")

        stage.play(script)
    settings = json.loads((stage.engine.home / ".claude/settings.json").read_text())
    assert settings["apiKeyHelper"].endswith("token --store sdk")
    assert stage.leaks() == []


def test_a_cloud_s_command_runs_after_its_own_question(tmp_path: Path) -> None:
    program = tmp_path / "bin/aws"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable} -E\n{AWS_STAND_IN}")
    program.chmod(0o755)
    with CloudEndpoints() as cloud:
        path = {"PATH": f"{program.parent}:/usr/bin:/bin"}
        stage = SetUpStage(tmp_path, environ={**path, **cloud.environment()})

        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            await stage.take(pilot, "bedrock-sso", "clear")
            await stage.take(pilot, "go-on", "do")
            for field, text in TYPED["bedrock-sso"].items():
                await stage.paste(pilot, field, text)
            await stage.agree(pilot, "task:settings")
            await stage.to(pilot, "task:run")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ChooseDialog | ConfirmDialog))
            if isinstance(stage.app.screen, ChooseDialog):
                await pilot.press("enter")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
            assert cloud.world.requests == []
            await pilot.press("Y")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, RunScreen))
            await stage.until(pilot, lambda: not stage.app.screen.running)  # type: ignore[attr-defined]
            await stage.back(pilot, "q", "task:run")
            await stage.take(pilot, "go-on", "prove")
            assert stage.screen.seen.proof is not None
            assert stage.screen.seen.proof.proved

        stage.play(script)


@pytest.mark.parametrize("agreed", [True, False])
def test_a_key_goes_into_the_keyring_after_a_yes(
    agreed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = FakeKeyring()
    monkeypatch.setattr(keyring, "system_backend", lambda: backend)
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "api-key", "clear")
        await stage.take(pilot, "go-on", "do")
        await stage.paste(pilot, "key", KEY)
        if agreed:
            await stage.agree(pilot, "task:keep-key")
            return
        await stage.to(pilot, "task:keep-key")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
        await pilot.press("enter")
        await stage.there(pilot)

    stage.play(script)
    assert [KEY in text for text in backend.items.values()] == [True] * agreed
    assert stage.leaks() == []


@pytest.mark.parametrize("opens", [True, False])
def test_where_no_keyring_takes_the_key_another_place_is_asked_for(
    opens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens and takes nothing, or is not there at all: then it is not where the cursor stands."""
    backend = FakeKeyring()
    backend.problem = "refuses"

    def opened() -> FakeKeyring:
        return backend if opens else none_here()

    def none_here() -> FakeKeyring:
        raise keyring.unavailable("made up")

    monkeypatch.setattr(keyring, "system_backend", opened)
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "api-key", "clear")
        if opens:
            assert stage.screen.set_up.progress.place == "keyring"
            await stage.take(pilot, "go-on", "do")
            await stage.paste(pilot, "key", KEY)
            await stage.to(pilot, "task:keep-key")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
            await pilot.press("Y")
            await stage.until(pilot, lambda: stage.screen.seen.step == "clear")
            await stage.there(pilot)
            assert stage.screen.listed.cursor == "place"
        else:
            assert stage.screen.set_up.progress.place == "shell"
        assert set(stage.screen.seen.refusing) == {"keyring"}
        await stage.to(pilot, "place")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, ChooseDialog))

    stage.play(script)
    assert not (stage.engine.home / ".claude/settings.json").exists()
    assert stage.leaks() == []


def test_a_live_request_goes_out_after_its_own_question(tmp_path: Path) -> None:
    with MessagesApi([GATEWAY]) as api:
        stage = SetUpStage(tmp_path)

        async def script(pilot: Pilot[int]) -> None:
            await stage.open(pilot)
            await stage.take(pilot, "gateway", "clear")
            await stage.take(pilot, "go-on", "do")
            await stage.paste(pilot, "url", api.url)
            await stage.paste(pilot, "token", GATEWAY)
            await stage.agree(pilot, "task:settings")
            await stage.take(pilot, "go-on", "prove")
            await stage.to(pilot, "send")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ProbeScreen))
            screen = stage.app.screen
            assert isinstance(screen, ProbeScreen)
            await stage.until(pilot, lambda: screen.planned is not None)
            assert api.requests == []
            await pilot.press("enter")
            await stage.until(pilot, lambda: isinstance(stage.app.screen, ConfirmDialog))
            assert api.requests == []
            await pilot.press("Y")
            await stage.until(pilot, lambda: screen.started and not screen.running)
            stage.shown.append(stage.text)
            assert len(api.requests) == 1
            await pilot.press("q")
            await stage.there(pilot)
            assert stage.screen.seen.step == "prove"

        stage.play(script)
    assert stage.leaks() == []


def test_what_holds_in_a_new_shell_alone_is_not_asked_from_this_one(tmp_path: Path) -> None:
    stage = SetUpStage(tmp_path)

    async def script(pilot: Pilot[int]) -> None:
        await stage.open(pilot)
        await stage.take(pilot, "year-token", "clear")
        await stage.take(pilot, "go-on", "do")
        await stage.paste(pilot, "token", TYPED["year-token"]["token"])
        await stage.agree(pilot, "task:startup")
        await stage.take(pilot, "go-on", "prove")
        proof = stage.screen.seen.proof
        assert proof is not None
        assert (proof.proved, proof.new_shell) == (True, True)
        assert "send" not in stage.screen.listed.choices
        assert "from there: claude-auth probe" in stage.shown[-1]

    stage.play(script)
