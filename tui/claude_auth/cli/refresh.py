"""`claude-auth refresh`, and `claude-auth token`: an access token of ours for a program, refreshed
first where needed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode, stdout_is_closed
from claude_auth.cli.console import finish, refuse, say
from claude_auth.cli.context import Descriptors, follow, home, looker, our_journal, tell
from claude_auth.cli.options import Arguments, add_account, add_flag, add_json, add_store, default_store
from claude_auth.cli.signals import leaving_properly, run_to_its_end
from claude_auth.model import Event, TokenSet
from claude_auth.security.secret import holds_token

if TYPE_CHECKING:
    from claude_auth.actions.oauth import OwnRefresh


def add_parser(commands: Any) -> None:
    """Of each command that stands here."""
    _add_refresh(commands)
    _add_token(commands)


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    if arguments.command == "token":
        return _run_token(arguments)
    return _run_refresh(arguments, descriptors)


def _add_refresh(commands: Any) -> None:
    parser = commands.add_parser(
        "refresh",
        help="refresh a login that is stale",
        description="Refreshes a login: Claude Code's own by letting Claude Code do it, one of ours at its "
        "server. Exit status: 0 refreshed, adopted or not needed; 1 failed; 2 wrong usage.",
    )
    add_json(parser)
    add_store(parser)
    add_flag(parser, "--force", "refresh although there is time left")
    add_flag(
        parser,
        "--allow-request",
        "Claude Code's store: where nothing else refreshes, send one request with claude -p; with "
        "--force at once",
    )


def _run_refresh(arguments: Arguments, descriptors: Descriptors) -> int:
    store = arguments.store or default_store()
    if store == "claude-code":
        return _refresh_of_claude(arguments, descriptors)
    if arguments.allow_request:
        return refuse("--allow-request is for Claude Code's store: --store claude-code")
    arguments.store = store
    own = run_own_refresh(arguments, tell, force=arguments.force)
    if isinstance(own, str):
        return refuse(own)
    assert own.result is not None
    return finish(own.result, as_json=arguments.json)


def run_own_refresh(
    arguments: Arguments, tell: Callable[[Event], None], *, force: bool = False
) -> OwnRefresh | str:
    """Of the store of ours that was named, or why it can't be opened. In the main thread: signals come there,
    and wait there for the save."""
    from claude_auth.actions.accounts import oauth_configuration, open_known
    from claude_auth.actions.oauth import OwnRefresh, refresher_of

    opened = open_known(arguments.store, home(), arguments.account)
    if opened.store is None:
        return opened.problem or ""
    own = OwnRefresh(opened.store, refresher_of(oauth_configuration(os.environ)), force=force)
    journal = our_journal()

    def emit(event: Event) -> None:
        journal.write(event)
        tell(event)

    with leaving_properly():
        own.run(emit)
    return own


def _refresh_of_claude(arguments: Arguments, descriptors: Descriptors) -> int:
    """Its child outlives us where a signal takes us away, and the journal says so."""
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.actions.result import Result

    action = DelegatedRefresh(
        look=looker(arguments, descriptors),
        environ=os.environ,
        force=arguments.force,
        allow_request=arguments.allow_request,
    )
    journal = our_journal()
    at_work: list[Event] = []

    def seen(event: Event) -> None:
        if event.kind in {"refresh.started", "refresh.ended"}:
            at_work[:] = [event] if event.kind == "refresh.started" else []

    code = run_to_its_end(follow(action.events(), journal, seen))
    for started in () if action.result is not None else at_work:
        text = f"we leave; `{started.data['command']}` is not disturbed, and finishes alone"
        left = Event(time.time(), "refresh.left", text, "warning", "claude-code", started.data)
        journal.write(left)
        say(text)
    result = action.result or Result("failed", error="left before the end of the refresh")
    return finish(result, as_json=arguments.json, code=code)


# ── a token for a program ─────────────────────────────────────────────────────────────────────────


def _add_token(commands: Any) -> None:
    parser = commands.add_parser(
        "token",
        help="print an access token for a program",
        description="Prints the access token of one of our stores on standard output, refreshed first where "
        "needed: as an apiKeyHelper, for a gateway. Refused on a terminal.",
        epilog="Exit status: 0 printed, 1 there is none, 2 wrong usage, or a terminal.",
    )
    parser.add_argument("--store", choices=("sdk", "keyring"), required=True)
    add_account(parser)


def _run_token(arguments: Arguments) -> int:
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
