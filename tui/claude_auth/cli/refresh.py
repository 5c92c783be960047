"""`claude-auth refresh` and `token`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.cli.arguments import add_json
from claude_auth.cli.endings import leaving_properly, run
from claude_auth.cli.places import FAILED, USABLE, follow, home, looker, our_journal, tell
from claude_auth.cli.sign_in import STORES, default_store
from claude_auth.cli.words import finish, refuse, say
from claude_auth.model import DescriptorReading, Event, TokenSet

if TYPE_CHECKING:
    from claude_auth.actions.own_refresh import OwnRefresh


def add_refresh(commands: Any) -> None:
    parser = commands.add_parser(
        "refresh",
        help="refresh a login that is stale",
        description="Refreshes a login: Claude Code's own by letting Claude Code do it, one of ours at its "
        "server. Exit codes: 0 refreshed, adopted or not needed; 1 failed; 2 wrong usage.",
    )
    add_json(parser)
    parser.add_argument("--store", choices=STORES, help="which login (default: sdk if CLAUDE_OAUTH_* is set)")
    parser.add_argument("--account", metavar="NAME", help="a further account of the store")
    parser.add_argument("--force", action="store_true", help="refresh although there is time left")
    parser.add_argument(
        "--allow-request",
        action="store_true",
        help="Claude Code's store: where nothing else refreshes, send one request with claude -p",
    )


def add_token(commands: Any) -> None:
    parser = commands.add_parser(
        "token",
        help="print an access token for a program",
        description="Prints the access token of one of our stores on standard output, refreshed first where "
        "needed: as an apiKeyHelper, for a gateway. Refused on a terminal.",
    )
    parser.add_argument("--store", choices=("sdk", "keyring"), required=True)
    parser.add_argument("--account", metavar="NAME", help="a further account of the store")


def run_refresh(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    store = arguments.store or default_store()
    if store == "claude-code":
        if arguments.account is not None:
            return refuse("Claude Code's own store has one account; leave out --account")
        return _refresh_of_claude(arguments, descriptors)
    if arguments.allow_request:
        return refuse("--allow-request is for Claude Code's store: --store claude-code")
    from claude_auth.store.base import StoreError

    try:
        own = _own_refresh(store, arguments.account, force=arguments.force)
    except StoreError as error:
        return refuse(str(error))
    _run(own, tell)
    assert own.result is not None
    return finish(own.result, as_json=arguments.json)


def _refresh_of_claude(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """Its child outlives us where a signal takes us away, and the journal says so."""
    from claude_auth.actions import Result
    from claude_auth.actions.delegated_refresh import DelegatedRefresh

    action = DelegatedRefresh(
        look=looker(descriptors),
        environ=os.environ,
        force=arguments.force,
        allow_request=arguments.allow_request,
    )
    journal = our_journal()
    at_work: list[Event] = []

    def seen(event: Event) -> None:
        if event.kind in {"refresh.started", "refresh.ended"}:
            at_work[:] = [event] if event.kind == "refresh.started" else []

    code = run(follow(action.events(), journal, seen))
    for started in at_work:
        text = f"we leave; `{started.data['command']}` is not disturbed, and finishes alone"
        left = Event(time.time(), "refresh.left", text, "warning", "claude-code", started.data)
        journal.write(left)
        say(text)
    result = action.result or Result("failed", error="left before the end of the refresh")
    answer = finish(result, as_json=arguments.json)
    return code or answer


def _own_refresh(id: str, account: str | None, *, force: bool) -> OwnRefresh:
    """Raises StoreError for a name that can't be an account's."""
    from claude_auth.actions.own_refresh import OwnRefresh, refresher_of
    from claude_auth.oauth.configuration import load_configuration
    from claude_auth.store.opening import open_store

    store = open_store(id, home(), account)
    return OwnRefresh(store, refresher_of(load_configuration(os.environ)), force=force)


def _run(own: OwnRefresh, tell: Callable[[Event], None]) -> None:
    """In the main thread: signals come there, and wait there for the save."""
    journal = our_journal()

    def emit(event: Event) -> None:
        journal.write(event)
        tell(event)

    with leaving_properly():
        own.run(emit)


def run_token(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """The one place where a token is printed: into a pipe, for a program."""
    if sys.stdout is None or sys.stdout.isatty():
        where = "closed" if sys.stdout is None else "a terminal"
        return refuse(f"a token is printed for a program only, and standard output is {where}")
    from claude_auth.store.base import StoreError

    try:
        own = _own_refresh(arguments.store, arguments.account, force=False)
    except StoreError as error:
        return refuse(str(error))
    _run(own, lambda event: None)
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
    return USABLE


def _no_token(why: str) -> int:
    say(f"claude-auth: {why}")
    return FAILED


def _not_for_programs(tokens: TokenSet) -> str | None:
    """A Claude account's token, however it came here, and a text that would be more than one word."""
    value = tokens.access_token.reveal()
    if "sk-ant-oat" in value:
        return "tokens of a Claude account are not handed out: Claude Code alone may use them"
    if not value.isascii() or not value.isprintable() or " " in value or not value:
        return "what is stored is no token: it holds spaces or control characters. Sign in again"
    return None
