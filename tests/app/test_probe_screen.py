"""The probe's screen: the plan first, one request once agreed to, the answer with its causes; on loopback."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.network import Planned, Probe
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.probe import ProbeScreen
from claude_auth.app.services import Asking
from claude_auth.app.widgets.causes import Causes
from claude_auth.diagnose import MachineAnswers, diagnose
from claude_auth.diagnose.texts import explain
from claude_auth.model import CommandRun, Event, Snapshot
from claude_auth.network.probe import ProbeAnswer
from claude_auth.sandbox import scenes
from claude_auth.security.secret import Secret
from tests.actions.world import World
from tests.app.driving import screen_lines
from tests.app.stage import NOW, SIZES, Stage, stands
from tests.network.lines import talking, unused_port
from tests.oauth.servers import http, read_request, saying
from tests.waiting import Stopwatch

GATEWAY = scenes.GATEWAY
REFUSED = {
    "type": "error",
    "error": {"type": "authentication_error", "message": "OAuth authentication is currently not supported."},
}


def variables(directory: Path, name: str, environ: Mapping[str, str]) -> Any:
    """As the observer sees them in the shell."""
    laid = scenes.SCENES[name]
    laid = dataclasses.replace(laid, environ={**laid.environ, **environ})
    return scenes.snapshot(laid, directory / "seen").variables


def stage_of(tmp_path: Path, name: str = "fresh", **environ: str) -> Stage:
    return Stage(tmp_path, name, variables=variables(tmp_path, name, environ))


def at_gateway(tmp_path: Path, port: int, name: str = "fresh") -> Stage:
    return stage_of(
        tmp_path, name, ANTHROPIC_BASE_URL=f"http://127.0.0.1:{port}", ANTHROPIC_AUTH_TOKEN=GATEWAY
    )


def screen_of(stage: Stage) -> ProbeScreen:
    screen = stage.app.screen
    assert isinstance(screen, ProbeScreen)
    return screen


async def open_screen(stage: Stage, pilot: Pilot[int]) -> ProbeScreen:
    await pilot.press("s")
    await stage.until(pilot, lambda: stands(stage, ProbeScreen))
    screen = screen_of(stage)
    await stage.until(pilot, lambda: screen.planned is not None)
    return screen


async def send(stage: Stage, pilot: Pilot[int]) -> ProbeScreen:
    screen = await open_screen(stage, pilot)
    await agree_to_send(stage, pilot)
    await stage.until(pilot, lambda: screen.started and not screen.running)
    return screen


async def agree_to_send(stage: Stage, pilot: Pilot[int]) -> None:
    """Enter asks; only the dialog's own letter sends."""
    await pilot.press("enter")
    await stage.until(pilot, lambda: stands(stage, ConfirmDialog))
    await pilot.press("Y")
    await stage.settle(pilot)


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


class ScriptedProbe(Probe):
    """Nothing is sent; the answer is that of a server that was asked once."""

    async def events(self) -> AsyncIterator[Event]:
        plan = self.planned.plan
        yield Event(NOW, "probe.sent", plan.title)
        snapshot, resolution = self.planned.snapshot, self.planned.resolution
        text = json.dumps(REFUSED)
        here = MachineAnswers.of(snapshot, resolution, diagnose(snapshot, resolution))
        causes = explain(f"HTTP/1.1 401\n\n{text}", here)[1]
        words = "the credential was not accepted (401)"
        self.answer = ProbeAnswer(False, words, 0.4, 401, text, causes, -130.0)
        yield Event(NOW + 0.4, "probe.answered", words, "warning")


class ScriptedAsking(Asking):
    def probe(self, planned: Planned) -> Probe:
        return ScriptedProbe(planned, {})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["plan", "refused", "nothing", "evaluate"])
def test_picture_probe(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    if step == "nothing":
        stage = Stage(tmp_path, "fresh")
    elif step == "evaluate":
        stage = Stage(tmp_path, "helper")
    else:
        environ = {"ANTHROPIC_BASE_URL": "https://gateway.example", "ANTHROPIC_AUTH_TOKEN": GATEWAY}
        stage = stage_of(tmp_path, **environ)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        stage.services.asking = ScriptedAsking(stage.services)
        screen = ProbeScreen(stage.services, stage.services.host.look())
        stage.app.push_screen(screen)
        await stage.until(pilot, lambda: screen.planned is not None)
        if step == "refused":
            await agree_to_send(stage, pilot)
            await stage.until(pilot, lambda: screen.started and not screen.running)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_shown_before_anything_is_sent(size: tuple[int, int], tmp_path: Path) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b'{"data": []}'), asked)) as port:
        stage = at_gateway(tmp_path, port)

        async def look(pilot: Pilot[int]) -> None:
            await open_screen(stage, pilot)
            words = stage.words
            for part in (
                "The plan · as claude",
                "for its list of models",
                "Cost: nothing that we know of",
                f"GET http://127.0.0.1:{port}/v1/models",
                "authorization: Bearer …g4t3 (ANTHROPIC_AUTH_TOKEN)",
                "Press Enter to send exactly this",
            ):
                assert part in words, words
            assert "Enter Send" in stage.hint
            await pilot.press("enter")
            await stage.until(pilot, lambda: stands(stage, ConfirmDialog))
            assert "authorization: Bearer …g4t3" in stage.words
            await pilot.press("y", "enter")  # the cursor stands on no
            await stage.until(pilot, lambda: stands(stage, ProbeScreen))
            assert asked == []
            await pilot.press("q")
            assert stands(stage, Dashboard)

        stage.play(look, size)
        assert asked == []
        assert "probe" not in stage.journal()


def test_nothing_to_probe_says_why_and_what_to_do(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "fresh")

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        assert "Nothing can be probed: no request would go out" in stage.words
        await pilot.press("enter")
        assert "nothing can be sent: the plan says why" in stage.hint
        assert stage.journal() == ""

    stage.play(look)


@pytest.mark.parametrize(("name", "words"), [("bedrock", "Ask AWS (STS"), ("vertex", "Ask Google for an")])
def test_whose_cloud_credentials_they_are(name: str, words: str, tmp_path: Path) -> None:
    stage = Stage(tmp_path, name)

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        assert words in stage.words
        assert "Cost: nothing" in stage.words

    stage.play(look)


def test_a_plan_that_fails_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "fresh")
    host = stage.services.host

    def fail() -> Snapshot:
        raise OSError("made up")

    async def look(pilot: Pilot[int]) -> None:
        stage.services.host = host._replace(look=fail)
        await pilot.press("s")
        await stage.until(pilot, lambda: "It could not be planned (OSError)" in stage.words)
        stage.services.host = host
        await pilot.press("r")
        await stage.until(pilot, lambda: "Nothing can be probed" in stage.words)

    stage.play(look)


def test_another_program_can_ask(tmp_path: Path) -> None:
    """An SDK may not send a Claude account's token; Claude Code itself may, and the screen says how."""
    stage = stage_of(tmp_path, ANTHROPIC_API_KEY=scenes.OAT)

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await pilot.press("c")
        await stage.settle(pilot)
        stage.app.screen.dismiss("anthropic-sdk")
        await stage.until(pilot, lambda: screen.planned is not None and screen.client == "anthropic-sdk")
        assert "never sent by us" in stage.words
        assert "Press c and choose claude -p" in stage.words
        await pilot.press("c")
        await stage.settle(pilot)
        stage.app.screen.dismiss("claude-print")
        await stage.until(pilot, lambda: screen.planned is not None and screen.client == "claude-print")
        assert "Answer with: ok" in stage.words
        assert "Cost: one short request" in stage.words

    stage.play(look)


def ran(snapshot: Snapshot, *_: object) -> Snapshot:
    setting = snapshot.settings["apiKeyHelper"][0]
    run = CommandRun("apiKeyHelper", setting.value, 0, Secret(scenes.KEY), Secret(""), 0.1)
    return snapshot._replace(runs={"apiKeyHelper": run})


@pytest.mark.parametrize("key", ["escape", "ctrl+x", "ctrl+c"])
def test_a_helper_that_runs_is_shown_and_can_be_ended(key: str, tmp_path: Path) -> None:
    stops: list[threading.Event] = []

    def waits(
        snapshot: Snapshot, client: str, version: str | None, agreed: bool, stop: threading.Event
    ) -> Snapshot:
        stops.append(stop)
        stop.wait(60.0)
        return ran(snapshot)

    stage = Stage(tmp_path, "helper")
    stage.services.host = stage.eyes = stage.eyes._replace(evaluate=waits)

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await pilot.press("e")
        await stage.until(pilot, lambda: stands(stage, ConfirmDialog))
        await pilot.press("Y")
        await stage.until(pilot, lambda: bool(stops) and stands(stage, ProbeScreen))
        await stage.until(pilot, lambda: "running apiKeyHelper · " in stage.words)
        assert screen.refuses("evaluate")
        await pilot.press(key)
        await stage.until(pilot, stops[0].is_set)
        await stage.until(pilot, lambda: not screen.is_evaluating)
        assert stands(stage, ProbeScreen)
        assert screen.planned is not None
        assert screen.planned.plan.kind != "request"

    stage.play(look)


@pytest.mark.parametrize(("key", "runs"), [("Y", True), ("n", False)])
def test_a_helper_is_run_on_consent(key: str, runs: bool, tmp_path: Path) -> None:
    stage = Stage(tmp_path, "helper")
    stage.services.host = stage.eyes = stage.eyes._replace(evaluate=ran)

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        assert "before a command is run" in stage.words
        assert "Press e: it shows what would be run" in stage.words
        assert "--evaluate" not in stage.words
        await pilot.press("e")
        await stage.until(pilot, lambda: stands(stage, ConfirmDialog))
        assert "~/bin/get-key --vault work" in stage.words
        await pilot.press(key)
        await stage.until(pilot, lambda: stands(stage, ProbeScreen))
        await stage.until(pilot, lambda: not any(worker.node is screen for worker in stage.app.workers))
        assert screen.planned is not None
        assert (screen.planned.plan.kind == "request") is runs
        assert ("x-api-key: sk-ant-api03-…k3y9" in stage.words) is runs

    stage.play(look)


def test_somebody_elses_credentials_are_not_sent(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b'{"data": []}'), asked)) as port:
        stage = at_gateway(tmp_path, port)
        stage.services.host = stage.eyes = stage.eyes._replace(ours=lambda: False)

        async def look(pilot: Pilot[int]) -> None:
            await open_screen(stage, pilot)
            assert "belong to somebody else" in stage.words
            await pilot.press("enter")
            await stage.settle(pilot)

        stage.play(look)
    assert asked == []


def test_claude_code_of_another_home_is_not_asked(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "healthy", environ={"HOME": "/home/somebody"})

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        assert "with the files of your own home" in stage.words

    stage.play(look)


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES.values())
def test_accepted(size: tuple[int, int], tmp_path: Path) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b'{"data": []}'), asked)) as port:
        stage = at_gateway(tmp_path, port)

        async def look(pilot: Pilot[int]) -> None:
            screen = await send(stage, pilot)
            assert screen.answered
            assert "✓ The credential was accepted (200)" in stage.words
            await pilot.press("y")
            assert "clipboard" in stage.hint
            assert "accepted (200)" in stage.app.clipboard
            await stage.settle(pilot)
            assert len(asked) == 1
            await pilot.press("r")
            await stage.until(pilot, lambda: screen.planned is not None)
            assert "Press Enter to send exactly this" in stage.words

        stage.play(look, size)
        assert len(asked) == 1
        assert f"authorization: bearer {GATEWAY}".lower() in asked[0].decode().lower()
        assert b"sk-ant-oat" not in asked[0]
    for kind in ("probe.sent", "probe.answered"):
        assert kind in stage.journal()
    assert GATEWAY not in stage.journal()


def test_refused_with_the_token_in_the_answer(tmp_path: Path) -> None:
    body = json.dumps({**REFUSED, "you_sent": f"Bearer {GATEWAY}"}).encode()
    with talking(saying(http(body, status="401 Unauthorized"))) as port:
        stage = at_gateway(tmp_path, port, "healthy")

        async def look(pilot: Pilot[int]) -> None:
            screen = await send(stage, pilot)
            words = stage.words
            assert "✗ The credential was not accepted (401)" in words
            assert "What it means" in words
            assert screen.query_one(Causes).cause is not None
            seen = ["\n".join(screen_lines(stage.app)), stage.app.export_screenshot(), repr(screen)]
            await pilot.press("y")
            seen += [stage.app.clipboard, repr(vars(screen)), stage.journal()]
            for view in (screen.answer_view, screen.plan_view):
                seen += [view.text(), repr(vars(view))]
            assert not [one for one in seen if GATEWAY[8:40] in one]

        stage.play(look)


def test_a_page_tells_nothing_about_the_credential(tmp_path: Path) -> None:
    page = b"<html>[red]Sign in to the network\x1b[2J</html>"
    with talking(saying(http(page, status="403 Forbidden", more="Content-Type: text/html\r\n"))) as port:
        stage = at_gateway(tmp_path, port)

        async def look(pilot: Pilot[int]) -> None:
            await send(stage, pilot)
            assert "? A web page came back (403)" in stage.words
            assert "\x1b" not in stage.text

        stage.play(look)


def test_no_answer_at_all(tmp_path: Path) -> None:
    stage = at_gateway(tmp_path, unused_port())

    async def look(pilot: Pilot[int]) -> None:
        screen = await send(stage, pilot)
        assert screen.answered
        assert "? No answer came back" in stage.words

    stage.play(look)


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["ctrl+x", "ctrl+c", "escape", "q"])
def test_a_server_that_hangs_is_not_waited_for(key: str, tmp_path: Path) -> None:
    import socket
    import threading

    over, came = threading.Event(), threading.Event()

    def hang(connection: socket.socket) -> None:
        read_request(connection)
        came.set()
        over.wait(60)

    with talking(hang) as port:
        stage = at_gateway(tmp_path, port)

        async def look(pilot: Pilot[int]) -> None:
            screen = await open_screen(stage, pilot)
            await agree_to_send(stage, pilot)
            await stage.until(pilot, came.is_set)
            assert "of at most 30 s; ^x stops waiting" in stage.words
            await pilot.press("enter", "c", "r")
            assert stands(stage, ProbeScreen)
            assert "it is under way" in stage.hint
            watch = Stopwatch()
            await pilot.press(key)
            if key in ("q", "escape"):
                assert stands(stage, Dashboard)
            else:
                await stage.until(pilot, lambda: not screen.running)
                assert "no longer waited for: what was sent is not taken back" in stage.words
                assert "there is no answer" in stage.words
            assert watch.seconds < 5

        try:
            stage.play(look)
        finally:
            over.set()
    assert "probe.cancelled" in stage.journal()
    assert "probe.answered" not in stage.journal()


# ── Claude Code itself ───────────────────────────────────────────────────────────────────────────


def with_stand_in(tmp_path: Path, **script: Any) -> tuple[Stage, World]:
    world = World(tmp_path / "world").client(**script).login()
    seen = world.look()
    (tmp_path / "stage").mkdir()
    stage = Stage(
        tmp_path / "stage",
        "fresh",
        environ=world.environ,
        places=seen.places,
        login=seen.login,
        claude_json=seen.claude_json,
    )
    host = stage.services.host
    stage.services.host = host._replace(look=lambda: host.look()._replace(installed=seen.installed))
    return stage, world


@pytest.mark.parametrize("size", SIZES.values())
def test_claude_code_itself_is_run_for_its_own_login(size: tuple[int, int], tmp_path: Path) -> None:
    stage, world = with_stand_in(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        assert "Run `claude -p` once and look at its answer" in stage.words
        assert "Cost: one short request" in stage.words
        assert world.did == []
        screen = screen_of(stage)
        await agree_to_send(stage, pilot)
        await stage.until(pilot, lambda: screen.answered)
        assert "the credential works" in stage.words

    stage.play(look, size)
    assert world.did
    assert scenes.OAT not in stage.journal()


def test_what_claude_code_says_is_explained_without_its_token(tmp_path: Path) -> None:
    said = f"API Error: 401 {json.dumps(REFUSED)} · token {scenes.OAT}"
    stage, world = with_stand_in(tmp_path)
    program = world.root / "bin/claude"
    program.write_text(f"#!/bin/sh\necho '{said}'\nexit 1\n")

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await agree_to_send(stage, pilot)
        await stage.until(pilot, lambda: screen.answered)
        assert "✗ Claude Code ended with code 1" in stage.words
        assert screen.query_one(Causes).cause is not None
        assert scenes.OAT[20:60] not in stage.text + repr(vars(screen)) + stage.journal()

    stage.play(look)


def test_a_slow_claude_code_is_left_alone(tmp_path: Path) -> None:
    stage, world = with_stand_in(tmp_path, print={"wait": 600})

    async def look(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await agree_to_send(stage, pilot)
        await stage.until(pilot, lambda: bool(world.did))
        assert "of at most 120 s" in stage.words
        await pilot.press("ctrl+x")
        await stage.until(pilot, lambda: not screen.running)
        assert "Claude Code goes on undisturbed" in stage.words
        process = world.did[0]["pid"]
        assert running(process)
        os.kill(process, signal.SIGKILL)
        await stage.until(pilot, lambda: not running(process))

    stage.play(look)


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_left_before_it_was_begun_nothing_is_sent(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b"{}"), asked)) as port:
        stage = at_gateway(tmp_path, port)

        async def look(pilot: Pilot[int]) -> None:
            screen = await open_screen(stage, pilot)
            assert screen.planned is not None
            screen.action = stage.services.asking.probe(screen.planned)
            screen.begin(screen.action.events())
            screen.action_leave()
            await stage.until(pilot, lambda: stands(stage, Dashboard))
            await stage.app.workers.wait_for_complete()

        stage.play(look)
    assert asked == []
