"""`claude-auth version`: ours, and what the rules are known for."""

from __future__ import annotations

from typing import Any

from claude_auth.cli.context import Descriptors
from claude_auth.cli.options import Arguments
from claude_auth.version import __version__


def add_parser(commands: Any) -> None:
    commands.add_parser(
        "version",
        help="which version this is",
        description="This program's version, and the newest version of Claude Code that its rules were "
        "observed with. Exit status: 0.",
    )


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    from claude_auth.actions.look import NEWEST

    print(f"claude-auth {__version__}, for Claude Code up to {NEWEST}")
    return 0
