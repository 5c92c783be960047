"""Refreshing a store of ours: the coordinator here or in a thread, its events as they come."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from claude_auth.actions import Result
from claude_auth.model import Event, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth.configuration import Configuration
from claude_auth.oauth.failures import Failure
from claude_auth.store.base import TokenStore
from claude_auth.store.coordinator import oauth_refresher, refresh
from claude_auth.store.locks import is_under_way
from claude_auth.store.results import Refresher, RefreshResult

__all__ = ["OwnRefresh", "is_under_way", "refresher_of"]

#: What our own configuration is the cause of: nothing was sent, so there is nothing to wait after.
_OURS = frozenset({"no-client", "another-client", "not-configured"})


def refresher_of(configuration: Configuration) -> Refresher:
    """Our engine for the client that is configured; without one, a refusal that says what is missing."""
    if configuration.client is not None:
        return oauth_refresher(configuration.client)
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
        try:
            self._refresh(emit)
        except (KeyboardInterrupt, SystemExit):
            with contextlib.suppress(Exception):
                text = "left before its end: what was sent has been saved, nothing else will be sent"
                emit(Event(time.time(), "refresh.left", text, "warning", self._store.id))
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
