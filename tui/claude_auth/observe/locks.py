"""Which of Claude Code's locks stand there, and how old; `claude_code.locks` says what that means."""

from __future__ import annotations

import os

from claude_auth.claude_code.locks import lock_paths
from claude_auth.model import Lock


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
