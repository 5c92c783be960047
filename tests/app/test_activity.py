"""One feed of what happens: seen by the dashboard from its start, kept in the journal, there again later."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cached_cell_len, cell_len
from textual.pilot import Pilot

from claude_auth.actions.look import HostObserver
from claude_auth.app.app import DashboardApp
from claude_auth.app.screens.dashboard import FORGETS_AFTER, Dashboard
from claude_auth.app.screens.log import LogScreen
from claude_auth.app.services import Services
from claude_auth.app.watcher import HostWatcher
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.journal import Journal, read
from claude_auth.journal.activity import Activity
from claude_auth.model import Event
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.present.activity import activity_rows
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import plain
from claude_auth.present.panels import panel_rows
from claude_auth.resolve import resolve
from claude_auth.sandbox import scenes
from tests.actions.world import World
from tests.app.driving import Script, app_on, drive, until
from tests.guard import ROOT, real_program

REAL = real_program("claude")
LOCK = ".claude/.oauth_refresh.lock"
LOCKED, SENT, SAVED = "claude.lock.appeared", "claude.lock.sent", "claude.refresh.saved"


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


async def looks_again(pilot: Pilot[int]) -> None:
    await pilot.press("u")
    await until(pilot, lambda: dashboard(pilot).query_one(Hints).notice is not None)


async def opened_log(pilot: Pilot[int]) -> LogScreen:
    await pilot.press("g")
    await until(pilot, lambda: isinstance(pilot.app.screen, LogScreen))
    screen = pilot.app.screen
    assert isinstance(screen, LogScreen)
    return screen


def refresh_by_stand_in(world: World) -> int:
    """As the client does at its start: it takes its locks, asks, saves, and lets go. Its process."""
    command = [str(world.root / "bin/claude"), "mcp", "serve"]
    with subprocess.Popen(
        command, env=world.environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        world.wait_for("unlocked")
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)
        return process.pid


#: Where only loopback is there: a server that gives new tokens a second later, and the real client, until our
#: end of its input is closed.
APART = """
import asyncio, os, sys
from pathlib import Path
from tools.recorder import Authority, Recorder

class Late(Recorder):
    async def _answer(self, request, writer):
        await asyncio.sleep(1.0 if request.is_token else 0)
        await super()._answer(request, writer)

async def run(claude, folder):
    authority = Authority(Path(folder))
    async with Late(authority) as server:
        proxy = f"http://127.0.0.1:{server.port}"
        environ = {**os.environ, "HTTPS_PROXY": proxy, "NODE_EXTRA_CA_CERTS": str(authority.path)}
        process = await asyncio.create_subprocess_exec(
            claude, "mcp", "serve", env=environ, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )
        print(process.pid, flush=True)
        await asyncio.to_thread(sys.stdin.read)
        process.kill()
        await process.wait()

asyncio.run(run(*sys.argv[1:]))
"""


def refresh_by_real_client(world: World) -> int:
    assert REAL is not None
    (world.root / "authority").mkdir()
    program = [sys.executable, "-c", APART, os.path.realpath(REAL), str(world.root / "authority")]
    command = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *program]
    quiet = {"DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1", "PATH": os.environ["PATH"]}
    environ = {**world.environ, **quiet, "PYTHONPATH": str(ROOT)}
    before = world.look().login.tokens
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        client, until = int(process.stdout.readline()), time.monotonic() + 60
        while world.look().login.tokens == before or {".claude.lock", LOCK} & set(world.locks):
            assert time.monotonic() < until, world.locks
            time.sleep(0.05)  # a file is all that the client tells
        process.stdin.close()
        process.wait(60)
    return client


def can_be_apart() -> bool:
    return REAL is not None and bool(shutil.which("unshare")) and not os.geteuid()


BY = {"stand-in": refresh_by_stand_in, "real": refresh_by_real_client}
real = pytest.mark.skipif(
    not can_be_apart(),
    reason="needs the real Claude Code, Linux and root: npm install -g @anthropic-ai/claude-code",
)


@pytest.mark.parametrize("by", ["stand-in", pytest.param("real", marks=real)])
def test_a_refresh_is_told_kept_and_there_again(tmp_path: Path, by: str) -> None:
    answered = tmp_path / "answered"
    world = World(tmp_path).client(serve={"refresh": True, "stuck": str(answered)}).login(-60)
    before = world.look().login.tokens
    refresh = BY[by]
    clients: list[int] = []

    async def watches(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: "claude.login.found" in kinds(pilot))
        refreshing = asyncio.ensure_future(asyncio.to_thread(refresh, world))
        await until(pilot, lambda: SENT in kinds(pilot))
        await asyncio.sleep(1.0)  # the least that it takes
        answered.touch()  # the real client has its answer from a server
        clients.append(await refreshing)
        await until(pilot, lambda: SAVED in kinds(pilot))
        log = await opened_log(pilot)
        await until(pilot, lambda: log.view.ring.count > 3)
        await pilot.press("slash", *"renewed", "enter")
        place = log.view.cursor
        assert log.view.here is not None
        assert log.view.here.entry.event.kind == SAVED
        folded = log.view.text()
        assert "+ Claude Code renewed" in folded
        assert "(refresh of the login" not in folded  # the lock of .claude.json is another story
        await pilot.press("enter")
        content = pilot.app.screen.query_one("#content", LineView).text()
        assert {"from", "to", "seconds", "lock", "request", "saved"} <= {
            row.split()[0] for row in content.splitlines() if row.strip()
        }
        await pilot.press("escape", "space")
        steps = [log.view.ring[number].entry.event.kind for number in log.view.ring.numbers]
        assert list(dict.fromkeys(kind for kind in steps if kind in {LOCKED, SENT, SAVED})) == [
            LOCKED,
            SENT,
            SAVED,
        ]
        assert "- Claude Code renewed" in log.view.text()
        await pilot.press("ampersand", "v", "q")  # the search goes first
        shown = log.view.text()
        assert "(refresh of the login" in shown
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dashboard))
        assert await opened_log(pilot) is log
        assert (log.view.cursor, log.view.filter.only_matching, log.view.follows) == (place, True, False)
        assert log.view.text() == shown
        await pilot.press("c", "down", "down", "enter", "v")
        await until(pilot, lambda: log.view.filter.store == "claude-code")
        shown = log.view.text()
        await pilot.press("q")
        assert await opened_log(pilot) is log
        assert (log.view.cursor, log.view.filter.store, log.view.text()) == (place, "claude-code", shown)

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
    assert 0.9 < float(event.data["seconds"] or 0) < 60
    assert re.search(r" in \d+\.\d s|in \d+ s", event.text)
    if by == "real":  # the stand-in is no program of that name
        assert event.text.endswith(f", likely by claude {clients[0]}")
    kept = [entry.event for entry in read(directory=str(tmp_path / "state"))]
    steps = {one.kind for one in kept if one.data.get("refresh") == event.data["refresh"]}
    assert {"claude.lock.appeared", "claude.lock.sent", "claude.lock.released"} <= steps
    assert any(kind.startswith("claude.login.") for kind in steps)

    async def after_a_restart(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: SAVED in kinds(pilot))
        log = await opened_log(pilot)
        await until(pilot, lambda: any(record.text == event.text for record in log.view.ring.lines))
        await pilot.press("L")
        lives = pilot.app.screen.query_one("#content", LineView).text()
        assert str(event.data["to"]) in lives
        assert f"{event.data['from']}  from" in lives

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


def test_texts_that_are_gone_are_not_remembered(tmp_path: Path) -> None:
    """Of what changes for hours rich would keep thousands of texts, for their width."""
    app = app_on("healthy", tmp_path)
    events = tuple(
        Event(scenes.NOW + number, "test.line", f"line {number}") for number in range(FORGETS_AFTER)
    )

    async def looks(pilot: Pilot[int]) -> None:
        scene = dashboard(pilot).scene

        def seen(*news: Event) -> HostWatcher.Observed:
            return HostWatcher.Observed(scene.snapshot, scene.resolution, scene.findings, "", news)

        for number in range(1000):
            cell_len(f"a text that stands nowhere any more: {number}")
        dashboard(pilot).post_message(seen(*events[1:]))
        await until(pilot, lambda: len(dashboard(pilot).scene.log) >= FORGETS_AFTER - 1)
        assert cached_cell_len.cache_info().currsize > 1000
        dashboard(pilot).post_message(seen(events[0]))
        await until(pilot, lambda: cached_cell_len.cache_info().currsize < 1000)

    drive(app, looks)


def test_a_path_below_home_is_said_as_people_write_it() -> None:
    """What an action of ours tells has the whole path."""
    saved = Event(1.0, "signin.saved", "The login is saved: /home/ada/.claude_code/tokens.json.", store="sdk")
    for needle in ("", "~/.claude_code"):
        (row,) = activity_rows([saved], needle, 2.0, 0.0, 100, "/home/ada")
        assert "".join(map(plain, row.lines)).endswith("The login is saved: ~/.claude_code/tokens.json.")


def test_nothing_is_said_to_have_happened_before_the_journal_is_read(tmp_path: Path) -> None:
    state = scenes.state_of("healthy", tmp_path)
    first = ["".join(map(plain, row.lines)) for row in panel_rows(state, "log", 60)]
    read = panel_rows(state._replace(journal_read=True), "log", 60)
    assert first == [""]
    assert "".join(map(plain, read[0].lines))
