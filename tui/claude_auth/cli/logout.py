"""`claude-auth logout`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import can_ask, consents, finish, refuse, say
from claude_auth.cli.context import (
    ONE_ACCOUNT,
    add_json,
    add_store,
    default_store,
    follow,
    home,
    looker,
    our_journal,
)
from claude_auth.cli.signals import run_to_its_end
from claude_auth.model import DescriptorReading, Snapshot


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "logout",
        help="sign out",
        description="Signs out of one store.",
        epilog="Exit status: 0 signed out, 1 not, 2 wrong usage, or nobody agreed and nothing was done.",
    )
    add_json(parser)
    add_store(parser)
    parser.add_argument(
        "--only-here", action="store_true", help="don't tell the server: remove the tokens alone"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask")


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    store = arguments.store or default_store()
    if store == "claude-code":
        if arguments.account is not None:
            return refuse(ONE_ACCOUNT)
        if arguments.only_here:
            return refuse("--only-here is for a store of ours: Claude Code tells its server itself")
        return _logout_of_claude(arguments, looker(arguments, descriptors))
    from claude_auth.actions.accounts import oauth_configuration, open_known
    from claude_auth.actions.oauth import OwnSignOut
    from claude_auth.actions.result import Result

    opened = open_known(store, home(), arguments.account)
    if opened.store is None:
        return refuse(opened.problem or "")
    refused = _refusal(arguments, f"Sign out of {opened.store.describe().place}?")
    if refused:
        finish(Result("failed", store, arguments.account, error=refused), as_json=arguments.json)
        return ExitCode.WRONG_USAGE
    client = oauth_configuration(os.environ).client
    action = OwnSignOut(client, opened.store, only_here=arguments.only_here)
    code = run_to_its_end(follow(action.events(), our_journal()), lambda: say("It comes to its end first."))
    result = action.result or Result("failed", store, arguments.account, error="it broke off")
    answer = finish(result, as_json=arguments.json)
    return code or answer


def _logout_of_claude(arguments: argparse.Namespace, look: Callable[[], Snapshot]) -> int:
    from claude_auth.actions.claude_cli import Delegated, SignOutTask, warnings_before
    from claude_auth.actions.look import diagnosed
    from claude_auth.actions.result import Result

    snapshot = look()
    symptoms = {number for finding in diagnosed(snapshot, "claude")[1] for number in finding.symptoms}
    for warning in warnings_before(snapshot, symptoms):
        say(f"{'Better not' if warning.against else 'Note'}: {warning.text}")
    refused = _refusal(arguments, "Sign out of Claude Code?")
    if refused:
        finish(Result("failed", error=refused), as_json=arguments.json)
        return ExitCode.WRONG_USAGE
    action = Delegated(SignOutTask(), look=look, environ=os.environ)
    code = run_to_its_end(follow(action.events(), our_journal()))
    result = action.result or Result("failed", error="it broke off")
    answer = finish(result, as_json=arguments.json)
    return code or answer


def _refusal(arguments: argparse.Namespace, question: str) -> str | None:
    """None for a yes, by option or by answer; without a terminal, by option alone."""
    if arguments.yes:
        return None
    if not can_ask():
        return "nobody can be asked here, so it needs --yes; nothing was changed"
    return None if consents(question) else "nothing was changed"
