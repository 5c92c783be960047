"""Another account becomes the active one: renamed, never copied, and nothing lost on the way."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import NOTHING, FailureNote
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore, pending_refresh, sdk_accounts
from claude_auth.store.locks import hold
from claude_auth.store.switching import switch
from tests.store.world import (
    Fake,
    Journal,
    fingerprint,
    is_alive,
    refresher_of,
    signed_in,
    start_python,
    token_set,
)


@pytest.fixture
def home(tmp_path: Path) -> str:
    store(tmp_path).save(token_set("old"))
    store(tmp_path, "work").save(token_set("work"))
    return str(tmp_path)


def store(home: str | Path, account: str | None = None) -> FileStore:
    return FileStore.of_sdk(str(home), account)


def holdings(home: str | Path) -> dict[str, str]:
    """Every file that holds a token set: name → fingerprint."""
    folder = Path(home) / ".claude_code"
    stores = {path.name: FileStore(str(path)).load().fingerprint for path in folder.glob("*.json")}
    return {name: fingerprint for name, fingerprint in stores.items() if fingerprint is not None}


def code_of(home: str, name: str, keep_as: str | None) -> str:
    before = holdings(home)
    with pytest.raises(AuthenticationError) as caught:
        switch(home, name, keep_as)
    assert holdings(home) == before, "both stay where they are"
    return caught.value.code


def test_the_files_are_renamed(home: str) -> None:
    inodes = {os.stat(store(home).path).st_ino, os.stat(store(home, "work").path).st_ino}
    assert switch(home, "work", "home") == "work is the active account of the SDK's store now"
    assert holdings(home) == {"tokens.json": fingerprint("work"), "home.json": fingerprint("old")}
    assert {os.stat(store(home).path).st_ino, os.stat(store(home, "home").path).st_ino} == inodes
    assert sdk_accounts(home) == (None, "home")
    assert os.stat(store(home).path).st_mode & 0o777 == 0o600


def test_the_files_of_the_locks_stay(home: str) -> None:
    """A process that has opened one already would lock a file that nobody else finds any more."""
    with store(home, "work").hold(), store(home, "home").hold():
        pass
    locks = {path.name: path.stat().st_ino for path in (Path(home) / ".claude_code").glob(".*.lock")}
    assert {".work.json.lock", ".home.json.lock"} <= locks.keys()
    with open(Path(home) / ".claude_code/.work.json.lock", "rb") as opened:
        switch(home, "work", "home")
        after = {path.name: path.stat().st_ino for path in (Path(home) / ".claude_code").glob(".*.lock")}
        assert locks.items() <= after.items()
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(AuthenticationError), hold(opened.name, 0.0):
            pass


def test_and_back(home: str) -> None:
    switch(home, "work", "home")
    switch(home, "home", "work")
    assert holdings(home) == {"tokens.json": fingerprint("old"), "work.json": fingerprint("work")}


def test_where_nobody_is_active_no_name_is_needed(home: str) -> None:
    store(home).delete()
    switch(home, "work")
    assert holdings(home) == {"tokens.json": fingerprint("work")}


def test_what_is_refused(home: str) -> None:
    store(home, "taken").save(token_set("taken"))
    assert code_of(home, "nobody", "home") == "bad-account"
    assert code_of(home, "../work", "home") == "bad-account"
    assert code_of(home, "work", None) == "bad-account"
    assert code_of(home, "work", "taken") == "bad-account"
    assert code_of(home, "work", "Taken") == "bad-account", "one file where the disk tells no capitals apart"
    assert code_of(home, "work", "work") == "bad-account"
    assert code_of(home, "work", "../home") == "bad-account"
    (Path(home) / ".claude_code/damaged.json").write_text("{")
    assert code_of(home, "damaged", "home") == "bad-account"
    (Path(home) / ".claude_code/link.json").symlink_to(store(home).path)
    assert code_of(home, "link", "home") == "bad-account"


def test_an_active_account_that_is_a_link_is_not_moved(home: str) -> None:
    os.rename(store(home).path, f"{home}/elsewhere")
    os.symlink(f"{home}/elsewhere", store(home).path)
    assert code_of(home, "work", "home") == "not-private"
    assert os.path.islink(store(home).path)


def test_a_damaged_active_account_is_kept_as_it_is(home: str) -> None:
    Path(store(home).path).write_text("{ half of it")
    switch(home, "work", "home")
    assert Path(store(home, "home").path).read_text() == "{ half of it"


@pytest.mark.parametrize("which", [1, 2])
def test_a_rename_that_fails_leaves_both(home: str, which: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.rename, []

    def rename(old: str, new: str) -> None:
        calls.append(new)
        if len(calls) == which:
            raise OSError(5, "Input/output error")
        real(old, new)

    monkeypatch.setattr("claude_auth.store.files.os.rename", rename)
    assert code_of(home, "work", "home") == "io-error"


CRASHING = """
import os, sys
from claude_auth.store.switching import switch
home, at = sys.argv[1], int(sys.argv[2])
calls = [0]
def dies(real):
    def call(*arguments, **more):
        calls[0] += 1
        if calls[0] == at:
            os.kill(os.getpid(), 9)
        return real(*arguments, **more)
    return call
os.rename = dies(os.rename)
os.unlink = dies(os.unlink)
os.fsync = dies(os.fsync)
os.open = dies(os.open)
switch(home, "work", "home")
print("done")
"""


def test_a_crash_at_any_step_loses_nothing(tmp_path: Path) -> None:
    """Killed before each system call that changes something: both logins are there, each in one file."""
    both, died = {fingerprint("old"), fingerprint("work")}, 0
    for at in range(1, 200):
        home = tmp_path / str(at)
        store(home).save(token_set("old"))
        store(home, "work").save(token_set("work"))
        child = start_python(CRASHING, home, at)
        out, err = child.communicate(timeout=60)
        assert sorted(holdings(home).values()) == sorted(both), (at, err)
        if child.returncode != -signal.SIGKILL:
            assert (child.returncode, out) == (0, "done\n"), err
            break
        died += 1
        if "work" in sdk_accounts(str(home)):  # the next attempt gets there
            name = None if store(home).load().revision == NOTHING else "home"
            switch(str(home), "work", name)
        assert holdings(home) == {"tokens.json": fingerprint("work"), "home.json": fingerprint("old")}
    assert died > 5


# ── refreshes that were interrupted ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("whose", [None, "work"])
def test_a_refresh_token_that_may_be_spent_stays_one_under_its_new_name(home: str, whose: str | None) -> None:
    interrupted = store(home, whose)
    tokens = token_set("stale", expires_in=-10)
    interrupted.save(tokens)
    interrupted.ledger.write_intent(pending_refresh(tokens, 1.0))
    switch(home, "work", "home")
    moved, other = (store(home, "home"), store(home)) if whose is None else (store(home), store(home, "home"))
    asked = Fake()
    assert refresh(moved, asked, Journal()).reason == "interrupted"
    assert asked.asked == []
    assert other.ledger.read_intent() is None
    assert store(home, "work").ledger.read_intent() is None


KILLED = """
import os, sys
from claude_auth.store.files import FileStore
from claude_auth.model.refreshes import PendingRefresh
from claude_auth.store.files import pending_refresh
from tests.store.world import token_set
store = FileStore.of_sdk(sys.argv[1])
old = token_set("stale", expires_in=-10)
store.save(old)
store.ledger.write_intent(pending_refresh(old, 1.0))
os.rename = lambda *_, **__: os.kill(os.getpid(), 9)
os.replace = os.rename
store.prepare().commit(token_set("new"))
"""


def test_what_a_killed_refresh_had_written_in_full_is_put_in_place_first(home: str) -> None:
    child = start_python(KILLED, home)
    _, err = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, err
    assert store(home).load().fingerprint == fingerprint("stale")
    switch(home, "work", "home")
    kept = store(home, "home").load()
    assert kept.tokens is not None
    assert kept.tokens.access_token == token_set("new").access_token
    assert store(home, "home").ledger.read_intent() is None
    refresh(store(home), Fake(), Journal())
    assert not [name for name in os.listdir(f"{home}/.claude_code") if name.endswith(".new")]


def test_a_wait_that_the_server_asked_for_goes_along(home: str) -> None:
    tokens = token_set("work")
    assert tokens.refresh_token is not None
    note = FailureNote(
        tokens.refresh_token.fingerprint, "rate-limited", "too fast", "", 1.0, 4e9, 1,
        is_verdict=False, asked_to_wait=True,
    )  # fmt: skip
    store(home, "work").ledger.write_failure(note)
    switch(home, "work", "home")
    assert store(home).ledger.read_failure() == note
    assert store(home, "home").ledger.read_failure() is None


# ── with others at work ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def test_a_refresh_under_way_is_waited_for(server: AuthorizationServer, tmp_path: Path) -> None:
    active = signed_in(server, tmp_path)
    os.rename(signed_in(server, tmp_path / "other").path, active.path.replace("tokens.json", "work.json"))
    sent, go_on, ask = threading.Event(), threading.Event(), refresher_of(server)

    def slow(tokens):  # type: ignore[no-untyped-def]
        sent.set()
        assert go_on.wait(60)
        return ask(tokens)

    refreshing = threading.Thread(target=lambda: refresh(store(tmp_path), slow, Journal()))
    switching_ = threading.Thread(target=lambda: switch(str(tmp_path), "work", "home"))
    refreshing.start()
    assert sent.wait(60)
    switching_.start()
    switching_.join(0.2)
    assert switching_.is_alive(), "it did not wait"
    go_on.set()
    refreshing.join(60)
    switching_.join(60)
    assert is_alive(server, store(tmp_path, "home"))
    assert is_alive(server, store(tmp_path))


TWO = """
import sys
from claude_auth.model.errors import AuthenticationError
from claude_auth.store.switching import switch
print("ready", flush=True)
sys.stdin.readline()
try:
    print(switch(sys.argv[1], sys.argv[2], sys.argv[3]))
except AuthenticationError as error:
    print(error.code)
"""


def test_two_at_once(home: str) -> None:
    store(home, "third").save(token_set("third"))
    children = [start_python(TWO, home, name, f"was-{name}") for name in ("work", "third")]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    answers = [release(child) for child in children]
    assert sorted(holdings(home).values()) == sorted(fingerprint(word) for word in ("old", "work", "third"))
    assert all("is the active account" in answer for answer in answers), answers


def release(child: subprocess.Popen[str]) -> str:
    return child.communicate("\n", timeout=60)[0]


def test_no_secret_in_what_is_noted(home: str) -> None:
    tokens = token_set("old")
    store(home).ledger.write_intent(pending_refresh(tokens, 1.0))
    switch(home, "work", "home")
    note = Path(home, ".claude_code/.home.json.intent").read_text()
    assert json.loads(note)["access_token"] == tokens.access_token.fingerprint
    assert "made-up" not in note
