"""The coordinator's decisions, with a refresher that answers as told."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from claude_auth.diagnose.causes.oauth_errors import OAUTH
from claude_auth.model import Event, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import FailureNote
from claude_auth.oauth import Failure, failure, presentable
from claude_auth.security.secret import Secret
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore, pending_refresh
from claude_auth.store.others import ClaudeCodeStore, ClawStore
from tests.store.memory import MemoryStore
from tests.store.world import (
    CLIENT_ID,
    Fake,
    Journal,
    files_beside,
    fingerprint,
    start_python,
    token_set,
    until_it_says,
)
from tests.waiting import wait_until

OFFLINE = Failure("offline", "the network can't be reached")
LOST = Failure("cut", "the connection broke", may_have_reached_the_server=True)
REJECTED = Failure("invalid-grant", "this login has ended", is_verdict=True)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    """Signed in, with an access token that has ended."""
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set("old", expires_in=-10))
    return store


# ── windows ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lifetime", "left", "expected"),
    [
        (3600, 301, "none"),
        (3600, 299, "advisory"),
        (3600, 61, "advisory"),
        (3600, 59, "mandatory"),
        (3600, -1, "mandatory"),
        (600, 61, "none"),
        (600, 59, "advisory"),
        (600, 11, "mandatory"),
        (28_800, 299, "advisory"),
        (None, 301, "none"),
        (None, 299, "advisory"),
    ],
)
def test_the_two_windows(lifetime: float | None, left: float, expected: str) -> None:
    issued_at = None if lifetime is None else 1000.0 + left - lifetime
    tokens = TokenSet(Secret("a"), Secret("r"), expires_at=1000.0 + left, issued_at=issued_at)
    assert tokens.need(1000.0) == expected


def test_an_end_that_is_not_known_is_never_near() -> None:
    assert TokenSet(Secret("a"), Secret("r")).need(1e12) == "none"
    assert TokenSet(Secret("a"), expires_at=10.0, issued_at=20.0).window == 300.0


# ── outcomes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_live_token_is_left_alone(tmp_path: Path) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set("live"))
    result = refresh(store, Fake(), Journal())
    assert (result.outcome, result.store, result.account) == ("not-needed", "sdk", None)
    assert (result.before, result.after) == (fingerprint("live"), fingerprint("live"))
    assert (result.expires_at, result.message) == (token_set().expires_at, None)


def test_a_token_that_has_ended_is_refreshed(store: FileStore) -> None:
    journal = Journal()
    result = refresh(store, Fake(token_set("new")), journal)
    assert (result.outcome, result.before, result.after) == (
        "refreshed",
        fingerprint("old"),
        fingerprint("new"),
    )
    assert store.load().tokens == token_set("new")
    assert journal.kinds == ["lock-wanted", "acquired", "request", "result", "saved", "released"]
    assert files_beside(store) == set()


def test_force_refreshes_a_live_token(tmp_path: Path) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set("old"))
    assert refresh(store, Fake(token_set("new")), Journal(), force=True).outcome == "refreshed"


@pytest.mark.parametrize("force", [False, True])
def test_what_another_one_fetched_meanwhile_is_adopted(store: FileStore, force: bool) -> None:
    journal = Journal()

    def emit(event: Event) -> None:
        journal(event)
        if event.kind == "refresh.lock-wanted":
            store.save(token_set("theirs"))

    fake = Fake()
    result = refresh(store, fake, emit, force=force)
    assert (result.outcome, result.after, fake.asked) == ("adopted", fingerprint("theirs"), [])
    assert journal.kinds == ["lock-wanted", "acquired", "adopted", "released"]


def test_what_stands_there_meanwhile_and_has_ended_too_is_refreshed(store: FileStore) -> None:
    def emit(event: Event) -> None:
        if event.kind == "refresh.lock-wanted":
            store.save(token_set("theirs", expires_in=-100))

    fake = Fake(token_set("new"))
    assert refresh(store, fake, emit).outcome == "refreshed"
    assert fake.asked[0].access_token.fingerprint == fingerprint("theirs")


def test_what_the_answer_leaves_out_stays(store: FileStore) -> None:
    result = refresh(store, Fake(TokenSet(Secret("made-up-new"), expires_at=time.time() + 999)), Journal())
    tokens = store.load().tokens
    assert result.outcome == "refreshed"
    assert tokens is not None
    assert tokens.refresh_token == token_set("old").refresh_token
    assert (tokens.scopes, tokens.client_id) == (("user:inference",), CLIENT_ID)
    assert tokens.issued_at is not None
    assert abs(tokens.issued_at - time.time()) < 60


def test_unknown_fields_survive_a_refresh(store: FileStore) -> None:
    path = Path(store.path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "email": "ada@example.org"}))
    assert refresh(store, Fake(token_set("new")), Journal()).ok
    assert json.loads(path.read_text())["email"] == "ada@example.org"


@pytest.mark.parametrize(
    ("prepare", "reason", "word"),
    [
        (lambda path: path.unlink(), "not-signed-in", "claude-auth login"),
        (lambda path: path.write_text("{"), "damaged", "Sign in"),
        (lambda path: path.write_text("{}"), "damaged", "access token"),
        (
            lambda path: path.write_text('{"access_token": "made-up", "expires_at": 5}'),
            "no-refresh-token",
            "Sign in",
        ),
    ],
)
def test_where_there_is_nothing_to_refresh_with(
    store: FileStore, prepare: Callable[[Path], object], reason: str, word: str
) -> None:
    prepare(Path(store.path))
    fake = Fake()
    result = refresh(store, fake, Journal(), force=True)
    assert (result.outcome, result.reason, fake.asked) == ("failed", reason, [])
    assert result.message is not None
    assert word in result.message


def test_stores_of_other_programs_are_never_written(tmp_path: Path) -> None:
    path = tmp_path / ".claude" / ".credentials.json"
    path.parent.mkdir()
    path.write_text(
        '{"claudeAiOauth": {"accessToken": "made-up", "refreshToken": "r", "expiresAt": 1, "scopes": ["x"]}}'
    )
    (tmp_path / ".claude" / "credentials").mkdir()
    (tmp_path / ".claude" / "credentials" / "0123").write_text('{"access_token": "a", "expires_at": 1}')
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    for store in (ClaudeCodeStore(str(path)), ClawStore(str(tmp_path))):
        assert store.load().tokens is not None
        assert not store.describe().writable
        assert refresh(store, Fake(), Journal(), force=True).reason == "read-only"
        for write in (
            lambda store=store: store.save(token_set()),
            store.prepare,
            store.delete,
            store.hold,
            lambda store=store: store.recover("x"),
        ):
            with pytest.raises(AuthenticationError) as caught:
                write()
            assert caught.value.code == "read-only"
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


# ── failures ─────────────────────────────────────────────────────────────────────────────────────


def test_offline_the_old_token_set_stays_and_nobody_asks_again_at_once(store: FileStore) -> None:
    before = Path(store.path).read_bytes()
    fake = Fake(OFFLINE, token_set("new"))
    first = refresh(store, fake, Journal())
    assert (first.outcome, first.reason, first.still_live) == ("failed", "offline", False)
    assert Path(store.path).read_bytes() == before
    journal = Journal()
    second = refresh(store, fake, journal)
    assert (second.reason, len(fake.asked)) == ("offline", 1)
    assert "paused" in journal.kinds
    assert refresh(store, fake, Journal(), force=True).outcome == "refreshed"


def test_the_pause_grows_and_ends(store: FileStore) -> None:
    moments = [time.time()]
    fake = Fake(*[OFFLINE] * 6, token_set("new", expires_in=9999))
    for _ in range(6):
        result = refresh(store, fake, Journal(), clock=lambda: moments[-1])
        assert result.retry_at is not None
        moments.append(result.retry_at)
    pauses = [round(after - before) for before, after in pairwise(moments)]
    assert pauses == [5, 10, 20, 40, 60, 60]
    assert refresh(store, fake, Journal(), clock=lambda: moments[-1]).outcome == "refreshed"
    assert store.ledger.read_failure() is None


def test_in_the_advisory_window_a_failure_leaves_a_token_that_can_be_used(tmp_path: Path) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set("old", expires_in=200))
    result = refresh(store, Fake(OFFLINE), Journal())
    assert (result.outcome, result.still_live) == ("failed", True)
    assert result.retry_at is not None
    assert result.retry_at - time.time() > 20
    assert store.load().tokens == token_set("old", expires_in=200)


def test_retry_after_is_honoured_even_by_force(store: FileStore) -> None:
    moment = time.time()
    limited = Failure("rate-limited", "too many requests", retry_after=100.0)
    fake = Fake(limited, token_set("new"))
    assert refresh(store, fake, Journal(), clock=lambda: moment).reason == "rate-limited"
    for later in (1, 99):
        result = refresh(store, fake, Journal(), force=True, clock=partial(float, moment + later))
        assert result.reason == "rate-limited"
        assert result.retry_at == pytest.approx(moment + 100)
    assert len(fake.asked) == 1
    assert refresh(store, fake, Journal(), clock=lambda: moment + 101).outcome == "refreshed"


def test_a_note_from_a_clock_that_was_ahead_does_not_count(store: FileStore) -> None:
    moment = time.time()
    fake = Fake(Failure("rate-limited", "wait", retry_after=50.0), token_set("new"))
    refresh(store, fake, Journal(), clock=lambda: moment + 600)
    assert refresh(store, fake, Journal(), clock=lambda: moment).outcome == "refreshed"


def test_a_verdict_is_remembered_for_that_refresh_token_alone(store: FileStore) -> None:
    fake = Fake(REJECTED)
    assert refresh(store, fake, Journal()).reason == "invalid-grant"
    later = time.time() + 86_400
    result = refresh(store, fake, Journal(), clock=lambda: later)
    assert (result.reason, len(fake.asked)) == ("invalid-grant", 1)
    assert result.message is not None
    assert "Sign in again" in result.message
    store.save(token_set("newer", expires_in=-1))
    fake.answers.append(token_set("new"))
    assert refresh(store, fake, Journal()).outcome == "refreshed"


@pytest.mark.parametrize("failure", [REJECTED, LOST])
def test_a_program_without_our_lock_was_quicker(store: FileStore, failure: Failure) -> None:
    def ask(tokens: TokenSet) -> TokenSet:
        other = FileStore(store.path)
        other.ledger = MemoryStore().ledger  # it knows nothing of our notes
        Path(store.path).write_bytes(Path(store.path).read_bytes().replace(b"-old-", b"-theirs-"))
        data = json.loads(Path(store.path).read_text())
        Path(store.path).write_text(json.dumps({**data, "expires_at": time.time() + 3600}))
        raise failure

    result = refresh(store, ask, Journal())
    assert (result.outcome, result.after) == ("adopted", fingerprint("theirs"))
    assert store.ledger.read_intent() is None


# ── the lost-response rule ───────────────────────────────────────────────────────────────────────


def test_after_a_lost_answer_the_refresh_token_is_never_sent_again(store: FileStore) -> None:
    fake = Fake(LOST)
    first = refresh(store, fake, Journal())
    assert first.reason == "lost"
    assert first.message is not None
    assert "Sign in again" in first.message
    for force in (False, True):
        result = refresh(store, fake, Journal(), force=force)
        assert result.reason == "interrupted"
    assert len(fake.asked) == 1
    store.save(token_set("signed in again", expires_in=-1))
    fake.answers.append(token_set("new"))
    assert refresh(store, fake, Journal()).outcome == "refreshed"


@pytest.mark.parametrize("error", [RuntimeError("made-up-refresh in here"), OSError(5, "x")])
def test_a_refresher_that_breaks_counts_as_lost(store: FileStore, error: Exception) -> None:
    journal = Journal()
    result = refresh(store, Fake(error), journal)
    assert result.reason == "lost"
    assert "made-up-refresh" not in f"{result}{journal}"


def test_an_intent_that_the_store_has_outlived_is_settled(store: FileStore) -> None:
    store.ledger.write_intent(pending_refresh(token_set("older"), 1.0))
    fake = Fake(token_set("new"))
    assert refresh(store, fake, Journal()).outcome == "refreshed"


def test_a_live_token_settles_an_old_intent_too(tmp_path: Path) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(token_set("live"))
    store.ledger.write_intent(pending_refresh(token_set("older"), 1.0))
    assert refresh(store, Fake(), Journal()).outcome == "not-needed"
    assert files_beside(store) == set()


def test_an_intent_that_can_t_be_read_is_an_intent(store: FileStore) -> None:
    Path(store.path).with_name(".tokens.json.intent").write_text("{")
    fake = Fake()
    assert refresh(store, fake, Journal()).reason == "interrupted"


def test_the_intent_and_the_room_stand_before_the_request(store: FileStore) -> None:
    folder = os.path.dirname(store.path)

    def ask(tokens: TokenSet) -> TokenSet:
        intent = store.ledger.read_intent()
        assert intent is not None
        assert intent.pid == os.getpid()
        assert intent.refresh_token == tokens.refresh_token.fingerprint  # type: ignore[union-attr]
        (temporary,) = [name for name in os.listdir(folder) if name.endswith(".new")]
        status = os.stat(os.path.join(folder, temporary))
        assert status.st_size >= 4096
        assert status.st_blocks * 512 >= 4096
        return token_set("new")

    assert refresh(store, ask, Journal()).outcome == "refreshed"


@pytest.mark.parametrize("nth", range(1, 9))
def test_if_room_or_intent_fail_nothing_is_sent(
    store: FileStore, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """Each fsync and rename before the request fails once."""
    before = Path(store.path).read_bytes()
    calls = 0

    def failing(name: str) -> Callable[..., object]:
        real = getattr(os, name)

        def call(*arguments: object) -> object:
            nonlocal calls
            calls += 1
            if calls == nth:
                raise OSError(28, "No space left on device")
            return real(*arguments)

        return call

    fake = Fake(token_set("new"))
    with monkeypatch.context() as patch:
        for name in ("fsync", "rename", "posix_fallocate"):
            patch.setattr(os, name, failing(name))
        result = refresh(store, fake, Journal())
    if result.ok:
        assert fake.asked
        return
    assert result.reason in {"cannot-save", "not-saved"}
    if result.reason == "cannot-save":
        assert fake.asked == []
        assert Path(store.path).read_bytes() == before
        assert refresh(store, fake, Journal()).outcome == "refreshed"
    else:
        assert refresh(store, Fake(), Journal()).outcome == "adopted"
    assert store.load().tokens == token_set("new")


def test_an_answer_that_could_not_be_put_in_place_is_put_there_by_the_next_run(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.rename

    def refuse(source: str, target: str) -> None:
        if str(target) == store.path:
            raise PermissionError(13, "Permission denied")
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        result = refresh(store, Fake(token_set("new")), Journal())
    assert (result.reason, result.after) == ("not-saved", fingerprint("old"))
    assert result.tokens == token_set("new")
    assert result.message is not None
    assert "lies ready" in result.message
    journal = Journal()
    assert refresh(store, Fake(), journal).outcome == "adopted"
    assert "recovered" in journal.kinds
    assert store.load().tokens == token_set("new")


def test_who_signed_out_meanwhile_stays_signed_out(store: FileStore) -> None:
    def ask(tokens: TokenSet) -> TokenSet:
        os.unlink(store.path)
        return token_set("new")

    assert refresh(store, ask, Journal()).reason == "signed-out-meanwhile"
    assert not os.path.exists(store.path)
    assert files_beside(store) == set()


def test_another_field_that_changed_meanwhile_is_kept(store: FileStore) -> None:
    path = Path(store.path)

    def ask(tokens: TokenSet) -> TokenSet:
        path.write_text(json.dumps({**json.loads(path.read_text()), "email": "ada@example.org"}))
        return token_set("new")

    assert refresh(store, ask, Journal()).outcome == "refreshed"
    assert json.loads(path.read_text())["email"] == "ada@example.org"
    assert store.load().tokens == token_set("new")


def test_a_login_that_came_meanwhile_is_not_overwritten(store: FileStore) -> None:
    def ask(tokens: TokenSet) -> TokenSet:
        other = FileStore(store.path)
        Path(store.path).write_bytes(Path(store.path).read_bytes().replace(b"-old-", b"-theirs-"))
        data = json.loads(Path(store.path).read_text())
        Path(other.path).write_text(json.dumps({**data, "expires_at": time.time() + 3600}))
        return token_set("new")

    assert refresh(store, ask, Journal()).outcome == "adopted"
    assert store.load().fingerprint == fingerprint("theirs")


# ── clocks, signals, threads, telling ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("skew", [-600.0, 600.0])
def test_a_clock_that_is_ten_minutes_off(store: FileStore, skew: float) -> None:
    def clock() -> float:
        return time.time() + skew

    new = token_set("new")._replace(expires_at=clock() + 3600, issued_at=clock())
    assert refresh(store, Fake(new), Journal(), force=True, clock=clock).outcome == "refreshed"
    assert refresh(store, Fake(), Journal(), clock=clock).outcome == "not-needed"


def test_a_token_that_has_ended_as_it_comes_is_told_and_not_fetched_over_and_over(store: FileStore) -> None:
    """The server names a moment, and our clock is ten minutes ahead of it."""
    journal = Journal()
    ended = token_set("new")._replace(expires_at=time.time() - 300, issued_at=None)
    assert refresh(store, Fake(ended), journal).outcome == "refreshed"
    assert "clock" in journal.kinds
    first = FileStore(store.path)
    real = first.load
    loads = [replace(real(), tokens=token_set("old", expires_in=-10)), real()]
    first.load = lambda: loads.pop(0)  # type: ignore[method-assign]
    assert refresh(first, Fake(), Journal()).outcome == "adopted"


#: The answer comes once a line does.
SLOW = """
import sys, time
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from tests.store.world import token_set
import signal
store = FileStore.of_sdk(sys.argv[1])
def ask(tokens):
    print("asked", flush=True)
    sys.stdin.readline()
    return token_set("new")
def emit(event):
    print(event.kind, flush=True)
signal.signal(signal.SIGINT, signal.default_int_handler)
refresh(store, ask, emit)
print("went on", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_waits_until_the_answer_is_saved(
    store: FileStore, tmp_path: Path, number: signal.Signals
) -> None:
    with start_python(SLOW, tmp_path) as child:
        until_it_says(child, "asked")
        child.send_signal(number)
        until_it_says(child, "refresh.postponed")
        out, err = child.communicate("\n", timeout=60)
    assert "refresh.saved" in out
    assert "went on" not in out
    if number is signal.SIGINT:
        assert "KeyboardInterrupt" in err
    else:
        assert child.returncode == -number
    assert store.load().fingerprint == fingerprint("new")
    store.sweep()
    assert files_beside(store) == set()


IN_A_THREAD = SLOW.replace(
    "refresh(store, ask, emit)",
    """
import threading
from claude_auth.store.locks import signals_wait
thread = threading.Thread(target=refresh, args=(store, ask, emit))
with signals_wait():
    thread.start()
    thread.join()
    print("waits", flush=True)
    time.sleep(200)
""",
)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_refresh_in_another_thread_is_waited_for_too(
    store: FileStore, tmp_path: Path, number: signal.Signals
) -> None:
    with start_python(IN_A_THREAD, tmp_path) as child:
        until_it_says(child, "asked")
        child.send_signal(number)
        until_it_says(child, "refresh.postponed")
        out, _ = child.communicate("\n", timeout=60)
    assert "refresh.saved" in out
    assert "went on" not in out
    assert child.returncode == -number
    assert store.load().fingerprint == fingerprint("new")


def test_where_nothing_is_under_way_a_signal_does_not_wait(store: FileStore, tmp_path: Path) -> None:
    with start_python(IN_A_THREAD, tmp_path) as child:
        until_it_says(child, "asked")
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
        until_it_says(child, "waits")
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=60)
    assert child.returncode == -signal.SIGTERM


def test_a_second_interrupt_ends_it_and_the_next_run_says_so(store: FileStore, tmp_path: Path) -> None:
    with start_python(SLOW, tmp_path) as child:
        until_it_says(child, "asked")
        child.send_signal(signal.SIGINT)
        until_it_says(child, "refresh.postponed")
        child.send_signal(signal.SIGINT)
        child.wait(60)  # its input stays open: no answer comes instead
    fake = Fake()
    assert refresh(store, fake, Journal()).reason == "interrupted"


def test_one_request_for_many_threads(store: FileStore) -> None:
    def slowly() -> TokenSet:
        wait_until(lambda: "waiting" in journal.kinds)
        return token_set("new")

    fake = Fake(slowly)
    results = []
    journal = Journal()
    threads = [
        threading.Thread(target=lambda: results.append(refresh(FileStore(store.path), fake, journal)))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.outcome for result in results)[-1] == "refreshed"
    assert all(result.ok and result.after == fingerprint("new") for result in results)
    assert len(fake.asked) == 1
    assert "waiting" in journal.kinds


def test_a_lock_that_is_never_released_is_told(store: FileStore) -> None:
    taken, done = threading.Event(), threading.Event()

    def holder() -> None:
        with store.hold():
            taken.set()
            done.wait(60)

    thread = threading.Thread(target=holder)
    thread.start()
    taken.wait(60)
    journal = Journal()
    result = refresh(store, Fake(), journal, lock_seconds=0.1)
    done.set()
    thread.join()
    assert result.reason == "locked"
    assert journal.kinds == ["lock-wanted", "waiting", "failed"]


def test_a_journal_that_fails_costs_no_login(store: FileStore) -> None:
    def emit(event: Event) -> None:
        raise OSError(28, "No space left on device")

    assert refresh(store, Fake(token_set("new")), emit).outcome == "refreshed"


def test_no_secret_in_events_results_and_notes(store: FileStore, tmp_path: Path) -> None:
    secretive = Failure("server", "it said sk-ant-ort01-madeUpSecret0123456789 and more")
    journal = Journal()
    results = [
        refresh(store, Fake(secretive), journal),
        refresh(store, Fake(token_set("new")), journal, force=True),
    ]
    shown = repr(results) + repr(journal)
    assert "made-up-access" not in shown
    assert "made-up-refresh" not in shown
    assert "madeUpSecret" not in repr(journal)
    assert all("madeUpSecret" not in (result.message or "") for result in results)


def test_memory_too(tmp_path: Path) -> None:
    store = MemoryStore()
    store.save(token_set("old", expires_in=-1))
    assert refresh(store, Fake(LOST), Journal()).reason == "lost"
    assert refresh(store, Fake(), Journal()).reason == "interrupted"
    store.save(token_set("again", expires_in=-1))
    assert refresh(store, Fake(token_set("new")), Journal()).outcome == "refreshed"
    assert store.load().tokens == token_set("new")


def test_notes_survive_a_round(store: FileStore) -> None:
    note = FailureNote("abcd", "offline", "no network", "wait", 1.0, 2.0, 3, False, True)
    store.ledger.write_failure(note)
    assert store.ledger.read_failure() == note


@pytest.mark.parametrize("kind", OAUTH)
def test_no_sentence_of_ours_loses_a_word_to_redaction(kind: str) -> None:
    """Only what the server said is redacted."""
    words: dict[str, Any] = dict.fromkeys(
        ("reason", "field", "host", "seconds", "skew", "minutes", "wait"), "x"
    )
    told = failure(kind, status=400, detail="no sk-ant-ort01-madeUp", **words)
    shown = presentable(told)
    assert shown.sentence == f"{told.sentence.rstrip('.')} (no …redacted…)"
    assert shown.next_step == told.next_step
