"""One sign-in with an OAuth client of one's own, step by step."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from claude_auth.library.configuration import OAuthConfig, client_of, configured_client
from claude_auth.library.errors import ConfigurationError, LoginError
from claude_auth.library.tokens import AuthToken, token_of

if TYPE_CHECKING:
    from claude_auth.model import Event
    from claude_auth.oauth.configuration import OAuthClient
    from claude_auth.oauth.flow import SignIn


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
