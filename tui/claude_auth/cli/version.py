"""`claude-auth version`: ours, and what the rules are known for."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from claude_auth.model import DescriptorReading


def add_parser(commands: Any) -> None:
    commands.add_parser(
        "version",
        help="which version this is",
        description="This program's version, and the newest version of Claude Code that its rules were "
        "observed with. Exit status: 0.",
    )


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    from claude_auth.actions.look import NEWEST
    from claude_auth.version import __version__

    print(f"claude-auth {__version__}, for Claude Code up to {NEWEST}")
    return 0
