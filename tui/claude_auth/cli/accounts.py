"""`claude-auth accounts`."""

from __future__ import annotations

from typing import Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import print_document, print_lines, refuse, say
from claude_auth.cli.context import Descriptors, belongs_to_us, context_of, looker, our_journal
from claude_auth.cli.options import Arguments, add_context_options, add_json


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "accounts",
        help="the logins of this machine",
        description="Lists the logins of this machine, those of every configuration directory of Claude Code "
        "and at MCP servers among them; with --switch another account of the SDK's store "
        "becomes the active one. Exit status: 0 told, 1 not switched, 2 wrong usage.",
    )
    add_json(parser)
    parser.add_argument(
        "--switch", metavar="NAME", help="make this account of the SDK's store the active one"
    )
    parser.add_argument("--keep-as", metavar="NAME", help="the name under which the active one is kept")
    add_context_options(parser)


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    from claude_auth.actions.accounts import list_accounts, list_mcp_logins, switch_account
    from claude_auth.actions.look import NOT_OWNER
    from claude_auth.present.logins import accounts_document, accounts_text

    error, look = None, looker(arguments, descriptors, further=True)
    if arguments.switch is not None:
        if not belongs_to_us(arguments, look()):
            return refuse(f"nothing is switched from here: {NOT_OWNER}")
        home = context_of(arguments, descriptors).home
        event, error = switch_account(home, arguments.switch, arguments.keep_as)
        our_journal().write(event)
        say(f"claude-auth: {error}" if error else event.text)
    elif arguments.keep_as is not None:
        return refuse("--keep-as goes with --switch")
    seen = look()
    found, mcp = list_accounts(seen), list_mcp_logins(seen)
    if arguments.json:
        print_document(accounts_document(found, error, mcp))
    elif error is None:
        print_lines(accounts_text(found, mcp, seen.places.home).split("\n"))
    return ExitCode.NOT_DONE if error else ExitCode.DONE
