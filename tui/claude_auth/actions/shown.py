"""What a screen shows of the programs that actions run; widgets don't reach into `commands`."""

from claude_auth.processes.ansi import COLOURS, PLAIN, CellStyle, Span, plain
from claude_auth.processes.lifetime import CouldNotStart, Ended, end_programs
from claude_auth.processes.links import Link
from claude_auth.processes.run_foreground import run_in_terminal, start_detached
from claude_auth.processes.screen import ScreenModel
from claude_auth.processes.stream import Dropped, Line, Pane

__all__ = [
    "COLOURS",
    "PLAIN",
    "CellStyle",
    "CouldNotStart",
    "Dropped",
    "Ended",
    "Line",
    "Link",
    "Pane",
    "ScreenModel",
    "Span",
    "end_programs",
    "plain",
    "run_in_terminal",
    "start_detached",
]
