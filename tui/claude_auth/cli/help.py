"""`claude-auth completion SHELL`: a script that completes commands, options and what they take; `claude-auth
help [COMMAND]`: the same as `--help`; `claude-auth version`: ours, and what the rules are known for."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli import build_parser, help_text, unknown_command
from claude_auth.cli.console import plain, print_text, refuse
from claude_auth.cli.context import Descriptors
from claude_auth.cli.options import Arguments
from claude_auth.version import __version__


def add_parser(commands: Any) -> None:
    """Of each command that stands here."""
    _add_completion(commands)
    _add_help(commands)
    _add_version(commands)


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    told = {"completion": _completion, "help": _help, "version": _version}
    return told[arguments.command](arguments)


SHELLS = ("bash", "zsh", "fish")


def _add_completion(commands: Any) -> None:
    parser = commands.add_parser(
        "completion",
        help="a script that completes this command in your shell",
        description="Prints a script for your shell, made from the options of this version. "
        "Exit status: 0 printed, 2 wrong usage.",
    )
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=" or ".join(SHELLS))


def _completion(arguments: Arguments) -> int:
    import shtab

    parser = build_parser()
    _complete_places(parser, {"FILE": shtab.FILE, "FILE|JSON": shtab.FILE, "DIR": shtab.DIRECTORY})
    print_text(shtab.complete(parser, shell=arguments.shell))
    return 0


def _complete_places(parser: argparse.ArgumentParser, of_metavar: Mapping[str, object]) -> None:
    """Files and directories, by the word that stands for them in the help; shtab looks for this attribute."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_places(command, of_metavar)
        elif action.metavar in of_metavar:
            vars(action)["complete"] = of_metavar[str(action.metavar)]


def _add_help(commands: Any) -> None:
    parser = commands.add_parser(
        "help",
        help="how a command is used",
        description="Says how a command is used; without one, which there are. "
        "Exit status: 0 told, 2 there is no such command.",
    )
    parser.add_argument("about", nargs="?", metavar="COMMAND", help="any command")


def _help(arguments: Arguments) -> int:
    asked = [arguments.about] if arguments.about else []
    if problem := unknown_command(asked):
        return refuse(problem)
    print_text(plain(help_text(asked)), end="")
    return ExitCode.DONE


def _add_version(commands: Any) -> None:
    commands.add_parser(
        "version",
        help="which version this is",
        description="This program's version, and the newest version of Claude Code that its rules were "
        "observed with. Exit status: 0.",
    )


def _version(arguments: Arguments) -> int:
    from claude_auth.actions.look import NEWEST

    print_text(f"claude-auth {__version__}, for Claude Code up to {NEWEST}")
    return 0
