"""One feed of what happens: seen by the dashboard from its start, kept in the journal, there again later."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.services import Services
from claude_auth.app.widgets.hints import Hints
from claude_auth.journal import Journal, read
from claude_auth.journal.activity import Activity
from claude_auth.model import Event
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.resolve import resolve
from claude_auth.sandbox import scenes
from tests.actions.world import World
from tests.app.driving import Script, app_on, drive

SAVED = "claude.refresh.saved"


def app_in(world: World) -> DashboardApp:
    """The real one on that home, as the launcher builds it; `/proc` shows only what runs there."""
    place = str(world.home)
    context = ObservationContext(place, place, "/", Environment(world.environ), user_id=os.geteuid())
    host = HostObserver.of(context)
    services = Services(host, place, world.environ, journal=Journal(str(world.root / "state")))
    return DashboardApp(services, DashboardState.of(host.look(), "claude"))


def run(world: World, script: Script, size: tuple[int, int] = (120, 40)) -> None:
    drive(app_in(world), script, size)


def dashboard(pilot: Pilot[int]) -> Dashboard:
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, Dashboard))


def kinds(pilot: Pilot[int]) -> list[str]:
    return [event.kind for event in dashboard(pilot).scene.log]


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await pilot.pause(0.02)


async def looks_again(pilot: Pilot[int]) -> None:
    await pilot.press("u")
    await until(pilot, lambda: dashboard(pilot).query_one(Hints).notice is not None)


async def opened_log(pilot: Pilot[int]) -> LogScreen:
    await pilot.press("g")
    await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))
    screen = pilot.app.screen
    assert isinstance(screen, LogScreen)
    return screen


def refresh_by_stand_in(world: World) -> None:
    """As the client does at its start: it takes its locks, asks, saves, and lets go."""
    command = [str(world.root / "bin/claude"), "mcp", "serve"]
    with subprocess.Popen(
        command, env=world.environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        world.wait_for("unlocked")
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)


def test_a_refresh_is_told_kept_and_there_again(tmp_path: Path) -> None:
    world = World(tmp_path).client(serve={"refresh": True, "seconds": 2.5}).login(-60)
    before = world.look().login.tokens

    async def watches(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "claude.login.found" in kinds(pilot))
        await asyncio.to_thread(refresh_by_stand_in, world)
        await until(pilot, lambda: SAVED in kinds(pilot))
        log = await opened_log(pilot)
        await until(pilot, lambda: log.view.ring.count > 3)
        await pilot.press("slash", *"renewed", "enter")
        place = log.view.cursor
        assert log.view.here is not None
        assert log.view.here.entry.event.kind == SAVED
        await pilot.press("space", "ampersand", "q")  # the search goes first
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dashboard))
        assert await opened_log(pilot) is log
        assert (log.view.cursor, log.view.only_matching, log.view.follows) == (place, True, False)

    run(world, watches)
    (event,) = [entry.event for entry in read(directory=str(tmp_path / "state")) if entry.event.kind == SAVED]
    after = world.look().login.tokens
    assert before is not None
    assert after is not None
    assert (event.data["from"], event.data["to"]) == (
        before.access_token.fingerprint,
        after.access_token.fingerprint,
    )
    assert (event.data["lock"], event.data["request"], event.data["saved"]) == ("seen", "likely", "seen")
    assert 1.5 < float(event.data["seconds"] or 0) < 60
    kept = [entry.event for entry in read(directory=str(tmp_path / "state"))]
    steps = {one.kind for one in kept if one.data.get("refresh") == event.data["refresh"]}
    assert {"claude.lock.appeared", "claude.lock.sent", "claude.lock.released"} <= steps
    assert any(kind.startswith("claude.login.") for kind in steps)

    async def after_a_restart(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: SAVED in kinds(pilot))
        log = await opened_log(pilot)
        await until(pilot, lambda: any(record.text == event.text for record in log.view.ring.lines))

    run(world, after_a_restart)


def test_what_happened_while_nobody_watched_is_told_from_the_disk(tmp_path: Path) -> None:
    world = World(tmp_path).client(serve={"refresh": True}).login(-60)

    def sees(kind: str) -> Script:
        return lambda pilot: until(pilot, lambda: kind in kinds(pilot))

    run(world, sees("claude.login.found"))
    refresh_by_stand_in(world)
    run(world, sees("claude.login.missed"))
    found, missed = (
        entry.event for entry in read(directory=str(tmp_path / "state")) if "claude.login" in entry.event.kind
    )
    assert (found.kind, missed.kind) == ("claude.login.found", "claude.login.missed")
    assert missed.data["from"] == found.data["to"]
    assert missed.data["written"] == round(os.stat(world.home / ".claude/.credentials.json").st_mtime, 3)
    run(world, looks_again)
    assert sum(1 for _ in read(directory=str(tmp_path / "state"))) == 2  # nothing new: nothing more is told


def test_two_programs_write_what_both_see_once(tmp_path: Path) -> None:
    """Each tells its screen all that it saw; the journal has it once."""
    world, directory = World(tmp_path).login(), str(tmp_path / "state")
    both = [Activity(Journal(directory)) for _ in range(2)]
    lock = world.home / ".claude/.oauth_refresh.lock"
    told: list[list[str]] = [[], []]

    def look() -> None:
        for seen, activity in zip(told, both, strict=True):
            snapshot = world.look()
            resolution = resolve(snapshot, "claude")
            events = (*activity.first(snapshot, resolution), *activity.look(snapshot, resolution))
            seen += [event.kind for event in events]

    look()
    lock.mkdir()
    look()
    lock.rmdir()
    look()
    seen = ["claude.lock.appeared", "claude.lock.released", "claude.refresh.unchanged"]
    assert told == [["claude.login.found", *seen], seen]
    assert [entry.event.kind for entry in read(directory=directory)] == ["claude.login.found", *seen]


def test_another_program_of_ours_is_heard(tmp_path: Path) -> None:
    """What is written by another process stands in the panel, without a new look at the machine."""
    world = World(tmp_path)
    program = (
        "import sys; from claude_auth.journal import Journal; from claude_auth.model import Event; "
        "Journal(sys.argv[1]).write(Event(0.0, 'command.ended', 'said by another'))"
    )

    async def hears(pilot: Pilot[int]) -> None:
        watcher = dashboard(pilot).watcher
        await until(pilot, lambda: watcher.services.activity.path in watcher.watched)
        command = [sys.executable, "-c", program, str(tmp_path / "state")]
        await asyncio.to_thread(subprocess.run, command, check=True)
        await until(pilot, lambda: "command.ended" in kinds(pilot))

    run(world, hears)


def test_the_panel_has_the_newest_at_its_end_and_follows(tmp_path: Path) -> None:
    app = app_on("healthy", tmp_path)
    events = [Event(scenes.NOW + number, "test.line", f"line {number}") for number in range(60)]

    async def looks(pilot: Pilot[int]) -> None:
        screen = dashboard(pilot)
        screen.scene = screen.scene.with_events(events[:59])
        await pilot.press("5")
        panel = screen.view.layout_now.focused
        assert panel.cursor == panel.choices[-1] == "58"
        screen.scene = screen.scene.with_events(events[59:])
        panel = screen.view.layout_now.focused
        assert panel.cursor == "59"
        assert panel.scroll == panel.most
        await pilot.press("up", "up")
        screen.scene = screen.scene.with_events([events[0]._replace(text="later")])
        panel = screen.view.layout_now.focused
        assert panel.cursor == "57"
        await pilot.press("end", "enter")
        await pilot.pause()
        assert pilot.app.screen is not screen  # an event about no source is told in full

    drive(app, looks)
