"""`claude-auth`: the same answers without a screen. Heavy imports happen in the branch that needs them."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import NoReturn

from claude_auth import __version__
from claude_auth.cli.endings import EXIT_CODES, ExitCode, by_signal
from claude_auth.observe.descriptors import look


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.WRONG_USAGE, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")


#: Each is a module of this room, with `add_parser` and `run`; it is imported where it is asked for, or listed
#: in the help.
COMMANDS = (
    "status",
    "diagnose",
    "fix",
    "probe",
    "report",
    "login",
    "logout",
    "accounts",
    "refresh",
    "token",
    "run",
    "log",
)


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    descriptors = look(os.environ)  # before anything opens a file: later the number may be ours
    given = sys.argv[1:] if argv is None else argv
    arguments = build_parser(given).parse_args(given)
    try:
        code: int = _module(arguments.command).run(arguments, descriptors)
        if sys.stdout is not None:
            sys.stdout.flush()  # here, where a reader that has gone is no error
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader has gone: nothing more to say at exit
        return ExitCode.NOT_DONE
    except KeyboardInterrupt:
        return by_signal(signal.SIGINT)


def build_parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser; where `argv` names a command, of that one alone: the others need not be imported."""
    parser = _Parser(
        prog="claude-auth",
        description="Shows which credential Claude Code uses and why; signs in, refreshes and diagnoses.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"claude-auth {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser, prog="claude-auth"
    )
    named = [word for word in argv[:1] if word in COMMANDS]
    for name in named or COMMANDS:
        _module(name).add_parser(commands)
    return parser


def _module(command: str) -> ModuleType:
    return import_module(f"claude_auth.cli.{command}")


if __name__ == "__main__":
    sys.exit(main())
