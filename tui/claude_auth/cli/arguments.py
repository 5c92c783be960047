"""Options that several commands have, worded once."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.security.sanitize import shown_path

#: What `--account` is refused with, where it names nothing.
ONE_ACCOUNT = "Claude Code's own store has one account; leave out --account"
STORES = ("claude-code", "sdk", "keyring")


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


def settings_problem(given: str | None) -> str | None:
    """Why what was given with `--settings` can't be read. A text of JSON may hold a key and is never said
    again, and neither is any other secret."""
    if given is None or os.path.isfile(given):
        return None
    if given.lstrip().startswith(("{", "[")):
        return "the --settings JSON is not supported here: give the name of a file that holds it"
    return f"--settings {shown_path(given)!r} is not a file"


def add_store(parser: argparse.ArgumentParser, words: str = "which login") -> None:
    """With the account in it. What is meant without it says `default_store`."""
    parser.add_argument("--store", choices=STORES, help=f"{words} (default: sdk if CLAUDE_OAUTH_* is set)")
    add_account(parser)


def add_account(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", metavar="NAME", help="a further account of the store")


def default_store() -> str:
    """An empty variable counts as unset, as everywhere."""
    configured = any(name.startswith("CLAUDE_OAUTH_") and value.strip() for name, value in os.environ.items())
    return "sdk" if configured else "claude-code"


def add_evaluate(parser: argparse.ArgumentParser) -> None:
    """Consent to what a look alone must not do, and the second one for what is not trusted."""
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="consent to run apiKeyHelper or awsCredentialExport and to read a one-shot descriptor",
    )
    parser.add_argument(
        "--evaluate-project",
        action="store_true",
        help="with --evaluate, a second consent: also run what an untrusted folder's settings or another "
        "user's name, and let every command have their variables",
    )
