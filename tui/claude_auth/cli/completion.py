"""`claude-auth completion SHELL`: a script that completes commands, options and what they take."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from claude_auth.cli import build_parser
from claude_auth.cli.context import Descriptors
from claude_auth.cli.options import Arguments

SHELLS = ("bash", "zsh", "fish")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "completion",
        help="a script that completes this command in your shell",
        description="Prints a script for your shell, made from the options of this version. "
        "Exit status: 0 printed, 2 wrong usage.",
    )
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=" or ".join(SHELLS))


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    import shtab

    parser = build_parser()
    _complete_places(parser, {"FILE": shtab.FILE, "FILE|JSON": shtab.FILE, "DIR": shtab.DIRECTORY})
    print(shtab.complete(parser, shell=arguments.shell))
    return 0


def _complete_places(parser: argparse.ArgumentParser, of_metavar: Mapping[str, object]) -> None:
    """Files and directories, by the word that stands for them in the help; shtab looks for this attribute."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_places(command, of_metavar)
        elif action.metavar in of_metavar:
            vars(action)["complete"] = of_metavar[str(action.metavar)]
