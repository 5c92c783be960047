"""`claude-auth refresh`: every outcome, signals in the middle, and twelve at once."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.loopback_server import Fault
from claude_auth.sandbox.stand_in import install
from tests.own_world import OwnWorld, held, terminal
from tests.store.world import files_beside, is_alive, signed_in, token_set
from tests.waiting import Stopwatch, wait_until

PROCESSES = 12


def stale(world: OwnWorld, expires_in: float = -10.0) -> str:
    """A login whose access token has ended; its fingerprint."""
    fingerprint = signed_in(world.server, world.home, expires_in).load().fingerprint
    assert fingerprint is not None
    return fingerprint


# ── outcomes ─────────────────────────────────────────────────────────────────────────────────────


def test_refreshed_and_then_not_needed(world: OwnWorld) -> None:
    before = stale(world)
    told = world.run("refresh", "--json")
    document = told.document
    assert (told.code, document["outcome"], document["store"], document["account"]) == (
        0,
        "refreshed",
        "sdk",
        None,
    )
    assert document["before"] == before != document["after"]
    assert document["after"] == world.store().load().fingerprint
    assert is_alive(world.server, world.store())
    assert world.kinds == [
        *("refresh.lock-wanted", "refresh.acquired", "refresh.request"),
        *("refresh.result", "refresh.saved", "refresh.released"),
    ]
    again = world.run("refresh", "--json")
    assert (again.code, again.document["outcome"]) == (0, "not-needed")
    assert again.document["before"] == again.document["after"] == document["after"]
    assert world.server.counters.refreshes == 1
    world.check(told.out, told.err, again.out, again.err)


def test_forced(world: OwnWorld) -> None:
    before = stale(world, expires_in=3600)
    told = world.run("refresh", "--json", "--force")
    assert told.document["outcome"] == "refreshed"
    assert told.document["before"] == before
    assert is_alive(world.server, world.store())


def test_for_people(world: OwnWorld) -> None:
    stale(world)
    told = world.run("refresh")
    assert (told.code, told.out) == (0, "")
    assert "the new token set is saved" in told.err
    world.check(told.err)


def test_a_further_account(world: OwnWorld) -> None:
    stale(world)
    os.rename(world.store().path, world.store("work").path)
    told = world.run("refresh", "--json", "--account", "work")
    assert (told.document["outcome"], told.document["account"]) == ("refreshed", "work")
    assert {event.store for event in world.journal} == {"sdk:work"}


def test_adopted_while_another_process_refreshes(world: OwnWorld) -> None:
    before = stale(world)
    with held(world.server) as go_on:
        first = world.start("refresh", "--json")
        first.wait_for("the refresh request is sent")
        second = world.start("refresh", "--json")
        second.wait_for(f"waiting for process {first.process.pid}")
        go_on.set()
    one, two = first.end(), second.end()
    assert (one.document["outcome"], two.document["outcome"]) == ("refreshed", "adopted")
    assert one.document["before"] == two.document["before"] == before
    assert one.document["after"] == two.document["after"]
    assert world.server.counters.refresh_requests == 1
    assert "refresh.waiting" in world.kinds
    world.check(one.out, one.err, two.out, two.err)


FAULTS = {
    "lost": (Fault("cut-after"), "may be spent"),
    "truncated": (Fault("truncated"), "may be spent"),
    "html": (Fault("html"), "web page"),
    "proxy": (Fault("proxy-401"), "web page"),
    "slow down": (Fault("rate-limited"), "7 s"),
    "error": (Fault("error"), "untouched"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_failed(world: OwnWorld, name: str) -> None:
    before = stale(world)
    fault, words = FAULTS[name]
    world.server.faults.add(fault)
    told = world.run("refresh", "--json")
    document = told.document
    assert (told.code, document["outcome"], document["before"]) == (1, "failed", before)
    assert words in document["error"]
    assert document["error"] in told.err
    assert world.kinds[-2:] == ["refresh.failed", "refresh.released"]
    again = world.run("refresh", "--json")
    assert again.code == 1
    assert world.server.counters.reuses == 0
    world.check(told.out, told.err, again.out, again.err)


def test_a_verdict_is_no_outage(world: OwnWorld) -> None:
    stale(world)
    tokens = world.store().load().tokens
    assert tokens is not None
    assert tokens.refresh_token is not None
    world.server.rules.revoke(world.server.rules.clients["sandbox-public"], tokens.refresh_token.reveal())
    told = world.run("refresh", "--json")
    assert told.code == 1
    assert "ign in again" in told.document["error"]


def test_offline(world: OwnWorld) -> None:
    stale(world)
    world.server.stop()
    told = world.run("refresh", "--json")
    assert told.code == 1
    assert "Check that the server runs" in told.document["error"]


def test_nobody_is_signed_in(world: OwnWorld) -> None:
    told = world.run("refresh", "--json")
    assert (told.code, told.document["before"], told.document["after"]) == (1, None, None)
    assert "claude-auth login" in told.document["error"]


def test_no_client_is_configured(world: OwnWorld) -> None:
    stale(world)
    told = world.without_client().run("refresh", "--json", "--store", "sdk")
    assert told.code == 1
    assert "No OAuth client is configured" in told.document["error"]


def test_a_client_that_is_configured_now_is_used_at_once(world: OwnWorld) -> None:
    """What was missing here is no failure of the server's, and nothing to wait after."""
    stale(world)
    assert world.run("refresh", CLAUDE_OAUTH_CLIENT_ID="another").code == 1
    assert world.run("refresh", CLAUDE_OAUTH_CLIENT_ID="", CLAUDE_OAUTH_TOKEN_URL="").code == 1
    assert world.server.counters.refresh_requests == 0
    assert world.run("refresh", "--json").document["outcome"] == "refreshed"


def test_a_claude_account_s_token_is_never_sent(world: OwnWorld) -> None:
    from claude_auth.security.secret import Secret

    made_up = Secret("sk-ant-ort01-" + "madeUp" * 8)
    world.store().save(token_set(expires_in=-10)._replace(refresh_token=made_up, client_id="sandbox-public"))
    told = world.run("refresh", "--json")
    assert told.code == 1
    assert "belongs to Claude Code" in told.document["error"]
    assert world.server.counters.refresh_requests == 0
    assert made_up.reveal() not in told.out + told.err


def test_without_a_keyring(world: OwnWorld) -> None:
    told = world.run("refresh", "--json", "--store", "keyring")
    assert (told.code, told.document["store"]) == (1, "keyring")


WRONG_USAGE = [
    ["--store", "claw"],
    ["--store", "claude-code", "--account", "work"],
    ["--store", "sdk", "--allow-request"],
    ["--account", "tokens"],
]


@pytest.mark.parametrize("arguments", WRONG_USAGE, ids=" ".join)
def test_wrong_usage(world: OwnWorld, arguments: list[str]) -> None:
    told = world.run("refresh", "--json", *arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err


# ── signals ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_refresh_that_was_sent_is_finished(world: OwnWorld, number: signal.Signals) -> None:
    before = stale(world)
    with held(world.server):
        running = world.start("refresh", "--json")
        running.wait_for("the refresh request is sent")
        running.signal(number)
        assert f"{number.name} came; the refresh under way is finished first" in running.wait_for("came;")
    told = running.end()
    assert told.code == 128 + number
    assert world.store().load().fingerprint != before
    assert is_alive(world.server, world.store())
    assert files_beside(world.store()) == set()
    assert world.kinds[-4:] == ["refresh.result", "refresh.saved", "refresh.released", "refresh.left"]
    world.check(told.out, told.err)


def test_the_terminal_goes_away_in_the_middle(world: OwnWorld) -> None:
    before = stale(world)
    with held(world.server) as go_on, terminal(world, "refresh") as screen:
        screen.wait_for("the refresh request is sent")
        assert screen.hang_up(go_on.set) == 128 + signal.SIGHUP
    assert world.store().load().fingerprint != before
    assert is_alive(world.server, world.store())
    assert world.kinds[-3:] == ["refresh.saved", "refresh.released", "refresh.left"]


def test_who_waits_for_a_lock_may_leave_at_once(world: OwnWorld) -> None:
    stale(world)
    store = world.store()
    with store.hold():
        running = world.start("refresh")
        running.wait_for(f"waiting for process {os.getpid()}")
        watch = Stopwatch()
        running.signal(signal.SIGINT)
        assert running.end().code == 130
        assert watch.seconds < 10
    assert world.server.counters.refresh_requests == 0
    assert world.kinds == ["refresh.lock-wanted", "refresh.waiting", "refresh.left"]


# ── Claude Code's own store ──────────────────────────────────────────────────────────────────────


def claude(world: OwnWorld, expires_in: float = -10.0, **script: Any) -> None:
    world.without_client()
    install(world.root / "bin", {"diary": str(world.root / "diary"), "beat": 0.2, **script})
    grant = {
        "accessToken": "sk-ant-oat01-" + "madeUpAccess" * 4,
        "refreshToken": "sk-ant-ort01-" + "madeUpRefresh" * 4,
        "expiresAt": int((time.time() + expires_in) * 1000),
        "scopes": ["user:inference"],
    }
    path = world.home / ".claude/.credentials.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"claudeAiOauth": grant}))
    path.chmod(0o600)


def claude_s_fingerprint(world: OwnWorld) -> str | None:
    from claude_auth.store.others import ClaudeCodeStore

    return ClaudeCodeStore(str(world.home / ".claude/.credentials.json")).load().fingerprint


def test_claude_code_refreshes_itself(world: OwnWorld) -> None:
    claude(world)
    before = claude_s_fingerprint(world)
    told = world.run("refresh", "--json")
    document = told.document
    assert (told.code, document["outcome"], document["store"]) == (0, "refreshed", "claude-code")
    assert (document["before"], document["after"]) == (before, claude_s_fingerprint(world))
    assert "madeUp" not in told.out + told.err
    assert "refresh.saved" in world.kinds
    again = world.run("refresh", "--json", "--store", "claude-code")
    assert again.document["outcome"] == "not-needed"


def test_claude_code_does_not_refresh(world: OwnWorld) -> None:
    claude(world, serve={"ends": True, "code": 1, "say": ["error: unknown command 'mcp'"]})
    told = world.run("refresh", "--json")
    assert (told.code, told.document["outcome"]) == (1, "failed")
    assert "costs one request" in told.err
    assert "unknown command 'mcp'" in told.err
    assert "claude auth login" in str(told.document["error"])
    asked = world.run("refresh", "--json", "--allow-request")
    assert (asked.code, asked.document["outcome"]) == (0, "refreshed")


def test_a_helper_that_runs_on_the_way_is_told_first(world: OwnWorld) -> None:
    claude(world)
    (world.home / ".claude/settings.json").write_text(json.dumps({"apiKeyHelper": "print-my-key"}))
    told = world.run("refresh", "--json")
    assert told.document["outcome"] == "refreshed"
    assert 0 <= told.err.index("print-my-key") < told.err.index("`claude mcp serve` runs")
    assert "we leave" not in told.err


def test_the_terminal_goes_away_and_claude_code_finishes(world: OwnWorld) -> None:
    go_on = world.root / "go-on"
    claude(world, serve={"stuck": str(go_on)})
    before = claude_s_fingerprint(world)
    with terminal(world, "refresh") as screen:
        wait_until(
            lambda: (
                "refreshing" in (world.root / "diary").read_text()
                if (world.root / "diary").exists()
                else False
            )
        )
        assert screen.hang_up() == 128 + signal.SIGHUP
    assert world.kinds[-1] == "refresh.left"
    go_on.touch()
    wait_until(lambda: "finished" in (world.root / "diary").read_text())
    assert claude_s_fingerprint(world) not in {None, before}
    assert not (world.home / ".claude.lock").exists()


# ── twelve at once ───────────────────────────────────────────────────────────────────────────────


def race(world: OwnWorld, *, slowly: bool) -> tuple[Counter[str], int, float]:
    """One round: outcomes, how many had to wait for the lock, seconds. `slowly`: the server takes three
    seconds, or until most of them wait, so that all of them want the same refresh."""
    store, server = signed_in(world.server, world.home), world.server

    def waiting() -> int:
        return [event.kind for event in world.journal[journalled:]].count("refresh.waiting")

    counted = (server.counters.refresh_requests, server.counters.refreshes)
    journalled = len(world.journal)
    started = time.monotonic()
    with held(server) if slowly else contextlib.nullcontext():
        begun = [world.start("refresh", "--json") for _ in range(PROCESSES)]
        if slowly:
            wait_until(lambda: time.monotonic() - started > 3.0 and waiting() >= PROCESSES // 2)
    told = [running.end() for running in begun]
    seconds = time.monotonic() - started
    outcomes = Counter(str(one.document["outcome"]) for one in told)
    assert [one.code for one in told] == [0] * PROCESSES, [one.err for one in told]
    assert outcomes["refreshed"] == 1, outcomes
    assert set(outcomes) <= {"refreshed", "adopted", "not-needed"}
    assert {one.document["after"] for one in told} == {store.load().fingerprint}
    assert (server.counters.refresh_requests - counted[0], server.counters.refreshes - counted[1]) == (1, 1)
    assert server.counters.reuses == 0
    assert is_alive(server, store)
    assert files_beside(store) == set()
    kinds = [event.kind for event in world.journal[journalled:]]
    assert kinds.count("refresh.saved") == 1
    world.check(*(one.out + one.err for one in told))
    return outcomes, waiting(), seconds


def test_three_rounds_of_twelve(world: OwnWorld) -> None:
    waited = [race(world, slowly=number == 1)[1] for number in range(3)]
    assert waited[1] >= PROCESSES // 2, "hardly anybody waited: that was no race"


@pytest.mark.prove
def test_fifty_rounds_of_twelve(world: OwnWorld) -> None:
    """The figures stand in bench/race_results.json; new ones are written where RACE_RESULTS says."""
    rounds = [race(world, slowly=number % 2 == 1) for number in range(50)]
    outcomes = sum((outcome for outcome, _, _ in rounds), Counter[str]())
    seconds = [taken for _, _, taken in rounds]
    figures = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "command": "claude-auth refresh --json",
        "rounds": len(rounds),
        "rounds_with_a_server_that_takes_3_s": sum(number % 2 for number in range(50)),
        "processes_a_round": PROCESSES,
        "refresh_requests_at_the_server": world.server.counters.refresh_requests,
        "refreshes_at_the_server": world.server.counters.refreshes,
        "refresh_tokens_used_twice": world.server.counters.reuses,
        "outcomes": dict(sorted(outcomes.items())),
        "processes_that_waited_for_the_lock": sum(waited for _, waited, _ in rounds),
        "seconds_a_round": {
            "median": round(statistics.median(seconds), 2),
            "longest": round(max(seconds), 2),
        },
    }
    if path := os.environ.get("RACE_RESULTS"):
        Path(path).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
