"""Claude Code's lock directories: which are present, how old, whether their holder still touches them.

Names and what each guards: observed on the unmodified client (behaviour.md, section 5).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from claude_auth.model import Lock

#: A living holder touches its lock every 5 s [told], so one that stood still for longer has none.
STANDS_STILL_AFTER = 6.0
#: Two looks at one moment differ by rounding of floating-point times only.
ROUNDING = 0.05


def lock_paths(config_dir: str, claude_json_path: str) -> tuple[tuple[str, str], ...]:
    """Path and what it guards, in the order in which the client takes them."""
    config_dir = config_dir.rstrip("/") or "/"
    return (
        (os.path.join(config_dir, ".oauth_refresh.lock"), "refresh of the login"),
        (f"{config_dir}.lock", "refresh of the login, second lock"),
        (os.path.join(config_dir, ".storage-write.lock"), "write of the credentials file"),
        (f"{claude_json_path}.lock", "write of .claude.json"),
    )


def look_at_locks(config_dir: str, claude_json_path: str, now: float) -> tuple[Lock, ...]:
    """The locks that are present. `age` in seconds, negative where the time lies in the future.

    Taking a lock is `mkdir`, which fails whatever stands there: a file or a link counts too.
    """
    locks = []
    for path, guards in lock_paths(config_dir, claude_json_path):
        try:
            modified = os.lstat(path).st_mtime
        except (OSError, ValueError):
            continue
        locks.append(Lock(path, guards, now - modified))
    return tuple(locks)


def compare_locks(before: Iterable[Lock], after: Iterable[Lock], elapsed: float) -> tuple[Lock, ...]:
    """`after` with `moving` filled in from an earlier look, `elapsed` seconds before.

    True once a lock was touched (or released and taken again); False once it stood still for
    `STANDS_STILL_AFTER`; until then what was known before. So keep the look of the last change for
    comparison: two looks two seconds apart tell nothing about a lock that is touched every five.
    """
    earlier = {lock.path: lock for lock in before}
    return tuple(_compared(earlier.get(lock.path), lock, elapsed) for lock in after)


def _compared(before: Lock | None, after: Lock, elapsed: float) -> Lock:
    if before is None:
        return after
    if abs(after.age - before.age - elapsed) > ROUNDING:
        return replace(after, moving=True)
    return replace(after, moving=False if elapsed >= STANDS_STILL_AFTER else before.moving)
