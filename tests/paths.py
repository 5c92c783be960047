"""Which files of ours run between two ends of a path, for the tests that count them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

#: What every path runs through is not counted, nor are the methods of a tuple with names.
COMMON = ("model/", "security/", "words/", "named_tuples.py")


def files_between(work: Callable[[], object]) -> list[str]:
    """The files below `claude_auth/` whose functions run while `work` does. A module that is loaded meanwhile
    doesn't count by that alone."""
    return _files(work, lambda frame, event, result: event == "call")


def files_given(work: Callable[[], object], is_it: Callable[[object], bool]) -> list[str]:
    """Those alone whose functions are given what `is_it` knows, or give it on."""

    def passes(frame: FrameType, event: str, result: object) -> bool:
        handed = tuple(frame.f_locals.values()) if event == "call" else (result,)
        return any(map(is_it, handed))

    return _files(work, passes)


def _files(work: Callable[[], object], counts: Callable[[FrameType, str, object], bool]) -> list[str]:
    found: set[str] = set()

    def note(frame: FrameType, event: str, result: object) -> None:
        _, ours, path = frame.f_code.co_filename.rpartition("claude_auth/")
        loaded = frame.f_code.co_name == "<module>"
        known = not ours or loaded or path.startswith(COMMON) or path in found
        if event in {"call", "return"} and not known and counts(frame, event, result):
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
