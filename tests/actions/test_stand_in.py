"""The stand-in behaves like the real client was seen to: exit codes, locks, files, version."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.actions.world import HOUR, LOCKS, World


def run(world: World, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["claude", *arguments],
        executable=world.root / "bin/claude",
        env=world.environ,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path).client(version="2.1.300")


def test_its_version_is_told_and_found_without_running_it(world: World) -> None:
    assert run(world, "--version").stdout == "2.1.300 (Claude Code)\n"
    (client,) = world.look().installed
    assert client.version == "2.1.300"


def test_status(world: World) -> None:
    signed_out = run(world, "auth", "status")
    assert (signed_out.returncode, json.loads(signed_out.stdout)["loggedIn"]) == (1, False)
    world.login()
    signed_in = run(world, "auth", "status")
    assert (signed_in.returncode, json.loads(signed_in.stdout)["authMethod"]) == (0, "claude.ai")
    assert run(world, "doctor").returncode == run(world, "-p", "x").returncode == 0
    assert run(world, "nonsense").returncode == 1


def test_signing_in_on_pipes_writes_what_the_client_would(world: World) -> None:
    world.write(".claude/.credentials.json", {"mcpOAuth": {"kept": 1}})
    assert run(world, "auth", "login", given="good#code\n").returncode == 0
    path = world.home / ".claude/.credentials.json"
    kept = json.loads(path.read_text())
    assert kept["mcpOAuth"] == {"kept": 1}
    assert path.stat().st_mode & 0o777 == 0o600
    tokens = world.look().login.tokens
    assert tokens is not None
    assert (tokens.access_token.kind, tokens.allows_inference) == ("oauth-access-token", True)
    assert run(world, "auth", "logout").returncode == 0
    assert not path.exists()


def test_setup_token_prints_a_token(world: World) -> None:
    assert "sk-ant-oat01-standIn" in run(world, "setup-token", given="good#code\n").stdout


def test_locks_are_taken_touched_and_put_down(tmp_path: Path) -> None:
    world = World(tmp_path).login(-HOUR).client(status={"stuck": True}, beat=0.05)
    with subprocess.Popen(
        ["claude", "auth", "status"], executable=world.root / "bin/claude", env=world.environ
    ) as process:
        world.wait_for("refreshing")
        assert world.locks == list(LOCKS[:2])
        lock = world.home / LOCKS[0]
        before, until = lock.stat().st_mtime_ns, time.monotonic() + 60
        while lock.stat().st_mtime_ns == before:
            assert time.monotonic() < until
            time.sleep(0.01)  # a touch makes no sound
        os.kill(process.pid, signal.SIGINT)
        process.wait(60)
    assert world.locks == []


def test_a_lock_that_is_held_is_waited_for_and_the_old_token_kept(tmp_path: Path) -> None:
    world = World(tmp_path).login(-HOUR).client(lock_wait=0.1)
    (world.home / LOCKS[0]).mkdir()
    before = world.look().login.tokens
    assert run(world, "auth", "status").returncode == 0
    assert world.look().login.tokens == before
    assert world.locks == [LOCKS[0]]
