"""One sign-in with an OAuth client of one's own, step by step. And signing in and out and refreshing, as
`claude-auth login`, `logout` and `refresh` do: a login of an OAuth client of one's own by our engine, a
Claude account's by the installed `claude`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

from claude_auth.library.configuration import OAuthConfig, client_of, configured_client
from claude_auth.library.errors import ConfigurationError, LoginError, MissingCredentialError
from claude_auth.library.tokens import AuthToken, token_of
from claude_auth.model import Event

if TYPE_CHECKING:
    from claude_auth.actions.result import Result
    from claude_auth.library.credentials import OwnLogin
    from claude_auth.oauth.authorization import OAuthClient
    from claude_auth.oauth.flow import SignIn


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


class OAuthFlow:
    """Authorization Code with PKCE (S256) and a state: iterate `events()`, show `url` once it is there, hand
    on what a person pastes, then take `token`. Nothing is stored: that is `TokenStorage`'s, or `login()`'s,
    which does all of this by itself. Use a flow once.

    >>> import asyncio
    >>> from claude_auth import OAuthConfig, OAuthFlow
    >>> config = OAuthConfig.from_environment()
    >>> async def main() -> None:
    ...     flow = OAuthFlow(config)
    ...     async for event in flow.events():
    ...         if event.kind == "signin.waiting":
    ...             visit_in_browser(flow.url)
    ...     print(flow.token.is_expired())
    >>> asyncio.run(main())
    False
    """

    def __init__(self, config: OAuthConfig | None = None, *, listen: bool = True) -> None:
        """`config`: else that of the environment. `listen` False: by paste alone. Raises
        `ConfigurationError`."""
        from claude_auth.oauth.flow import SignIn

        self._sign_in: SignIn = SignIn(client_for_flow(config), environ=os.environ, listen=listen)

    @property
    def url(self) -> str | None:
        """Where the browser goes; from the event `signin.waiting` on. It holds the state: not for a log."""
        address = self._sign_in.url
        return None if address is None else address.reveal()

    @property
    def token(self) -> AuthToken:
        """Once the events have ended. Raises `LoginError` where the sign-in came to nothing."""
        if self._sign_in.tokens is not None:
            return token_of(self._sign_in.tokens)
        failure = self._sign_in.failure
        if failure is None:
            raise LoginError(
                "not-finished", "the sign-in is not at its end", "Iterate its events to their end"
            )
        raise LoginError(failure.code, str(failure), failure.next_step)

    async def events(self) -> AsyncGenerator[Event]:
        """What happens, one after the other; leaving early cancels the sign-in."""
        async for event in self._sign_in.events():
            yield event

    def paste(self, text: str) -> str | None:
        """The code, or the address of the last page; None where it goes on with it, else what is wrong."""
        problem = self._sign_in.paste(text)
        return None if problem is None else problem.text

    def cancel(self) -> None:
        """At whatever step; the events end."""
        self._sign_in.cancel()


def client_for_flow(config: OAuthConfig | None) -> OAuthClient:
    """Raises `ConfigurationError`."""
    client = configured_client() if config is None else client_of(config)
    if client is None:
        raise ConfigurationError(
            "no-oauth-client",
            "no OAuth client is configured",
            "Set CLAUDE_OAUTH_CLIENT_ID and its companions, or give an OAuthConfig",
        )
    return client
