"""The real `claude`, where one is on PATH: its own prompts, in a home of its own, with made-up tokens, and
without a network (a namespace of its own where the kernel allows, a dead proxy everywhere)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from claude_auth.actions.claude_cli import Delegated, SignInChoice, SignInTask, SignOutTask
from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
from claude_auth.claude_code.refreshing import Timing
from claude_auth.claude_code.sign_in_links import check_sign_in_link
from claude_auth.journal import Journal, read
from claude_auth.journal.activity import Activity
from claude_auth.processes.links import Link
from claude_auth.processes.stream import Pane
from claude_auth.resolve import resolve
from tests.actions.world import HOUR, World, all_of, kinds
from tests.guard import real_program

REAL = real_program("claude")
NOWHERE = "http://127.0.0.1:9"
_APART = '#!/bin/sh\nexec unshare --net sh -c \'ip link set lo up; exec "$@"\' sh {} "$@"\n'
_PLAIN = '#!/bin/sh\nexec {} "$@"\n'

pytestmark = pytest.mark.skipif(
    REAL is None, reason="needs the real Claude Code: npm install -g @anthropic-ai/claude-code"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    assert REAL is not None
    world = World(tmp_path, {"HTTPS_PROXY": NOWHERE, "DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1"})
    alone = (
        shutil.which("unshare") and not subprocess.run(["unshare", "--net", "true"], check=False).returncode
    )
    program = world.root / "bin/claude"
    program.parent.mkdir()
    program.write_text((_APART if alone else _PLAIN).format(os.path.realpath(REAL)))
    program.chmod(0o755)
    world.environ["PATH"] = f"{world.root / 'bin'}:{os.environ['PATH']}"
    return world


def test_it_signs_in_like_the_stand_in_says(world: World) -> None:
    """Half a code, then a whole one that no server can check."""
    answers = ["half", "canary-code#canary-state"]

    async def run() -> tuple[list[str], Delegated, str]:
        action = Delegated(
            SignInTask(SignInChoice(email="ada@example.org")),
            look=world.look,
            environ=world.environ,
            limit=60,
        )
        events = []
        async for event in action.events():
            events.append(event)
            if event.kind == "sign-in.wants-code" and answers and action.program is not None:
                action.program.pane.type(answers.pop(0).encode() + b"\r")
        return kinds(events), action, repr(events)

    said, action, kept = asyncio.run(asyncio.wait_for(run(), 90))
    assert {"browser", "address", "wants-code", "code-incomplete", "exchanging", "refused"} <= set(said)
    assert said[-1] == "unchanged"
    assert action.result is not None
    assert action.result.outcome == "failed"
    assert action.program is not None
    assert [url.judgement for url in action.program.urls] == ["fine"]
    assert "login_hint=ada%40example.org" in action.program.urls[0].url
    assert "canary" not in kept


def test_the_console_has_another_address(world: World) -> None:
    async def run() -> Delegated:
        action = Delegated(
            SignInTask(SignInChoice(console=True)), look=world.look, environ=world.environ, limit=60
        )
        async for event in action.events():
            if event.kind == "sign-in.wants-code":
                await action.cancel()
        return action

    action = asyncio.run(asyncio.wait_for(run(), 90))
    assert action.program is not None
    assert [(url.host, url.judgement) for url in action.program.urls] == [("platform.claude.com", "fine")]


def test_setup_token_shows_a_whole_address_in_its_pane(world: World) -> None:
    links: list[Link] = []
    seen = asyncio.Event()

    def on_link(link: Link) -> None:
        links.append(link)
        seen.set()

    async def run() -> str:
        pane = Pane(
            [str(world.root / "bin/claude"), "setup-token"],
            environment=world.environ,
            cwd=str(world.home),
            on_link=on_link,
        )
        await pane.start()
        await asyncio.wait_for(seen.wait(), 60)
        await pane.cancel()
        return pane.screen.text()

    assert "long-lived" in asyncio.run(run())
    link = check_sign_in_link(links[0].value)
    assert (link.judgement, link.scopes) == ("fine", ("user:inference",))


def test_an_offline_refresh_fails_honestly_and_keeps_the_login(world: World) -> None:
    world.login(-HOUR)
    before = world.look().login.tokens
    timing = Timing(patience=8.0, settle=1.0, grace=3.0, kill=3.0)
    action = DelegatedRefresh(look=world.look, environ=world.environ, timing=timing)
    events = asyncio.run(asyncio.wait_for(all_of(action.events()), 90))
    assert action.result is not None
    assert action.result.outcome == "failed"
    assert "diagnose --network" in (action.result.error or "")
    assert kinds(events)[0] == "started"
    assert world.look().login.tokens == before
    assert not {".claude/.oauth_refresh.lock", ".claude.lock"} & set(world.locks)


def test_signing_out_takes_the_grants_of_mcp_servers_along(world: World) -> None:
    world.login()
    action = Delegated(SignOutTask(), look=world.look, environ=world.environ)
    events = asyncio.run(asyncio.wait_for(all_of(action.events()), 90))
    assert "accepted" in kinds(events)
    assert kinds(events)[-1] == "verified"
    assert not (world.home / ".claude/.credentials.json").exists()


def test_a_refresh_that_comes_to_nothing_is_told_and_kept(world: World) -> None:
    """Seen from outside, as the dashboard sees it: its locks, for how long, and that nothing was saved."""
    world.login(-HOUR)
    directory = str(world.root / "state")
    activity = Activity(Journal(directory))
    command = [str(world.root / "bin/claude"), "mcp", "serve"]

    def look() -> set[str]:
        snapshot = world.look()
        resolution = resolve(snapshot, "claude")
        events = (*activity.first(snapshot, resolution), *activity.look(snapshot, resolution))
        return {event.kind for event in events}

    told = look()
    with subprocess.Popen(
        command,
        env=world.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        until = time.monotonic() + 90
        while "claude.refresh.unchanged" not in told:
            assert time.monotonic() < until, told
            told |= look()
        process.kill()
    assert {"claude.lock.appeared", "claude.lock.released"} <= told
    (event,) = [entry.event for entry in read(directory=directory) if "refresh.unchanged" in entry.event.kind]
    assert (event.data["lock"], event.data["saved"]) == ("seen", "not seen")
