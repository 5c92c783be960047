"""What every store promises, and every store that can be written is asked."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.model import TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import NOTHING, FailureNote
from claude_auth.security.secret import Secret
from claude_auth.store import TokenStore
from claude_auth.store.files import FileStore, pending_refresh
from claude_auth.store.keyring import KeyringStore
from tests.store.memory import MemoryStore
from tests.store.world import FakeKeyring, token_set

STORES: dict[str, Callable[[Path], TokenStore]] = {
    "sdk": lambda home: FileStore.of_sdk(str(home)),
    "account": lambda home: FileStore.of_sdk(str(home), "work"),
    "anywhere": lambda home: FileStore(str(home / "personal.json")),
    "keyring": lambda home: KeyringStore(str(home), "work", FakeKeyring()),
    "memory": lambda home: MemoryStore(),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> TokenStore:
    return STORES[request.param](tmp_path)


def test_nothing_is_there_at_first(store: TokenStore) -> None:
    loaded = store.load()
    assert (loaded.tokens, loaded.revision, loaded.fingerprint) == (None, NOTHING, None)
    assert store.delete() is False


def test_what_was_saved_is_loaded(store: TokenStore) -> None:
    saved = store.save(token_set())
    assert saved.tokens == token_set()
    assert store.load() == saved
    assert saved.fingerprint == token_set().access_token.fingerprint


def test_the_revision_follows_the_content(store: TokenStore) -> None:
    first = store.save(token_set("first"))
    second = store.save(token_set("second"), first.revision)
    assert first.revision != second.revision != NOTHING
    assert store.load().revision == second.revision


def test_what_somebody_else_changed_is_not_overwritten(store: TokenStore) -> None:
    seen = store.save(token_set("first"))
    store.save(token_set("theirs"))
    with pytest.raises(AuthenticationError) as caught:
        store.save(token_set("ours"), seen.revision)
    assert caught.value.code == "changed"
    assert store.load().tokens == token_set("theirs")


def test_a_save_that_expects_nothing_finds_something(store: TokenStore) -> None:
    store.save(token_set())
    with pytest.raises(AuthenticationError):
        store.save(token_set("other"), NOTHING)


def test_removed_is_removed(store: TokenStore) -> None:
    store.save(token_set())
    assert store.delete() is True
    assert store.load().revision == NOTHING
    assert store.delete() is False


def test_room_taken_and_given_back_leaves_no_trace(store: TokenStore) -> None:
    saved = store.save(token_set())
    prepared = store.prepare()
    prepared.discard()
    prepared.discard()
    assert store.load() == saved
    assert store.sweep() == 0


def test_room_taken_is_used_once(store: TokenStore) -> None:
    store.save(token_set("first"))
    prepared = store.prepare()
    assert prepared.commit(token_set("second")).tokens == token_set("second")
    prepared.discard()
    assert store.load().tokens == token_set("second")


def test_a_new_login_settles_what_was_noted_about_the_old_one(store: TokenStore) -> None:
    store.save(token_set("first"))
    store.ledger.write_intent(pending_refresh(token_set("first"), 1.0))
    store.ledger.write_failure(FailureNote("abcd", "offline", "no", "", 1.0, 2.0, 1, False, False))
    assert store.ledger.read_intent() == pending_refresh(token_set("first"), 1.0)
    assert store.ledger.read_failure() is not None
    store.save(token_set("second"))
    assert store.ledger.read_intent() is None
    assert store.ledger.read_failure() is None


def test_many_threads_save_one_after_the_other(store: TokenStore) -> None:
    store.save(token_set("first"))
    winners: list[int] = []
    losers: list[str] = []

    def compete(number: int) -> None:
        try:
            store.save(token_set(f"thread{number}"), revision)
            winners.append(number)
        except AuthenticationError as error:
            losers.append(error.code)

    revision = store.load().revision
    threads = [threading.Thread(target=compete, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert losers == ["changed"] * 7
    assert store.load().tokens == token_set(f"thread{winners[0]}")


def test_it_says_what_and_where_it_is(store: TokenStore) -> None:
    description = store.describe()
    assert (description.id, description.account) == (store.id, store.account)
    assert description.place
    assert description.protection
    assert description.writable


def test_no_secret_in_what_can_be_printed(store: TokenStore, tmp_path: Path) -> None:
    loaded = store.save(token_set()._replace(client_id="visible"))
    prepared = store.prepare()
    shown = "".join(repr(thing) for thing in (loaded, store, store.describe(), store.ledger, prepared))
    prepared.discard()
    assert "made-up-access" not in shown
    assert "made-up-refresh" not in shown
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.suffix != ".json":
            assert "made-up" not in path.read_text()


def test_a_refresh_token_left_out_is_gone(store: TokenStore) -> None:
    store.save(token_set())
    store.save(TokenSet(Secret("made-up-access-alone")))
    tokens = store.load().tokens
    assert tokens is not None
    assert tokens.refresh_token is None


def test_everything_on_the_disk_is_ours_alone(store: TokenStore, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store.save(token_set())
        prepared = store.prepare()
        store.ledger.write_intent(pending_refresh(token_set(), 1.0))
        modes = {path: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
        prepared.discard()
    finally:
        os.umask(before)
    assert {mode for path, mode in modes.items() if path.is_file()} <= {0o600}
    assert {mode for path, mode in modes.items() if path.is_dir()} <= {0o700}
