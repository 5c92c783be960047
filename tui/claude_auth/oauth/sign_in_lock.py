"""One sign-in at a time, in this process and in all others: a lock file in the platform's state directory."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.oauth.configuration import APPLICATION
from claude_auth.oauth.failures import Failure, failure

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK_NAME = "sign-in.lock"


def lock_path(environ: Mapping[str, str]) -> str:
    home = environ.get("XDG_STATE_HOME", "")
    if sys.platform.startswith("linux") and os.path.isabs(home):
        return os.path.join(home, APPLICATION, LOCK_NAME)
    import platformdirs

    return os.path.join(platformdirs.user_state_dir(APPLICATION, appauthor=False), LOCK_NAME)


def acquire(path: str) -> BaseFileLock | Failure:
    """The lock, to be released by the caller; a failure where another sign-in holds it. It ends with the
    process, so a crash leaves nothing behind."""
    from filelock import FileLock, Timeout

    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
        lock.acquire()
    except Timeout:
        return failure("busy")
    except (OSError, NotImplementedError) as error:
        return failure("state-directory", reason=getattr(error, "strerror", None) or "no locks there")
    return lock
