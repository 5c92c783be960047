"""What belongs together is one line of the feed: refreshes, commands, sign-ins, changes and their outcome."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.actions.claude_cli import SignInChoice
from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
from claude_auth.actions.look import HostObserver
from claude_auth.app.widgets.log_lines import LogFolds, LogRecord
from claude_auth.journal import Journal, JournalEntry, read
from claude_auth.journal.activity import Activity, live
from claude_auth.journal.changes import Look, changes
from claude_auth.journal.groups import folded
from claude_auth.model import Event
from claude_auth.oauth import Failure
from claude_auth.observe import observe
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.resolve import resolve
from claude_auth.sandbox import scenes
from claude_auth.sandbox.stand_in import install
from claude_auth.store import Refresher, TokenStore
from claude_auth.store.coordinator import refresh
from tests.actions.commands import KEY, run, running
from tests.actions.delegated import CODE, QUICK, nothing, sign_in, typing
from tests.actions.delegated import refresh as delegated_refresh
from tests.actions.world import HOUR, World, all_of
from tests.cloud.machines import machine
from tests.store.memory import MemoryStore
from tests.store.world import Fake, fingerprint, token_set
from tests.waiting import wait_until


def journalled(directory: Path, events: list[Event]) -> list[Event]:
    """As they come back from the disk."""
    journal = Journal(str(directory))
    for event in events:
        assert journal.write(event)
    return [entry.event for entry in read(directory=str(directory))]


def own_refresh(directory: Path, refresher: Refresher, expires_in: float = -10.0) -> list[Event]:
    """By our engine, as the journal has it: twice, to see that two don't mix."""
    found: list[Event] = []
    for _ in range(2):
        store: TokenStore = MemoryStore()
        store.save(token_set("old", expires_in=expires_in))
        refresh(store, refresher, found.append, force=True)
    return journalled(directory, found)


def shown(events: list[Event]) -> list[str]:
    return [event.kind for _, event in folded(events)]


def test_a_refresh_of_ours_is_one_line(tmp_path: Path) -> None:
    events = own_refresh(tmp_path, Fake(token_set("new"), token_set("new")))
    kinds = ["lock-wanted", "acquired", "request", "result", "saved", "released"]
    assert [event.kind for event in events] == [f"refresh.{kind}" for kind in kinds] * 2
    assert len({event.group for event in events}) == 2
    assert shown(events) == ["refresh.saved", "refresh.saved"]
    (_, event), _ = folded(events)
    arrow = f"{fingerprint('old')} → {fingerprint('new')}"
    words = rf"the new token set is saved: {arrow} in \d+\.\d s, for \S+.*, by process {os.getpid()}"
    assert re.fullmatch(words, event.text)
    assert float(event.data["seconds"] or 0.0) >= 0.0


@pytest.mark.parametrize("expires_in", [-10.0, 600.0], ids=["ended", "still live"])
def test_a_refresh_of_ours_that_is_refused_is_one_line(tmp_path: Path, expires_in: float) -> None:
    refused = Failure("invalid-grant", "this login has ended", is_verdict=True)
    events = own_refresh(tmp_path, Fake(refused, refused), expires_in)
    assert "refresh.result" in {event.kind for event in events}
    assert shown(events) == ["refresh.failed", "refresh.failed"]


def test_what_went_wrong_on_the_way_is_told_by_itself(tmp_path: Path) -> None:
    events = own_refresh(tmp_path, Fake(token_set("new"), token_set("new")))
    events.insert(2, events[2]._replace(kind="refresh.postponed", level="warning"))
    assert shown(events) == ["refresh.postponed", "refresh.saved", "refresh.saved"]


def test_steps_without_an_end_stand_by_themselves(tmp_path: Path) -> None:
    """Of a refresh that was killed, or goes on."""
    events = own_refresh(tmp_path, Fake(token_set("new"), token_set("new")))[:3]
    assert len(shown(events)) == 3


def test_a_refresh_by_a_command_of_claude_code_is_one_line(tmp_path: Path) -> None:
    world = World(tmp_path).login(-HOUR)
    events, result = delegated_refresh(world, slowly=True)
    assert result.outcome == "refreshed"
    events = journalled(tmp_path / "state", events)
    assert {"refresh.started", "refresh.lock-taken"} <= {event.kind for event in events}
    assert shown(events) == ["refresh.saved"]


def watched_refresh(world: World, meanwhile: Callable[[], None] = lambda: None) -> list[Event]:
    """By a command of ours, while another program of ours looks on; as the journal has both."""
    directory, place = str(world.root / "state"), str(world.home)
    context = ObservationContext(place, place, "/", Environment(world.environ), user_id=os.geteuid())
    host, activity = HostObserver.of(context), Activity(Journal(directory))
    assert host.watch is not None
    seen = live(activity, lambda: _look(context), host.watch, host.paths)
    patient = QUICK._replace(patience=60.0)
    action = DelegatedRefresh(look=world.look, environ=world.environ, timing=patient)

    async def both() -> None:
        async with contextlib.aclosing(seen):
            assert await anext(seen)  # the login: it looks on from now on
            refreshing = asyncio.ensure_future(all_of(Journal(directory).pass_on(action.events())))
            await asyncio.to_thread(meanwhile)
            async for events in seen:
                if any(event.kind.startswith("claude.refresh.") for event in events):
                    break
            await refreshing

    asyncio.run(asyncio.wait_for(both(), 120))
    return [entry.event for entry in read(directory=directory)]


def _look(context: ObservationContext) -> Look:
    snapshot = observe(context)
    return snapshot, resolve(snapshot, "claude")


def lines_of_refreshes(events: list[Event]) -> list[Event]:
    """On the dashboard; the screen of the log shows the same."""
    wanted = [event for _, event in folded(events) if ".login.found" not in event.kind]
    records, folds = [LogRecord.of(JournalEntry(event)) for event in events], LogFolds()
    folds.take(records, 0)
    on_screen = [event for event, record in zip(events, records, strict=True) if not folds.hides(record)]
    assert [event for event in on_screen if event in wanted] == wanted
    return [event for event in wanted if "refresh" in event.kind or "refresh" in event.data]


def test_what_is_seen_of_a_command_of_ours_is_in_its_line(tmp_path: Path) -> None:
    world = World(tmp_path).client(serve={"refresh": True, "seconds": 1.0}).login(-HOUR)
    events = watched_refresh(world)
    (seen,) = [event for event in events if event.kind == "claude.refresh.saved"]
    (line,) = lines_of_refreshes(events)
    assert line.kind == "refresh.saved"
    assert (line.data["before"], line.data["after"]) == (seen.data["from"], seen.data["to"])
    (client,) = [did["pid"] for did in world.did if did["what"] == "refreshing"]
    assert line.data["process"] == client
    words = rf"`claude mcp serve` refreshed the login: \w+ → \w+ in \d+\.\d s, for 8 h, by process {client}"
    assert re.fullmatch(words, line.text)
    steps = {event.kind for event in events if event.group in {line.group, seen.group}}
    assert {"refresh.started", "claude.lock.appeared", "claude.lock.sent", "refresh.lock-released"} <= steps


def test_a_lock_that_is_dated_ahead_makes_no_refresh_shorter(tmp_path: Path) -> None:
    world = World(tmp_path).client(serve={"refresh": True, "seconds": 1.5}, beat=60, ahead=2).login(-HOUR)
    (line,) = lines_of_refreshes(watched_refresh(world))
    seconds = re.search(r" in (\d+\.\d) s", line.text)
    assert seconds is not None
    assert float(seconds[1]) > 0.0


def test_a_command_of_ours_that_costs_the_login_is_one_line(tmp_path: Path) -> None:
    world = World(tmp_path).client(serve={"refresh": "wipe", "seconds": 1.0}).login(-HOUR)
    events = watched_refresh(world)
    assert {"claude.refresh.lost", "claude.login.wiped"} <= {event.kind for event in events}
    (line,) = lines_of_refreshes(events)
    assert (line.kind, line.level) == ("refresh.failed", "error")
    assert "cleared the stored login" in line.text


@pytest.mark.parametrize("who", ["another", "ours"])
def test_where_another_client_runs_meanwhile_both_are_told(tmp_path: Path, who: str) -> None:
    """Whichever of the two refreshes: whose refresh it was is not certain then."""
    world = World(tmp_path).client(serve={"refresh": who == "ours", "seconds": 1.0}).login(-HOUR)
    session = install(tmp_path / "other", {"work": {"refresh": who == "another", "seconds": 1.0}})
    others: list[subprocess.Popen[bytes]] = []

    def begin() -> None:
        others.append(subprocess.Popen([str(session)], env=world.environ, stdin=subprocess.PIPE))
        wait_until((world.home / f".claude/sessions/{others[0].pid}.json").exists)

    def begin_after_ours() -> None:
        world.wait_for("started")
        begin()

    if who == "ours":
        begin()
    try:
        events = watched_refresh(world, begin_after_ours if who == "another" else lambda: None)
    finally:
        for other in others:
            other.communicate()
    told = [event.kind for event in lines_of_refreshes(events)]
    assert sorted(told) == ["claude.refresh.saved", "refresh.saved"]
    (seen,) = [event for event in events if event.kind == "claude.refresh.saved"]
    assert str(others[0].pid) in str(seen.data["process"])


def test_a_sign_in_is_one_line(tmp_path: Path) -> None:
    world = World(tmp_path).client(login={"code": CODE})
    events, _, _ = sign_in(world, typing(CODE))
    events = journalled(tmp_path / "state", events)
    assert len(events) > 5
    assert shown(events) == ["sign-in.verified"]


@pytest.mark.parametrize(("answer", "kind"), [(CODE, "token-made"), ("", "no-token")])
def test_a_token_for_a_year_is_one_line(answer: str, kind: str, tmp_path: Path) -> None:
    world = World(tmp_path).client(setup_token={"code": CODE})
    answers, more = (typing(answer), {}) if answer else (nothing, {"limit": 1.0})
    events, _, _ = sign_in(world, answers, SignInChoice(year_token=True), **more)
    events = journalled(tmp_path / "state", events)
    assert len(events) > 2
    assert {event.store for event in events} == {"claude-code"}
    assert f"sign-in.{kind}" in shown(events)
    info = [event.kind for _, event in folded(events) if event.level == "info"]
    assert set(info) <= {"sign-in.token-made"}


def test_a_command_is_one_line(tmp_path: Path) -> None:
    made = machine(tmp_path, settings={"apiKeyHelper": f"echo {KEY}"})
    outputs, _ = run(running(made, "api-key-helper"))
    again, _ = run(running(made, "api-key-helper"))
    events = journalled(tmp_path / "state", [one for one in (*outputs, *again) if isinstance(one, Event)])
    assert [event.kind for event in events] == ["run.started", "run.ended", "run.understood"] * 2
    assert shown(events) == ["run.understood", "run.understood"]


def test_a_change_and_what_came_of_it_are_one_line(tmp_path: Path) -> None:
    looks = []
    for name in ("healthy", "key-over-login"):
        snapshot = scenes.snapshot(scenes.SCENES[name], tmp_path / name)
        looks.append((snapshot, resolve(snapshot, "claude")))
    events = journalled(tmp_path / "state", [*changes(*looks)])
    assert [event.kind for event in events] == ["answer.changed", "source.appeared"]
    assert shown(events) == ["answer.changed"]
    later = looks[0][0]._replace(observed_at=scenes.NOW + 8 * HOUR)
    events = [*changes(looks[0], (later, resolve(later, "claude")))]
    assert shown(events) == ["source.expiry"]  # nothing else changed by it


def test_an_event_by_itself_is_told_as_it_is() -> None:
    events = [Event(0.0, "refresh.saved", "by a version before"), Event(0.0, "run.started", "begins")]
    assert shown(events) == ["refresh.saved", "run.started"]
