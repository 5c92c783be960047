"""How our two programs begin and end: what they inherit, their exit codes, the guard against a crash, and a
terminal that goes away."""

from __future__ import annotations

from enum import IntEnum

from claude_auth.observe.context import read_descriptors
from claude_auth.processes.crash_guard import (
    LOOKS_EVERY,
    HangUpWatch,
    guarded,
    has_gone,
    let_go,
    send_nowhere,
    silence_logs,
    stdout_is_closed,
    stdout_problem,
    tell,
    terminals,
)

__all__ = [
    "LOOKS_EVERY",
    "ExitCode",
    "HangUpWatch",
    "by_signal",
    "guarded",
    "has_gone",
    "let_go",
    "read_descriptors",
    "send_nowhere",
    "silence_logs",
    "stdout_is_closed",
    "stdout_problem",
    "tell",
    "terminals",
]


class ExitCode(IntEnum):
    """What every command ends with. Beside these: 128 + n by signal n, see `by_signal`."""

    DONE = 0
    NOT_DONE = 1
    #: Wrong usage, or nothing was done.
    WRONG_USAGE = 2
    NOT_KNOWN = 3
    #: Works, but not as one may think; only for those who asked for it.
    NOT_AS_EXPECTED = 4


def by_signal(number: int) -> int:
    """As the shell says it."""
    return 128 + number
