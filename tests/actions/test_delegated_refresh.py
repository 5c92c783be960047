"""Refreshing through the stand-in: locks explained first, never ended, allowed to outlive us."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions import Result
from claude_auth.actions.delegated_refresh import DelegatedRefresh
from claude_auth.actions.lock_states import explain
from claude_auth.model import Event, Lock
from tests.actions.world import ACCESS, HOUR, World, all_of, kinds


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).login(-HOUR)


class Clock:
    """Runs as fast as it is asked to sleep."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.ahead += seconds
        await asyncio.sleep(0)


def refresh(world: World, **more: Any) -> tuple[list[Event], Result]:
    action = DelegatedRefresh(look=world.look, environ=world.environ, **more)
    events = asyncio.run(asyncio.wait_for(all_of(action.events()), 60))
    assert action.result is not None
    return events, action.result


def fingerprint(world: World) -> str | None:
    tokens = world.look().login.tokens
    return None if tokens is None else tokens.access_token.fingerprint


def test_auth_status_refreshes(world: World) -> None:
    world.client(status={"seconds": 0.3})
    before = fingerprint(world)
    events, result = refresh(world)
    assert (result.outcome, result.before, result.after) == ("refreshed", before, fingerprint(world))
    assert result.after != before
    assert (result.expires_at or 0) > time.time() + HOUR
    assert "lock-taken" in kinds(events)
    assert kinds(events)[-1] == "saved"
    assert world.locks == []
    first = world.did[0]
    assert (first["arguments"], first["terminal"]) == (["auth", "status"], False)
    assert set(result.as_json()) == {
        "schema",
        "outcome",
        "store",
        "account",
        "before",
        "after",
        "expires_at",
        "error",
    }
    assert ACCESS not in repr(events) + repr(result)


def test_doctor_is_the_second_way(world: World) -> None:
    world.client(status={"refresh": False}, doctor={"refresh": True})
    _, result = refresh(world)
    assert result.outcome == "refreshed"
    assert [entry["arguments"] for entry in world.did if entry["what"] == "started"] == [
        ["auth", "status"],
        ["doctor"],
    ]


def test_a_request_is_offered_with_its_price_and_sent_only_when_allowed(world: World) -> None:
    world.client(status={"refresh": False}, print={"refresh": True})
    events, result = refresh(world)
    assert result.outcome == "failed"
    (offer,) = [event for event in events if event.kind == "refresh.offer-request"]
    assert "costs one request" in offer.text
    assert not any("-p" in entry.get("arguments", ()) for entry in world.did)
    _, result = refresh(world, allow_request=True)
    assert result.outcome == "refreshed"


def test_not_needed_while_there_is_time(tmp_path: Path) -> None:
    world = World(tmp_path).login(HOUR).client()
    _, result = refresh(world)
    assert result.outcome == "not-needed"
    assert world.did == []
    _, result = refresh(world, force=True)
    assert result.outcome == "failed"
    assert "five minutes" in (result.error or "")


def test_a_refused_refresh_is_a_wiped_login(world: World) -> None:
    world.client(status={"refresh": "wipe"})
    _, result = refresh(world)
    assert "cleared the stored login" in (result.error or "")


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ({"refreshToken": ""}, "no refresh token"),
        ({"refreshTokenExpiresAt": 1000}, "reached its end"),
        ({"accessToken": "", "refreshToken": ""}, "no stored login"),
    ],
)
def test_what_can_not_be_refreshed(tmp_path: Path, grant: dict[str, Any], words: str) -> None:
    world = World(tmp_path).login(-HOUR, **grant).client()
    _, result = refresh(world)
    assert words in (result.error or "")
    assert world.did == []


def test_without_a_client(world: World) -> None:
    events, _ = refresh(world)
    assert kinds(events) == ["client-missing"]


def test_the_childs_environment_has_no_other_credential(tmp_path: Path) -> None:
    world = World(tmp_path, {"ANTHROPIC_API_KEY": ACCESS, "CLAUDE_CODE_OAUTH_TOKEN": ACCESS}).login(-HOUR)
    world.client()
    program = world.root / "bin/claude"
    program.write_text(program.read_text().replace("exec", f"env > {world.root}/environment\nexec"))
    _, result = refresh(world)
    assert result.outcome == "refreshed"
    assert ACCESS not in (world.root / "environment").read_text()


def test_a_relative_config_directory_and_another_home_are_the_ones_looked_at(tmp_path: Path) -> None:
    world = World(tmp_path, {"CLAUDE_CONFIG_DIR": ".claude"}).login(-HOUR).client()
    world.environ["HOME"] = "/nonexistent"
    before = fingerprint(world)
    _, result = refresh(world)
    assert (result.outcome, result.before) == ("refreshed", before)
    assert result.after == fingerprint(world)


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


def hold(world: World, age: float, name: str = ".claude/.oauth_refresh.lock") -> Path:
    path = world.home / name
    path.mkdir()
    os.utime(path, (time.time() - age, time.time() - age))
    return path


@pytest.mark.parametrize(
    ("age", "kind", "words"),
    [(30, "orphaned", "rmdir"), (-500, "future-dated", "every call fails")],
)
def test_a_lock_in_the_way_is_explained_and_nothing_is_started(
    world: World, age: float, kind: str, words: str
) -> None:
    world.client()
    lock = hold(world, age)
    events, result = refresh(world)
    assert kinds(events) == [f"lock-{kind}", "failed"]
    assert words in events[0].text
    assert "not started" in (result.error or "")
    assert world.did == []
    assert lock.is_dir()


def test_a_lock_that_claude_takes_over_is_no_obstacle(world: World) -> None:
    world.client()
    hold(world, 300)
    events, result = refresh(world)
    assert kinds(events)[0] == "lock-abandoned"
    assert result.outcome == "refreshed"
    assert world.locks == []


def test_the_lock_of_claude_json_often_stays_behind_and_hinders_nobody(world: World) -> None:
    world.client()
    lock = hold(world, 30, ".claude.json.lock")
    events, result = refresh(world)
    assert kinds(events)[0] == "lock-orphaned"
    assert result.outcome == "refreshed"
    assert lock.is_dir()


def test_a_held_lock_is_waited_for_and_the_others_refresh_adopted(world: World) -> None:
    world.client()
    lock = hold(world, 0)
    looks = 0

    async def sleep(seconds: float) -> None:
        nonlocal looks
        looks += 1
        os.utime(lock) if lock.exists() else None
        if looks == 3:
            world.login(8 * HOUR, accessToken=ACCESS + "New")
            lock.rmdir()
        await asyncio.sleep(0)

    events, result = refresh(world, sleep=sleep)
    assert kinds(events) == ["lock-held", "adopted"]
    assert result.outcome == "adopted"
    assert world.did == []


def test_a_lock_held_for_ever_is_given_up_on(world: World) -> None:
    world.client()
    lock = hold(world, 0)
    clock = Clock()

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        os.utime(lock, (clock(), clock()))

    events, _ = refresh(world, clock=clock, sleep=sleep)
    assert kinds(events) == ["lock-held", "failed"]
    assert clock.ahead > 30
    assert world.did == []


def test_ages_in_words() -> None:
    states = {age: explain(Lock("/x", "refresh of the login", age), 0.0) for age in (-60, -1, 3, 30, 121)}
    assert [states[age].state for age in (-60, -1, 3, 30, 121)] == [
        "future-dated",
        "held",
        "held",
        "orphaned",
        "abandoned",
    ]
    assert [state.in_the_way for state in states.values()] == [True, True, True, True, False]


# ── it is never ended ────────────────────────────────────────────────────────────────────────────


def test_one_that_takes_longer_than_we_watch_is_left_alone(world: World) -> None:
    world.client(status={"seconds": 1.5})

    class Fast(Clock):
        def __call__(self) -> float:
            self.ahead += 2.0  # a minute passes within thirty looks
            return super().__call__()

    events, result = refresh(world, clock=Fast(), despite_locks=True)
    assert result.outcome == "failed"
    assert "goes on alone" in (result.error or "")
    assert "left alone" in next(event.text for event in events if event.kind == "refresh.ended")
    world.wait_for("finished")
    assert fingerprint(world) != result.before
    assert world.locks == []


def test_cancelling_our_side_leaves_it_running(world: World) -> None:
    world.client(status={"seconds": 0.8})

    async def cancelled() -> None:
        action = DelegatedRefresh(look=world.look, environ=world.environ)
        task = asyncio.ensure_future(all_of(action.events()))
        await asyncio.to_thread(world.wait_for, "refreshing")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    before = fingerprint(world)
    asyncio.run(cancelled())
    world.wait_for("finished")
    assert fingerprint(world) != before
    assert world.locks == []


PROGRAM = """
import asyncio, json, sys
from claude_auth.actions.delegated_refresh import DelegatedRefresh
from claude_auth.observe import observe
from claude_auth.observe.viewpoint import Environment, Viewpoint

home, root, environ = json.loads(sys.argv[1])

async def main():
    look = lambda: observe(Viewpoint(home, home, root, Environment(environ)))
    async for event in DelegatedRefresh(look=look, environ=environ).events():
        print(event.kind, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("end", ["hang-up", "kill"])
def test_closing_the_terminal_lets_it_finish_and_leaves_nothing_locked(world: World, end: str) -> None:
    world.client(status={"seconds": 1.0, "say": ["x" * 200] * 50})
    before = fingerprint(world)
    arguments = json.dumps([str(world.home), str(world.root), world.environ])
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM, arguments])
    said = b""
    while b"refresh.lock-taken" not in said:
        assert select.select([terminal], [], [], 20)[0], said
        said += os.read(terminal, 4096)
    if end == "kill":
        os.kill(pid, signal.SIGKILL)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == (signal.SIGHUP if end == "hang-up" else signal.SIGKILL)
    assert "finished" not in world.did_what()
    world.wait_for("finished")
    assert fingerprint(world) not in {None, before}
    assert world.locks == []
