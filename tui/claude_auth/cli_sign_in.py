"""`claude-auth login`, `logout` and `accounts`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from claude_auth.cli_places import FAILED, USABLE, finish, follow, home, looker, our_journal, refuse, say
from claude_auth.model import DescriptorReading, Event, Snapshot

STORES = ("claude-code", "sdk", "keyring")


def add_login(commands: Any) -> None:
    parser = commands.add_parser(
        "login",
        help="sign in",
        description="Signs in: to your Claude account by running Claude Code itself, or with your own OAuth "
        "client (CLAUDE_OAUTH_* or the configuration file) into a store of ours.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--store", choices=STORES, help="where the login goes (default: sdk if CLAUDE_OAUTH_* is set)"
    )
    parser.add_argument("--account", metavar="NAME", help="a further account of the store")
    parser.add_argument("--no-browser", action="store_true", help="open no browser, print the address alone")
    parser.add_argument(
        "--paste", action="store_true", help="do not listen: the answer is pasted, or piped in"
    )
    parser.add_argument(
        "--console", action="store_true", help="Claude account: a Console login, billed per token"
    )
    parser.add_argument(
        "--sso", action="store_true", help="Claude account: through your organisation's sign-on"
    )
    parser.add_argument("--email", metavar="ADDRESS", help="Claude account: whose")


def add_logout(commands: Any) -> None:
    parser = commands.add_parser("logout", help="sign out", description="Signs out of one store.")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--store", choices=STORES, help="which login (default: sdk if CLAUDE_OAUTH_* is set)")
    parser.add_argument("--account", metavar="NAME", help="a further account of the store")
    parser.add_argument(
        "--only-here", action="store_true", help="don't tell the server: remove the tokens alone"
    )
    parser.add_argument("--yes", action="store_true", help="don't ask")


def add_accounts(commands: Any) -> None:
    parser = commands.add_parser(
        "accounts",
        help="the logins of this machine",
        description="Lists the logins of this machine; with --switch another account of the SDK's store "
        "becomes the active one.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--switch", metavar="NAME", help="make this account of the SDK's store the active one"
    )
    parser.add_argument("--keep-as", metavar="NAME", help="the name under which the active one is kept")


def default_store() -> str:
    return "sdk" if any(name.startswith("CLAUDE_OAUTH_") for name in os.environ) else "claude-code"


# ── signing in ───────────────────────────────────────────────────────────────────────────────────


def run_login(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    store = arguments.store or default_store()
    if store == "claude-code":
        if arguments.account is not None:
            return refuse("Claude Code's own store has one account; leave out --account")
        return _login_to_claude(arguments, looker(descriptors))
    if arguments.console or arguments.sso or arguments.email:
        return refuse("--console, --sso and --email are for a Claude account: --store claude-code")
    return _login_with_own_client(arguments, store, looker(descriptors))


def _login_to_claude(arguments: argparse.Namespace, look: Callable[[], Snapshot]) -> int:
    """Claude Code's own flow in this terminal; then a look whether it worked."""
    from claude_auth.actions import Result
    from claude_auth.actions.delegated_sign_in import SignInChoice, judge_login, suspended_sign_in
    from claude_auth.commands.foreground import run_in_terminal

    before = look()
    choice = SignInChoice(arguments.console, arguments.sso, arguments.email)
    run = suspended_sign_in(choice, before, os.environ)
    if run is None:
        error = "Claude Code is not installed here: npm install -g @anthropic-ai/claude-code"
        return finish(Result("failed", error=error), as_json=arguments.json)
    say(run.reason)
    code = run_in_terminal(run.argv, environment=run.environment, cwd=run.cwd, keep_stdout=arguments.json)
    ended = f"Claude Code ended with exit code {code} without signing in" if code else None
    result, event = judge_login(before, look(), ended)
    our_journal().write(event)
    say(event.text)
    if result.overridden_by:
        say(f"Note: {result.overridden_by}")
    return finish(result, as_json=arguments.json)


def _login_with_own_client(arguments: argparse.Namespace, id: str, look: Callable[[], Snapshot]) -> int:
    from claude_auth.actions import Result
    from claude_auth.actions.own_sign_in import OwnSignIn
    from claude_auth.oauth.configuration import configuration_path, load_configuration
    from claude_auth.store.base import StoreError
    from claude_auth.store.opening import keyring_or_file, open_store

    configuration = load_configuration(os.environ)
    for warning in configuration.warnings:
        say(f"Warning: {warning}")
    if configuration.client is None:
        for problem in configuration.problems:
            say(f"claude-auth: {problem}")
        path = configuration_path(os.environ)
        missing = (
            f"no OAuth client is configured: set CLAUDE_OAUTH_CLIENT_ID and its companions, or write {path}"
        )
        error = "; ".join(str(problem) for problem in configuration.problems) or missing
        return finish(Result("failed", id, arguments.account, error=error), as_json=arguments.json)
    try:
        if id == "keyring":
            choice = keyring_or_file(home(), arguments.account)
            store = choice.store
            if choice.notice:
                say(f"Note: {choice.notice}")
        else:
            store = open_store(id, home(), arguments.account)
    except StoreError as error:
        return refuse(str(error))
    action = OwnSignIn(configuration.client, store, listen=not arguments.paste)
    asyncio.run(_sign_in(action, look(), open_it=not arguments.no_browser))
    result = action.result or Result("failed", id, arguments.account, error="the sign-in broke off")
    return finish(result, as_json=arguments.json)


async def _sign_in(action: Any, snapshot: Snapshot, *, open_it: bool) -> None:
    from claude_auth.commands.foreground import start_detached
    from claude_auth.oauth.browser import open_browser
    from claude_auth.oauth.offering import ssh_forward

    sign_in = action.sign_in

    def seen(event: Event) -> None:
        if event.kind != "signin.waiting" or sign_in.url is None:
            return
        say("")
        say(sign_in.url.reveal())  # the person's own sign-in address, on one line that nothing wraps
        say("")
        forward = ssh_forward(os.environ, sign_in.port, snapshot.machine.user) if sign_in.port else None
        if forward:
            say(f"If the browser runs on the computer in front of you, run this there first:\n  {forward}")
        if open_it:
            say(f"Browser: {open_browser(sign_in.url, snapshot.machine, os.environ, start_detached).reason}.")
        say("Or paste the address of the last page, or the code, here, then Enter.")

    with _lines_from_stdin(lambda text: _paste(sign_in, text)):
        await follow(action.events(), our_journal(), seen)


def _paste(sign_in: Any, text: str) -> None:
    if text.strip() and sign_in.url is not None:
        problem = sign_in.paste(text)
        if problem is not None:
            say(problem.text)


@contextlib.contextmanager
def _lines_from_stdin(take: Callable[[str], None]) -> Iterator[None]:
    """Each line that is typed, pasted or piped in. A terminal does not echo it: it holds a code."""
    loop = asyncio.get_running_loop()
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, ValueError, OSError):
        yield
        return
    pending = bytearray()

    def readable() -> None:
        try:
            chunk = os.read(descriptor, 65536)
        except OSError:
            chunk = b""
        if not chunk:
            loop.remove_reader(descriptor)
            chunk = b"\n" if pending else b""
        pending.extend(chunk)
        while b"\n" in pending:
            line, _, rest = bytes(pending).partition(b"\n")
            pending[:] = rest
            take(line.decode("utf-8", "replace"))

    with _without_echo(descriptor):
        try:
            loop.add_reader(descriptor, readable)
        except (OSError, PermissionError):  # a regular file is always readable and never waits
            loop.call_later(0.1, _take_all, descriptor, take)
        try:
            yield
        finally:
            with contextlib.suppress(OSError, ValueError):
                loop.remove_reader(descriptor)


def _take_all(descriptor: int, take: Callable[[str], None]) -> None:
    with contextlib.suppress(OSError):
        for line in os.read(descriptor, 1 << 16).decode("utf-8", "replace").splitlines():
            take(line)


@contextlib.contextmanager
def _without_echo(descriptor: int) -> Iterator[None]:
    if not os.isatty(descriptor):
        yield
        return
    import termios

    before = termios.tcgetattr(descriptor)
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


# ── signing out ──────────────────────────────────────────────────────────────────────────────────


def run_logout(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    store = arguments.store or default_store()
    look = looker(descriptors)
    if store == "claude-code":
        return _logout_of_claude(arguments, look)
    from claude_auth.actions import Result
    from claude_auth.actions.own_sign_out import OwnSignOut
    from claude_auth.oauth.configuration import load_configuration
    from claude_auth.store.base import StoreError
    from claude_auth.store.opening import open_store

    try:
        opened = open_store(store, home(), arguments.account)
    except StoreError as error:
        return refuse(str(error))
    if not _agreed(arguments, f"Sign out of {opened.describe().place}?"):
        return FAILED
    action = OwnSignOut(load_configuration(os.environ).client, opened, only_here=arguments.only_here)
    asyncio.run(follow(action.events(), our_journal(), lambda event: None))
    result = action.result or Result("failed", store, arguments.account, error="it broke off")
    return finish(result, as_json=arguments.json)


def _logout_of_claude(arguments: argparse.Namespace, look: Callable[[], Snapshot]) -> int:
    from claude_auth.actions import Result
    from claude_auth.actions.sign_out_claude import SignOutClaude, warnings_before
    from claude_auth.diagnose import diagnose
    from claude_auth.resolve import resolve

    snapshot = look()
    symptoms = {n for f in diagnose(snapshot, resolve(snapshot, "claude")) for n in f.symptoms}
    for warning in warnings_before(snapshot, symptoms):
        say(f"{'Better not' if warning.against else 'Note'}: {warning.text}")
    if not _agreed(arguments, "Sign out of Claude Code?"):
        return FAILED
    action = SignOutClaude(look=look, environ=os.environ)
    asyncio.run(follow(action.events(), our_journal(), lambda event: None))
    result = action.result or Result("failed", error="it broke off")
    return finish(result, as_json=arguments.json)


def _agreed(arguments: argparse.Namespace, question: str) -> bool:
    """Yes by option or by answer; without a terminal, only by option."""
    if arguments.yes:
        return True
    if not sys.stdin or not sys.stdin.isatty():
        say("claude-auth: say --yes where nobody can be asked")
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


def run_accounts(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    from claude_auth.actions.accounts import accounts_document, accounts_text, list_accounts
    from claude_auth.store.base import StoreError
    from claude_auth.store.switching import switch

    if arguments.switch is not None:
        try:
            say(switch(home(), arguments.switch, arguments.keep_as))
        except StoreError as error:
            say(f"claude-auth: {error}")
            return FAILED
    elif arguments.keep_as is not None:
        return refuse("--keep-as goes with --switch")
    found = list_accounts(looker(descriptors)())
    if arguments.json:
        import json

        print(json.dumps(accounts_document(found), indent=2))
    else:
        print(accounts_text(found))
    return USABLE if found else FAILED
