"""`claude-auth logout`."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import can_ask, consents, finish, refuse, say
from claude_auth.cli.context import Descriptors, follow, home, looker, our_journal
from claude_auth.cli.options import Arguments, add_flag, add_json, add_store, default_store
from claude_auth.cli.signals import run_to_its_end
from claude_auth.model import Snapshot

if TYPE_CHECKING:
    from claude_auth.actions.claude_cli import Delegated
    from claude_auth.actions.oauth import OwnSignOut


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "logout",
        help="sign out",
        description="Signs out of one store.",
        epilog="Exit status: 0 signed out, 1 not, 2 wrong usage, or nobody agreed and nothing was done.",
    )
    add_json(parser)
    add_store(parser)
    add_flag(parser, "--only-here", "don't tell the server: remove the tokens alone")
    add_flag(parser, "--yes", "don't ask")


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    from claude_auth.actions.result import Result

    store = arguments.store or default_store()
    action: Delegated | OwnSignOut
    leave: Callable[[], None] | None = None
    if store == "claude-code":
        if arguments.only_here:
            return refuse("--only-here is for a store of ours: Claude Code tells its server itself")
        question, action = "Sign out of Claude Code?", _of_claude(looker(arguments, descriptors))
    else:
        from claude_auth.actions.accounts import oauth_configuration, open_known
        from claude_auth.actions.oauth import OwnSignOut

        opened = open_known(store, home(), arguments.account)
        if opened.store is None:
            return refuse(opened.problem or "")
        client = oauth_configuration(os.environ).client
        action = OwnSignOut(client, opened.store, only_here=arguments.only_here)
        question = f"Sign out of {opened.store.describe().place}?"
        leave = partial(say, "It comes to its end first.")
    if (refused := _refusal(arguments, question)) is not None:
        finish(Result("failed", store, arguments.account, error=refused), as_json=arguments.json)
        return ExitCode.WRONG_USAGE
    code = run_to_its_end(follow(action.events(), our_journal()), leave)
    result = action.result or Result("failed", store, arguments.account, error="it broke off")
    return finish(result, as_json=arguments.json, code=code)


def _of_claude(look: Callable[[], Snapshot]) -> Delegated:
    """After the warnings."""
    from claude_auth.actions.claude_cli import Delegated, SignOutTask, warnings_before
    from claude_auth.actions.look import diagnosed

    snapshot = look()
    symptoms = {number for finding in diagnosed(snapshot, "claude")[1] for number in finding.symptoms}
    for warning in warnings_before(snapshot, symptoms):
        say(f"{'Better not' if warning.against else 'Note'}: {warning.text}")
    return Delegated(SignOutTask(), look=look, environ=os.environ)


def _refusal(arguments: Arguments, question: str) -> str | None:
    """None for a yes, by option or by answer; without a terminal, by option alone."""
    if arguments.yes:
        return None
    if not can_ask():
        return "nobody can be asked here, so it needs --yes; nothing was changed"
    return None if consents(question) else "nothing was changed"
