"""What a screen shows of the programs that actions run; widgets don't reach into `commands`."""

from claude_auth.commands.authorize_url import AuthorizeUrl
from claude_auth.commands.foreground import run_in_terminal, start_detached
from claude_auth.commands.links import Link
from claude_auth.commands.looks import COLOURS, PLAIN, Look, Span, plain
from claude_auth.commands.pane import Pane
from claude_auth.commands.processes import CouldNotStart, Ended
from claude_auth.commands.screen import ScreenModel
from claude_auth.commands.stream import Dropped, Line

__all__ = [
    "COLOURS",
    "PLAIN",
    "AuthorizeUrl",
    "CouldNotStart",
    "Dropped",
    "Ended",
    "Line",
    "Link",
    "Look",
    "Pane",
    "ScreenModel",
    "Span",
    "plain",
    "run_in_terminal",
    "start_detached",
]
