"""The coordinator behind an action: events as they come, in a thread or here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.actions.oauth import OwnRefresh, refresher_of
from claude_auth.formats.toml_document import Problem
from claude_auth.model import Event, TokenSet
from claude_auth.oauth import Failure
from claude_auth.oauth.configuration import Configuration
from claude_auth.words.times import iso
from tests.actions.world import all_of
from tests.store.memory import MemoryStore
from tests.store.world import Fake, Journal, fingerprint, token_set


def stale() -> MemoryStore:
    store = MemoryStore()
    store.save(token_set("old", expires_in=-10))
    return store


def by_events(action: OwnRefresh) -> list[Event]:
    return asyncio.run(asyncio.wait_for(all_of(action.events()), 60))


def by_run(action: OwnRefresh) -> list[Event]:
    journal = Journal()
    action.run(journal)
    return journal


@pytest.mark.parametrize("through", [by_events, by_run])
def test_refreshed(through: Callable[[OwnRefresh], list[Event]]) -> None:
    store = stale()
    action = OwnRefresh(store, Fake(token_set("new")))
    events = through(action)
    assert [event.kind.partition(".")[2] for event in events] == [
        *("lock-wanted", "acquired", "request", "result", "saved", "released")
    ]
    assert action.result is not None
    assert action.outcome is not None
    assert action.result.outcome != "failed"
    assert action.result.as_json() == {
        "schema": 1,
        "outcome": "refreshed",
        "store": store.id,
        "account": None,
        "before": fingerprint("old"),
        "after": fingerprint("new"),
        "expires_at": iso(token_set().expires_at),
        "error": None,
    }


@pytest.mark.parametrize("through", [by_events, by_run])
def test_failed(through: Callable[[OwnRefresh], list[Event]]) -> None:
    refused = Failure("invalid-grant", "this login has ended", is_verdict=True)
    action = OwnRefresh(stale(), Fake(refused))
    through(action)
    assert action.result is not None
    assert action.result.outcome == "failed"
    assert action.result.error == "This login has ended. Sign in again."


def test_leaving_early_saves_what_was_sent() -> None:
    store, sent, go_on = stale(), threading.Event(), threading.Event()

    def slow(tokens: TokenSet) -> TokenSet:
        sent.set()
        assert go_on.wait(60)
        return token_set("new")

    async def leave() -> None:
        events = OwnRefresh(store, slow).events()
        task = asyncio.ensure_future(all_of(events))
        await asyncio.to_thread(sent.wait, 60)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        go_on.set()

    asyncio.run(leave())  # waits for the thread
    assert store.load().tokens == token_set("new")


def test_an_exception_of_a_bug_is_not_swallowed() -> None:
    class Broken(MemoryStore):
        def load(self):  # type: ignore[no-untyped-def]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        by_events(OwnRefresh(Broken(), Fake()))


def test_leaving_by_a_signal_is_told() -> None:
    class Interrupted(MemoryStore):
        def prepare(self):  # type: ignore[no-untyped-def]
            raise KeyboardInterrupt

    store, journal = Interrupted(), Journal()
    store._content = stale()._content
    with pytest.raises(KeyboardInterrupt):
        OwnRefresh(store, Fake()).run(journal)
    assert journal.kinds[-2:] == ["released", "left"]


def test_without_a_client_it_says_what_is_missing_and_leaves_no_pause() -> None:
    store = stale()
    for configuration, words in (
        (Configuration(), "no OAuth client is configured"),
        (
            Configuration(problems=(Problem("CLAUDE_OAUTH_TOKEN_URL", "is missing"),)),
            "CLAUDE_OAUTH_TOKEN_URL is missing",
        ),
    ):
        action = OwnRefresh(store, refresher_of(configuration))
        by_run(action)
        assert action.outcome is not None
        assert action.outcome.error is not None
        assert words in action.outcome.error.sentence
        assert store.ledger.read_failure() is None
        assert store.ledger.read_intent() is None
    action = OwnRefresh(store, Fake(token_set("new")))
    by_run(action)
    assert action.outcome is not None
    assert action.outcome.outcome == "refreshed"


def test_a_pause_that_the_server_asked_for_stays(tmp_path: Path) -> None:
    store = stale()
    by_run(OwnRefresh(store, Fake(Failure("rate-limited", "too fast", retry_after=60.0))))
    action = OwnRefresh(store, refresher_of(Configuration()))
    by_run(action)
    assert store.ledger.read_failure() is not None
    assert action.outcome is not None
    assert action.outcome.reason == "rate-limited"
