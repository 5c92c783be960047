"""One sign-in against the pretend server, driven to where a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from claude_auth.model import Event, TokenSet
from claude_auth.oauth import Failure
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.oauth.flow import SignIn
from claude_auth.sandbox.authorization_server import AuthorizationServer
from tests.oauth.servers import StandInBrowser

#: Far more than any step takes; a test that hangs fails here.
PATIENCE = 30.0

T = TypeVar("T")

Step = Callable[[SignIn], Awaitable[None] | None]


def client_of(server: AuthorizationServer, **changes: Any) -> OAuthClient:
    fields: dict[str, Any] = {
        "client_id": "sandbox-public",
        "redirect_uri": "http://localhost/callback",
        "any_port": True,
        "authorize_url": f"{server.issuer}/authorize",
        "token_url": f"{server.issuer}/token",
        "revocation_url": f"{server.issuer}/revoke",
        "issuer": server.issuer,
    }
    return OAuthClient(**fields | changes)


async def follow(sign_in: SignIn, steps: dict[str, Step] | None = None) -> list[Event]:
    """All events; `steps` are done at the first event of their kind, in the background where they wait."""
    todo = dict(steps or {})
    events = []
    running: list[asyncio.Future[None]] = []
    async for event in sign_in.events():
        events.append(event)
        step = todo.pop(event.kind, None)
        result = step(sign_in) if step is not None else None
        if result is not None:
            running.append(asyncio.ensure_future(result))
            # A step that fails would leave the sign-in waiting.
            running[-1].add_done_callback(lambda done: sign_in.cancel() if done.exception() else None)
    await asyncio.gather(*running)
    assert not todo, f"never came: {list(todo)}"
    return events


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


async def by_browser(sign_in: SignIn, decision: str = "allow") -> None:
    """A person who signs in and decides; the last page is ours."""
    assert sign_in.url is not None
    url = sign_in.url.reveal()

    def person() -> str:
        with StandInBrowser() as browser:
            return browser.sign_in(url, decision).text

    page = await asyncio.to_thread(person)
    assert ("The sign-in worked" in page) == (sign_in.tokens is not None)


async def redirect_of(sign_in: SignIn, decision: str = "allow") -> str:
    """The address that the browser would be sent to at the end."""
    assert sign_in.url is not None
    url = sign_in.url.reveal()

    def person() -> str:
        with StandInBrowser() as browser:
            return browser.redirect(url, decision)

    return await asyncio.to_thread(person)


async def by_paste(sign_in: SignIn) -> None:
    assert sign_in.paste(await redirect_of(sign_in)) is None


def tokens_of(sign_in: SignIn) -> TokenSet:
    assert sign_in.tokens is not None, sign_in.failure
    assert sign_in.failure is None
    return sign_in.tokens


def failure_of(sign_in: SignIn) -> Failure:
    assert sign_in.failure is not None
    assert sign_in.tokens is None
    return sign_in.failure


def kinds(events: list[Event]) -> list[str]:
    return [event.kind.removeprefix("signin.") for event in events]
