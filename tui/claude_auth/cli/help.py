"""`claude-auth help [COMMAND]`: the same as `--help`."""

from __future__ import annotations

from typing import Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli import help_text, unknown_command
from claude_auth.cli.console import plain, refuse
from claude_auth.cli.context import Descriptors
from claude_auth.cli.options import Arguments


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "help",
        help="how a command is used",
        description="Says how a command is used; without one, which there are. "
        "Exit status: 0 told, 2 there is no such command.",
    )
    parser.add_argument("about", nargs="?", metavar="COMMAND", help="any command")


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    asked = [arguments.about] if arguments.about else []
    if problem := unknown_command(asked):
        return refuse(problem)
    print(plain(help_text(asked)), end="")
    return ExitCode.DONE
