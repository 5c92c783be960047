"""Options that several commands have, worded once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from claude_auth.clients import CLIENTS


def add_json(parser: argparse.ArgumentParser, words: str = "one JSON document on standard output") -> None:
    parser.add_argument("--json", action="store_true", help=words)


_ALL = tuple(client.id for client in CLIENTS)


def add_client(parser: argparse.ArgumentParser, clients: Sequence[str] = _ALL) -> None:
    parser.add_argument(
        "--client",
        choices=clients,
        default="claude",
        metavar="ID",
        help=f"who asks: {', '.join(clients)} (default: claude)",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--settings", metavar="FILE", help="a settings file, as `claude --settings FILE`")
