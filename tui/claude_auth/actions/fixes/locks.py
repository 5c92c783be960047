"""An orphaned lock of Claude Code removed; `store.claude_locks` decides whether it is one."""

from __future__ import annotations

import os
from collections.abc import Iterator

from claude_auth.actions.fixes.plans import Case, LockRemoval, Preview
from claude_auth.actions.fixes.shells import quoted
from claude_auth.observe.locks import lock_paths
from claude_auth.wording import place

_FINDINGS = frozenset({"lock-from-the-future", "lock-left-behind"})


def propose(case: Case) -> Iterator[Preview]:
    if case.finding.id not in _FINDINGS and "lock" not in case.finding.id:
        return
    wanted_future = case.finding.id == "lock-from-the-future"
    known = {path for path, _ in lock_paths(case.snapshot.places.config_dir, case.snapshot.claude_json.path)}
    for lock in case.snapshot.locks:
        old = lock.age < -2 if wanted_future else lock.age > 10
        if lock.path not in known or not old or lock.moving:
            continue
        is_folder = os.path.isdir(lock.path) and not os.path.islink(lock.path)
        yield Preview(
            id=case.id("remove-lock"),
            kind="remove-lock",
            finding=case.finding.id,
            title=f"remove {place(lock.path, case.home)}",
            explanation="Watches it for eleven seconds first: it goes only if nobody touches it and no "
            f"claude runs. It guards: {lock.guards}. There is nothing in it, so there is nothing to undo.",
            commands=(f"rmdir {quoted(lock.path, case.shell)}",),
            diff=f"rmdir {place(lock.path, case.home)}",
            change=LockRemoval(lock.path) if is_folder else None,
            by_hand=None
            if is_folder
            else "no folder stands there, so it is not a lock that Claude Code made",
        )
