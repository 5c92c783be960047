"""`claude-auth token`: an access token of ours for a program."""

from __future__ import annotations

import sys
import time
from typing import Any

from claude_auth.actions.program import ExitCode, stdout_is_closed
from claude_auth.cli.console import refuse, say
from claude_auth.cli.context import Descriptors, our_journal
from claude_auth.cli.options import Arguments, add_account
from claude_auth.cli.refresh import run_own_refresh
from claude_auth.model import Event, TokenSet
from claude_auth.security.secret import holds_token


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "token",
        help="print an access token for a program",
        description="Prints the access token of one of our stores on standard output, refreshed first where "
        "needed: as an apiKeyHelper, for a gateway. Refused on a terminal.",
        epilog="Exit status: 0 printed, 1 there is none, 2 wrong usage, or a terminal.",
    )
    parser.add_argument("--store", choices=("sdk", "keyring"), required=True)
    add_account(parser)


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """The one place where a token is printed: into a pipe, for a program."""
    if stdout_is_closed() or sys.stdout.isatty():
        where = "closed" if stdout_is_closed() else "a terminal"
        return refuse(f"a token is printed for a program only, and standard output is {where}")
    own = run_own_refresh(arguments, lambda event: None)
    if isinstance(own, str):
        return refuse(own)
    outcome = own.outcome
    assert outcome is not None
    if outcome.tokens is None or not (outcome.ok or outcome.still_live):
        return _no_token(outcome.message or "there is no token")
    problem = _not_for_programs(outcome.tokens)
    if problem is not None:
        return _no_token(problem)
    if not outcome.ok:
        say(f"claude-auth: {outcome.message} The old token is still live.")
    fingerprint = outcome.tokens.access_token.fingerprint
    text = "the access token was handed to a program"
    our_journal().write(
        Event(time.time(), "token.handed-out", text, store=outcome.store, data={"fingerprint": fingerprint})
    )
    print(outcome.tokens.access_token.reveal())
    return ExitCode.DONE


def _no_token(why: str) -> int:
    say(f"claude-auth: {why}")
    return ExitCode.NOT_DONE


def _not_for_programs(tokens: TokenSet) -> str | None:
    """A Claude account's token, however it came here, and a text that would be more than one word."""
    value = tokens.access_token.reveal()
    if holds_token(value):
        return "tokens of a Claude account are not handed out: Claude Code alone may use them"
    if not value.isascii() or not value.isprintable() or " " in value or not value:
        return "what is stored is no token: it holds spaces or control characters. Sign in again"
    return None
