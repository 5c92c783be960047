"""What a screen shows of the programs that actions run, and programs in the person's own terminal."""

from __future__ import annotations

from claude_auth.actions.result import SuspendedRun
from claude_auth.processes.ansi import COLOURS, PLAIN, CellSpan, CellStyle, plain
from claude_auth.processes.lifetime import CouldNotStart, Ended, end_programs
from claude_auth.processes.links import Link
from claude_auth.processes.run_foreground import run_in_terminal, start_detached
from claude_auth.processes.screen import ScreenModel
from claude_auth.processes.stream import Dropped, Line, Pane

__all__ = [
    "COLOURS",
    "PLAIN",
    "CellSpan",
    "CellStyle",
    "CouldNotStart",
    "Dropped",
    "Ended",
    "Line",
    "Link",
    "Pane",
    "ScreenModel",
    "end_programs",
    "plain",
    "run_in_terminal",
    "run_suspended",
    "start_detached",
    "why_ended",
]


def run_suspended(program: SuspendedRun) -> str | None:
    """What went wrong, in words; None where it ended well. Our own screen is off meanwhile."""
    return why_ended(run_in_terminal(program.argv, environment=program.environment, cwd=program.cwd))


def why_ended(code: int | None) -> str | None:
    """The words for an exit code; `code` None: nothing was started."""
    if code is None:
        return "it could not be started"
    return f"it ended with exit code {code}" if code else None
