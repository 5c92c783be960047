"""One refresh for each rotation, however many threads and processes want one, and no login lost by us.

Under the lock the store is read again, so whoever waited adopts what another one fetched. Before the request
the room for the answer is taken and an intent stands on the disk; it goes only after a definite answer. Where
none came, the refresh token counts as spent and is never sent again: servers revoke the login on a replay.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from claude_auth.model import TokenSet
from claude_auth.store import refresh_policy
from claude_auth.store.base import NOTHING, Loaded, Prepared, StoreError, TokenStore
from claude_auth.store.files import LOCK_SECONDS
from claude_auth.store.outcome import (
    SIGN_IN,
    Refresher,
    RefreshFailure,
    RefreshResult,
    TellsWhenSent,
    merged,
    presentable,
)
from claude_auth.store.refresh_state import PendingRefresh
from claude_auth.store.report import Emit, Report, say
from claude_auth.store.signals import finishing_first


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
    return _Run(store, refresher, emit, force=force, clock=clock, lock_seconds=lock_seconds).run()


class _Run(Report):
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
        except StoreError as error:
            return self.failed("locked" if error.code == "locked" else "cannot-save", error, first.tokens)
        finally:
            if acquired:
                self.tell("released", "the lock is released")

    def _without_the_lock(self, first: Loaded) -> RefreshResult | None:
        if not self.store.describe().writable:
            return self.failed(
                "read-only", say("this store belongs to another program and is not written by us")
            )
        tokens = first.tokens
        if tokens is None:
            return self._nothing_there(first)
        if not self.force and refresh_policy.need(tokens, self.clock()) == "none":
            self._tidy()
            return self.done("not-needed", tokens, "the access token is live")
        if not tokens.is_refreshable:
            return self.failed("no-refresh-token", say("there is no refresh token", SIGN_IN), tokens)
        return None

    def _tidy(self) -> None:
        """What a process that was killed after its save has left. With the lock, since a look without it may
        mistake a new intent for the old one; whoever holds it tidies up by itself."""
        self.store.sweep()
        if self.ledger.read_intent() is None:
            return
        with contextlib.suppress(StoreError), self.ledger.hold(0):
            intent, tokens = self.ledger.read_intent(), self.store.load().tokens
            if intent is not None and tokens is not None and intent.is_settled_by(tokens):
                self.ledger.clear_intent()

    def _nothing_there(self, loaded: Loaded, meanwhile: bool = False) -> RefreshResult:
        if loaded.damage is not None and loaded.revision != NOTHING:
            return self.failed("damaged", say(f"the store can't be used: {loaded.damage.text}", SIGN_IN))
        if meanwhile:
            return self.failed("signed-out-meanwhile", say("somebody signed out meanwhile", SIGN_IN))
        return self.failed(
            "not-signed-in", say("nobody is signed in here", "Sign in with `claude-auth login`")
        )

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
            return self.failed("no-refresh-token", say("there is no refresh token", SIGN_IN), now.tokens)
        earlier = self._earlier_failure(now.tokens)
        if earlier is not None:
            return earlier
        try:
            prepared = self.store.prepare()
        except StoreError as error:
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
        return self.failed(
            "interrupted",
            say(
                "an earlier refresh was interrupted, so the refresh token may be spent and is not sent again",
                f"{SIGN_IN}, or look whether another program holds the new token set",
            ),
            now.tokens,
        )

    def _earlier_failure(self, tokens: TokenSet) -> RefreshResult | None:
        note = self.ledger.read_failure()
        if note is None or not note.is_about(tokens):
            return None
        error = say(note.sentence, note.next_step)
        if note.is_verdict and note.kind in {"invalid-grant", "invalid_grant"} and not self.force:
            return self.failed(note.kind, error, tokens)
        pause = refresh_policy.pause_of(note, tokens, self.clock(), self.force)
        if pause <= 0:
            return None
        self.tell("paused", f"the last refresh failed; the next may go out in {pause:.0f} s", "warning")
        return self.failed(note.kind, error, tokens, retry_at=self.clock() + pause)

    def _request(self, now: Loaded, tokens: TokenSet, prepared: Prepared) -> RefreshResult:
        try:
            self.ledger.write_intent(PendingRefresh.to_refresh(tokens, self.clock()))
        except StoreError as error:
            return self.not_sent(error, tokens)
        try:
            answer = self._ask(tokens)
        except Exception as error:  # whatever it was, the request may be on its way
            answer = RefreshFailure(
                "unexpected",
                f"the refresh broke off ({type(error).__name__})",
                may_have_reached_the_server=True,
            )
        if isinstance(answer, RefreshFailure):
            return self._refused(now, tokens, answer)
        new = merged(tokens, answer, self.clock())
        self.tell("result", "the server gave a new token set", fingerprint=new.access_token.fingerprint)
        try:
            return self._save(now, new, prepared)
        except BaseException:
            prepared.keep()
            raise

    def _ask(self, tokens: TokenSet) -> TokenSet | RefreshFailure:
        """Told is what was sent: a refresher that may refuse before says when its first byte goes."""

        def sent() -> None:
            fingerprint = tokens.access_token.fingerprint
            self.tell("request", "the refresh request is sent", fingerprint=fingerprint)

        if isinstance(self.refresher, TellsWhenSent):
            return self.refresher.telling(sent)(tokens)
        sent()
        return self.refresher(tokens)

    def _refused(self, now: Loaded, tokens: TokenSet, failure: RefreshFailure) -> RefreshResult:
        failure = presentable(failure)
        self.tell("result", failure.sentence, "error", reason=failure.kind)
        after = self.store.load()
        moved_on = after.tokens is not None and after.fingerprint != now.fingerprint
        if failure.may_have_reached_the_server and not moved_on:
            next_step = f"{SIGN_IN}, or look whether another program holds the new token set"
            words = f"{failure.sentence.rstrip('. ')}; the refresh token may be spent and is not sent again"
            return self.failed("lost", say(words, next_step), tokens)
        self._settle(self.ledger.clear_intent)
        if moved_on and after.tokens is not None and self._is_worth_adopting(after.tokens):
            return self.adopted(after.tokens)
        note = refresh_policy.note_of(failure, tokens, self.clock(), self.ledger.read_failure(), self.force)
        self._settle(lambda: self.ledger.write_failure(note))
        error = say(failure.sentence, failure.next_step)
        return self.failed(failure.kind, error, tokens, retry_at=note.retry_at)

    def _save(self, now: Loaded, new: TokenSet, prepared: Prepared) -> RefreshResult:
        expected = now.revision
        for attempt in range(3):
            try:
                saved = prepared.commit(new, expected if attempt < 2 else None)
                break
            except StoreError as error:
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
        if refresh_policy.need(tokens, self.clock()) == "mandatory":
            self.tell(
                "clock", "the new token has expired by this clock: one of the clocks is wrong", "warning"
            )
        self.tell("saved", saved.note or "the new token set is saved", fingerprint=saved.fingerprint)
        return self.done("refreshed", tokens)

    def _once_more(self, new: TokenSet, expected: str) -> Loaded | None:
        """In a file of its own, should the prepared one have failed: there is nothing to lose by it."""
        try:
            return self.store.save(new, expected)
        except StoreError as error:
            self.tell("not-saved", error.sentence, "error")
            return None

    def _settle(self, write: Callable[[], None]) -> None:
        """A note that can't be written is told; the answer that it is about counts all the same."""
        try:
            write()
        except StoreError as error:
            self.tell("not-noted", error.sentence, "warning")

    def _is_worth_adopting(self, tokens: TokenSet) -> bool:
        now = self.clock()
        return refresh_policy.need(tokens, now) != "mandatory" or refresh_policy.was_just_minted(tokens, now)
