"""`claude-auth accounts`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.arguments import add_json
from claude_auth.cli.console import plain, refuse, say
from claude_auth.cli.context import home, looker, our_journal
from claude_auth.model import DescriptorReading

if TYPE_CHECKING:
    pass


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "accounts",
        help="the logins of this machine",
        description="Lists the logins of this machine; with --switch another account of the SDK's store "
        "becomes the active one. Exit status: 0 told, 1 not switched, 2 wrong usage.",
    )
    add_json(parser)
    parser.add_argument(
        "--switch", metavar="NAME", help="make this account of the SDK's store the active one"
    )
    parser.add_argument("--keep-as", metavar="NAME", help="the name under which the active one is kept")


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    from claude_auth.actions.accounts import accounts_document, accounts_text, list_accounts, switch_account

    error = None
    if arguments.switch is not None:
        event, error = switch_account(home(), arguments.switch, arguments.keep_as)
        our_journal().write(event)
        say(f"claude-auth: {error}" if error else event.text)
    elif arguments.keep_as is not None:
        return refuse("--keep-as goes with --switch")
    found = list_accounts(looker(descriptors)())
    if arguments.json:
        import json

        print(json.dumps(accounts_document(found, error), indent=2))
    elif error is None:
        print(plain(accounts_text(found)))
    return ExitCode.NOT_DONE if error else ExitCode.DONE
