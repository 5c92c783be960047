"""`claude-auth token`: one line for a program, and nothing for anybody else."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from claude_auth.sandbox.loopback_server import Fault
from claude_auth.security.secret import Secret
from tests.own_world import COMMAND, OwnWorld, Told, terminal
from tests.store.world import is_alive, signed_in, token_set


def stored(world: OwnWorld, account: str | None = None) -> str:
    tokens = world.store(account).load().tokens
    assert tokens is not None
    return tokens.access_token.reveal()


def test_through_a_pipe(world: OwnWorld) -> None:
    signed_in(world.server, world.home, expires_in=3600)
    world.secrets.add(stored(world))
    told = world.run("token", "--store", "sdk")
    assert (told.code, told.out, told.err) == (0, f"{stored(world)}\n", "")
    assert world.server.counters.refresh_requests == 0
    assert world.kinds == ["refresh.not-needed", "token.handed-out"]
    world.check(told.err)


def test_refreshed_first(world: OwnWorld) -> None:
    signed_in(world.server, world.home)
    before = stored(world)
    told = world.run("token", "--store", "sdk")
    assert (told.code, told.out, told.err) == (0, f"{stored(world)}\n", "")
    assert stored(world) != before
    assert is_alive(world.server, world.store())
    assert world.kinds[-1] == "token.handed-out"
    world.check(told.err)


def test_many_at_once_get_the_same(world: OwnWorld) -> None:
    signed_in(world.server, world.home)
    running = [world.start("token", "--store", "sdk") for _ in range(4)]
    assert {one.end().out for one in running} == {f"{stored(world)}\n"}
    assert world.server.counters.refreshes == 1


def test_a_further_account(world: OwnWorld) -> None:
    signed_in(world.server, world.home, expires_in=3600)
    os.rename(world.store().path, world.store("work").path)
    assert world.run("token", "--store", "sdk", "--account", "work").out == f"{stored(world, 'work')}\n"
    assert world.run("token", "--store", "sdk").code == 1


def test_a_terminal_gets_none(world: OwnWorld) -> None:
    signed_in(world.server, world.home, expires_in=3600)
    with terminal(world, "token", "--store", "sdk") as screen:
        assert screen.end() == 2
        assert "this is" not in stored(world)
        assert stored(world) not in screen.shown
        assert "for a program only" in screen.shown
    assert world.journal == []


def test_a_closed_standard_output_gets_none(world: OwnWorld) -> None:
    signed_in(world.server, world.home, expires_in=3600)
    completed = subprocess.run(
        ["/bin/sh", "-c", f"exec {COMMAND} token --store sdk >&-"],
        env=world.environ,
        cwd=world.home,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode == 2
    assert "Traceback" not in completed.stderr


def test_a_reader_that_has_gone_is_no_crash(world: OwnWorld) -> None:
    signed_in(world.server, world.home, expires_in=3600)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as stdout:
        completed = subprocess.run(
            [COMMAND, "token", "--store", "sdk"],
            env=world.environ,
            cwd=world.home,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert (completed.returncode, completed.stderr) == (0, b"")


def nothing(told: Told) -> str:
    assert (told.code, told.out) == (1, "")
    return told.err


def test_nobody_is_signed_in(world: OwnWorld) -> None:
    assert "claude-auth login" in nothing(world.run("token", "--store", "sdk"))


def test_one_that_has_ended_and_can_t_be_refreshed(world: OwnWorld) -> None:
    signed_in(world.server, world.home)
    world.server.faults.add(Fault("error"))
    assert "untouched" in nothing(world.run("token", "--store", "sdk"))


def test_one_that_is_still_live_although_the_refresh_failed(world: OwnWorld) -> None:
    signed_in(world.server, world.home, expires_in=120)
    world.server.faults.add(Fault("error"))
    told = world.run("token", "--store", "sdk")
    assert (told.code, told.out) == (0, f"{stored(world)}\n")
    assert "still live" in told.err
    world.check(told.err)


@pytest.mark.parametrize(
    "value",
    ["sk-ant-oat01-" + "madeUp" * 8, " sk-ant-oat01-" + "madeUp" * 8, "Bearer sk-ant-oat01-" + "madeUp" * 8],
)
@pytest.mark.parametrize("expires_in", [3600.0, -10.0])
def test_a_claude_account_s_token_is_not_handed_out(world: OwnWorld, value: str, expires_in: float) -> None:
    tokens = token_set(expires_in=expires_in)._replace(access_token=Secret(value), client_id="sandbox-public")
    world.store().save(tokens)
    err = nothing(world.run("token", "--store", "sdk"))
    assert value.strip() not in err
    assert world.server.counters.refresh_requests == 0 or not value.startswith("sk-ant")


@pytest.mark.parametrize("value", ["two words", "two\nlines", "\x1b[31mred", "ü"])
def test_what_is_no_token_is_not_handed_out(world: OwnWorld, value: str) -> None:
    world.store().save(token_set()._replace(access_token=Secret(value)))
    assert "no token" in nothing(world.run("token", "--store", "sdk"))


@pytest.mark.parametrize(
    "arguments",
    [[], ["--store", "claude-code"], ["--store", "claw"], ["--store", "sdk", "--account", "a/b"]],
    ids=" ".join,
)
def test_wrong_usage(world: OwnWorld, arguments: list[str]) -> None:
    told = world.run("token", *arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err


@pytest.mark.parametrize("program", ["claude-auth", COMMAND], ids=["name", "path"])
def test_as_an_api_key_helper_in_one_line(program: str, world: OwnWorld) -> None:
    signed_in(world.server, world.home)
    (world.home / ".claude").mkdir()
    settings = {"apiKeyHelper": f"{program} token --store sdk"}
    (world.home / ".claude/settings.json").write_text(json.dumps(settings))
    completed = subprocess.run(
        [COMMAND, "status", "--json", "--evaluate", "--client", "claude-print"],
        env=world.environ | {"ANTHROPIC_BASE_URL": "https://gateway.example.org"},
        cwd=world.home / "proj",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    document = json.loads(completed.stdout)
    fingerprint = world.store().load().fingerprint
    assert (document["winner"], document["provider"]) == ("api-key-helper", "gateway")
    assert document["wire"]["host"] == "gateway.example.org"
    for header in ("x_api_key", "authorization"):
        assert document["wire"][header]["source"] == "api-key-helper"
        assert document["wire"][header]["fingerprint"] == fingerprint
    assert world.server.counters.refreshes == 1, "it was refreshed first"
    world.check(completed.stdout, completed.stderr)
