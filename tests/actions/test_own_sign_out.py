"""Signing out of a store of ours: the server first, and what happens where it can't be told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.oauth import OwnSignOut
from claude_auth.actions.result import Result
from claude_auth.model import Event, TokenSet
from claude_auth.model.refreshes import NOTHING
from claude_auth.oauth import Failure
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.loopback_server import Fault
from claude_auth.security.sanitize import printable
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore, pending_refresh
from tests.actions.world import all_of
from tests.oauth.scenes import PATIENCE, client_of
from tests.own_world import held
from tests.store.world import Journal, files_beside, is_alive, refresher_of, signed_in, token_set
from tests.waiting import wait_until


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def sign_out(store: FileStore, client: OAuthClient | None, **more: Any) -> tuple[list[Event], Result]:
    action = OwnSignOut(client, store, **more)
    events = asyncio.run(asyncio.wait_for(all_of(action.events()), PATIENCE))
    assert action.result is not None
    return events, action.result


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


def test_revoked_and_removed(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    tokens = store.load().tokens
    assert tokens is not None
    assert tokens.refresh_token is not None
    store.ledger.write_intent(pending_refresh(tokens, 1.0))
    events, result = sign_out(store, client_of(server))
    assert kinds(events) == ["signout.revoking", "signout.revoked", "signout.removed"]
    assert (result.outcome, result.before, result.after) == (
        "signed-out",
        tokens.access_token.fingerprint,
        None,
    )
    assert not server.rules.is_alive(tokens.refresh_token.reveal())
    assert not server.rules.is_alive(tokens.access_token.reveal())
    assert store.load().revision == NOTHING
    assert files_beside(store) == set()


@pytest.mark.parametrize("fault", ["error", "html", "rate-limited", "cut-before"])
def test_a_server_that_does_not_answer_well_keeps_the_login(
    server: AuthorizationServer, tmp_path: Path, fault: Any
) -> None:
    store = signed_in(server, tmp_path)
    server.faults.add(Fault(fault, path="/revoke"))
    events, result = sign_out(store, client_of(server))
    assert kinds(events) == ["signout.revoking", "signout.failed"]
    assert result.error is not None
    assert "--only-here" in result.error
    assert is_alive(server, store)
    assert kinds(sign_out(store, client_of(server))[0])[-1] == "signout.removed"


def test_only_here(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    events, _ = sign_out(store, None, only_here=True)
    assert kinds(events) == ["signout.removed"]
    assert server.counters.revocations == 0


def test_no_client_is_configured(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    _, result = sign_out(store, None)
    assert "no OAuth client is configured" in (result.error or "")
    assert is_alive(server, store)


def test_a_server_without_a_revocation_endpoint(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    events, result = sign_out(store, client_of(server, revocation_url=None))
    assert kinds(events) == ["signout.revoking", "signout.not-revoked", "signout.removed"]
    assert events[1].level == "warning"
    assert result.outcome == "signed-out"


def test_the_issuer_knows_the_endpoint(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    client = OAuthClient("sandbox-public", issuer=server.issuer)
    assert kinds(sign_out(store, client)[0])[1] == "signout.revoked"
    assert server.counters.revocations == 1


@pytest.mark.parametrize("field", ["token_url", "client_id"])
@pytest.mark.parametrize("discovered", [False, True])
def test_another_server_is_never_shown_the_tokens(
    server: AuthorizationServer, tmp_path: Path, field: str, discovered: bool
) -> None:
    store = signed_in(server, tmp_path)
    tokens = store.load().tokens
    assert tokens is not None
    its = {"token_url": "https://auth.example.org/token", "client_id": "another"}[field]
    store.save(tokens._replace(**{field: its}))  # type: ignore[arg-type]
    client = OAuthClient("sandbox-public", issuer=server.issuer) if discovered else client_of(server)
    _, result = sign_out(store, client)
    assert "made with another" in (result.error or "")
    assert server.counters.revocations == 0
    assert store.load().tokens is not None


def test_there_is_nothing(tmp_path: Path, server: AuthorizationServer) -> None:
    _, result = sign_out(FileStore.of_sdk(str(tmp_path)), client_of(server))
    assert (result.outcome, result.before) == ("failed", None)


def test_a_damaged_one_goes_when_it_is_said(tmp_path: Path, server: AuthorizationServer) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set())
    Path(store.path).write_text("{")
    _, kept = sign_out(store, client_of(server))
    assert "can't be used" in (kept.error or "")
    assert Path(store.path).exists()
    _, gone = sign_out(store, client_of(server), only_here=True)
    assert gone.outcome == "signed-out"
    assert not Path(store.path).exists()


def test_why_it_failed_is_clean_for_programs(tmp_path: Path) -> None:
    folder = tmp_path / "h\x1b[31m\u202eome"
    folder.mkdir(mode=0o700)
    (folder / "tokens.json").symlink_to(tmp_path / "elsewhere")
    _, result = sign_out(FileStore(str(folder / "tokens.json")), None)
    told = str(result.as_json()["error"])
    assert "is a symbolic link" in told
    assert printable(told) == told


def test_a_refresh_does_not_come_in_between(server: AuthorizationServer, tmp_path: Path) -> None:
    """It waits for the lock, and then finds nothing: no login comes back."""
    store = signed_in(server, tmp_path)
    refreshed: list[str] = []

    def revoke(client: OAuthClient, tokens: TokenSet) -> Failure | None:
        from claude_auth.actions.oauth import revoke_at_server

        waiting = threading.Event()

        def emit(event: Event) -> None:
            if event.kind == "refresh.waiting":
                waiting.set()

        def other() -> None:
            answer = refresh(FileStore.of_sdk(str(tmp_path)), refresher_of(server), emit)
            refreshed.append(str(answer.reason))

        threads.append(threading.Thread(target=other))
        threads[0].start()
        assert waiting.wait(60)
        return revoke_at_server(client, tokens)

    threads: list[threading.Thread] = []
    _, result = sign_out(store, client_of(server), revoke=revoke)
    threads[0].join(60)
    assert result.outcome == "signed-out"
    assert refreshed == ["signed-out-meanwhile"]
    assert server.counters.refresh_requests == 0
    assert store.load().revision == NOTHING


def test_leaving_lets_it_come_to_its_end(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    action = OwnSignOut(client_of(server), store)

    async def leave() -> None:
        async for event in action.events():
            if event.kind == "signout.revoking":
                break

    asyncio.run(leave())
    assert store.load().tokens is not None, "left before anything was done"

    async def cancelled() -> None:
        task = asyncio.ensure_future(all_of(action.events()))
        with held(server, "/revoke"):
            await asyncio.to_thread(wait_until, lambda: server.counters.revocations > 0)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancelled())  # ends once the thread has
    assert store.load().revision == NOTHING
    assert action.result is not None
    assert action.result.outcome == "signed-out"


def test_another_one_signed_out_meanwhile(tmp_path: Path, server: AuthorizationServer) -> None:
    store = signed_in(server, tmp_path)
    action = OwnSignOut(client_of(server), store)

    async def work() -> list[Event]:
        events = []
        async for event in action.events():
            events.append(event)
            if event.kind == "signout.revoking":
                store.delete()
        return events

    assert kinds(asyncio.run(work())) == ["signout.revoking", "signout.failed"]


def test_no_secret_in_events(server: AuthorizationServer, tmp_path: Path) -> None:
    store = signed_in(server, tmp_path)
    tokens = store.load().tokens
    assert tokens is not None
    assert tokens.refresh_token is not None
    journal = Journal(sign_out(store, client_of(server))[0])
    for secret in (tokens.access_token, tokens.refresh_token):
        assert secret.reveal() not in repr(list(journal))
