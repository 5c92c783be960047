"""The errors that programs get, all of them `AuthenticationError`s."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.model.errors import AuthenticationError

if TYPE_CHECKING:
    from claude_auth.actions.explain import Explained


class ConfigurationError(AuthenticationError):
    """What was given or configured can't be used; nothing was sent.

    >>> from claude_auth import ConfigurationError, OAuthConfig
    >>> try:
    ...     OAuthConfig(client_id="", token_url="ftp://auth.example.org").checked()
    ... except ConfigurationError as error:
    ...     print(error.code)
    ...     print(error.next_step)
    bad-oauth-config
    Correct the OAuth client's configuration
    """


class MissingCredentialError(AuthenticationError):
    """There is no credential for what was asked; nothing was sent.

    >>> import asyncio
    >>> from claude_auth import MissingCredentialError, get_auth_headers
    >>> try:
    ...     asyncio.run(get_auth_headers())
    ... except MissingCredentialError as error:
    ...     print(error.code)
    no-credential
    """


class LoginError(AuthenticationError):
    """Signing in, signing out or a refresh came to nothing.

    >>> import asyncio
    >>> from claude_auth import ClaudeAuth, LoginError, TokenStorage
    >>> try:
    ...     asyncio.run(ClaudeAuth(token_storage=TokenStorage("~/nobody.json")).logout())
    ... except LoginError as error:
    ...     print(error.code)
    logout-failed
    """


class RequestError(AuthenticationError):
    """A query was asked and not answered, or not to its end.

    `status`: the HTTP status, None where no answer came. `request_id`: the server's name for the request, for
    its support. `diagnosis`: after a 401 or 403, what this answer means on this machine, as the dashboard
    explains it: `diagnosis.causes`, likeliest first.

    >>> import asyncio
    >>> from claude_auth import RequestError, query_with_api_key
    >>> async def main() -> None:
    ...     try:
    ...         async for message in query_with_api_key("Hello", api_key="a-key-that-is-not-known"):
    ...             print(message)
    ...     except RequestError as error:
    ...         print(error.code, error.status, error.retryable)
    ...         print(error.diagnosis.causes[0].id)
    >>> asyncio.run(main())
    credential-refused 401 False
    external-key-invalid
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        next_step: str = "",
        *,
        retryable: bool = False,
        status: int | None = None,
        request_id: str | None = None,
        diagnosis: Explained | None = None,
    ) -> None:
        super().__init__(code, sentence, next_step, retryable=retryable)
        self.status, self.request_id, self.diagnosis = status, request_id, diagnosis
