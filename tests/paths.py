"""Which files of ours run between two ends of a path, for the tests that count them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

#: What every path runs through is not counted.
COMMON = ("model/", "security/", "words/")


def files_between(work: Callable[[], object]) -> list[str]:
    """The files below `claude_auth/` whose functions run while `work` does. A module that is loaded meanwhile
    doesn't count by that alone."""
    found: set[str] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        _, ours, path = frame.f_code.co_filename.rpartition("claude_auth/")
        loaded = frame.f_code.co_name == "<module>"
        if event == "call" and ours and not loaded and not path.startswith(COMMON):
            found.add(path)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return sorted(found)


def as_row(name: str, files: list[str]) -> str:
    """Of the table in docs/architecture.md: the path, how many files, and which."""
    return f"| {name} | {len(files)} | {', '.join(f'`{file}`' for file in files)} |"
