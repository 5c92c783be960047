"""The main class, and its methods as functions."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from claude_auth.library.message import Message, Question
from claude_auth.library.tokens import TokenStorage

if TYPE_CHECKING:
    from claude_auth.actions.result import Result
    from claude_auth.library.configuration import OAuthConfig
    from claude_auth.library.credentials import AuthHeaders, DirectCredential, OwnLogin
    from claude_auth.library.sign_in import OnAddress
    from claude_auth.oauth.live_requests import CredentialAuth


class ClaudeAuth:
    """Authentication of one account. Without arguments: what this machine has, as `claude-auth status
    --client sdk` shows it. `token_storage`: this account's file alone; `oauth_config`: this OAuth client;
    `use_oauth=False`: the API key alone. Leaving the `async with` ends the queries that were begun in it.

    >>> import asyncio
    >>> from claude_auth import ClaudeAuth
    >>> async def main() -> None:
    ...     async with ClaudeAuth(use_oauth=True) as auth:
    ...         token = auth.token_storage.load_token()
    ...         print("signed in" if token else "not signed in")
    ...         async for message in auth.query("Hello"):
    ...             print(message)
    >>> asyncio.run(main())
    not signed in
    Hello
    from the sandbox.
    <BLANKLINE>
    """

    def __init__(
        self,
        use_oauth: bool = True,
        token_storage: TokenStorage | None = None,
        oauth_config: OAuthConfig | None = None,
    ) -> None:
        if token_storage is not None or oauth_config is not None:
            _check(token_storage, oauth_config)
        self.use_oauth, self.oauth_config = use_oauth, oauth_config
        #: Where the tokens of one's own OAuth client lie.
        self.token_storage = TokenStorage() if token_storage is None else token_storage
        self._is_named = token_storage is not None or oauth_config is not None
        self._open: WeakSet[AsyncGenerator[Message]] = WeakSet()

    async def __aenter__(self) -> Self:
        """Raises `ConfigurationError` for an OAuth client that can't be used."""
        if self.oauth_config is not None:
            self.oauth_config.checked()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for messages in list(self._open):
            with contextlib.suppress(RuntimeError):  # another task is waiting for it
                await messages.aclose()
        self._open.clear()

    async def login(self, *, open_browser: bool = True, on_address: OnAddress | None = None) -> Result:
        """Signs in and stores the login: with one's own OAuth client where one is configured, in
        `token_storage`; else to a Claude account, which the installed `claude` does and stores. `on_address`
        hears the address to open; without it, it is printed on standard error. Raises `LoginError`.

        >>> import asyncio
        >>> from claude_auth import ClaudeAuth, OAuthConfig
        >>> async def main() -> None:
        ...     async with ClaudeAuth(oauth_config=OAuthConfig.from_environment()) as auth:
        ...         result = await auth.login(open_browser=False, on_address=visit_in_browser)
        ...         print(result.outcome)
        >>> asyncio.run(main())
        signed-in
        """
        from claude_auth.library.sign_in import print_address, sign_in_own, sign_in_to_claude

        heard = print_address if on_address is None else on_address
        if not await self._is_own():
            return await sign_in_to_claude(heard)
        own = await asyncio.to_thread(self._own)
        return await sign_in_own(own, self.oauth_config, open_browser=open_browser, on_address=heard)

    async def logout(self, *, only_here: bool = False) -> Result:
        """Tells the server that the login ends, and removes the tokens. Where the server can't be told they
        stay, unless `only_here`. Raises `LoginError`.

        >>> import asyncio
        >>> from claude_auth import ClaudeAuth, TokenStorage, AuthToken
        >>> storage = TokenStorage("~/work.json")
        >>> storage.save_token(AuthToken("made-up-access-token"))
        >>> asyncio.run(ClaudeAuth(token_storage=storage).logout(only_here=True)).outcome
        'signed-out'
        """
        from claude_auth.library.sign_in import sign_out_of_claude, sign_out_own

        if not await self._is_own():
            return await sign_out_of_claude()
        return await sign_out_own(await asyncio.to_thread(self._own), only_here=only_here)

    async def refresh(self, *, force: bool = False) -> Result:
        """Renews the login, where it is time or with `force`. Queries do so by themselves. Raises
        `LoginError`.

        >>> import asyncio
        >>> from claude_auth import ClaudeAuth, TokenStorage, AuthToken
        >>> storage = TokenStorage("~/fresh.json")
        >>> storage.save_token(AuthToken("made-up-access-token"))
        >>> asyncio.run(ClaudeAuth(token_storage=storage).refresh()).outcome
        'not-needed'
        """
        from claude_auth.library.sign_in import refresh_claudes, refresh_own

        if not await self._is_own():
            return await refresh_claudes(force=force)
        return await refresh_own(await asyncio.to_thread(self._own), force=force)

    async def get_auth_headers(self) -> dict[str, str]:
        """The headers of a request to the API, with a token that has been refreshed where it was time. Raises
        `MissingCredentialError`, with the code `claude-login-not-for-direct-use` where only a Claude
        account's login is there: Claude Code alone may send that.

        >>> import asyncio
        >>> from claude_auth import ClaudeAuth
        >>> list(asyncio.run(ClaudeAuth().get_auth_headers()))
        ['x-api-key']
        """
        return await asyncio.to_thread(self._headers)

    def query(
        self,
        prompt: str,
        *,
        model: str | None = None,
        max_tokens: int | None = None,
        base_url: str | None = None,
    ) -> AsyncGenerator[Message]:
        """As `claude_auth.query`, with this account.

        >>> import asyncio
        >>> from claude_auth import ClaudeAuth
        >>> async def main() -> None:
        ...     async with ClaudeAuth(use_oauth=False) as auth:
        ...         print("".join([str(message) async for message in auth.query("Hello")]))
        >>> asyncio.run(main())
        Hello from the sandbox.
        """
        from claude_auth.library.queries import query_of_account

        named = (self.token_storage, self.oauth_config) if self._is_named else None
        question = Question(prompt, model, max_tokens, base_url)
        messages = query_of_account(question, self.use_oauth, named)
        self._open.add(messages)
        return messages

    def httpx_auth(self) -> CredentialAuth:
        """For `auth=` of a client of httpx, and of httpx2 where that is installed: it puts this account's
        headers into each request, and after a 401 renews the login once, by the same coordinator as
        everything else here. So also the `http_client` of the `anthropic` SDK.

        >>> import os, httpx
        >>> from claude_auth import ClaudeAuth
        >>> with httpx.Client(auth=ClaudeAuth().httpx_auth()) as client:
        ...     client.get(os.environ["ANTHROPIC_BASE_URL"] + "/v1/models").status_code
        200
        """
        from claude_auth.oauth.live_requests import credential_auth

        return credential_auth(self._provide)

    # ── which credential ─────────────────────────────────────────────────────────────────────────

    def _credential(self) -> DirectCredential:
        from claude_auth.library.credentials import find_api_key, find_direct, find_own_login

        if not self.use_oauth:
            return find_api_key()
        if self._is_named:
            return find_own_login(self.token_storage, self.oauth_config)
        return find_direct()

    def _headers(self) -> AuthHeaders:
        return self._credential().headers()

    def _provide(self, url: str, refused: Mapping[str, str] | None) -> Mapping[str, str]:
        """For requests that somebody else sends."""
        from claude_auth.library.credentials import check_destination

        credential = self._credential()
        headers = credential.headers(refused)
        check_destination(headers, url)
        return headers

    async def _is_own(self) -> bool:
        """Whether signing in and out is about an OAuth client of one's own."""
        from claude_auth.actions.preferences import default_store

        return self._is_named or await asyncio.to_thread(default_store, os.environ) != "claude-code"

    def _own(self) -> OwnLogin:
        from claude_auth.library.credentials import default_login, own_login

        return own_login(self.token_storage, self.oauth_config) if self._is_named else default_login()


def _check(token_storage: object, oauth_config: object) -> None:
    from claude_auth.library.checks import checked_type
    from claude_auth.library.configuration import OAuthConfig

    if token_storage is not None:
        checked_type("token_storage", token_storage, TokenStorage)
    if oauth_config is not None:
        checked_type("oauth_config", oauth_config, OAuthConfig)


async def login(*, open_browser: bool = True, on_address: OnAddress | None = None) -> Result:
    """`ClaudeAuth().login()`: signs in with your own OAuth client where one is configured (CLAUDE_OAUTH_*,
    the configuration file), else to a Claude account through the installed `claude`.

    >>> import asyncio
    >>> from claude_auth import login
    >>> asyncio.run(login(on_address=visit_in_browser)).outcome
    'signed-in'
    """
    return await ClaudeAuth().login(open_browser=open_browser, on_address=on_address)


async def logout() -> Result:
    """`ClaudeAuth().logout()`.

    >>> import asyncio
    >>> from claude_auth import logout
    >>> asyncio.run(logout()).outcome
    'signed-out'
    """
    return await ClaudeAuth().logout()


async def get_auth_headers() -> dict[str, str]:
    """`ClaudeAuth().get_auth_headers()`.

    >>> import asyncio
    >>> from claude_auth import get_auth_headers
    >>> list(asyncio.run(get_auth_headers()))
    ['x-api-key']
    """
    return await ClaudeAuth().get_auth_headers()
