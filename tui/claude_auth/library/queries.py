"""Asking a question: the same for every credential, one request a query."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from claude_auth.library.message import Message, Question

if TYPE_CHECKING:
    from claude_auth.library.claude_print import ClaudeLogin
    from claude_auth.library.configuration import OAuthConfig
    from claude_auth.library.credentials import DirectCredential
    from claude_auth.library.tokens import TokenStorage
    from claude_auth.model.errors import AuthenticationError
    from claude_auth.security.secret import Secret

    Credential = DirectCredential | ClaudeLogin
    #: Finds a credential, or raises why there is none. Blocks.
    Find = Callable[[], Credential]


def query(
    prompt: str, *, model: str | None = None, max_tokens: int | None = None, base_url: str | None = None
) -> AsyncGenerator[Message]:
    """With the credential that is there: a login of your own OAuth client, else ANTHROPIC_API_KEY, else a
    Claude account's login through the installed `claude`. Each message says which one it was.

    `model`: ANTHROPIC_MODEL where it is left out. `base_url`: ANTHROPIC_BASE_URL, else the API. Leaving the
    loop ends the request; where that has to happen at once, take `contextlib.aclosing`. Raises
    `AuthenticationError`s.

    >>> import asyncio
    >>> from claude_auth import query
    >>> async def main() -> None:
    ...     async for message in query(prompt="Hello"):
    ...         print(message)
    >>> asyncio.run(main())
    Hello
    from the sandbox.
    <BLANKLINE>
    """
    return _ask(Question(prompt, model, max_tokens, base_url), [_find_any])


def query_with_oauth(
    prompt: str, *, model: str | None = None, max_tokens: int | None = None, base_url: str | None = None
) -> AsyncGenerator[Message]:
    """With a login: that of your own OAuth client, sent as a Bearer to its base URL, else a Claude account's,
    which the installed `claude` sends. Never with an API key.

    >>> import asyncio
    >>> from claude_auth import query_with_oauth
    >>> async def main() -> None:
    ...     async for message in query_with_oauth(prompt="Hello Claude!"):
    ...         print(message.credential)
    >>> asyncio.run(main())
    stored-login
    stored-login
    """
    return _ask(Question(prompt, model, max_tokens, base_url), _logins(None, None))


def query_with_api_key(
    prompt: str,
    api_key: str,
    *,
    model: str | None = None,
    max_tokens: int | None = None,
    base_url: str | None = None,
) -> AsyncGenerator[Message]:
    """With this key, whatever else is there.

    >>> import asyncio, os
    >>> from claude_auth import query_with_api_key
    >>> async def main() -> None:
    ...     async for message in query_with_api_key("Hello", api_key=os.environ["ANTHROPIC_API_KEY"]):
    ...         print(message)
    >>> asyncio.run(main())
    Hello
    from the sandbox.
    <BLANKLINE>
    """
    given = _hidden(api_key)
    del api_key
    return _ask(Question(prompt, model, max_tokens, base_url), [_key_finder(given)])


def authenticated_query(
    prompt: str,
    use_oauth: bool = True,
    api_key: str | None = None,
    oauth_config: OAuthConfig | None = None,
    *,
    model: str | None = None,
    max_tokens: int | None = None,
    base_url: str | None = None,
) -> AsyncGenerator[Message]:
    """With a login first (of `oauth_config`'s client, where one is given), and where there is none, or it is
    refused before anything was answered, with `api_key`, else ANTHROPIC_API_KEY. Without `use_oauth` with the
    key alone.

    >>> import asyncio, os
    >>> from claude_auth import authenticated_query
    >>> async def main() -> None:
    ...     key = os.environ["ANTHROPIC_API_KEY"]
    ...     async for message in authenticated_query("Hello", use_oauth=False, api_key=key):
    ...         print(message.credential, message.type)
    >>> asyncio.run(main())
    anthropic-api-key text
    anthropic-api-key text
    anthropic-api-key result
    """
    given = None if api_key is None else _hidden(api_key)
    del api_key
    logins = _logins(None, oauth_config) if use_oauth else []
    return _ask(Question(prompt, model, max_tokens, base_url), [*logins, _key_finder(given)])


def query_of_account(
    question: Question, use_oauth: bool, named: tuple[TokenStorage, OAuthConfig | None] | None
) -> AsyncGenerator[Message]:
    """`named`: the one login that counts."""
    if not use_oauth:
        return _ask(question, [_key_finder(None)])
    return _ask(question, [_find_any] if named is None else _logins(*named))


# ── one after another ────────────────────────────────────────────────────────────────────────────


def _hidden(api_key: str) -> Secret:
    from claude_auth.library.checks import checked_secret

    return checked_secret("api_key", api_key)


def _key_finder(given: Secret | None) -> Find:
    def find() -> Credential:
        from claude_auth.library.credentials import find_api_key

        return find_api_key(given)

    return find


def _logins(storage: TokenStorage | None, config: OAuthConfig | None) -> list[Find]:
    """A client or a storage that was named leaves no other login."""

    def find_own() -> Credential:
        from claude_auth.library.credentials import find_own_login

        return find_own_login(storage, config)

    def find_claudes() -> Credential:
        from claude_auth.library.claude_print import find_claude_login

        return find_claude_login()

    return [find_own] if storage is not None or config is not None else [find_own, find_claudes]


def _find_any() -> Credential:
    from claude_auth.library.credentials import find_any

    return find_any()


async def _ask(question: Question, finders: list[Find]) -> AsyncGenerator[Message]:
    """With the first credential that is there and not refused."""
    from claude_auth.library.checks import check_question
    from claude_auth.model.errors import AuthenticationError

    check_question(question)
    problems: list[AuthenticationError] = []
    for find in finders:
        answered = False
        try:
            credential = await asyncio.to_thread(find)
            async with aclosing(_answer(question, credential)) as messages:
                async for message in messages:
                    answered = True
                    yield message
            return
        except AuthenticationError as error:
            if answered or not _leaves_the_next(error):
                raise
            problems.append(error)
    raise _most_telling(problems)


def _answer(question: Question, credential: Credential) -> AsyncGenerator[Message]:
    from claude_auth.library.claude_print import ClaudeLogin, ask_claude
    from claude_auth.library.messages_api import ask_api

    if isinstance(credential, ClaudeLogin):
        return ask_claude(question, credential)
    return ask_api(question, credential)


def _leaves_the_next(error: Exception) -> bool:
    """Whether it is about this credential alone, and nothing was answered."""
    from claude_auth.library.errors import LoginError, MissingCredentialError, RequestError

    if isinstance(error, RequestError):
        return error.code in {"credential-refused", "claude-not-started"}
    return isinstance(error, MissingCredentialError | LoginError) or (
        getattr(error, "code", "") in {"no-base-url", "base-url-not-for-claude-login"}
    )


#: There is simply none.
_ABSENT = frozenset({"not-signed-in", "no-claude-login", "no-api-key"})


def _most_telling(problems: Sequence[AuthenticationError]) -> AuthenticationError:
    """What went wrong with a credential that is there, before what is merely not there."""
    there = [one for one in problems if one.code not in _ABSENT]
    return (there or list(problems))[0].with_traceback(None)
