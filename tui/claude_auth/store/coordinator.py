"""One refresh for each rotation, however many threads and processes want one, and no login lost by us.

Under the lock the store is read again, so whoever waited adopts what another one fetched. Before the request
the room for the answer is taken and an intent stands on the disk; it goes only after a definite answer. Where
none came, the refresh token counts as spent and is never sent again: servers revoke the login on a replay.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from claude_auth.model import Severity, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth import Failure
from claude_auth.store import NOTHING, Loaded, Prepared, TokenStore
from claude_auth.store.refresh_state import (
    LOCK_SECONDS,
    PendingRefresh,
    RefreshState,
    is_live,
    need,
    note_of,
    pause_of,
    was_just_minted,
)
from claude_auth.store.results import (
    SIGN_IN,
    Emit,
    Refresher,
    RefreshResult,
    Report,
    TellsWhenSent,
    merged,
    presentable,
)

#: Where a refresh got no answer.
_SIGN_IN_OR_LOOK = f"{SIGN_IN}, or look whether another program holds the new token set"


def refresh(
    store: TokenStore,
    refresher: Refresher,
    emit: Emit,
    *,
    force: bool = False,
    clock: Callable[[], float] = time.time,
    lock_seconds: float = LOCK_SECONDS,
) -> RefreshResult:
    """Bring the store's token set up to date. Blocks; raises only what a signal's handler raises, and that
    after the save. In a program with threads, call it in one that is waited for at exit."""
    return _Run(store, refresher, emit, force, clock, lock_seconds).run()


class _Run(Report):
    @property
    def ledger(self) -> RefreshState:
        return self.store.ledger

    def run(self) -> RefreshResult:
        first = self.store.load()
        self.before = first.fingerprint
        answer = self._without_the_lock(first)
        if answer is not None:
            return answer
        self.tell("lock-wanted", "the store's lock is wanted", path=self.ledger.lock_path)
        acquired = False
        try:
            with self.ledger.hold(self.lock_seconds, self.waiting) as held:
                acquired = True
                self.tell("acquired", "the lock is ours", waited_seconds=round(held.seconds, 3))
                return self._under_the_lock(first)
        except AuthenticationError as error:
            code = "locked" if error.code == "locked" else "cannot-save"
            return self.failed(code, error.sentence, error.next_step, first.tokens)
        finally:
            if acquired:
                self.tell("released", "the lock is released")

    def _without_the_lock(self, first: Loaded) -> RefreshResult | None:
        if not self.store.describe().writable:
            return self.failed("read-only", "this store belongs to another program and is not written by us")
        tokens = first.tokens
        if tokens is None:
            return self._nothing_there(first)
        if not self.force and need(tokens, self.clock()) == "none":
            self._tidy()
            return self.done("not-needed", tokens, "the access token is live")
        if not tokens.is_refreshable:
            return self.failed("no-refresh-token", "there is no refresh token", SIGN_IN, tokens)
        return None

    def _tidy(self) -> None:
        """What a process that was killed after its save has left. With the lock, since a look without it may
        mistake a new intent for the old one; whoever holds it tidies up by itself."""
        self.store.sweep()
        if self.ledger.read_intent() is None:
            return
        with contextlib.suppress(AuthenticationError), self.ledger.hold(0):
            intent, tokens = self.ledger.read_intent(), self.store.load().tokens
            if intent is not None and tokens is not None and intent.is_settled_by(tokens):
                self.ledger.clear_intent()

    def _nothing_there(self, loaded: Loaded, meanwhile: bool = False) -> RefreshResult:
        if loaded.damage is not None and loaded.revision != NOTHING:
            return self.failed("damaged", f"the store can't be used: {loaded.damage.text}", SIGN_IN)
        if meanwhile:
            return self.failed("signed-out-meanwhile", "somebody signed out meanwhile", SIGN_IN)
        return self.failed("not-signed-in", "nobody is signed in here", "Sign in with `claude-auth login`")

    # ── under the lock ───────────────────────────────────────────────────────────────────────────

    def _under_the_lock(self, first: Loaded) -> RefreshResult:
        now = self._look_after_the_last_one(self.store.load())
        if isinstance(now, RefreshResult):
            return now
        self.store.sweep()
        if now.tokens is None:
            return self._nothing_there(now, meanwhile=True)
        if now.fingerprint != first.fingerprint and self._is_worth_adopting(now.tokens):
            return self.adopted(now.tokens)
        if not now.tokens.is_refreshable:
            return self.failed("no-refresh-token", "there is no refresh token", SIGN_IN, now.tokens)
        earlier = self._earlier_failure(now.tokens)
        if earlier is not None:
            return earlier
        try:
            prepared = self.store.prepare()
        except AuthenticationError as error:
            return self.not_sent(error, now.tokens)
        try:
            with finishing_first(self.postponed):
                return self._request(now, now.tokens, prepared)
        finally:
            prepared.discard()

    def _look_after_the_last_one(self, now: Loaded) -> Loaded | RefreshResult:
        """An intent that still stands: a refresh got no answer, or its process did not live to save it."""
        intent = self.ledger.read_intent()
        if intent is None:
            return now
        if now.tokens is None or intent.is_settled_by(now.tokens):
            if now.tokens is not None or now.revision == NOTHING:
                self.ledger.clear_intent()
            return now
        recovered = self.store.recover(intent.owner)
        if recovered is not None:
            self.tell(
                "recovered", "the answer of an interrupted refresh lay ready and is in place now", "warning"
            )
            return recovered
        self.tell("interrupted", "an earlier refresh got no answer", "error", pid=intent.pid, since=intent.at)
        words = "an earlier refresh was interrupted, so the refresh token may be spent and is not sent again"
        return self.failed("interrupted", words, _SIGN_IN_OR_LOOK, now.tokens)

    def _earlier_failure(self, tokens: TokenSet) -> RefreshResult | None:
        note = self.ledger.read_failure()
        if note is None or not note.is_about(tokens):
            return None
        if note.is_verdict and note.kind in {"invalid-grant", "invalid_grant"} and not self.force:
            return self.failed(note.kind, note.sentence, note.next_step, tokens)
        pause = pause_of(note, tokens, self.clock(), self.force)
        if pause <= 0:
            return None
        self.tell("paused", f"the last refresh failed; the next may go out in {pause:.0f} s", "warning")
        return self.failed(note.kind, note.sentence, note.next_step, tokens, self.clock() + pause)

    def _request(self, now: Loaded, tokens: TokenSet, prepared: Prepared) -> RefreshResult:
        try:
            self.ledger.write_intent(PendingRefresh.to_refresh(tokens, self.clock()))
        except AuthenticationError as error:
            return self.not_sent(error, tokens)
        try:
            answer = self._ask(tokens)
        except Failure as failure:
            return self._refused(now, tokens, failure)
        except Exception as error:  # whatever it was, the request may be on its way
            words = f"the refresh broke off ({type(error).__name__})"
            unknown = Failure("unexpected", words, may_have_reached_the_server=True)
            return self._refused(now, tokens, unknown)
        new = merged(tokens, answer, self.clock())
        self.tell("result", "the server gave a new token set", fingerprint=new.access_token.fingerprint)
        try:
            return self._save(now, new, prepared)
        except BaseException:
            prepared.keep()
            raise

    def _ask(self, tokens: TokenSet) -> TokenSet:
        """Told is what was sent: a refresher that may refuse before says when its first byte goes."""

        def sent() -> None:
            fingerprint = tokens.access_token.fingerprint
            self.tell("request", "the refresh request is sent", fingerprint=fingerprint)

        if isinstance(self.refresher, TellsWhenSent):
            return self.refresher.telling(sent)(tokens)
        sent()
        return self.refresher(tokens)

    def _refused(self, now: Loaded, tokens: TokenSet, failure: Failure) -> RefreshResult:
        failure = presentable(failure)
        level: Severity = "warning" if is_live(tokens, self.clock()) else "error"  # as of what ends it
        self.tell("result", failure.sentence, level, reason=failure.code)
        after = self.store.load()
        moved_on = after.tokens is not None and after.fingerprint != now.fingerprint
        if failure.may_have_reached_the_server and not moved_on:
            words = f"{failure.sentence.rstrip('. ')}; the refresh token may be spent and is not sent again"
            return self.failed("lost", words, _SIGN_IN_OR_LOOK, tokens)
        self._settle(self.ledger.clear_intent)
        if moved_on and after.tokens is not None and self._is_worth_adopting(after.tokens):
            return self.adopted(after.tokens)
        note = note_of(failure, tokens, self.clock(), self.ledger.read_failure(), self.force)
        self._settle(lambda: self.ledger.write_failure(note))
        return self.failed(failure.code, failure.sentence, failure.next_step, tokens, note.retry_at)

    def _save(self, now: Loaded, new: TokenSet, prepared: Prepared) -> RefreshResult:
        expected = now.revision
        for attempt in range(3):
            try:
                saved = prepared.commit(new, expected if attempt < 2 else None)
                break
            except AuthenticationError as error:
                if error.code != "changed":
                    again = self._once_more(new, expected)
                    if again is None:
                        return self.not_saved(error, new, prepared)
                    saved = again
                    break
            there = self.store.load()
            if there.revision == NOTHING:  # a new token set must not sign anybody in again
                self._settle(self.ledger.clear)
                return self._nothing_there(there, meanwhile=True)
            theirs = there.tokens if there.fingerprint != now.fingerprint else None
            if theirs is not None and self._is_worth_adopting(theirs):
                self._settle(self.ledger.clear)
                return self.adopted(theirs)
            expected = there.revision
        self._settle(self.ledger.clear)
        tokens = saved.tokens or new
        if need(tokens, self.clock()) == "mandatory":
            self.tell(
                "clock", "the new token has expired by this clock: one of the clocks is wrong", "warning"
            )
        after, expires_at = saved.fingerprint, tokens.expires_at
        text = f"{self.saved_words(after, expires_at)}{f'; {saved.note}' if saved.note else ''}"
        self.tell("saved", text, before=self.before, fingerprint=after, expires_at=expires_at)
        return self.done("refreshed", tokens)

    def _once_more(self, new: TokenSet, expected: str) -> Loaded | None:
        """In a file of its own, should the prepared one have failed: there is nothing to lose by it."""
        try:
            return self.store.save(new, expected)
        except AuthenticationError as error:
            self.tell("not-saved", error.sentence, "error")
            return None

    def _settle(self, write: Callable[[], None]) -> None:
        """A note that can't be written is told; the answer that it is about counts all the same."""
        try:
            write()
        except AuthenticationError as error:
            self.tell("not-noted", error.sentence, "warning")

    def _is_worth_adopting(self, tokens: TokenSet) -> bool:
        now = self.clock()
        return need(tokens, now) != "mandatory" or was_just_minted(tokens, now)


# ── between request and save nothing may end us: the old token is spent, the new one not yet saved ──

# Python calls signal handlers in the main thread alone. A refresh in the main thread looks after itself; a
# program that refreshes in another thread wraps its main thread in `signals_wait`.


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: What is under way, in whichever thread, and what came meanwhile. No lock: its holder may be interrupted.
_under_way: list[Callable[[str], None]] = []
_waiting: list[signal.Signals] = []


def is_under_way() -> bool:
    """Whether a refresh stands between its request and its save, in whichever thread."""
    return bool(_under_way)


@contextmanager
def finishing_first(tell: Callable[[str], None]) -> Iterator[None]:
    """The block is done before a signal ends the program; `tell` hears the name of one that has to wait."""
    if threading.current_thread() is threading.main_thread():
        with signals_wait(), _section(tell):
            yield
    else:
        with _section(tell):
            yield


@contextmanager
def _section(tell: Callable[[str], None]) -> Iterator[None]:
    _under_way.append(tell)
    try:
        yield
    finally:
        _under_way.remove(tell)
        if not _under_way:
            while _waiting:
                os.kill(os.getpid(), _waiting.pop(0))


@contextmanager
def signals_wait() -> Iterator[None]:
    """For the main thread. While a refresh is between request and save, a first signal of each kind waits for
    it and then does what it would have done; a second one does it at once, and so does any at other times."""
    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int] = {}

    def later(number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number)
        if name not in _waiting:
            _waiting.append(name)
            under_way = _under_way[-1:]  # looked at after that: whoever ends now has seen it, or isn't here
            if under_way:
                under_way[0](name.name)
                return
        if name in _waiting:
            _waiting.remove(name)
        signal.signal(name, before[name])
        os.kill(os.getpid(), name)

    for name in _SIGNALS:
        handler = signal.getsignal(name)
        if handler is signal.SIG_IGN or handler is None:  # ignored, or set by C code: it stays so
            continue
        before[name] = handler
        signal.signal(name, later)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
