"""Signing in and out and refreshing, as `claude-auth login`, `logout` and `refresh` do: a login of an OAuth
client of one's own by our engine, a Claude account's by the installed `claude`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from claude_auth.library.errors import LoginError, MissingCredentialError
from claude_auth.library.flow import client_for_flow

if TYPE_CHECKING:
    from claude_auth.actions.result import Result
    from claude_auth.library.configuration import OAuthConfig
    from claude_auth.library.credentials import OwnLogin
    from claude_auth.model import Event

#: Hears the address that a person has to open.
OnAddress = Callable[[str], None]


def print_address(url: str) -> None:
    """As a command line does."""
    print(f"To sign in, open this address:\n{url}", file=sys.stderr)


async def sign_in_own(
    login: OwnLogin, config: OAuthConfig | None, *, open_browser: bool, on_address: OnAddress
) -> Result:
    """Raises `LoginError`, and `ConfigurationError` before anything starts."""
    from claude_auth.actions.oauth import OwnSignIn
    from claude_auth.actions.sign_in_address import open_browser as show
    from claude_auth.library.machine import observe

    machine = observe().machine
    action = OwnSignIn(client_for_flow(config), login.store)

    def seen(event: Event) -> None:
        address = action.sign_in.url
        if event.kind == "signin.waiting" and address is not None:
            on_address(address.reveal())
            if open_browser:
                show(address, machine, os.environ)

    await _follow(action.events(), seen)
    failure = action.sign_in.failure
    return _done(action.result, "login-failed" if failure is None else failure.code)


async def sign_in_to_claude(on_address: OnAddress) -> Result:
    """Claude Code opens the browser itself."""
    from claude_auth.actions.claude_cli import Delegated, SignInTask
    from claude_auth.library.machine import observe

    action = Delegated(SignInTask(), look=observe, environ=os.environ)
    told: list[str] = []

    def seen(event: Event) -> None:
        urls = [] if action.program is None else [url for url in action.program.urls if url.may_be_used]
        if urls and not told:
            told.append(urls[-1].url)
            on_address(urls[-1].url)

    await _follow(action.events(), seen)
    return _done(action.result, "login-failed")


async def sign_out_own(login: OwnLogin, *, only_here: bool) -> Result:
    from claude_auth.actions.oauth import OwnSignOut

    action = OwnSignOut(login.client, login.store, only_here=only_here)
    await _follow(action.events())
    return _done(action.result, "logout-failed")


async def sign_out_of_claude() -> Result:
    from claude_auth.actions.claude_cli import Delegated, SignOutTask
    from claude_auth.library.machine import observe

    action = Delegated(SignOutTask(), look=observe, environ=os.environ)
    await _follow(action.events())
    return _done(action.result, "logout-failed")


async def refresh_own(login: OwnLogin, *, force: bool) -> Result:
    from claude_auth.actions.oauth import OwnRefresh, refresher_of
    from claude_auth.oauth.configuration import Configuration

    action = OwnRefresh(login.store, refresher_of(Configuration(login.client)), force=force)
    await _follow(action.events())
    return _done(action.result, "refresh-failed" if action.outcome is None else str(action.outcome.reason))


async def refresh_claudes(*, force: bool) -> Result:
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.library.machine import observe

    action = DelegatedRefresh(look=observe, environ=os.environ, force=force)
    await _follow(action.events())
    return _done(action.result, "refresh-failed")


async def _follow(events: Any, seen: Callable[[Event], None] = lambda event: None) -> None:
    """Each event into the journal, and to `seen`; leaving early ends what runs."""
    from claude_auth.journal import Journal

    journal = Journal(program="claude_auth")
    async with contextlib.aclosing(events) as told:
        async for event in told:
            journal.write(event)
            seen(event)


def _done(result: Result | None, code: str) -> Result:
    if result is None:
        raise LoginError(code, "it broke off", "Try again")
    if result.outcome != "failed":
        return result
    error = result.error or "it came to nothing"
    if code == "not-signed-in":
        raise MissingCredentialError(code, error, "Sign in with `claude-auth login`, or `await login()`")
    if "isn't installed" in error:
        raise MissingCredentialError(
            "claude-not-installed", error, "Install it: https://claude.ai/install.sh"
        )
    raise LoginError(code, error, "Look at `claude-auth diagnose`")
