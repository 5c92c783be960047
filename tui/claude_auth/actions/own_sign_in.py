"""Signing in with the user's own OAuth client: our engine, then our store."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping

from claude_auth.actions import Result
from claude_auth.model import Event, Severity, TokenSet
from claude_auth.oauth.configuration import OAuthClient
from claude_auth.oauth.flow import SignIn
from claude_auth.store.base import StoreError, TokenStore


class OwnSignIn:
    """Iterate `events`; `sign_in.url` and `sign_in.paste` are there meanwhile; `result` is set in the end.

    Whether the store takes a token set is tried before anybody is sent to a browser."""

    def __init__(
        self,
        client: OAuthClient,
        store: TokenStore,
        *,
        environ: Mapping[str, str] = os.environ,
        listen: bool = True,
        clock: Callable[[], float] = time.time,
        sign_in: SignIn | None = None,
    ) -> None:
        self.store = store
        self.result: Result | None = None
        self.sign_in = sign_in or SignIn(client, environ=environ, listen=listen, clock=clock)
        self._clock = clock

    async def events(self) -> AsyncIterator[Event]:
        before = await asyncio.to_thread(self.store.load)
        problem = await asyncio.to_thread(self._trial)
        if problem is not None:
            yield self._failed(before.fingerprint, problem)
            return
        async for event in self.sign_in.events():
            yield event
        tokens = self.sign_in.tokens
        if tokens is None:
            failure = self.sign_in.failure
            self._set(
                "failed", before.fingerprint, None, str(failure) if failure else "the sign-in broke off"
            )
            return
        try:
            await asyncio.shield(asyncio.to_thread(self._save, tokens))
        except StoreError as error:
            yield self._failed(before.fingerprint, f"signed in, but not saved: {error}")
            return
        self._set("signed-in", before.fingerprint, tokens)
        place = self.store.describe().place
        yield self._event("saved", f"The login is saved: {place}.", after=tokens.access_token.fingerprint)

    def _trial(self) -> str | None:
        try:
            self.store.sweep()
            self.store.prepare().discard()
        except StoreError as error:
            return str(error)
        return None

    def _save(self, tokens: TokenSet) -> None:
        with self.store.hold():
            self.store.save(tokens)
            self.store.ledger.clear()  # an interrupted refresh of the old login is settled by a new one

    def _set(
        self, outcome: str, before: str | None, tokens: TokenSet | None, error: str | None = None
    ) -> None:
        self.result = Result(
            "signed-in" if outcome == "signed-in" else "failed",
            self.store.id,
            self.store.account,
            before,
            None if tokens is None else tokens.access_token.fingerprint,
            None if tokens is None else tokens.expires_at,
            error,
        )

    def _failed(self, before: str | None, problem: str) -> Event:
        self._set("failed", before, None, problem)
        return self._event("failed", problem, "error")

    def _event(self, kind: str, text: str, level: Severity = "info", **data: str | None) -> Event:
        return Event(self._clock(), f"signin.{kind}", text, level, self.store.id, data)
