"""What Claude Code's lock directories mean, and the removal of an orphan [behaviour.md, section 5].

The judgement is pure; `remove_orphan` looks again before it removes, and only ever with `rmdir`.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from claude_auth.model import Lock

LockState = Literal["held", "beating", "standing-still", "future-dated", "orphan"]

#: A living holder touches its lock every 5 s [told]; an orphan has stood still for over twice that.
ORPHAN_SECONDS = 10.0
#: Clocks of a disk and of this machine differ a little.
FUTURE_TOLERANCE = 2.0
#: Claude Code takes over a lock of that age by itself [seen].
TAKEN_OVER_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class LockJudgement:
    """`removable`: once confirmed, `remove_orphan` may be tried."""

    lock: Lock
    state: LockState
    sentence: str
    next_step: str
    removable: bool = False


def judge_locks(
    locks: Iterable[Lock], running: Collection[int] | None, watched: float = 0.0
) -> tuple[LockJudgement, ...]:
    """`running`: process ids of `claude`, None where it could not be found out. `watched`: for how many
    seconds the locks were seen not to move (`Lock.moving`); an age depends on two clocks, this on one."""
    return tuple(judge_lock(lock, running, watched) for lock in locks)


def judge_lock(lock: Lock, running: Collection[int] | None, watched: float = 0.0) -> LockJudgement:
    name = os.path.basename(lock.path)
    if lock.moving:
        return LockJudgement(
            lock, "beating", f"{name} is held: its holder has just touched it", "Wait: it is short"
        )
    still = watched if lock.moving is False else 0.0
    if lock.age < -FUTURE_TOLERANCE:
        removable = running is not None and not running and still > ORPHAN_SECONDS
        return LockJudgement(
            lock,
            "future-dated",
            f"{name} carries a time {_span(-lock.age)} ahead of the clock: Claude Code never takes it over, "
            "and every call that needs it fails",
            "Check the clock; then remove the lock" if removable else _before_removal(running),
            removable,
        )
    if max(still, lock.age) <= ORPHAN_SECONDS:
        if lock.moving is False:
            return LockJudgement(
                lock,
                "standing-still",
                f"{name} has not been touched for {_span(still)}",
                "Wait a few seconds more",
            )
        return LockJudgement(lock, "held", f"{name} was taken {_span(lock.age)} ago", "Wait: it is short")
    if running is None or running:
        who = (
            "whether a claude still runs is not known"
            if running is None
            else f"claude runs ({_pids(running)})"
        )
        return LockJudgement(
            lock,
            "standing-still",
            f"{name} has stood still for {_span(max(still, lock.age))}, and {who}",
            "Never kill claude in the middle of a refresh; quit it, then look again",
        )
    own = "" if lock.age > TAKEN_OVER_SECONDS else "; Claude Code itself would wait up to two minutes"
    return LockJudgement(
        lock,
        "orphan",
        f"{name} has stood still for {_span(max(still, lock.age))} and no claude runs: nobody holds it{own}",
        f"Remove it: rmdir {lock.path}",
        removable=True,
    )


def _before_removal(running: Collection[int] | None) -> str:
    if running is None or running:
        return "Check the clock; quit every claude, then look again"
    return "Check the clock; in a few seconds it is sure that nobody holds the lock"


def _pids(running: Collection[int]) -> str:
    return ", ".join(str(pid) for pid in sorted(running)[:5])


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Removal:
    removed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class SeenLock:
    """A lock as it stood at one moment of the monotonic clock."""

    path: str
    identity: tuple[int, int, int]
    at: float


def look_closely(path: str, monotonic: Callable[[], float] = time.monotonic) -> SeenLock | None:
    """For a later `remove_orphan`; None where no directory of ours stands there."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return None
    return SeenLock(path, (status.st_dev, status.st_ino, status.st_mtime_ns), monotonic())


def remove_orphan(
    seen: SeenLock,
    known_paths: Collection[str],
    running: Callable[[], Collection[int] | None],
    monotonic: Callable[[], float] = time.monotonic,
) -> Removal:
    """Calling this is the confirmation. Removes the lock if it is one of Claude Code's (`known_paths`, from
    `observe.locks.lock_paths`), has stood unchanged since `seen` for over 10 s, and no `claude` runs."""
    if seen.path not in known_paths:
        return Removal(False, "that is none of Claude Code's locks")
    processes = running()
    if processes is None:
        return Removal(False, "whether a claude still runs could not be found out, so the lock stays")
    if processes:
        return Removal(False, f"claude runs ({_pids(processes)}), so the lock stays")
    again = look_closely(seen.path, monotonic)
    if again is None:
        return Removal(False, "the lock is gone, or something else stands in its place")
    if again.identity != seen.identity:
        return Removal(False, "somebody has touched the lock meanwhile: it is held")
    if again.at - seen.at <= ORPHAN_SECONDS:
        return Removal(
            False, f"the lock has been watched for {again.at - seen.at:.0f} s only; ten are needed"
        )
    try:
        os.rmdir(seen.path)
    except OSError as error:
        return Removal(False, f"rmdir failed: {(error.strerror or 'input/output error').lower()}")
    return Removal(True, "the orphaned lock is removed")
