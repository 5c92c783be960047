"""`claude-auth login`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import by_signal
from claude_auth.cli.console import finish, refuse, say
from claude_auth.cli.context import Descriptors, follow, home, looker, our_journal
from claude_auth.cli.options import Arguments, add_flag, add_json, add_store, default_store
from claude_auth.cli.signals import run_to_its_end
from claude_auth.model import Event, Snapshot
from claude_auth.words import Exact

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Configuration, OpenedStore
    from claude_auth.actions.oauth import OwnSignIn


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "login",
        help="sign in",
        description="Signs in: to your Claude account by running Claude Code itself, or with your own OAuth "
        "client (CLAUDE_OAUTH_* or the configuration file) into a store of ours.",
        epilog="Exit status: 0 signed in, 1 not, 2 wrong usage, 128 + n ended by signal n.",
    )
    add_json(parser)
    add_store(parser, "where the login goes")
    add_flag(parser, "--no-browser", "open no browser, print the address alone")
    add_flag(parser, "--paste", "do not listen: the answer is pasted, or piped in")
    add_flag(parser, "--console", "Claude account: a Console login, billed per token")
    add_flag(parser, "--sso", "Claude account: through your organisation's sign-on")
    parser.add_argument("--email", metavar="ADDRESS", help="Claude account: whose")


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    store = arguments.store or default_store()
    if store == "claude-code":
        if arguments.paste or arguments.no_browser:
            say("Note: Claude Code itself decides about the browser, and asks for the code.")
        return _login_to_claude(arguments, looker(arguments, descriptors))
    if arguments.console or arguments.sso or arguments.email:
        return refuse("--console, --sso and --email are for a Claude account: --store claude-code")
    return _login_with_own_client(arguments, store, looker(arguments, descriptors))


def _login_to_claude(arguments: Arguments, look: Callable[[], Snapshot]) -> int:
    """Claude Code's own flow in this terminal; then a look whether it worked."""
    from claude_auth.actions.claude_cli import SignInChoice, judge_login, suspended_sign_in
    from claude_auth.actions.claude_program import missing_client
    from claude_auth.actions.result import Result
    from claude_auth.actions.terminal import run_in_terminal

    before, journal = look(), our_journal()
    choice = SignInChoice(arguments.console, arguments.sso, arguments.email)
    program = suspended_sign_in(choice, before, os.environ)
    if program is None:
        missing = missing_client(before.observed_at, "sign-in.client-missing")
        journal.write(missing)
        return finish(Result("failed", error=missing.text), as_json=arguments.json)
    started = Event(before.observed_at, "sign-in.started", program.reason, store="claude-code")
    journal.write(started)
    say(started.text)
    signals: list[int] = []
    ended = run_in_terminal(
        program.argv,
        environment=program.environment,
        cwd=program.cwd,
        keep_stdout=arguments.json,
        heard=signals.append,
    )
    result, event = judge_login(before, look(), _why_ended(ended))
    journal.write(event)
    if result.outcome != "failed":
        say(event.text)
    return finish(result, as_json=arguments.json, code=by_signal(signals[0]) if signals else 0)


def _why_ended(code: int | None) -> str | None:
    """What to say should nothing have changed."""
    if code is None:
        return "Claude Code could not be started"
    if code < 0 or code == 130:
        import signal

        number = -code if code < 0 else 2
        return f"Claude Code was ended by {signal.Signals(number).name} before it had signed in"
    return f"Claude Code ended with exit code {code} without signing in" if code else None


def _login_with_own_client(arguments: Arguments, id: str, look: Callable[[], Snapshot]) -> int:
    from claude_auth.actions.accounts import oauth_configuration, open_for_sign_in
    from claude_auth.actions.oauth import OwnSignIn
    from claude_auth.actions.result import Result

    configuration = oauth_configuration(os.environ)
    for warning in configuration.warnings:
        say(f"Warning: {warning}")
    if configuration.client is None:
        error = _why_no_client(configuration)
        return finish(Result("failed", id, arguments.account, error=error), as_json=arguments.json)
    opened = open_for_sign_in(id, home(), arguments.account)
    if opened.store is None:
        return refuse(opened.problem or "")
    _say_notice(opened)
    action = OwnSignIn(configuration.client, opened.store, listen=not arguments.paste)
    snapshot = look()
    code = run_to_its_end(_sign_in(action, snapshot, open_it=not arguments.no_browser), action.cancel)
    if action.result is not None and action.result.outcome != "failed":
        say("Whether Claude Code uses it, and what to do if not: claude-auth diagnose")
    broke_off = Result("failed", opened.store.id, opened.store.account, error="the sign-in broke off")
    return finish(action.result or broke_off, as_json=arguments.json, code=code)


def _why_no_client(configuration: Configuration) -> str:
    from claude_auth.actions.accounts import oauth_configuration_path

    if configuration.problems:
        return "; ".join(str(problem) for problem in configuration.problems)
    path = oauth_configuration_path(os.environ)
    return f"no OAuth client is configured: set CLAUDE_OAUTH_CLIENT_ID and its companions, or write {path}"


def _say_notice(opened: OpenedStore) -> None:
    """A keyring that takes nothing is replaced by a file, and never silently."""
    if opened.notice and opened.store is not None:
        replaces = opened.store.load().tokens is not None
        say(f"Note: {opened.notice}{', and replaces the login that lies there' if replaces else ''}.")


async def _sign_in(action: OwnSignIn, snapshot: Snapshot, *, open_it: bool) -> None:
    import asyncio

    from claude_auth.cli.standard_input import Feeder, StandardInput

    feeder = Feeder(action.sign_in.paste, say)

    def seen(event: Event) -> None:
        if event.kind == "signin.waiting":
            _offer(action, snapshot, open_it=open_it)
        if event.kind in {"signin.waiting", "signin.code-refused"}:
            feeder.ready.set()

    async def feed() -> None:
        await feeder.feed(StandardInput())
        if action.sign_in.port is None:
            action.cancel("standard input has ended, and nothing else can bring the answer")

    feeding = asyncio.ensure_future(feed())
    try:
        await asyncio.sleep(0)  # the terminal shows nothing of what is typed before an address asks for it
        await follow(action.events(), our_journal(), seen)
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding


def _offer(action: OwnSignIn, snapshot: Snapshot, *, open_it: bool) -> None:
    from claude_auth.actions.sign_in_address import forward_command, open_browser

    sign_in = action.sign_in
    assert sign_in.url is not None
    say("")
    say(Exact(sign_in.url.reveal()))  # the person's own sign-in address
    say("")
    forward = forward_command(os.environ, sign_in.port, snapshot.machine)
    if forward:
        say("If the browser runs on the computer in front of you, run this there first:")
        say(Exact(f"  {forward}"))
    if open_it:
        say(f"Browser: {open_browser(sign_in.url, snapshot.machine, os.environ).reason}.")
    or_paste = "Or paste" if sign_in.port else "Paste"
    say(
        f"{or_paste} the address of the last page, or the code, here, then Enter. A terminal doesn't show it."
    )
