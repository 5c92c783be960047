"""`claude-auth help [COMMAND]`: the same as `--help`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from claude_auth.model import DescriptorReading


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "help",
        help="how a command is used",
        description="Says how a command is used; without one, which there are. "
        "Exit status: 0 told, 2 there is no such command.",
    )
    parser.add_argument("about", nargs="?", metavar="COMMAND", help="any command")


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    from claude_auth.cli import main

    return main([arguments.about or "--help", *(["--help"] if arguments.about else [])])
