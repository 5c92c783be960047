"""What can go wrong between the request and the save, against a server that rotates and revokes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.model import TokenSet
from claude_auth.oauth import Failure
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.loopback_server import Fault
from claude_auth.security.secret import Secret
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from tests.store.world import Counting, Fake, Journal, files_beside, is_alive, refresher_of, signed_in


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as server:
        yield server


@pytest.fixture
def store(server: AuthorizationServer, tmp_path: Path) -> FileStore:
    return signed_in(server, tmp_path)


def test_without_a_fault(server: AuthorizationServer, store: FileStore) -> None:
    result = refresh(store, refresher_of(server), Journal())
    assert result.outcome == "refreshed", result.message
    assert is_alive(server, store)
    assert (server.counters.refreshes, server.counters.reuses) == (1, 0)
    tokens = store.load().tokens
    assert tokens is not None
    assert tokens.token_url == f"{server.issuer}/token"
    assert refresh(store, Fake(), Journal()).outcome == "not-needed"


NO_ANSWER = {
    "cut before it acted": Fault("cut-before"),
    "cut after it acted": Fault("cut-after"),
    "stall before it acted": Fault("stall", seconds=30, acts=False),
    "stall after it acted": Fault("stall", seconds=30),
    "truncated JSON": Fault("truncated"),
    "wrong content type": Fault("content-type"),
    "missing fields": Fault("missing-fields"),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_a_refresh_token_that_may_be_spent_is_never_sent_again(
    server: AuthorizationServer, store: FileStore, tmp_path: Path, name: str
) -> None:
    before = Path(store.path).read_bytes()
    server.faults.add(NO_ANSWER[name])
    ask = Counting(refresher_of(server, seconds=2.0))
    result = refresh(store, ask, Journal())
    assert (result.outcome, result.reason) == ("failed", "lost"), result
    assert result.message is not None
    assert "Sign in again" in result.message
    assert Path(store.path).read_bytes() == before
    for force in (False, True):
        again = refresh(FileStore.of_sdk(str(tmp_path)), ask, Journal(), force=force)
        assert again.reason == "interrupted"
    assert ask.count == 1
    assert server.counters.reuses == 0
    store = signed_in(server, tmp_path)
    assert refresh(store, refresher_of(server), Journal()).outcome == "refreshed"
    assert is_alive(server, store)
    assert files_beside(store) == set()


AN_ANSWER_FROM_ELSEWHERE = {
    "HTML with status 200": Fault("html"),
    "a proxy's 401": Fault("proxy-401"),
    "500": Fault("error"),
}


@pytest.mark.parametrize("name", AN_ANSWER_FROM_ELSEWHERE)
def test_what_is_no_verdict_costs_no_login(server: AuthorizationServer, store: FileStore, name: str) -> None:
    before = Path(store.path).read_bytes()
    server.faults.add(AN_ANSWER_FROM_ELSEWHERE[name])
    ask = Counting(refresher_of(server))
    result = refresh(store, ask, Journal())
    assert result.outcome == "failed"
    assert result.reason not in {"lost", "interrupted", "invalid-grant"}
    assert Path(store.path).read_bytes() == before
    assert is_alive(server, store)
    assert refresh(store, ask, Journal()).reason == result.reason
    assert ask.count == 1, "asked again at once"
    assert refresh(store, ask, Journal(), force=True).outcome == "refreshed"
    assert is_alive(server, store)
    assert files_beside(store) == set()


def test_429_is_waited_for(server: AuthorizationServer, store: FileStore) -> None:
    server.faults.add(Fault("rate-limited"))
    ask, begun = Counting(refresher_of(server)), time.time()
    result = refresh(store, ask, Journal())
    assert result.retry_at is not None
    assert begun <= result.retry_at - 7 <= time.time()
    assert refresh(store, ask, Journal(), force=True).outcome == "failed"
    assert ask.count == 1
    assert refresh(store, ask, Journal(), clock=lambda: time.time() + 8).outcome == "refreshed"
    assert is_alive(server, store)


def test_offline(server: AuthorizationServer, store: FileStore) -> None:
    ask = refresher_of(server)
    server.stop()
    result = refresh(store, ask, Journal())
    assert result.outcome == "failed"
    assert result.reason not in {"lost", "interrupted"}
    assert store.ledger.read_intent() is None


def test_invalid_grant_is_a_verdict(server: AuthorizationServer, store: FileStore) -> None:
    tokens = store.load().tokens
    assert tokens is not None
    assert tokens.refresh_token is not None
    server.rules.revoke(server.rules.clients["sandbox-public"], tokens.refresh_token.reveal())
    ask = Counting(refresher_of(server))
    result = refresh(store, ask, Journal())
    assert result.reason == "invalid-grant"
    told = "The server no longer accepts the refresh token: this login has ended (invalid_grant"
    assert result.message is not None
    assert result.message.startswith(told)  # whole: only what the server said is redacted
    assert refresh(store, ask, Journal(), clock=lambda: time.time() + 999).reason == "invalid-grant"
    assert ask.count == 1


def test_another_program_that_knows_no_lock_was_quicker(
    server: AuthorizationServer, store: FileStore
) -> None:
    """It refreshes between our look and our request: our refusal is no verdict on what stands there now."""
    ask = refresher_of(server)

    def after_the_other(tokens: TokenSet) -> TokenSet:
        theirs = ask(tokens)
        assert isinstance(theirs, TokenSet)
        data = Path(store.path).read_text()
        for old, new in (
            (tokens.access_token, theirs.access_token),
            (tokens.refresh_token, theirs.refresh_token),
        ):
            assert isinstance(old, Secret)
            assert isinstance(new, Secret)
            data = data.replace(old.reveal(), new.reveal())
        assert tokens.expires_at is not None
        data = data.replace(str(int(tokens.expires_at)), str(int(time.time() + 3600)))
        Path(store.path).write_text(data)
        raise Failure("invalid-grant", "this login has ended", is_verdict=True)

    assert refresh(store, after_the_other, Journal()).outcome == "adopted"
    assert is_alive(server, store)


@pytest.mark.parametrize("skew", [-600.0, 600.0])
def test_a_clock_ten_minutes_off(server: AuthorizationServer, store: FileStore, skew: float) -> None:
    def clock() -> float:
        return time.time() + skew

    ask = Counting(refresher_of(server))
    assert refresh(store, ask, Journal(), force=True, clock=clock).outcome == "refreshed"
    assert is_alive(server, store)
    assert refresh(store, ask, Journal(), clock=clock).outcome == "not-needed"
    assert ask.count == 1


def test_another_client_s_login_is_not_sent_to_this_server(
    server: AuthorizationServer, store: FileStore
) -> None:
    tokens = store.load().tokens
    assert tokens is not None
    store.save(tokens._replace(token_url="https://auth.example.org/token"))
    result = refresh(store, refresher_of(server), Journal())
    assert result.reason == "another-client"
    assert server.counters.refresh_requests == 0


# ── the disk ─────────────────────────────────────────────────────────────────────────────────────


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of 512 KiB; needs root."""
    with tempfile.TemporaryDirectory() as place:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", place],
            capture_output=True,
            check=False,
        )
        if mounted.returncode:
            pytest.skip(
                "only root can mount a small disk; the injected faults of test_private stand in for it"
            )
        try:
            yield Path(place)
        finally:
            subprocess.run(["umount", place], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_a_full_disk_is_found_before_anything_is_sent(server: AuthorizationServer) -> None:
    with small_disk() as disk:
        store = signed_in(server, disk)
        before = Path(store.path).read_bytes()
        fill(disk)
        ask = Counting(refresher_of(server))
        result = refresh(store, ask, Journal())
        assert (result.reason, ask.count) == ("cannot-save", 0)
        assert result.message is not None
        assert "no space left" in result.message.lower()
        assert Path(store.path).read_bytes() == before
        (disk / "filler").unlink()
        assert refresh(store, ask, Journal()).outcome == "refreshed"
        assert is_alive(server, store)


def test_a_disk_that_fills_up_during_the_request_takes_no_login(server: AuthorizationServer) -> None:
    with small_disk() as disk:
        store = signed_in(server, disk)
        ask = refresher_of(server)

        def meanwhile(tokens: TokenSet) -> TokenSet:
            fill(disk)
            return ask(tokens)

        result = refresh(store, meanwhile, Journal())
        assert result.outcome == "refreshed", result
        assert is_alive(server, store)
        assert os.stat(store.path).st_mode & 0o777 == 0o600
