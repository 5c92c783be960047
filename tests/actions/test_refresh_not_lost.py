"""No refresh that we start costs the login: real processes, and a token endpoint on loopback where each
refresh token works once and the answer takes its time."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from claude_auth import files
from claude_auth.actions import refresh_keeper
from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
from claude_auth.actions.look import diagnosed
from claude_auth.actions.result import Result
from claude_auth.claude_code.refreshing import LONGEST_TRIED, OBSERVED, TIMING, Timing
from claude_auth.model import Event
from claude_auth.sandbox.token_endpoint import TokenEndpoint
from tests.actions.world import ACCESS, HOUR, REFRESH, World, all_of, kinds

#: The longest latency that was tried on the real client.
LATE = 6.0
UNOBSERVED = ("2.1.200", "2.1.302", "2.1.318", "9.9.9")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).login(-HOUR)


async def refresh(world: World, timing: Timing = TIMING) -> tuple[list[Event], Result]:
    action = DelegatedRefresh(look=world.look, environ=world.environ, timing=timing)
    events = await asyncio.wait_for(all_of(action.events()), 120)
    assert action.result is not None
    return events, action.result


def stored(world: World) -> dict[str, object]:
    document = json.loads((world.home / ".claude/.credentials.json").read_text())
    login = document["claudeAiOauth"]
    assert isinstance(login, dict)
    return login


def is_lost(world: World, endpoint: TokenEndpoint) -> bool:
    """The next refresh would be refused, and the store wiped."""
    return not endpoint.accepts(str(stored(world)["refreshToken"]))


def ours(world: World) -> list[psutil.Process]:
    """What still runs of a refresh in this world: the client, and what holds its input."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == str(world.home) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def until_nobody_runs(world: World, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while left := ours(world):
        assert time.monotonic() < until, left
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _nobody_is_left(world: World) -> Iterator[None]:
    yield
    for process in ours(world):
        process.kill()


# ── the answer is late ───────────────────────────────────────────────────────────────────────────


def test_a_slow_answer_is_saved_before_the_client_ends_in_every_version(tmp_path: Path) -> None:
    versions = [*(row.first for row in OBSERVED), *(row.last for row in OBSERVED), *UNOBSERVED]

    async def all_at_once(worlds: list[World]) -> list[tuple[list[Event], Result]]:
        return list(await asyncio.gather(*(refresh(world) for world in worlds)))

    with ExitStack() as stack:
        endpoints = [stack.enter_context(TokenEndpoint(REFRESH, LATE)) for _ in versions]
        worlds = [
            World(tmp_path / version).login(-HOUR).client(version=version, token_url=endpoint.url)
            for version, endpoint in zip(versions, endpoints, strict=True)
        ]
        outcomes = asyncio.run(all_at_once(worlds))
        for version, world, endpoint, (events, result) in zip(
            versions, worlds, endpoints, outcomes, strict=True
        ):
            assert result.outcome == "refreshed", (version, [event.text for event in events])
            assert not is_lost(world, endpoint), version
            assert (endpoint.requests, endpoint.refused) == (1, 0), version
            until_nobody_runs(world)
            assert world.locks == []


@pytest.mark.parametrize(
    ("arguments", "version", "loses"),
    [
        (("doctor",), "2.1.250", True),
        (("doctor",), "2.1.310", True),
        (("doctor",), "2.1.332", True),
        (("auth", "status"), "2.1.250", True),
        (("auth", "status"), "2.1.310", True),
        (("auth", "status"), "2.1.322", False),
        (("auth", "status"), "9.9.9", True),
        (("-p", "ok"), "2.1.250", False),
    ],
)
def test_the_stand_in_is_no_kinder_than_the_client(
    arguments: tuple[str, ...], version: str, loses: bool, world: World
) -> None:
    """Earlier than the longest that was tried, so that what saves up to there does."""
    with TokenEndpoint(REFRESH, LONGEST_TRIED / 2) as endpoint:
        world.client(version=version, token_url=endpoint.url)
        program = world.root / "bin/claude"
        subprocess.run([program, *arguments], env=world.environ, capture_output=True, check=True, timeout=60)
        assert is_lost(world, endpoint) is loses
        assert (stored(world)["accessToken"] == ACCESS) is loses
        if loses:  # and the next one signs out
            endpoint.seconds = 0.0
            subprocess.run(
                [program, "-p", "ok"], env=world.environ, capture_output=True, check=True, timeout=60
            )
            assert stored(world)["accessToken"] == ""


def test_a_client_whose_input_ends_too_early_loses_it(world: World) -> None:
    """Why it is held open."""
    with TokenEndpoint(REFRESH, 2.0) as endpoint:
        world.client(token_url=endpoint.url)
        program = world.root / "bin/claude"
        subprocess.run([program, "mcp", "serve"], env=world.environ, input=b"", check=True, timeout=60)
        assert is_lost(world, endpoint)


# ── we end, it goes on ───────────────────────────────────────────────────────────────────────────

PROGRAM = """
import asyncio, json, sys
from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext

home, root, environ = json.loads(sys.argv[1])

async def main():
    look = lambda: observe(ObservationContext(home, home, root, Environment(environ)))
    async for event in DelegatedRefresh(look=look, environ=environ).events():
        print(event.kind, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["hang-up", "kill"])
def test_our_own_end_does_not_cost_the_login_and_leaves_nobody_running(world: World, end: str) -> None:
    with TokenEndpoint(REFRESH, LATE) as endpoint:
        world.client(token_url=endpoint.url, serve={"say": ["x" * 200] * 50})
        arguments = json.dumps([str(world.home), str(world.root), world.environ])
        pid, terminal = pty.fork()
        if pid == 0:
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
            os.execv(sys.executable, [sys.executable, "-c", PROGRAM, arguments])
        said = b""
        while b"refresh.lock-taken" not in said:
            assert select.select([terminal], [], [], 30)[0], said
            said += os.read(terminal, 4096)
        world.wait_for("sent")
        if end == "kill":
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == (signal.SIGHUP if end == "hang-up" else signal.SIGKILL)
        assert "wrote" not in world.did_what()
        world.wait_for("finished")
        assert not is_lost(world, endpoint)
        assert stored(world)["accessToken"] != ACCESS
        until_nobody_runs(world)
        assert world.locks == []


def test_cancelling_our_side_does_not_cost_the_login(world: World) -> None:
    async def cancelled() -> None:
        action = DelegatedRefresh(look=world.look, environ=world.environ)
        task = asyncio.ensure_future(all_of(action.events()))
        await asyncio.to_thread(world.wait_for, "sent")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with TokenEndpoint(REFRESH, 2.0) as endpoint:
        world.client(token_url=endpoint.url)
        asyncio.run(cancelled())
        world.wait_for("finished")
        assert not is_lost(world, endpoint)
        until_nobody_runs(world)


def test_who_ends_the_keeper_does_not_end_the_refresh(world: World) -> None:
    with TokenEndpoint(REFRESH, 3.0) as endpoint:
        world.client(token_url=endpoint.url)

        async def signalled() -> Result:
            task = asyncio.ensure_future(refresh(world))
            await asyncio.to_thread(world.wait_for, "sent")
            (client,) = {entry["pid"] for entry in world.did}
            for process in ours(world):
                if process.pid != client:
                    process.send_signal(signal.SIGTERM)
            return (await task)[1]

        assert asyncio.run(signalled()).outcome == "refreshed"
        assert not is_lost(world, endpoint)
        until_nobody_runs(world)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_who_ends_the_keeper_before_the_refresh_has_begun_does_not_cost_the_login(
    sign: signal.Signals, world: World
) -> None:
    """The input that closed now would end the client in the middle of it."""
    with TokenEndpoint(REFRESH, 1.0) as endpoint:
        world.client(token_url=endpoint.url, serve={"wait": 1.0})

        async def signalled() -> Result:
            task = asyncio.ensure_future(refresh(world))
            await asyncio.to_thread(world.wait_for, "started")
            (client,) = {entry["pid"] for entry in world.did}
            for process in ours(world):
                if process.pid != client:
                    process.send_signal(sign)
            return (await task)[1]

        assert asyncio.run(signalled()).outcome == "refreshed"
        assert not is_lost(world, endpoint)
        until_nobody_runs(world)


def test_a_keeper_that_is_killed_is_not_told_as_a_refresh_that_came_to_nothing(world: World) -> None:
    """The real client goes on and saves [seen, 2.1.332]."""
    with TokenEndpoint(REFRESH, 3.0) as endpoint:
        world.client(token_url=endpoint.url)

        async def killed() -> tuple[list[Event], Result]:
            task = asyncio.ensure_future(refresh(world))
            await asyncio.to_thread(world.wait_for, "sent")
            (client,) = {entry["pid"] for entry in world.did}
            for process in ours(world):
                if process.pid != client:
                    process.kill()
            return await task

        events, result = asyncio.run(killed())
        assert result.outcome == "failed"
        assert "goes on alone" in (result.error or "")
        assert "offer-request" not in kinds(events)
        until_nobody_runs(world)


@pytest.mark.parametrize("how", ["moved away", "emptied", "logged out", "another login"])
def test_a_file_that_was_different_for_a_moment_does_not_end_the_refresh(how: str, world: World) -> None:
    """A restore, or a synchronisation, in the middle of it."""
    credentials = world.home / ".claude/.credentials.json"
    before = credentials.read_bytes()
    quick = Timing(patience=30, settle=1.0, grace=2.0, kill=1.0)
    with TokenEndpoint(REFRESH, 4.0) as endpoint:
        world.client(token_url=endpoint.url)

        async def disturbed() -> Result:
            task = asyncio.ensure_future(refresh(world, quick))
            await asyncio.to_thread(world.wait_for, "sent")
            away = credentials.with_suffix(".away")
            credentials.rename(away)
            if how == "emptied":
                credentials.write_bytes(b"")
            elif how == "logged out":
                credentials.write_bytes(b"{}")
            elif how == "another login":
                credentials.write_bytes(before.replace(ACCESS.encode(), ACCESS.encode() + b"Other"))
            await asyncio.sleep(0.5)
            away.replace(credentials)
            return (await task)[1]

        assert asyncio.run(disturbed()).outcome == "refreshed"
        assert not is_lost(world, endpoint)
        until_nobody_runs(world)


# ── how long it runs ─────────────────────────────────────────────────────────────────────────────


def test_it_is_not_ended_while_its_lock_stands_however_long_that_takes(world: World) -> None:
    """Every time limit is over long before the answer comes."""
    with TokenEndpoint(REFRESH, 9.0) as endpoint:
        world.client(token_url=endpoint.url)
        # The client has to begin within this patience.
        events, result = asyncio.run(refresh(world, Timing(patience=5.0, settle=0.1, grace=0.1, kill=0.1)))
        assert result.outcome == "failed"
        assert "goes on alone" in (result.error or "")
        assert "input ended" not in world.did_what()
        world.wait_for("finished")
        assert not is_lost(world, endpoint)
        assert kinds(events)[-1] == "failed"
        until_nobody_runs(world)


def test_one_that_does_not_end_by_itself_is_ended_after_it_saved(world: World) -> None:
    """Seen on two versions."""
    with TokenEndpoint(REFRESH, 0.5) as endpoint:
        world.client(token_url=endpoint.url, serve={"lingers": True})
        _, result = asyncio.run(refresh(world, Timing(patience=30, settle=1, grace=0.5, kill=0.5)))
        assert result.outcome == "refreshed"
        until_nobody_runs(world)
        assert not is_lost(world, endpoint)


# ── what a failure tells ─────────────────────────────────────────────────────────────────────────

#: The client ends with its input by itself.
QUICK = Timing(patience=1.5, settle=0.5, grace=30.0, kill=30.0)


def findings(world: World) -> list[str]:
    return [finding.id for finding in diagnosed(world.look(), "claude", None)[1]]


def test_without_a_network_it_says_so_and_asks_for_no_request(world: World) -> None:
    said = [
        "\x1b[31mgetaddrinfo ENOTFOUND platform.claude.com\x1b[39m",
        f"sent {REFRESH} and key=sk-ant-api03-madeUpInTheOutput0000000000",
    ]
    world.client(token_url="http://127.0.0.1:9/", serve={"say": said})
    events, result = asyncio.run(refresh(world, QUICK))
    assert result.outcome == "failed"
    assert "diagnose --network" in (result.error or "")
    assert "offer-request" not in kinds(events)
    told = [event.text for event in events if event.kind == "refresh.output"]
    assert told[0] == "getaddrinfo ENOTFOUND platform.claude.com"
    assert not any("sk-ant" in text for text in told)
    assert "refresh-not-saved" not in findings(world)
    until_nobody_runs(world)


def test_a_lock_let_go_at_once_means_the_network(world: World) -> None:
    world.client(token_url="http://127.0.0.1:9/")
    events, result = asyncio.run(refresh(world, QUICK))
    assert "diagnose --network" in (result.error or "")
    assert "offer-request" not in kinds(events)
    assert "refresh-not-saved" not in findings(world)


def test_a_client_that_can_not_refresh_names_the_way_out(world: World) -> None:
    world.client(serve={"refresh": False, "say": ["error: unknown command 'mcp'"]})
    events, result = asyncio.run(refresh(world, QUICK))
    assert "claude auth login" in (result.error or "")
    assert [event.text for event in events if event.kind == "refresh.output"] == [
        "error: unknown command 'mcp'"
    ]
    assert "offer-request" in kinds(events)


def test_a_refresh_that_was_sent_and_not_saved_is_found_until_another_login_is_stored(world: World) -> None:
    with TokenEndpoint(REFRESH, 1.5, status=503) as endpoint:
        world.client(version="2.1.250", token_url=endpoint.url)
        _, result = asyncio.run(refresh(world, QUICK._replace(patience=6.0)))  # within which it begins
        assert result.outcome == "failed"
        assert "claude auth login" in (result.error or "")
    (found,) = [f for f in diagnosed(world.look(), "claude", None)[1] if f.id == "refresh-not-saved"]
    assert [fix.command for fix in found.fixes] == ["claude-auth login", "claude update"]
    note = world.home / ".local/state/claude-auth/unsaved-refresh.json"
    assert note.stat().st_mode & 0o777 == 0o600
    assert "sk-ant" not in note.read_text()
    world.login(-HOUR, accessToken=ACCESS + "Another")
    assert "refresh-not-saved" not in findings(world)


def test_a_refresh_that_is_saved_between_two_looks_is_not_told_as_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = world.home / ".claude/.credentials.json"
    lock = world.home / ".claude/.oauth_refresh.lock"
    look_at = files.signature
    looks: list[str] = []

    def saved_after_this_look(path: str) -> files.Signature:
        seen = look_at(path)
        looks.extend(["locked"] * lock.exists())
        if len(looks) == 2 and lock.exists():
            credentials.write_bytes(
                credentials.read_bytes().replace(ACCESS.encode(), b"sk-ant-oat01-madeUpNew")
            )
            lock.rmdir()
        return seen

    told: list[dict[str, object]] = []
    monkeypatch.setattr(files, "signature", saved_after_this_look)
    monkeypatch.setattr(refresh_keeper, "_tell", lambda **report: told.append(report))
    monkeypatch.setattr(refresh_keeper, "_outlast_signals", lambda: None)
    before = world.look().login.tokens
    assert before is not None
    given = {
        "argv": ["/bin/sh", "-c", f"mkdir {lock}; read line"],
        "name": "sh",
        "cwd": str(world.home),
        "hold_input": True,
        "credentials": str(credentials),
        "fingerprint": before.access_token.fingerprint,
        "lock": str(lock),
        "note": str(world.root / "note.json"),
        "timing": QUICK,
    }
    refresh_keeper.main(given)
    assert [(report["event"], report.get("why")) for report in told] == [
        ("started", None),
        ("closed", "changed"),
        ("ended", None),
    ]


def test_a_client_that_is_killed_in_mid_refresh_leaves_a_finding(world: World) -> None:
    with TokenEndpoint(REFRESH, 20.0) as endpoint:
        world.client(token_url=endpoint.url)

        async def killed() -> Result:
            task = asyncio.ensure_future(refresh(world))
            await asyncio.to_thread(world.wait_for, "sent")
            (client,) = {entry["pid"] for entry in world.did}
            os.kill(client, signal.SIGKILL)
            return (await task)[1]

        result = asyncio.run(killed())
        assert result.outcome == "failed"
        assert is_lost(world, endpoint)
        assert "refresh-not-saved" in findings(world)


def test_a_lock_that_stood_before_keeps_nobody_running(world: World) -> None:
    """It is nobody's that was started: an orphan of the future would stand for ever."""
    lock = world.home / ".claude/.oauth_refresh.lock"
    lock.mkdir()
    ahead = time.time() + 10_000
    os.utime(lock, (ahead, ahead))
    world.client(lock_wait=0.2)

    async def despite_it() -> Result | None:
        action = DelegatedRefresh(
            look=world.look, environ=world.environ, timing=QUICK, despite_locks=True, sleep=_at_once
        )
        await asyncio.wait_for(all_of(action.events()), 60)
        return action.result

    result = asyncio.run(despite_it())
    assert result is not None
    assert result.outcome == "failed"
    until_nobody_runs(world)
    assert lock.is_dir()


async def _at_once(seconds: float) -> None:
    await asyncio.sleep(0)
