"""What is done to a store of ours with the user's own OAuth client: refreshed by the coordinator, signed in
to by our engine, signed out of at the server (RFC 7009) and then here. Each gives its events as they come."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from claude_auth.actions.result import Result
from claude_auth.model import Event, Severity, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.findings import new_group
from claude_auth.model.refreshes import NOTHING, Loaded, RefreshResult
from claude_auth.oauth import Failure, failure, grants
from claude_auth.oauth.authorization import OAuthClient, complete_now
from claude_auth.oauth.callback import PasteProblem
from claude_auth.oauth.configuration import Configuration
from claude_auth.oauth.flow import SignIn
from claude_auth.oauth.transport import send_now
from claude_auth.preferences import load_preferences
from claude_auth.store import Refresher, TokenStore
from claude_auth.store.coordinator import refresh
from claude_auth.store.locks import is_under_way

__all__ = ["OwnRefresh", "OwnSignIn", "OwnSignOut", "PasteProblem", "is_under_way", "refresher_of"]

#: What our own configuration is the cause of: nothing was sent, so there is nothing to wait after.
_OURS = frozenset({"no-client", "another-client", "not-configured"})


def refresher_of(configuration: Configuration) -> Refresher:
    """Our engine for the client that is configured; without one, a refusal that says what is missing."""
    if configuration.client is not None:
        return OAuthRefresher(configuration.client)
    problems = "; ".join(str(problem) for problem in configuration.problems)
    sentence = problems or "no OAuth client is configured, so there is no server to refresh at"
    next_step = "Set CLAUDE_OAUTH_CLIENT_ID and its companions"
    return _Refusing(Failure("no-client", sentence, next_step=next_step))


@dataclass(frozen=True, slots=True)
class _Refusing:
    """Sends nothing, and so never tells that it did."""

    failure: Failure

    def telling(self, on_sent: Callable[[], None]) -> _Refusing:
        return self

    def __call__(self, tokens: TokenSet) -> TokenSet:
        raise self.failure


#: An answer came, though no usable one: a server that is down, or a web page of somebody in between. It might
#: have acted before; but a login that ended with every incident would be the greater loss.
_ANSWERED = frozenset({"incident", "unavailable", "html"})

Sender = Callable[[OAuthClient, TokenSet], TokenSet]


class OAuthRefresher:
    """Sends tokens only to the server that minted them. `on_sent` hears of the first byte of the request to
    the token endpoint: every refusal before it, from a configuration that has changed to a server that can't
    be reached, sends nothing."""

    def __init__(
        self, client: OAuthClient, send: Sender | None = None, on_sent: Callable[[], None] | None = None
    ) -> None:
        self._client, self._send, self._on_sent = client, send, on_sent

    def telling(self, on_sent: Callable[[], None]) -> OAuthRefresher:
        return OAuthRefresher(self._client, self._send, on_sent)

    def __call__(self, tokens: TokenSet) -> TokenSet:
        if (problem := _another_client(self._client, tokens)) is not None:
            step = "Configure that OAuth client again, or sign in with the new one"
            raise Failure("another-client", problem, step)
        try:
            if self._send is None:
                return grants.refresh(self._client, tokens, on_sent=self._on_sent)
            if self._on_sent is not None:
                self._on_sent()
            return self._send(self._client, tokens)
        except Failure as failure:
            if failure.code in _ANSWERED:
                failure.may_have_reached_the_server = False
            raise


class OwnRefresh:
    """Iterate `events`, or call `run`; `outcome` and `result` are set in the end."""

    def __init__(self, store: TokenStore, refresher: Refresher, *, force: bool = False) -> None:
        self.outcome: RefreshResult | None = None
        self.result: Result | None = None
        self._store, self._refresher, self._force = store, refresher, force

    async def events(self) -> AsyncIterator[Event]:
        """In a thread. Leaving early lets the thread finish: a refresh that was sent is always saved."""
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Event | None] = asyncio.Queue()

        def emit(event: Event) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, event)

        task = asyncio.create_task(asyncio.to_thread(self._refresh, emit))
        task.add_done_callback(lambda _: queue.put_nowait(None))
        while (event := await queue.get()) is not None:
            yield event
        await task

    def run(self, emit: Callable[[Event], None]) -> None:
        """Here. In the main thread a signal ends it at once, but between request and save: there it waits."""
        last: list[Event] = []

        def told(event: Event) -> None:
            last[:] = [event]
            emit(event)

        try:
            self._refresh(told)
        except (KeyboardInterrupt, SystemExit):
            with contextlib.suppress(Exception):
                text = "left before its end: what was sent has been saved, nothing else will be sent"
                group = {"refresh": last[0].data.get("refresh")} if last else {}
                emit(Event(time.time(), "refresh.left", text, "warning", self._store.id, group))
            raise

    def _refresh(self, emit: Callable[[Event], None]) -> None:
        self.outcome = outcome = refresh(self._store, self._refresher, emit, force=self._force)
        note = self._store.ledger.read_failure() if outcome.reason in _OURS else None
        if note is not None and note.kind in _OURS:
            with contextlib.suppress(AuthenticationError):
                self._store.ledger.clear_failure()
        self.result = Result(
            outcome.outcome,
            outcome.store,
            outcome.account,
            outcome.before,
            outcome.after,
            outcome.expires_at,
            outcome.message,
        )


# ── signing in ────────────────────────────────────────────────────────────────────────────────────────


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
        patience = load_preferences(environ).number("time_limits.sign_in")
        self.sign_in = sign_in or SignIn(
            client, environ=environ, listen=listen, clock=clock, patience=patience
        )
        self._clock, self._group = clock, new_group(clock())
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
            yield event._replace(store=_name_of(self.store), data={**event.data, "action": self._group})
        tokens = self.sign_in.tokens
        if tokens is None:
            why = self._cancelled or str(self.sign_in.failure or "the sign-in broke off")
            self._broke_off(before.fingerprint, why)
            return
        try:
            saved = await asyncio.shield(asyncio.to_thread(self._save, tokens))
        except AuthenticationError as error:
            yield self._failed(before.fingerprint, f"signed in, but not saved: {error}")
            return
        after, end = tokens.access_token.fingerprint, tokens.expires_at
        store, account = self.store.id, self.store.account
        self.result = Result("signed-in", store, account, before.fingerprint, after, end)
        text = f"The login is saved: {saved.note or self.store.describe().place}."
        yield self._event("saved", text, "warning" if saved.note else "info", after=after, expires_at=end)

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

    def _broke_off(self, before: str | None, problem: str) -> None:
        self.result = Result("failed", self.store.id, self.store.account, before, error=problem)

    def _failed(self, before: str | None, problem: str) -> Event:
        self._broke_off(before, problem)
        return self._event("failed", problem, "error")

    def _event(self, kind: str, text: str, level: Severity = "info", **data: str | float | None) -> Event:
        facts = {**data, "action": self._group}
        return Event(self._clock(), f"signin.{kind}", text, level, _name_of(self.store), facts)


def _name_of(store: TokenStore) -> str:
    return store.id if store.account is None else f"{store.id}:{store.account}"


# ── signing out ───────────────────────────────────────────────────────────────────────────────────────

Revoke = Callable[[OAuthClient, TokenSet], Failure | None]

_ONLY_HERE = "with --only-here the tokens are removed on this machine alone"


def revoke_at_server(client: OAuthClient, tokens: TokenSet) -> Failure | None:
    """The refresh token where there is one: with it the whole login ends at the server."""
    if tokens.refresh_token is not None and tokens.is_refreshable:
        return grants.revoke(client, tokens.refresh_token, "refresh_token")
    return grants.revoke(client, tokens.access_token, "access_token")


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
        return Event(self._clock(), f"signout.{kind}", text, level, _name_of(self._store), data)


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
