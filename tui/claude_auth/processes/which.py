"""Where a program lies: the one search of PATH.

Relative and empty entries of PATH are left out: what they name depends on the directory one stands in, and a
repository's own `xdg-open` or `aws` must not start by its mere name.
"""

from __future__ import annotations

import os
import stat

MOST_FOLDERS = 500


def folders(path: str | None) -> tuple[str, ...]:
    """The absolute entries of a PATH in their order; the system's own places where it is None."""
    entries = (os.defpath if path is None else path).split(os.pathsep)[:MOST_FOLDERS]
    return tuple(dict.fromkeys(entry for entry in entries if os.path.isabs(entry)))


def which(program: str, path: str | None) -> str | None:
    """The absolute path of `program`, None where it is not there or may not be executed. `path`: the PATH of
    whoever will start it. A program that is given with a directory has to be absolute."""
    if os.path.dirname(program):
        return program if os.path.isabs(program) and is_executable(program) else None
    found = (os.path.join(folder, program) for folder in folders(path) if program)
    return next((path for path in found if is_executable(path)), None)


def is_executable(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode) and os.access(path, os.X_OK)
    except (OSError, ValueError):
        return False
