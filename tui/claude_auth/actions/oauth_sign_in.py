"""Signing in with the user's own OAuth client: our engine, then our store."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace

from claude_auth.actions import Result
from claude_auth.model import Event, Severity, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth.configuration import OAuthClient
from claude_auth.oauth.failures import failure
from claude_auth.oauth.flow import SignIn
from claude_auth.store.base import Loaded, TokenStore


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
        self._cancelled: str | None = None

    def cancel(self, why: str = "") -> None:
        """At whatever step; a login that the server has given already is saved all the same."""
        self._cancelled = why or str(failure("cancelled"))
        self.sign_in.cancel()

    async def events(self) -> AsyncIterator[Event]:
        before = await asyncio.to_thread(self.store.load)
        problem = await asyncio.to_thread(self._trial) or self._cancelled
        if problem is not None:
            yield self._failed(before.fingerprint, problem)
            return
        async for event in self.sign_in.events():
            yield replace(event, store=self._name)
        tokens = self.sign_in.tokens
        if tokens is None:
            why = self._cancelled or str(self.sign_in.failure or "the sign-in broke off")
            self._set("failed", before.fingerprint, None, why)
            return
        try:
            saved = await asyncio.shield(asyncio.to_thread(self._save, tokens))
        except AuthenticationError as error:
            yield self._failed(before.fingerprint, f"signed in, but not saved: {error}")
            return
        self._set("signed-in", before.fingerprint, tokens)
        text = f"The login is saved: {saved.note or self.store.describe().place}."
        fingerprint = tokens.access_token.fingerprint
        yield self._event("saved", text, "warning" if saved.note else "info", after=fingerprint)

    def _trial(self) -> str | None:
        try:
            self.store.sweep()
            self.store.prepare().discard()
        except AuthenticationError as error:
            return str(error)
        return None

    def _save(self, tokens: TokenSet) -> Loaded:
        """As a refresh is saved: a keyring that refuses at the last moment has a file beside it."""
        with self.store.hold():
            prepared = self.store.prepare()
            try:
                saved = prepared.commit(tokens)
            finally:
                prepared.discard()
            self.store.ledger.clear()  # an interrupted refresh of the old login is settled by a new one
            return saved

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
        return Event(self._clock(), f"signin.{kind}", text, level, self._name, data)

    @property
    def _name(self) -> str:
        return self.store.id if self.store.account is None else f"{self.store.id}:{self.store.account}"
