"""A query whose credential somebody else decides on."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from claude_auth.library.message import Message, Question

#: Gives the headers of a request, at once or later.
HeadersProvider = Callable[[], Mapping[str, str] | Awaitable[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class AuthenticationMiddleware:
    """Puts the headers that `auth_headers_provider` gives into a request; it is asked anew for each one.

    >>> from claude_auth import AuthenticationMiddleware
    >>> def from_my_vault() -> dict[str, str]:
    ...     return {"x-api-key": "a-key-out-of-my-vault"}
    >>> middleware = AuthenticationMiddleware(auth_headers_provider=from_my_vault)
    """

    auth_headers_provider: HeadersProvider

    async def headers(self) -> Mapping[str, str]:
        """What it gives now.

        >>> import asyncio
        >>> from claude_auth import AuthenticationMiddleware
        >>> middleware = AuthenticationMiddleware(lambda: {"x-api-key": "a-key"})
        >>> list(asyncio.run(middleware.headers()))
        ['x-api-key']
        """
        given = self.auth_headers_provider()
        return await given if inspect.isawaitable(given) else given


def query_with_middleware(
    prompt: str,
    middleware: Sequence[AuthenticationMiddleware],
    *,
    model: str | None = None,
    max_tokens: int | None = None,
    base_url: str | None = None,
) -> AsyncGenerator[Message]:
    """With the headers that `middleware` gives, a later one's over an earlier one's. Where they come from
    `get_auth_headers` each message says which credential they are, else `middleware`.

    >>> import asyncio
    >>> from claude_auth import AuthenticationMiddleware, get_auth_headers, query_with_middleware
    >>> async def main() -> None:
    ...     middleware = [AuthenticationMiddleware(auth_headers_provider=get_auth_headers)]
    ...     async for message in query_with_middleware("Hello", middleware=middleware):
    ...         print(message)
    >>> asyncio.run(main())
    Hello
    from the sandbox.
    <BLANKLINE>
    """
    return _ask(Question(prompt, model, max_tokens, base_url), middleware)


async def _ask(question: Question, middleware: Sequence[AuthenticationMiddleware]) -> AsyncGenerator[Message]:
    from claude_auth.library.checks import (
        check_question,
        checked_base_url,
        checked_headers,
        checked_secret,
        checked_type,
    )
    from claude_auth.library.credentials import AuthHeaders, own_base_url
    from claude_auth.library.errors import ConfigurationError
    from claude_auth.library.messages_api import ask_with_headers

    check_question(question)
    headers = AuthHeaders({}, "middleware")
    checked_type("middleware", middleware, Sequence)
    for one in middleware:
        checked_type("middleware", one, AuthenticationMiddleware)
        given = await one.headers()
        checked_type("the provider's answer", given, Mapping)
        headers.update(checked_headers({name: checked_secret(name, given[name]) for name in given}))
        if isinstance(given, AuthHeaders):
            headers.credential, headers.base_url = given.credential, given.base_url
    if not headers:
        raise ConfigurationError(
            "no-headers", "the middleware gave no header", "Give one whose provider knows a credential"
        )
    wished = question.base_url
    base = checked_base_url(wished) if headers.base_url is None else own_base_url(headers.base_url, wished)
    async with aclosing(ask_with_headers(question, headers, base)) as messages:
        async for message in messages:
            yield message
