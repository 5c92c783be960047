"""A program that uses every name that `claude_auth` hands out: what a checker of types makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path

import httpx

from claude_auth import (
    AuthenticationError,
    AuthenticationMiddleware,
    AuthToken,
    ClaudeAuth,
    ConfigurationError,
    LoginError,
    Message,
    MissingCredentialError,
    OAuthConfig,
    OAuthFlow,
    RequestError,
    TokenStorage,
    __version__,
    authenticated_query,
    diagnose,
    explain,
    get_auth_headers,
    login,
    logout,
    observe,
    query,
    query_with_api_key,
    query_with_middleware,
    query_with_oauth,
    resolve,
)


async def collected(messages: AsyncIterator[Message]) -> str:
    parts: list[str] = []
    async for message in messages:
        kind: str = message.type
        credential: str = message.credential
        raw: Mapping[str, object] = message.raw
        parts.append(f"{kind} {credential} {len(raw)} {message.text}{message}")
    return "".join(parts)


async def ask(config: OAuthConfig) -> list[str]:
    middleware = AuthenticationMiddleware(auth_headers_provider=get_auth_headers)
    return [
        await collected(query("Hello", model="m", max_tokens=5, base_url="https://api.example.org")),
        await collected(query_with_oauth("Hello")),
        await collected(query_with_api_key("Hello", api_key="key")),
        await collected(authenticated_query("Hello", use_oauth=True, api_key="key", oauth_config=config)),
        await collected(query_with_middleware("Hello", middleware=[middleware])),
    ]


def keep(path: Path) -> datetime | None:
    storage = TokenStorage(path)
    token: AuthToken | None = storage.load_token()
    storage.save_token(token or AuthToken("a", refresh_token="b", expires_at=None, scopes=("c",)))
    removed: bool = storage.delete_token()
    return None if token is None or removed or token.is_expired() else token.expires_at


async def account(storage: TokenStorage) -> tuple[int, dict[str, str]]:
    async with ClaudeAuth(use_oauth=True, token_storage=storage) as auth:
        await auth.login(open_browser=False, on_address=print)
        await auth.refresh(force=True)
        await collected(auth.query("Hello"))
        async with httpx.AsyncClient(auth=auth.httpx_auth()) as client:
            status = (await client.get("https://api.example.org")).status_code
        await auth.logout(only_here=True)
        return status, await auth.get_auth_headers()


async def by_hand() -> AuthToken:
    config = OAuthConfig.from_environment()
    flow = OAuthFlow(config if config is None else config.checked(), listen=False)
    async for event in flow.events():
        problem: str | None = flow.paste(event.text) if flow.url else None
        if problem is not None:
            flow.cancel()
    return flow.token


def look() -> list[str]:
    snapshot = observe(home="/home/ada")
    told = [f"{finding.id}: {finding.title}" for finding in diagnose(snapshot)]
    winner: str | None = resolve(snapshot, client="claude").winner
    causes = [cause.title for cause in explain("401", snapshot).causes]
    return [*told, winner or "", *causes, __version__]


async def main() -> int:
    try:
        await login()
        await logout()
    except (ConfigurationError, LoginError, MissingCredentialError) as error:
        print(error.code, error.sentence)
    except RequestError as error:
        print(error.status, error.request_id, error.diagnosis)
    except AuthenticationError as error:
        print(error.next_step, error.retryable)
    return len(look())


if __name__ == "__main__":
    asyncio.run(main())
