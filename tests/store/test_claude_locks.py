"""Claude Code's lock directories: told rightly, and only a true orphan goes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from claude_auth.model import Lock
from claude_auth.observe.locks import compare_locks, lock_paths, look_at_locks
from claude_auth.store.claude_locks import judge_lock, judge_locks, look_closely, remove_orphan
from tests.store.world import start_python

NOBODY: tuple[int, ...] = ()


def lock(age: float, moving: bool | None = None) -> Lock:
    return Lock("/home/ada/.claude/.oauth_refresh.lock", "refresh of the login", age, moving)


@pytest.mark.parametrize(
    ("age", "moving", "running", "watched", "state", "removable"),
    [
        (1.0, None, NOBODY, 0, "held", False),
        (9.0, None, (4711,), 0, "held", False),
        (1.0, True, (4711,), 6, "beating", False),
        (400.0, True, NOBODY, 6, "beating", False),  # the clock of the disk lags behind
        (8.0, False, NOBODY, 7, "standing-still", False),
        (11.0, None, (4711,), 0, "standing-still", False),
        (90.0, False, (4711,), 60, "standing-still", False),
        (90.0, False, None, 60, "standing-still", False),  # nobody knows who runs
        (11.0, None, NOBODY, 0, "orphan", True),
        (90.0, False, NOBODY, 60, "orphan", True),
        (1.0, False, NOBODY, 30, "orphan", True),
        (-60.0, None, NOBODY, 0, "future-dated", False),
        (-60.0, False, (4711,), 60, "future-dated", False),
        (-60.0, False, NOBODY, 60, "future-dated", True),
        (-60.0, True, NOBODY, 60, "beating", False),
        (-1.0, None, NOBODY, 0, "held", False),  # rounding, not the future
    ],
)
def test_each_state(
    age: float,
    moving: bool | None,
    running: Collection[int] | None,
    watched: float,
    state: str,
    removable: bool,
) -> None:
    judgement = judge_lock(lock(age, moving), running, watched)
    assert (judgement.state, judgement.removable) == (state, removable)
    assert ".oauth_refresh.lock" in judgement.sentence
    assert judgement.next_step


def test_words_that_a_person_needs() -> None:
    assert "4711" in judge_lock(lock(50), (4711,)).sentence
    assert "rmdir /home/ada/.claude/.oauth_refresh.lock" in judge_lock(lock(50), NOBODY).next_step
    assert "2 h ahead" in judge_lock(lock(-7200), NOBODY).sentence
    assert "two minutes" in judge_lock(lock(50), NOBODY).sentence
    assert "two minutes" not in judge_lock(lock(500), NOBODY).sentence
    assert len(judge_locks([lock(1), lock(50)], NOBODY)) == 2


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
    known: Collection[str] | None = None,
) -> tuple[bool, str]:
    moments = iter([100.0, 100.0 + watched])
    seen = look_closely(str(place), lambda: next(moments))
    assert seen is not None
    between()
    paths = {path for path, _ in lock_paths(str(place.parent), str(place.parents[1] / ".claude.json"))}
    removed = remove_orphan(seen, paths if known is None else known, running, lambda: next(moments))
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


def test_it_stays_until_it_was_watched_for_long_enough(place: Path) -> None:
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
        first, started = look(), time.monotonic()
        assert [judgement.state for judgement in judge_locks(first, (child.pid,))] == ["held"]
        time.sleep(0.2)  # else the touch could not be told from no touch
        child.stdin.write("\n")
        child.stdin.flush()
        child.stdout.readline()
        (second,) = compare_locks(first, look(), time.monotonic() - started)
        assert judge_lock(second, (child.pid,)).state == "beating"
        os.utime(path, (time.time() - 30, time.time() - 30))
        assert judge_lock(look()[0], (child.pid,)).state == "standing-still"
        assert judge_lock(look()[0], NOBODY).state == "orphan"
        os.utime(path, (time.time() + 3600, time.time() + 3600))
        assert judge_lock(look()[0], NOBODY).state == "future-dated"
        child.communicate(timeout=10)
    assert look() == ()
