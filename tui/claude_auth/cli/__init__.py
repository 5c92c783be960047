"""`claude-auth`: the same answers without a screen. Heavy imports happen in the branch that needs them."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from claude_auth.version import __version__


class _Formatter(argparse.HelpFormatter):
    """argparse itself would import shutil at every start, and that the libraries of compression."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    """Of the terminal, as `shutil.get_terminal_size` tells them."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(1).columns or 80
    except (OSError, ValueError):
        return 80


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=_Formatter, **options)

    def format_help(self) -> str:
        from claude_auth.cli.examples import examples_text

        return super().format_help() + examples_text(self.prog)

    def error(self, message: str) -> NoReturn:
        from claude_auth.actions.program import ExitCode
        from claude_auth.security.sanitize import safe_text

        self.print_usage(sys.stderr)
        told = safe_text(message, 600, ours=True)
        self.exit(ExitCode.WRONG_USAGE, f"{self.prog}: {told}\nTry '{self.prog} --help'.\n")


#: Command → the module of this room that it stands in, with `add_parser` and `run`; it is imported where the
#: command is asked for, or listed in the help.
COMMANDS: Mapping[str, str] = {
    "status": "status",
    "diagnose": "diagnose",
    "fix": "fix",
    "setup": "setup",
    "probe": "probe",
    "report": "report",
    "login": "login",
    "logout": "logout",
    "accounts": "accounts",
    "refresh": "refresh",
    "token": "refresh",
    "run": "run",
    "log": "log",
    "config": "config",
    "completion": "help",
    "help": "help",
    "version": "help",
}


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    gc.set_threshold(50_000)  # before the imports: nothing of what start-up builds is garbage
    from claude_auth.actions.program import guarded, read_descriptors, silence_logs

    descriptors = read_descriptors(os.environ)  # before anything opens a file: later the number may be ours
    given = sys.argv[1:] if argv is None else argv

    def work() -> int:
        from claude_auth.cli.console import refuse
        from claude_auth.cli.options import context_problem

        if not given:
            return int(import_module("claude_auth.cli.status").overview(descriptors))
        if problem := unknown_command(given):
            return refuse(problem)
        arguments = _parsed(given)
        if arguments.command != "status":  # which imports no log
            silence_logs()
        if problem := context_problem(arguments):
            return refuse(problem)
        return int(_module(arguments.command).run(arguments, descriptors))

    return guarded("claude-auth", work, whole_process=argv is None)


def build_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser; where `argv` names a command, of that one alone: the others need not be imported."""
    return _parsers(argv)[0]


def _parsers(argv: Sequence[str]) -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """The parser, and that of each command in it."""
    from claude_auth.cli.signals import EXIT_CODES

    parser = _Parser(
        prog="claude-auth",
        description="Shows which credential Claude Code uses and why; signs in, refreshes and diagnoses.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", "-V", action="version", version=f"claude-auth {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser, prog="claude-auth"
    )
    named = [word for word in argv[:1] if word in COMMANDS]
    for module in dict.fromkeys(map(_module, named or COMMANDS)):
        module.add_parser(commands)
    return parser, commands.choices


def help_text(argv: Sequence[str]) -> str:
    """What `--help` says, of the command that `argv` names where it names one."""
    parser, commands = _parsers(argv)
    return commands[argv[0]].format_help() if argv else parser.format_help()


def unknown_command(argv: Sequence[str]) -> str | None:
    """What is wrong with the word that should name a command."""
    word = next(iter(argv), "-")
    if word.startswith("-") or word in COMMANDS:
        return None
    return f"there is no command {word!r}{_meant(word, COMMANDS)} (claude-auth help lists all)"


def _meant(word: str, words: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f": did you mean {near[0]}?" if near else ""


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    parser, commands = _parsers(argv)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        # The usage names each long option that there is.
        command = commands[arguments.command]
        options = [word.strip("[]|") for word in command.format_usage().split() if "--" in word]
        meant = _meant(unknown[0], options) if unknown[0].startswith("--") else ""
        command.error(f"{arguments.command} does not take {' '.join(map(repr, unknown))}{meant}")
    return arguments


def _module(command: str) -> ModuleType:
    return import_module(f"claude_auth.cli.{COMMANDS[command]}")


if __name__ == "__main__":
    sys.exit(main())
