"""Claude Code's lock folders: only one that nobody holds goes, and only with nobody running."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from claude_auth.actions.fixes.locks import look_closely, remove_orphan
from claude_auth.claude_code.locks import judge, lock_paths
from claude_auth.model import Lock
from claude_auth.observe.claude_files import look_at_locks
from claude_auth.observe.running import claude_processes
from tests import disguises
from tests.actions.fixes.machines import Machine
from tests.disguises import BYSTANDERS, DISGUISES, needs_linux
from tests.store.world import start_python

NOBODY: tuple[int, ...] = ()


# ── removal ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / ".claude" / ".oauth_refresh.lock"
    place.mkdir(parents=True)
    return place


def removal(
    place: Path,
    *,
    watched: float = 11.0,
    running: Callable[[], Collection[int] | None] = lambda: NOBODY,
    between: Callable[[], object] = lambda: None,
    ahead: float = 0.0,
) -> tuple[bool, str]:
    now = [100.0]
    seen = look_closely(str(place), lambda: now[0])
    assert seen is not None
    between()
    now[0] += watched
    known = dict(lock_paths(str(place.parent), str(place.parents[1] / ".claude.json")))
    removed = remove_orphan(seen, known, running, lambda: now[0], lambda: time.time() + watched + ahead)
    assert removed.sentence
    assert removed.removed != place.exists() or not removed.removed
    return removed.removed, removed.sentence


def test_an_orphan_goes(place: Path) -> None:
    assert removal(place)[0]
    assert not place.exists()
    assert place.parent.exists()


def test_it_stays_while_claude_runs_or_might(place: Path) -> None:
    assert "4711" in removal(place, running=lambda: (4711,))[1]
    assert not removal(place, running=lambda: None)[0]
    assert place.exists()


@pytest.mark.parametrize("later", [(4711,), None])
def test_a_claude_that_starts_between_the_check_and_the_removal_keeps_it(
    place: Path, later: tuple[int, ...] | None
) -> None:
    answers = iter([NOBODY, later])
    assert not removal(place, running=lambda: next(answers))[0]
    assert place.exists()


def test_a_touch_between_the_check_and_the_removal_keeps_it(place: Path) -> None:
    asked = []

    def running() -> tuple[int, ...]:
        asked.append(True)
        if len(asked) == 2:
            os.utime(place, (5, 5))
        return NOBODY

    assert not removal(place, running=running)[0]
    assert place.exists()


def test_one_from_the_future_goes_as_well(place: Path) -> None:
    os.utime(place, (time.time() + 3600,) * 2)
    assert removal(place)[0]


def test_it_stays_until_it_was_watched_for_long_enough(place: Path) -> None:
    assert not removal(place, watched=10.0)[0]
    os.utime(place, (time.time() - 3600,) * 2)  # however old it is
    assert not removal(place, watched=10.0)[0]
    assert place.exists()


def test_it_stays_when_somebody_touched_it_or_took_it_anew(place: Path) -> None:
    assert not removal(place, between=lambda: os.utime(place, (5, 5)))[0]

    def anew() -> None:
        place.rename(place.with_name("old"))
        place.mkdir()
        os.utime(place, ns=(0, place.with_name("old").stat().st_mtime_ns))

    assert not removal(place, between=anew)[0]
    assert place.exists()


def test_what_is_not_empty_or_no_folder_stays(place: Path) -> None:
    (place / "file").write_text("")
    assert "rmdir failed" in removal(place)[1]
    assert (place / "file").exists()
    other = place.with_name(".storage-write.lock")
    other.symlink_to(place)
    assert look_closely(str(other)) is None
    assert look_closely(str(place / "file")) is None
    assert look_closely("/nowhere/\0") is None


def test_nothing_else_is_ever_removed(place: Path) -> None:
    other = place.with_name("projects")
    other.mkdir()
    assert not removal(other)[0]
    assert other.exists()
    assert not removal(place, between=place.rmdir)[0]


# ── what may stand there ─────────────────────────────────────────────────────────────────────────


class Clock:
    """Eleven seconds pass at once; the files' own times are left behind."""

    def __init__(self) -> None:
        self.passed = 0.0

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds

    def monotonic(self) -> float:
        return self.passed

    def __call__(self) -> float:
        return time.time() + self.passed


def remove(machine: Machine, finding: str) -> tuple[str, str]:
    clock = Clock()
    preview = machine.offer(f"{finding}/remove-lock")
    result = machine.apply(preview, sleep=clock.sleep, monotonic=clock.monotonic, clock=clock)
    return result.outcome, result.error or ""


@pytest.mark.parametrize("kind", ["old", "future", "file", "link", "link-to-folder", "not-empty"])
@pytest.mark.parametrize("name", [".claude/.oauth_refresh.lock", ".claude.lock", ".claude.json.lock"])
def test_each_kind_of_thing_in_the_place_of_a_lock(kind: str, name: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    place = machine.home / name
    if kind == "file":
        place.write_text("mine")
    elif kind.startswith("link"):
        target = machine.home / "target"
        if kind == "link-to-folder":
            target.mkdir()
        place.symlink_to(target)
    else:
        place.mkdir()
        if kind == "not-empty":
            (place / "x").write_text("")
    moment = time.time() + (3600 if kind == "future" else -300)
    os.utime(place, (moment, moment), follow_symlinks=False)
    finding = "lock-from-the-future" if kind == "future" else "lock-left-behind"
    outcome, error = remove(machine, finding)
    gone = kind in {"old", "future"}
    assert (outcome, os.path.lexists(place)) == (("applied", False) if gone else ("refused", True)), error


@pytest.mark.parametrize("age", [1, 45, 59])
def test_a_lock_that_may_have_a_holder_is_neither_told_nor_offered(age: float, tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    place = machine.home / ".claude/.oauth_refresh.lock"
    place.mkdir()
    os.utime(place, (time.time() - age,) * 2)
    assert "lock-left-behind" not in machine.ids()
    assert not [preview for preview in machine.offers() if preview.kind == "remove-lock"]


# ── real processes ───────────────────────────────────────────────────────────────────────────────


@needs_linux
@pytest.mark.parametrize("name", DISGUISES)
def test_no_lock_goes_while_claude_runs_under_any_disguise(name: str, tmp_path: Path) -> None:
    machine = Machine(tmp_path, running=claude_processes)
    place = machine.home / ".claude/.oauth_refresh.lock"
    place.mkdir()
    os.utime(place, (time.time() - 300,) * 2)
    with disguises.running(DISGUISES[name], tmp_path / "p", {"HOME": str(machine.home)}) as child:
        outcome, error = remove(machine, "lock-left-behind")
        assert (outcome, place.exists()) == ("refused", True)
        assert str(child.pid) in error


@needs_linux
def test_the_lock_of_a_stopped_claude_goes_only_once_it_has_ended(tmp_path: Path) -> None:
    """Stopped in the middle of a refresh, it touches nothing and believes that it holds the lock."""
    machine = Machine(tmp_path, running=claude_processes)
    place = machine.home / ".claude/.oauth_refresh.lock"
    place.mkdir()
    os.utime(place, (time.time() - 300,) * 2)
    config = machine.home / ".claude"
    with disguises.running((("x",), "{}/bin/x"), tmp_path / "p", {"HOME": "/"}) as child:
        disguises.register(config, child.pid, disguises.start_of(child.pid))
        os.kill(child.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
        outcome, error = remove(machine, "lock-left-behind")
        assert (outcome, place.exists()) == ("refused", True)
        assert str(child.pid) in error
    # Killed: its record stays and counts no more.
    assert (config / f"sessions/{child.pid}.json").exists()
    assert remove(machine, "lock-left-behind")[0] == "applied"
    assert not place.exists()


@needs_linux
def test_a_claude_of_another_home_keeps_no_lock_here(tmp_path: Path) -> None:
    machine = Machine(tmp_path, running=claude_processes)
    place = machine.home / ".claude/.oauth_refresh.lock"
    place.mkdir()
    os.utime(place, (time.time() - 300,) * 2)
    with (
        disguises.running(DISGUISES["claude"], tmp_path / "p", {"HOME": str(tmp_path / "other")}),
        disguises.running(BYSTANDERS["vim"], tmp_path / "p", {"HOME": str(machine.home)}),
    ):
        assert remove(machine, "lock-left-behind")[0] == "applied"
    assert not place.exists()


HOLDER = """
import os, sys, time
os.mkdir(sys.argv[1])
print("held", flush=True)
for line in sys.stdin:
    os.utime(sys.argv[1])
    print("touched", flush=True)
os.rmdir(sys.argv[1])
"""


def test_a_scripted_holder_seen_from_outside(tmp_path: Path) -> None:
    config, state = tmp_path / ".claude", str(tmp_path / ".claude.json")
    config.mkdir()
    path = str(config / ".oauth_refresh.lock")

    def look() -> tuple[Lock, ...]:
        return look_at_locks(str(config), state, time.time())

    with start_python(HOLDER, path) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert [judge(lock, (child.pid,)).state for lock in look()] == ["held"]
        os.utime(path, (time.time() - 90, time.time() - 90))
        assert judge(look()[0], (child.pid,)).state == "orphan"
        child.stdin.write("\n")
        child.stdin.flush()
        child.stdout.readline()
        assert judge(look()[0], (child.pid,)).state == "held"
        os.utime(path, (time.time() + 3600, time.time() + 3600))
        assert judge(look()[0], NOBODY).state == "future"
        child.communicate(timeout=60)
    assert look() == ()
