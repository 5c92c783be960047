"""Signing out of a store of ours: revoked at the server where it has an endpoint (RFC 7009), then removed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from claude_auth.actions import Result
from claude_auth.model import Event, Severity, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth.configuration import OAuthClient
from claude_auth.oauth.failures import Failure
from claude_auth.oauth.grants import complete_now, revoke
from claude_auth.oauth.transport import send_now
from claude_auth.store.base import NOTHING, Loaded, TokenStore

Revoke = Callable[[OAuthClient, TokenSet], Failure | None]

_ONLY_HERE = "with --only-here the tokens are removed on this machine alone"


def revoke_at_server(client: OAuthClient, tokens: TokenSet) -> Failure | None:
    """The refresh token where there is one: with it the whole login ends at the server."""
    if tokens.refresh_token is not None and tokens.is_refreshable:
        return revoke(client, tokens.refresh_token, "refresh_token")
    return revoke(client, tokens.access_token, "access_token")


def find_endpoints(client: OAuthClient) -> OAuthClient | Failure:
    """The client with all that its issuer's metadata knows, where there is an issuer."""
    return complete_now(client, send_now) if client.needs_discovery else client


class OwnSignOut:
    """Iterate `events`; `result` is set in the end. Where the server can't be told, the tokens stay, unless
    `only_here`: a login that is forgotten here but lives on there can't be ended any more. A server without a
    revocation endpoint can't be told at all: the tokens are removed, and that is said."""

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
        if before.tokens is None and (before.revision == NOTHING or not self._only_here):
            yield self._failed(None, _why_nothing(before))
            return
        if not self._only_here:
            yield self._event("revoking", "The server is told.")
        # In one go and to its end, whoever leaves meanwhile: under the lock no refresh comes in between.
        try:
            done = await asyncio.shield(asyncio.to_thread(self._end, before))
        except AuthenticationError as error:
            yield self._failed(before.fingerprint, str(error))
            return
        for event in done:
            yield event

    def _end(self, before: Loaded) -> list[Event]:
        with self._store.hold():
            now = self._store.load()
            events: list[Event] = []
            if now.revision == NOTHING:
                raise AuthenticationError("changed", "somebody else signed out meanwhile")
            if not self._only_here and now.tokens is not None:
                told = self._tell_the_server(now.tokens)
                events.append(told)
                if told.level == "error":
                    return events
            try:
                self._store.delete()
                self._store.ledger.clear()
            except AuthenticationError as error:
                events.append(self._failed(now.fingerprint, f"the tokens could not be removed: {error}"))
                return events
            fingerprint = now.fingerprint or before.fingerprint
            self.result = Result("signed-out", self._store.id, self._store.account, fingerprint)
            return [
                *events,
                self._event("removed", "Signed out: the tokens are removed.", before=fingerprint),
            ]

    def _tell_the_server(self, tokens: TokenSet) -> Event:
        """An error: nothing is removed."""
        before = tokens.access_token.fingerprint
        if self._client is None:
            why = f"no OAuth client is configured, so the server can't be told; {_ONLY_HERE}"
            return self._failed(before, why)
        client = find_endpoints(self._client)
        if isinstance(client, Failure):
            return self._failed(before, f"the server was not told: {client} Or: {_ONLY_HERE}.")
        other = _another_client(client, tokens)
        if other is not None:
            return self._failed(before, f"{other}, so that server was not told; {_ONLY_HERE}")
        if client.revocation_url is None:
            text = "No revocation endpoint is known: at the server the login ends when its tokens do."
            return self._event("not-revoked", text, "warning")
        failure = self._revoke(client, tokens)
        if failure is not None:
            return self._failed(before, f"the server was not told: {failure} Or: {_ONLY_HERE}.")
        return self._event("revoked", "The server no longer accepts this login.", before=before)

    def _failed(self, before: str | None, problem: str) -> Event:
        self.result = Result("failed", self._store.id, self._store.account, before, error=problem)
        return self._event("failed", problem, "error")

    def _event(self, kind: str, text: str, level: Severity = "info", **data: str | None) -> Event:
        name = self._store.id if self._store.account is None else f"{self._store.id}:{self._store.account}"
        return Event(self._clock(), f"signout.{kind}", text, level, name, data)


def _why_nothing(before: Loaded) -> str:
    if before.revision == NOTHING or before.damage is None:
        return "there is nothing to sign out of in this store"
    return f"the store can't be used: {before.damage.text}; {_ONLY_HERE}"


def _another_client(client: OAuthClient, tokens: TokenSet) -> str | None:
    """Tokens are never shown to another server than their own, whatever the configuration says now."""
    for mine, its, what in (
        (client.token_url, tokens.token_url, "token URL"),
        (client.client_id, tokens.client_id, "client id"),
    ):
        if its and mine and its != mine:
            return f"this login was made with another {what} than the one configured now"
    return None
