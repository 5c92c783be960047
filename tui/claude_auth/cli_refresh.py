"""`claude-auth refresh` and `token`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Any

from claude_auth.cli_places import FAILED, USABLE, finish, follow, home, looker, our_journal, refuse, say
from claude_auth.cli_sign_in import STORES, default_store
from claude_auth.model import DescriptorReading


def add_refresh(commands: Any) -> None:
    parser = commands.add_parser(
        "refresh",
        help="refresh a login that is stale",
        description="Refreshes a login: Claude Code's own by letting Claude Code do it, one of ours at its "
        "server. Exit codes: 0 refreshed, adopted or not needed; 1 failed; 2 wrong usage.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
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
    from claude_auth.actions import Result

    store = arguments.store or default_store()
    if store == "claude-code":
        from claude_auth.actions.delegated_refresh import DelegatedRefresh

        if arguments.account is not None:
            return refuse("Claude Code's own store has one account; leave out --account")
        delegated = DelegatedRefresh(
            look=looker(descriptors),
            environ=os.environ,
            force=arguments.force,
            allow_request=arguments.allow_request,
        )
        asyncio.run(follow(delegated.events(), our_journal(), lambda event: None))
        result = delegated.result
    else:
        own = _own_refresh(store, arguments.account, force=arguments.force)
        if isinstance(own, int):
            return own
        asyncio.run(follow(own.events(), our_journal(), lambda event: None))
        result = own.result
    broken = Result("failed", store, arguments.account, error="the refresh broke off")
    return finish(result or broken, as_json=arguments.json)


def _own_refresh(id: str, account: str | None, *, force: bool) -> Any:
    from claude_auth.actions.own_refresh import OwnRefresh, refresher_of
    from claude_auth.oauth.configuration import load_configuration
    from claude_auth.store.base import StoreError
    from claude_auth.store.opening import open_store

    try:
        store = open_store(id, home(), account)
        store.sweep()
    except StoreError as error:
        return refuse(str(error))
    return OwnRefresh(store, refresher_of(load_configuration(os.environ)), force=force)


def run_token(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """The one place where a token is printed: into a pipe, for a program."""
    if sys.stdout is None or sys.stdout.isatty():
        return refuse("a token is printed for a program only: this is a terminal")
    own = _own_refresh(arguments.store, arguments.account, force=False)
    if isinstance(own, int):
        return own
    journal = our_journal()

    async def quietly() -> None:
        async for _ in journal.pass_on(own.events()):
            pass

    asyncio.run(quietly())
    outcome = own.outcome
    if outcome is None or outcome.tokens is None or (not outcome.ok and not outcome.still_live):
        say(f"claude-auth: {outcome.message if outcome is not None else 'there is no token'}")
        return FAILED
    if outcome.tokens.access_token.kind == "oauth-access-token":
        say("claude-auth: tokens of a Claude account are not handed out: Claude Code alone may use them")
        return FAILED
    print(outcome.tokens.access_token.reveal())
    return USABLE
