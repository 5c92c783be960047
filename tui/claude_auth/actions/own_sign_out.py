"""Signing out of a store of ours: revoked at the server where it has an endpoint (RFC 7009), then removed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from claude_auth.actions import Result
from claude_auth.model import Event, Severity, TokenSet
from claude_auth.oauth.configuration import OAuthClient
from claude_auth.oauth.failures import Failure
from claude_auth.oauth.grants import revoke
from claude_auth.store.base import StoreError, TokenStore

Revoke = Callable[[OAuthClient, TokenSet], Failure | None]


def revoke_at_server(client: OAuthClient, tokens: TokenSet) -> Failure | None:
    """The refresh token where there is one: with it the whole login ends at the server."""
    if tokens.refresh_token is not None and tokens.is_refreshable:
        return revoke(client, tokens.refresh_token, "refresh_token")
    return revoke(client, tokens.access_token, "access_token")


class OwnSignOut:
    """Iterate `events`; `result` is set in the end. Where the server can't be told, the tokens stay, unless
    `only_here`: a login that is forgotten here but lives on there can't be ended any more."""

    def __init__(
        self,
        client: OAuthClient | None,
        store: TokenStore,
        *,
        only_here: bool = False,
        revoke: Revoke = revoke_at_server,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.result: Result | None = None
        self._client, self._store, self._only_here = client, store, only_here
        self._revoke, self._clock = revoke, clock

    async def events(self) -> AsyncIterator[Event]:
        before = await asyncio.to_thread(self._store.load)
        if before.tokens is None:
            yield self._failed(None, "there is nothing to sign out of in this store")
            return
        if not self._only_here:
            problem = await self._tell_the_server(before.tokens)
            if problem is not None:
                yield self._failed(before.fingerprint, problem)
                return
            yield self._event("revoked", "The server no longer accepts this login.")
        try:
            await asyncio.shield(asyncio.to_thread(self._remove, before.revision))
        except StoreError as error:
            yield self._failed(before.fingerprint, str(error))
            return
        self.result = Result("signed-out", self._store.id, self._store.account, before.fingerprint)
        yield self._event("removed", "Signed out: the tokens are removed.", before=before.fingerprint)

    async def _tell_the_server(self, tokens: TokenSet) -> str | None:
        if self._client is None:
            return (
                "no OAuth client is configured, so the server can't be told; "
                "with --only-here the tokens are removed on this machine alone"
            )
        failure = await asyncio.to_thread(self._revoke, self._client, tokens)
        if failure is None:
            return None
        return f"the server was not told: {failure}; with --only-here the tokens are removed here alone"

    def _remove(self, revision: str) -> None:
        with self._store.hold():
            if self._store.load().revision != revision:
                raise StoreError("changed", "another login was stored meanwhile", "Look again")
            self._store.delete()
            self._store.ledger.clear()

    def _failed(self, before: str | None, problem: str) -> Event:
        self.result = Result("failed", self._store.id, self._store.account, before, error=problem)
        return self._event("failed", problem, "error")

    def _event(self, kind: str, text: str, level: Severity = "info", **data: str | None) -> Event:
        return Event(self._clock(), f"signout.{kind}", text, level, self._store.id, data)
