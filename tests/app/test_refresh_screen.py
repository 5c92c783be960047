"""The refresh screen: what will happen, who holds which lock, the steps, the outcome."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from claude_auth.actions.fixes.locks import SeenLock
from claude_auth.actions.result import Result
from claude_auth.actions.terminal import why_ended
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.screens.refresh import Locks, RefreshScreen
from claude_auth.model import Lock, Origin, Setting, Snapshot
from claude_auth.present.actions import Watched, judge_locks, watch_locks
from claude_auth.sandbox import scenes
from claude_auth.sandbox.scenes import HOME
from claude_auth.security.secret import Secret
from tests.app.stage import NOW, SIZES, Stage

REFRESHED = Result("refreshed", "claude-code", None, "11aa22bb", "33cc44dd", NOW + 8 * 3600)
HELD = Lock("/home/ada/.claude/.oauth_refresh.lock", "refresh of the login", 2.0)


def stage_of(tmp_path: Path, *locks: Lock, running: frozenset[int] | None = frozenset()) -> Stage:
    stage = Stage(tmp_path, "stale")
    stage.services.result = REFRESHED
    stage.services.refreshing.locks_here = lambda: locks
    stage.services.refreshing.processes = running
    return stage


async def open_screen(stage: Stage, pilot: Pilot[int]) -> RefreshScreen:
    await pilot.press("r")
    await stage.until(pilot, lambda: isinstance(stage.app.screen, RefreshScreen))
    screen = stage.app.screen
    assert isinstance(screen, RefreshScreen)
    await stage.until(pilot, lambda: screen.query_one(Locks).judged is not None)
    return screen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", ["plan", "held", "orphan", "refreshed", "offer"])
def test_picture_refresh(step: str, size: str, snap_compare: Any, tmp_path: Path) -> None:
    old = HELD._replace(age=300.0)
    locks = {"held": (HELD,), "orphan": (old,)}.get(step, ())
    stage = stage_of(tmp_path, *locks)
    if step == "offer":
        text = "`claude mcp serve` did not refresh the login; sign in: claude auth login"
        stage.services.result = Result("failed", "claude-code", None, "11aa22bb", error=text)

    async def before(pilot: Pilot[int]) -> None:
        stage.enter(pilot)
        screen = await open_screen(stage, pilot)
        if step in ("refreshed", "offer"):
            await pilot.press("r")
            action = stage.services.actions[0]
            action.tell(
                "refresh.started", "`claude mcp serve` runs; it is not ended in the middle of a refresh"
            )
            if step == "refreshed":
                action.tell("refresh.lock-taken", "lock taken: refresh of the login")
                action.tell("refresh.saved", "`claude mcp serve` refreshed the login: 11aa22bb → 33cc44dd")
            else:
                action.tell("refresh.offer-request", "`claude -p` would refresh it", "warning")
            action.end()
            await stage.until(pilot, lambda: not screen.running)
        await stage.settle(pilot)

    assert snap_compare(stage.app, terminal_size=SIZES[size], run_before=before)


@pytest.mark.parametrize("size", SIZES.values())
def test_what_will_happen_stands_there(size: tuple[int, int], tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        for words in (
            "Refresh · Claude Code's own store",
            "ended 1 day 2 h ago, renewed on next use: normal",
            "`claude mcp serve` runs with its input held open",
            "never in the middle of a refresh",
            "✓ nobody holds a lock of Claude Code",
            "no claude runs",
            "nothing has happened yet: r starts it",
        ):
            assert words in stage.words, stage.words
        assert "r Refresh" in stage.hint

    stage.play(look, size)


@pytest.mark.parametrize(("key", "force"), [("r", False), ("enter", False), ("R", True)])
def test_steps_and_outcome(key: str, force: bool, tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await pilot.press(key)
        assert stage.services.asked == [{"force": force, "allow_request": False}]
        action = stage.services.actions[0]
        action.tell("refresh.saved", "`claude mcp serve` refreshed the login: 11aa22bb → 33cc44dd")
        await stage.until(pilot, lambda: "refreshed the login" in stage.words)
        await pilot.press("r")
        assert "it is under way" in stage.hint
        assert len(stage.services.actions) == 1
        action.end()
        await stage.until(pilot, lambda: not screen.running)
        assert "✓ refreshed: 11aa22bb → 33cc44dd, until 20:03, 8 h 0 min left" in stage.words
        await pilot.press("q")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert "refreshed the login: 11aa22bb → 33cc44dd" in stage.words

    stage.play(press)
    assert "refresh.saved" in stage.journal()


@pytest.mark.parametrize("key", ["q", "escape"])
def test_leaving_lets_it_go_on_alone(key: str, tmp_path: Path) -> None:
    stage = stage_of(tmp_path)

    async def press(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        await pilot.press("r", key)
        await stage.until(pilot, lambda: isinstance(stage.app.screen, Dashboard))
        assert "left alone: the refresh goes on without us" in stage.words

    stage.play(press)
    assert "refresh.left" in stage.journal()


@pytest.mark.parametrize(("answer", "sent"), [("Y", True), ("enter", False)])
def test_one_request_is_offered_with_its_cost(answer: str, sent: bool, tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    stage.services.result = Result("failed", error="it was not refreshed")

    async def press(pilot: Pilot[int]) -> None:
        screen = await open_screen(stage, pilot)
        await pilot.press("s")
        assert "does not even begin" in stage.hint
        await pilot.press("r")
        action = stage.services.actions[0]
        action.tell("refresh.offer-request", "`claude -p` would refresh it, for one request", "warning")
        action.end()
        await stage.until(pilot, lambda: not screen.running)
        assert "s lets claude -p do it" in stage.hint
        await pilot.press("s")
        await pilot.pause()
        assert "costs one request of your plan" in stage.words
        await pilot.press(answer)
        await pilot.pause()
        requests = [asked for asked in stage.services.asked if asked["allow_request"]]
        assert bool(requests) is sent

    stage.play(press)


@pytest.mark.parametrize(("answer", "runs"), [("Y", True), ("n", False)])
def test_a_helper_that_would_run_is_named_and_asked_about(answer: str, runs: bool, tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    look = stage.services.host.look
    helper = Setting("apiKeyHelper", Secret("print-my-key"), Origin("settings", "user", f"{HOME}/s.json"))

    def with_helper() -> Snapshot:
        return look()._replace(settings={"apiKeyHelper": (helper,)})

    stage.services.host = stage.services.host._replace(look=with_helper)

    async def press(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        await stage.until(pilot, lambda: "also runs the apiKeyHelper" in stage.words)
        await pilot.press("r")
        await stage.until(pilot, lambda: "Refresh it?" in stage.words)
        assert "print-my-key" in stage.words
        assert stage.services.asked == []
        await pilot.press(answer)
        await stage.settle(pilot)
        assert bool(stage.services.asked) is runs

    stage.play(press)


def test_on_macos_sign_in_is_named_in_its_place(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    look = stage.services.host.look

    def on_a_mac() -> Snapshot:
        seen = look()
        return seen._replace(machine=seen.machine._replace(platform="darwin"))

    stage.services.host = stage.services.host._replace(look=on_a_mac)

    async def press(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        await stage.until(pilot, lambda: "sign in: claude auth login" in stage.words)
        assert "mcp serve" not in stage.words

    stage.play(press)


# ── locks ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lock", "running", "words"),
    [
        (HELD, frozenset(), "● held: .oauth_refresh.lock was touched 2 s ago by its holder"),
        (HELD._replace(age=300.0), frozenset(), "✗ orphan: .oauth_refresh.lock has stood still"),
        (HELD._replace(age=300.0), frozenset({4711}), "claude runs: process 4711"),
        (HELD._replace(age=300.0), None, "whether a claude runs can't be told here"),
        (HELD._replace(age=-90.0), frozenset(), "✗ future: .oauth_refresh.lock carries"),
    ],
)
def test_each_lock_is_explained(
    lock: Lock, running: frozenset[int] | None, words: str, tmp_path: Path
) -> None:
    stage = stage_of(tmp_path, lock, running=running)

    async def look(pilot: Pilot[int]) -> None:
        await open_screen(stage, pilot)
        assert words in stage.words, stage.words
        assert "~/.claude/.oauth_refresh.lock · refresh of the login" in stage.words
        orphan = lock is not HELD and running == frozenset()
        assert ("f removes it, with rmdir" in stage.words) is orphan
        if not orphan:
            await pilot.press("f")
            assert "no lock here can be removed safely" in stage.hint

    stage.play(look)


def test_watching_tells_a_holder_from_an_orphan() -> None:
    seen = SeenLock(HELD.path, (1, 2, 3), 100.0)
    watched = watch_locks({}, [seen])
    assert watched == {HELD.path: Watched(seen)}
    (fresh,) = judge_locks([HELD], watched, frozenset(), 100.0)
    assert fresh.state == "held"
    watched = watch_locks(watched, [SeenLock(HELD.path, (1, 2, 3), 107.0)])
    (still,) = judge_locks([HELD], watched, frozenset(), 107.0)
    assert (still.state, still.removable) == ("held", False)
    (orphan,) = judge_locks([HELD], watched, frozenset(), 111.0)
    assert (orphan.state, orphan.removable) == ("orphan", True)
    (kept,) = judge_locks([HELD], watched, frozenset({7}), 111.0)
    assert (kept.state, kept.removable) == ("orphan", False)
    touched = watch_locks(watched, [SeenLock(HELD.path, (1, 2, 4), 112.0)])
    (beating,) = judge_locks([HELD._replace(age=90.0)], touched, frozenset(), 112.5)
    assert (beating.state, beating.removable) == ("held", False)
    (ended,) = judge_locks([HELD], touched, frozenset(), 123.0)
    assert (ended.state, ended.removable) == ("orphan", True)
    assert watch_locks(touched, []) == {}


@pytest.mark.parametrize(("answer", "gone"), [("Y", True), ("enter", False), ("n", False)])
def test_an_orphan_is_removed_on_confirmation_only(answer: str, gone: bool, tmp_path: Path) -> None:
    """A real directory: removed by rmdir once it has been watched for long enough."""
    home = tmp_path / "real"
    (home / ".claude").mkdir(parents=True)
    path = home / ".claude" / ".oauth_refresh.lock"
    path.mkdir()
    os.utime(path, (NOW, NOW))
    now = [1000.0]
    stage = stage_of(tmp_path, Lock(str(path), "refresh of the login", 300.0))

    def moved(snapshot: Snapshot) -> Snapshot:
        places = snapshot.places._replace(config_dir=str(home / ".claude"), home=str(home))
        return snapshot._replace(places=places)

    look = stage.services.host.look
    stage.services.host = stage.services.host._replace(look=lambda: moved(look()))
    if not gone:
        stage.services.refreshing.locks_here = lambda: (Lock(str(path), "refresh of the login", 300.0),)
    else:
        stage.services.refreshing.locks_here = lambda: (
            (Lock(str(path), "refresh of the login", 300.0),) if path.exists() else ()
        )

    async def press(pilot: Pilot[int]) -> None:
        screen = RefreshScreen(stage.services, stage.services.host.look(), monotonic=lambda: now[0])
        stage.app.push_screen(screen)
        await stage.until(pilot, lambda: bool(screen.watched))
        now[0] += 20.0
        screen.look_at_locks()
        await stage.until(pilot, lambda: screen.removable() is not None)
        await pilot.press("f")
        await pilot.pause()
        assert f"rmdir {path}"[:40] in stage.text.replace("\n", "") or "rmdir" in stage.words
        await pilot.press(answer)
        if gone:
            await stage.until(pilot, lambda: not path.exists())
            await stage.until(pilot, lambda: "the orphaned lock is removed" in stage.words)
            await stage.until(pilot, lambda: "nobody holds a lock" in stage.words)
        else:
            await stage.settle(pilot)
            assert path.exists()

    stage.play(press)
    assert ("lock.removed" in stage.journal()) is gone


def test_a_store_of_ours_has_no_locks_of_claude_code(tmp_path: Path) -> None:
    seen = scenes.snapshot(scenes.SCENES["healthy"], tmp_path / "seen")
    stage = Stage(tmp_path, "fresh", sdk_tokens=seen.login)
    stage.services.result = Result("refreshed", "sdk", None, "11aa22bb", "33cc44dd", NOW + 3600)

    async def press(pilot: Pilot[int]) -> None:
        await pilot.press("r")
        await stage.until(pilot, lambda: isinstance(stage.app.screen, RefreshScreen))
        assert "Refresh · the SDK's store" in stage.words
        assert "Locks of Claude Code" not in stage.words
        await pilot.press("R")
        assert stage.services.asked == [("sdk", True)]
        stage.services.actions[0].end()
        await stage.until(pilot, lambda: "✓ refreshed" in stage.words)

    stage.play(press)


def test_what_the_runner_hands_back() -> None:
    assert why_ended(0) is None
    assert why_ended(1) == "it ended with exit code 1"
    assert why_ended(None) == "it could not be started"
