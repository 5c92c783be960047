"""Refreshing through the stand-in: what is run, what is told, and what locks mean for it."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from claude_auth.model import Snapshot
from tests.actions.delegated import QUICK, refresh
from tests.actions.world import ACCESS, HOUR, World, kinds


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


def started(world: World) -> list[list[str]]:
    """What the client was started with, one after another."""
    return [entry["arguments"] for entry in world.did if entry["what"] == "started"]


def did_in_order(world: World, *whats: str) -> bool:
    did = world.did_what()
    places = [did.index(what) for what in whats]
    return places == sorted(places)


def fingerprint(world: World) -> str | None:
    tokens = world.look().login.tokens
    return None if tokens is None else tokens.access_token.fingerprint


def test_claude_code_refreshes_with_its_input_held_open(world: World) -> None:
    before = fingerprint(world)
    events, result = refresh(world, slowly=True)
    assert (result.outcome, result.before, result.after) == ("refreshed", before, fingerprint(world))
    assert result.after != before
    assert (result.expires_at or 0) > time.time() + HOUR
    assert kinds(events)[0] == "started"
    assert "lock-taken" in kinds(events)
    assert kinds(events)[-1] == "saved"
    assert world.locks == []
    assert started(world) == [["mcp", "serve"]]
    assert world.did[0]["terminal"] is False
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
    world.wait_for("finished")
    assert did_in_order(world, "wrote", "input ended", "finished")


def test_a_request_is_offered_with_its_price_and_sent_only_when_allowed(world: World) -> None:
    world.client(serve={"refresh": False})
    events, result = refresh(world, timing=QUICK)
    assert result.outcome == "failed"
    (offer,) = [event for event in events if event.kind == "refresh.offer-request"]
    assert "costs one request" in offer.text
    assert started(world) == [["mcp", "serve"]]
    _, result = refresh(world, timing=QUICK, allow_request=True, force=True)
    assert result.outcome == "refreshed"
    assert started(world)[1:] == [["-p", "Answer with: ok"]]


def test_allowed_beforehand_the_request_comes_last(world: World) -> None:
    world.client(serve={"refresh": False})
    _, result = refresh(world, timing=QUICK, allow_request=True)
    assert result.outcome == "refreshed"
    assert [arguments[0] for arguments in started(world)] == ["mcp", "-p"]


def test_not_needed_while_there_is_time(tmp_path: Path) -> None:
    world = World(tmp_path).login(HOUR).client()
    _, result = refresh(world)
    assert result.outcome == "not-needed"
    _, result = refresh(world, force=True)
    assert result.outcome == "failed"
    assert "five minutes" in (result.error or "")
    assert world.did == []


def test_a_refused_refresh_is_a_wiped_login(world: World) -> None:
    world.client(serve={"refresh": "wipe"})
    _, result = refresh(world)
    assert "cleared the stored login" in (result.error or "")
    assert "claude auth login" in (result.error or "")


def test_on_macos_nothing_is_run_and_sign_in_is_named(world: World) -> None:
    world.client()

    def look() -> Snapshot:
        snapshot = world.look()
        return snapshot._replace(machine=snapshot.machine._replace(platform="darwin"))

    events, result = refresh(world, look=look, force=True, allow_request=True)
    assert kinds(events) == ["failed"]
    assert "claude auth login" in (result.error or "")
    assert world.did == []


def test_a_helper_that_runs_on_the_way_is_told_before_anything_runs(world: World) -> None:
    world.client().write(".claude/settings.json", {"apiKeyHelper": "print-my-key --now"})
    events, _ = refresh(world)
    assert kinds(events)[:2] == ["runs-helper", "started"]
    assert "print-my-key --now" in events[0].text
    assert str(world.home / ".claude/settings.json") in events[0].text


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


def test_a_lock_in_the_way_is_explained_and_nothing_is_started(world: World) -> None:
    world.client()
    lock = hold(world, -500)
    events, result = refresh(world)
    assert kinds(events) == ["lock-future", "failed"]
    assert "every call that needs it fails" in events[0].text
    assert "not started" in (result.error or "")
    assert world.did == []
    assert lock.is_dir()


def test_a_lock_that_claude_takes_over_is_no_obstacle(world: World) -> None:
    world.client()
    hold(world, 300)
    events, result = refresh(world)
    assert kinds(events)[0] == "lock-orphan"
    assert result.outcome == "refreshed"
    assert world.locks == []


def test_the_lock_of_claude_json_often_stays_behind_and_hinders_nobody(world: World) -> None:
    world.client()
    lock = hold(world, 30, ".claude.json.lock")
    events, result = refresh(world)
    assert kinds(events)[0] == "lock-orphan"
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
