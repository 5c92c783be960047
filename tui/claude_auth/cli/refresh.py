"""`claude-auth refresh`."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from typing import Any

from claude_auth.cli.arguments import ONE_ACCOUNT, add_json, add_store, default_store
from claude_auth.cli.console import finish, refuse, say
from claude_auth.cli.context import follow, looker, our_journal, tell
from claude_auth.cli.own_refresh import own_refresh, run_own
from claude_auth.cli.signals import run_to_its_end
from claude_auth.model import DescriptorReading, Event


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "refresh",
        help="refresh a login that is stale",
        description="Refreshes a login: Claude Code's own by letting Claude Code do it, one of ours at its "
        "server. Exit status: 0 refreshed, adopted or not needed; 1 failed; 2 wrong usage.",
    )
    add_json(parser)
    add_store(parser)
    parser.add_argument("--force", action="store_true", help="refresh although there is time left")
    parser.add_argument(
        "--allow-request",
        action="store_true",
        help="Claude Code's store: where nothing else refreshes, send one request with claude -p; with "
        "--force at once",
    )


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    store = arguments.store or default_store()
    if store == "claude-code":
        if arguments.account is not None:
            return refuse(ONE_ACCOUNT)
        return _refresh_of_claude(arguments, descriptors)
    if arguments.allow_request:
        return refuse("--allow-request is for Claude Code's store: --store claude-code")
    from claude_auth.model.errors import AuthenticationError

    try:
        own = own_refresh(store, arguments.account, force=arguments.force)
    except AuthenticationError as error:
        return refuse(str(error))
    run_own(own, tell)
    assert own.result is not None
    return finish(own.result, as_json=arguments.json)


def _refresh_of_claude(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """Its child outlives us where a signal takes us away, and the journal says so."""
    from claude_auth.actions import Result
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh

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

    code = run_to_its_end(follow(action.events(), journal, seen))
    for started in () if action.result is not None else at_work:
        text = f"we leave; `{started.data['command']}` is not disturbed, and finishes alone"
        left = Event(time.time(), "refresh.left", text, "warning", "claude-code", started.data)
        journal.write(left)
        say(text)
    result = action.result or Result("failed", error="left before the end of the refresh")
    answer = finish(result, as_json=arguments.json)
    return code or answer
