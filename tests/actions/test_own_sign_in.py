"""Signing in with the user's own client: the trial before, the save after, and what goes wrong between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from claude_auth.actions.oauth import OwnSignIn
from claude_auth.model import Event
from claude_auth.model.errors import AuthenticationError
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.store import Prepared, TokenStore
from claude_auth.store.files import FileStore, pending_refresh
from claude_auth.store.keyring import KeyringStore
from tests.actions.world import all_of
from tests.oauth.scenes import PATIENCE, by_browser, by_paste, client_of
from tests.store.memory import MemoryStore
from tests.store.world import FakeKeyring, files_beside, token_set


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def action_of(
    server: AuthorizationServer, store: TokenStore, tmp_path: Path, *, listen: bool = False
) -> OwnSignIn:
    return OwnSignIn(
        client_of(server), store, environ={"XDG_STATE_HOME": str(tmp_path / "state")}, listen=listen
    )


def through(action: OwnSignIn, at: dict[str, Callable[[], object]] | None = None) -> list[Event]:
    """All events; at `waiting` the answer is pasted, unless `at` says otherwise."""
    todo: dict[str, Callable[[], object]] = {"signin.waiting": lambda: by_paste(action.sign_in), **(at or {})}

    async def work() -> list[Event]:
        events, running = [], []
        async for event in action.events():
            events.append(event)
            result = todo[event.kind]() if event.kind in todo else None
            if asyncio.iscoroutine(result):
                running.append(asyncio.ensure_future(result))
        await asyncio.gather(*running)
        return events

    return asyncio.run(asyncio.wait_for(work(), PATIENCE))


def error_of(action: OwnSignIn) -> str:
    assert action.result is not None
    assert action.result.outcome == "failed"
    return action.result.error or ""


@pytest.mark.parametrize("listen", [False, True])
def test_it_is_saved(server: AuthorizationServer, tmp_path: Path, listen: bool) -> None:
    store = FileStore.of_sdk(str(tmp_path), "work")
    action = action_of(server, store, tmp_path, listen=listen)
    events = through(action, {"signin.waiting": lambda: by_browser(action.sign_in)} if listen else None)
    result = action.result
    assert result is not None
    assert (result.outcome, result.store, result.account, result.before) == ("signed-in", "sdk", "work", None)
    assert result.after == store.load().fingerprint
    assert result.expires_at is not None
    assert events[-1].kind == "signin.saved"
    assert store.path in events[-1].text
    assert {event.store for event in events} == {"sdk:work"}
    assert files_beside(store) == set()


def test_what_was_there_before_is_told_and_its_interrupted_refresh_settled(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    store, old = FileStore.of_sdk(str(tmp_path)), token_set()
    store.save(old)
    store.ledger.write_intent(pending_refresh(old, 1.0))
    action = action_of(server, store, tmp_path)
    through(action)
    assert action.result is not None
    assert action.result.before == old.access_token.fingerprint != action.result.after
    assert store.ledger.read_intent() is None


def test_a_store_that_refuses_is_told_before_anybody_is_sent_to_a_browser(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    (tmp_path / ".claude_code").symlink_to(tmp_path)
    action = action_of(server, FileStore.of_sdk(str(tmp_path)), tmp_path)
    events = through(action)
    assert [event.kind for event in events] == ["signin.failed"]
    assert "symbolic link" in error_of(action)
    assert action.sign_in.url is None


class Full(MemoryStore):
    """Takes a trial, and nothing after it."""

    tried = False

    def prepare(self) -> Prepared:
        if self.tried:
            raise AuthenticationError("no-space", "the disk is full", "Make room")
        self.tried = True
        return super().prepare()


def test_signed_in_but_not_saved(server: AuthorizationServer, tmp_path: Path) -> None:
    action = action_of(server, Full(), tmp_path)
    events = through(action)
    assert error_of(action) == "signed in, but not saved: the disk is full. Make room"
    assert [event.kind for event in events[-2:]] == ["signin.succeeded", "signin.failed"]


def test_a_keyring_that_refuses_at_the_last_moment_loses_no_login(
    server: AuthorizationServer, tmp_path: Path
) -> None:
    backend = FakeKeyring()
    store = KeyringStore(str(tmp_path), None, backend)
    backend.problem = "refuses-tokens"
    action = action_of(server, store, tmp_path)
    events = through(action)
    assert action.result is not None
    assert action.result.outcome == "signed-in"
    assert (events[-1].level, "refused it" in events[-1].text) == ("warning", True)
    loaded = KeyringStore(str(tmp_path), None, backend).load()
    assert loaded.fingerprint == action.result.after


def test_no_is_an_answer(server: AuthorizationServer, tmp_path: Path) -> None:
    store = MemoryStore()
    action = action_of(server, store, tmp_path, listen=True)
    through(action, {"signin.waiting": lambda: by_browser(action.sign_in, "deny")})
    assert action.sign_in.failure is not None
    assert error_of(action) == str(action.sign_in.failure)
    assert store.load().tokens is None


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────


def test_while_it_waits(server: AuthorizationServer, tmp_path: Path) -> None:
    action = action_of(server, MemoryStore(), tmp_path)
    events = through(action, {"signin.waiting": action.cancel})
    assert events[-1].kind == "signin.cancelled"
    assert "cancelled" in error_of(action)


def test_for_a_reason(server: AuthorizationServer, tmp_path: Path) -> None:
    action = action_of(server, MemoryStore(), tmp_path)
    through(action, {"signin.waiting": lambda: action.cancel("nobody is there")})
    assert error_of(action) == "nobody is there"


def test_before_it_has_begun(server: AuthorizationServer, tmp_path: Path) -> None:
    action = action_of(server, MemoryStore(), tmp_path)
    action.cancel()
    events = through(action)
    assert [event.kind for event in events] == ["signin.failed"]
    assert action.sign_in.url is None


def test_too_late(server: AuthorizationServer, tmp_path: Path) -> None:
    """The server has given the login: it is kept."""
    store = MemoryStore()
    action = action_of(server, store, tmp_path)
    through(action, {"signin.succeeded": action.cancel})
    assert action.result is not None
    assert action.result.outcome == "signed-in"
    assert store.load().fingerprint == action.result.after


def test_a_second_one_in_the_same_process(server: AuthorizationServer, tmp_path: Path) -> None:
    first, second = (action_of(server, MemoryStore(), tmp_path) for _ in range(2))

    async def other() -> None:
        await all_of(second.events())
        await by_paste(first.sign_in)

    through(first, {"signin.waiting": other})
    assert "one at a time" in error_of(second)
    assert first.result is not None
    assert first.result.outcome == "signed-in"
