"""A lock of Claude Code that nobody holds, removed: only with `rmdir`, and only where `claude_code.locks`
says so twice, the second time right before."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from claude_auth.actions.fixes.plans import Case, LockRemoval, Preview
from claude_auth.actions.fixes.shells import quoted
from claude_auth.claude_code.locks import STILL_SECONDS, LockState, judge, lock_paths, state_of
from claude_auth.model import Lock, Snapshot
from claude_auth.words import format_path

_STATES: Mapping[str, LockState] = {"lock-from-the-future": "future", "lock-left-behind": "orphan"}
#: So long a lock is watched before it goes.
WATCH_SECONDS = STILL_SECONDS + 1.0


def propose_lock_removal(case: Case) -> Iterator[Preview]:
    state = _STATES.get(case.finding.id)
    if state is None:
        return
    known = guarded_paths(case.snapshot)
    for lock in case.snapshot.locks:
        if lock.path not in known or state_of(lock) != state:
            continue
        is_folder = os.path.isdir(lock.path) and not os.path.islink(lock.path)
        yield Preview(
            id=case.id("remove-lock"),
            kind="remove-lock",
            finding=case.finding.id,
            title=f"remove {format_path(lock.path, case.home)}",
            explanation="Watches it for eleven seconds first: it goes only if nobody touches it and no "
            f"claude runs. It guards: {lock.guards}. There is nothing in it, so there is nothing to undo.",
            commands=(f"rmdir {quoted(lock.path, case.shell)}",),
            diff=f"rmdir {format_path(lock.path, case.home)}",
            change=LockRemoval(lock.path) if is_folder else None,
            by_hand=None
            if is_folder
            else "no folder stands there, so it is not a lock that Claude Code made",
        )


def guarded_paths(snapshot: Snapshot) -> dict[str, str]:
    """Every lock that Claude Code takes here, and what it guards."""
    return dict(lock_paths(snapshot.places.config_dir, snapshot.claude_json.path))


# ── removal ──────────────────────────────────────────────────────────────────────────────────────


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
    known: Mapping[str, str],
    running: Callable[[], Collection[int] | None],
    monotonic: Callable[[], float] = time.monotonic,
    clock: Callable[[], float] = time.time,
) -> Removal:
    """Calling this is the confirmation. Removes the lock if it is one of Claude Code's (`known`, from
    `guarded_paths`), has stood unchanged since `seen` for over 10 s, and no process of `running` is."""
    if seen.path not in known:
        return Removal(False, "that is none of Claude Code's locks")
    for _ in range(2):  # the processes take a moment to list: what was looked at first is looked at again
        if (refused := _refusal(seen, known[seen.path], running(), monotonic, clock)) is not None:
            return Removal(False, refused)
    try:
        os.rmdir(seen.path)
    except OSError as error:
        return Removal(False, f"rmdir failed: {(error.strerror or 'input/output error').lower()}")
    return Removal(True, "the orphaned lock is removed")


def _refusal(
    seen: SeenLock,
    guards: str,
    processes: Collection[int] | None,
    monotonic: Callable[[], float],
    clock: Callable[[], float],
) -> str | None:
    again = look_closely(seen.path, monotonic)
    if again is None:
        return "the lock is gone, or something else stands in its place"
    if again.identity != seen.identity:
        return "somebody has touched the lock meanwhile: it is held"
    still = again.at - seen.at
    if still <= STILL_SECONDS:
        return f"the lock has been watched for {still:.0f} s only; ten are needed"
    age = clock() - again.identity[2] / 1e9
    judged = judge(Lock(seen.path, guards, age), processes, still)
    return None if judged.removable else f"the lock stays: {judged.sentence}"
