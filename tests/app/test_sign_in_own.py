"""The own OAuth client: steps as they come, the ways to the address, pastes right and wrong, every end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from claude_auth.actions.accounts import OpenedStore
from claude_auth.actions.result import Result
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.sign_in import SignInOwnScreen
from claude_auth.app.screens.sign_out import SignOutOwnScreen
from claude_auth.app.widgets.fields import PasteLine
from claude_auth.oauth.callback import problem
from claude_auth.security.secret import Secret
from claude_auth.store.files import FileStore
from tests.app.stage import CLIENT, NOW, SIZES, OwnScripted, Scripted, Stage

ADDRESS = (
    "https://id.example.org/authorize?response_type=code&client_id=engines&redirect_uri="
    "http%3A%2F%2Flocalhost%3A8089%2Fcallback&code_challenge_method=S256"
    "&code_challenge=" + "madeUpChallenge" * 3 + "&state=" + "madeUpState" * 4
)
CODE = "canary-code-4711#" + "madeUpState" * 4
SAVED = Result("signed-in", "sdk", None, None, "33cc44dd", NOW + 3600)
SSH = {"SSH_CONNECTION": "10.0.0.9 50000 10.0.0.5 22"}


def screen(stage: Stage) -> SignInOwnScreen:
    found = next(one for one in stage.app.screen_stack if isinstance(one, SignInOwnScreen))
    assert isinstance(found, SignInOwnScreen)
    return found


async def wait_for_answer(stage: Stage, pilot: Pilot[int], notice: str | None = None) -> OwnScripted:
    store = FileStore.of_sdk("/home/ada")
    stage.services.logins.store = OpenedStore(store, notice)
    await pilot.press("l", "end", "up", "enter")
    await stage.until(pilot, lambda: bool(stage.services.actions))
    action = stage.services.actions[-1]
    assert isinstance(action, OwnScripted)
    action.sign_in.url = Secret(ADDRESS)
    action.tell("signin.started", "The sign-in has started.")
    action.tell("signin.listening", "Listening on port 8089 of this computer.")
    action.tell("signin.waiting", "Open the address and allow access; the browser brings the answer back.")
    await stage.until(pilot, lambda: screen(stage).address.offered is not None)
    return action


async def finish(stage: Stage, pilot: Pilot[int], action: Scripted) -> None:
    action.end()
    await stage.until(pilot, lambda: not stage.app.screen.running)  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["waiting", "wrong-paste", "saved", "failed"])
def test_picture_sign_in_own(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ={**CLIENT, **SSH})
    stage.services.result = SAVED if step == "saved" else Result("failed", "sdk", error="Access was denied.")

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        action = await wait_for_answer(stage, pilot)
        if step == "wrong-paste":
            action.sign_in.problem = problem("earlier-attempt")
            stage.app.screen.post_message(events.Paste(CODE))
        if step == "saved":
            action.tell("signin.answered", "The answer has arrived from the browser.")
            action.tell("signin.exchanging", "Exchanging the code for a token.")
            action.tell("signin.saved", "The login is saved: /home/ada/.claude_code/tokens.json.")
            await finish(stage, pilot, action)
        if step == "failed":
            action.tell("signin.failed", "Access was denied. Start the sign-in again.", "error")
            await finish(stage, pilot, action)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_steps_address_and_the_forwarded_port(size: tuple[int, int], tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ={**CLIENT, **SSH})

    async def look(pilot: Pilot[int]) -> None:
        await wait_for_answer(stage, pilot)
        words = stage.words
        assert "Listening on port 8089 of this computer." in words
        assert ADDRESS in re.sub(r"[\s│]", "", stage.text)
        assert re.search(r"The address to open · it leads to \S+ · QR \d+ rows", stage.text)
        assert "it leads to id.example.org, is bound to this attempt" in words
        assert "ssh -N -L 8089:127.0.0.1:8089 ada@10.0.0.5" in words
        assert "browser: this is an SSH session: a browser would open on the other computer" in words
        assert "Paste the code, or the whole address" in words
        assert "^x Cancel" in stage.hint

    stage.play(look, size)


def test_over_ssh_a_browser_opens_only_when_asked(tmp_path: Path) -> None:
    from claude_auth.sandbox import scenes

    machine = scenes.SCENES["healthy"].host._replace(display=True)
    stage = Stage(tmp_path, environ={**CLIENT, "BROWSER": "/bin/true"}, machine=machine)
    opened: list[Any] = []

    async def press(pilot: Pilot[int]) -> None:
        stage.services.started = opened
        await wait_for_answer(stage, pilot)
        assert not opened
        await pilot.press("b")
        await pilot.pause()
        assert opened == [("/bin/true", ADDRESS)]
        assert "opened with true" in stage.words

    stage.play(press)


def test_a_fallback_of_the_store_is_said(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)
    notice = "the keyring can't be used: no Secret Service answers; the token set goes into the file instead"

    async def look(pilot: Pilot[int]) -> None:
        await wait_for_answer(stage, pilot, notice)
        assert "▲ the keyring can't be used" in stage.words

    stage.play(look)


@pytest.mark.parametrize("where", ["screen", "field"])
def test_a_paste_is_taken_anywhere_and_never_shown(where: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        action = await wait_for_answer(stage, pilot)
        if where == "field":
            await pilot.press("i")
            await pilot.pause()
        assert stage.app.focused is not None
        stage.app.focused.post_message(events.Paste(CODE))
        await stage.settle(pilot)
        assert action.sign_in.pasted == [CODE]
        assert "canary" not in stage.text
        assert "✓ taken" in stage.words

    stage.play(press)
    assert "canary" not in stage.journal()


def test_a_wrong_paste_says_what_is_wrong_and_goes_on_waiting(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        action = await wait_for_answer(stage, pilot)
        for kind in ("earlier-attempt", "e-mail-code", "no-state", "token"):
            action.sign_in.problem = problem(kind)
            stage.app.screen.post_message(events.Paste(CODE))
            await stage.settle(pilot)
            assert problem(kind).text[:40] in stage.words
            assert screen(stage).running

    stage.play(press)


def test_typing_by_hand(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        action = await wait_for_answer(stage, pilot)
        await pilot.press("i", *"canaryq", "backspace")
        await pilot.pause()
        assert "6 characters typed, not shown" in stage.words
        assert "canary" not in stage.text
        await pilot.press("ctrl+u", "enter")
        assert not action.sign_in.pasted
        # A paste that the terminal doesn't bracket, broken in two by the width: the halves are put together.
        action.sign_in.problem = problem("no-state")
        await pilot.press(*"canary-co", "enter")
        await pilot.press(*"de", "enter")
        await pilot.pause()
        assert action.sign_in.pasted == ["canary-co", "de", "canary-code"]
        await pilot.press("tab")
        await pilot.pause()
        assert not isinstance(stage.app.focused, PasteLine)
        assert screen(stage).running

    stage.play(press)


def test_the_ways_to_a_browser(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        await wait_for_answer(stage, pilot)
        await pilot.press("y", "m")
        await pilot.pause()
        assert stage.app.clipboard == ADDRESS
        (path,) = (tmp_path / "run" / "claude-auth").iterdir()
        assert path.read_text().strip() == ADDRESS
        await pilot.press("ctrl+x")
        await stage.until(pilot, lambda: not screen(stage).running)
        assert not path.exists()

    stage.play(press)


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c"])
def test_cancel_then_again(key: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def press(pilot: Pilot[int]) -> None:
        action = await wait_for_answer(stage, pilot)
        await pilot.press("q")
        assert "still under way" in stage.hint
        await pilot.press(key)
        await stage.until(pilot, lambda: not screen(stage).running)
        assert action.cancelled
        assert "The sign-in was cancelled. Nothing was changed." in stage.words
        assert "r Again" in stage.hint
        await pilot.press("r")
        await stage.until(pilot, lambda: len(stage.services.actions) == 2)
        assert screen(stage).running
        await pilot.press("ctrl+x")
        await stage.until(pilot, lambda: not screen(stage).running)
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))

    stage.play(press)


def test_every_key_has_id_and_tooltip(tmp_path: Path) -> None:
    stage = Stage(tmp_path, environ=CLIENT)

    async def look(pilot: Pilot[int]) -> None:
        await wait_for_answer(stage, pilot)
        for active in stage.app.screen.active_bindings.values():
            assert active.binding.id, active.binding
            assert active.binding.tooltip, active.binding
            assert 0 < len(active.binding.description) <= 18

    stage.play(look)


# ── signing out of it ────────────────────────────────────────────────────────────────────────────


def test_sign_out_where_the_server_is_not_told(tmp_path: Path) -> None:
    from claude_auth.sandbox import scenes

    seen = scenes.snapshot(scenes.SCENES["healthy"], tmp_path / "seen")
    stage = Stage(tmp_path, "fresh", sdk_tokens=seen.login)
    stage.services.result = Result("failed", "sdk", None, "11aa22bb", error="the server was not told")

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("o")
        await pilot.pause()
        assert "Sign out of the SDK's store?" in stage.words
        assert "programs that use this login stop working" in stage.words
        await pilot.press("Y")
        await stage.until(pilot, lambda: bool(stage.services.actions))
        assert stage.services.asked == [("sdk", False)]
        await pilot.press("o")
        assert "wait for the server" in stage.hint
        await finish(stage, pilot, stage.services.actions[0])
        assert isinstance(stage.app.screen, SignOutOwnScreen)
        await pilot.press("o", "enter")
        await pilot.pause()
        assert stage.services.asked == [("sdk", False)]
        stage.services.result = Result("signed-out", "sdk", None, "11aa22bb")
        await pilot.press("o", "Y")
        await stage.until(pilot, lambda: len(stage.services.actions) == 2)
        assert stage.services.asked[-1] == ("sdk", True)
        await finish(stage, pilot, stage.services.actions[1])
        assert "✓ signed out" in stage.words
        await pilot.press("o")
        assert "nothing left to remove" in stage.hint

    stage.play(press)
