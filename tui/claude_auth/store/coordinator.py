"""One refresh for each rotation, however many threads and processes want one, and no login lost by us.

Under the lock the store is read again, so whoever waited adopts what another one fetched. Before the request
the room for the answer is taken and an intent stands on the disk; it goes only after a definite answer. Where
none came, the refresh token counts as spent and is never sent again: servers revoke the login on a replay.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from claude_auth.model import Event, Severity, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.findings import new_group
from claude_auth.model.refreshes import NOTHING, FailureNote, Loaded, Outcome, RefreshResult
from claude_auth.oauth import SIGN_IN, Failure, presentable
from claude_auth.store import Prepared, Refresher, TellsWhenSent, TokenStore
from claude_auth.store.files import RefreshState, pending_refresh
from claude_auth.store.locks import LOCK_SECONDS, Waiting, finishing_first
from claude_auth.words.times import duration, rounded_span

#: Where a refresh got no answer.
_SIGN_IN_OR_LOOK = f"{SIGN_IN}, or look whether another program holds the new token set"


Emit = Callable[[Event], None]


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


@dataclass
class _Run:
    """`before`: the fingerprint at first look."""

    store: TokenStore
    refresher: Refresher
    emit: Emit
    force: bool
    clock: Callable[[], float]
    lock_seconds: float
    before: str | None = None
    #: The intent stands on the disk. What can't be written keeps the request from going.
    noted: bool = False
    unwritable: AuthenticationError | None = None

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._group = new_group(self._began)
        self._place = (self.store.id, self.store.account)

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
        if not self.force and tokens.need(self.clock()) == "none":
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
        pause = note.pause(tokens, self.clock(), self.force)
        if pause <= 0:
            return None
        self.tell("paused", f"the last refresh failed; the next may go out in {pause:.0f} s", "warning")
        return self.failed(note.kind, note.sentence, note.next_step, tokens, self.clock() + pause)

    def _request(self, now: Loaded, tokens: TokenSet, prepared: Prepared) -> RefreshResult:
        try:
            answer = self._ask(tokens)
        except Failure as failure:
            if self.unwritable is not None:
                return self.not_sent(self.unwritable, tokens)
            return self._refused(now, tokens, failure)
        except Exception as error:  # whatever it was, the request may be on its way
            if self.unwritable is not None:
                return self.not_sent(self.unwritable, tokens)
            words = f"the refresh broke off ({type(error).__name__})"
            unknown = Failure("unexpected", words, may_have_reached_the_server=True)
            return self._refused(now, tokens, unknown)
        new = tokens.followed_by(answer, self.clock())
        self.tell("result", "the server gave a new token set", fingerprint=new.access_token.fingerprint)
        try:
            return self._save(now, new, prepared)
        except BaseException:
            prepared.keep()
            raise

    def _ask(self, tokens: TokenSet) -> TokenSet:
        """Noted and told is what is sent: a refresher that may refuse before, or wait for a connection, says
        when its first byte goes, so that who ends us until then costs no login."""

        def sent() -> None:
            if not self.noted:
                self._note(tokens)
            fingerprint = tokens.access_token.fingerprint
            self.tell("request", "the refresh request is sent", fingerprint=fingerprint)

        if isinstance(self.refresher, TellsWhenSent):
            return self.refresher.telling(sent)(tokens)
        sent()
        return self.refresher(tokens)

    def _note(self, tokens: TokenSet) -> None:
        try:
            self.ledger.write_intent(pending_refresh(tokens, self.clock()))
        except AuthenticationError as error:
            self.unwritable = error
            raise
        self.noted = True

    def _refused(self, now: Loaded, tokens: TokenSet, failure: Failure) -> RefreshResult:
        failure = presentable(failure)
        level: Severity = "warning" if tokens.is_live(self.clock()) else "error"  # as of what ends it
        self.tell("result", failure.sentence, level, reason=failure.code)
        after = self.store.load()
        moved_on = after.tokens is not None and after.fingerprint != now.fingerprint
        if failure.may_have_reached_the_server and not moved_on:
            if not self.noted:
                self._settle(lambda: self._note(tokens))
            words = f"{failure.sentence.rstrip('. ')}; the refresh token may be spent and is not sent again"
            return self.failed("lost", words, _SIGN_IN_OR_LOOK, tokens)
        self._settle(self.ledger.clear_intent)
        if moved_on and after.tokens is not None and self._is_worth_adopting(after.tokens):
            return self.adopted(after.tokens)
        earlier, verdict, pause = self.ledger.read_failure(), failure.is_verdict, failure.retry_after
        note = FailureNote.of(failure, verdict, pause, tokens, self.clock(), earlier, self.force)
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
        if tokens.need(self.clock()) == "mandatory":
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
        return tokens.need(now) != "mandatory" or tokens.was_just_minted(now)

    # ── what it comes to ─────────────────────────────────────────────────────────────────────────

    def adopted(self, tokens: TokenSet) -> RefreshResult:
        return self.done("adopted", tokens, "another one has refreshed: its token set is used")

    def done(self, outcome: Outcome, tokens: TokenSet, text: str = "") -> RefreshResult:
        after = tokens.access_token.fingerprint
        if text:
            self.tell(outcome, text, before=self.before, after=after, expires_at=tokens.expires_at)
        return RefreshResult.of(outcome, self._place, self.before, tokens, self.clock())

    def not_sent(self, error: AuthenticationError, tokens: TokenSet) -> RefreshResult:
        words = f"{error.sentence}; nothing was sent, since the answer could not have been saved"
        return self.failed("cannot-save", words, error.next_step, tokens)

    def not_saved(self, error: AuthenticationError, new: TokenSet, prepared: Prepared) -> RefreshResult:
        """The worst case, after all that was done against it. The caller gets the tokens, which are left."""
        if prepared.keep():
            then = "it lies ready beside the store, and the next refresh puts it in place"
        else:
            then = "then sign in again"
        words = f"the server gave a new token set, but {error.sentence}"
        result = self.failed("not-saved", words, f"{error.next_step}; {then}", self.store.load().tokens)
        return replace(result, tokens=new)

    def failed(
        self,
        code: str,
        sentence: str,
        next_step: str = "",
        tokens: TokenSet | None = None,
        retry_at: float | None = None,
    ) -> RefreshResult:
        error = AuthenticationError(code, sentence, next_step)
        now = self.clock()
        result = RefreshResult.of("failed", self._place, self.before, tokens, now, error, retry_at)
        level: Severity = "warning" if result.still_live else "error"
        self.tell("failed", sentence, level, reason=code, still_live=result.still_live)
        return result

    def saved_words(self, after: str | None, expires_at: float | None) -> str:
        """The whole refresh in one line, as Claude Code's is told, for a reader who sees no other."""
        now = self.clock()
        life = "" if expires_at is None else f", for {rounded_span(expires_at - now)}"
        arrow, took = f"{self.before} → {after}" if self.before else after, duration(now - self._began)
        return f"the new token set is saved: {arrow} in {took}{life}, by process {os.getpid()}"

    # ── telling ──────────────────────────────────────────────────────────────────────────────────

    def waiting(self, waiting: Waiting) -> None:
        self.tell("waiting", f"waiting for {waiting}", pid=waiting.pid, since=waiting.since)

    def postponed(self, name: str) -> None:
        self.tell("postponed", f"{name} came; the refresh under way is finished first", "warning")

    def tell(
        self, kind: str, text: str, level: Severity = "info", **data: str | int | float | bool | None
    ) -> None:
        """Every event of one run with what they have in common; that which ends it says how long it took."""
        now, name = self.clock(), ":".join(filter(None, self._place))
        facts = {**data, "refresh": self._group}
        if kind in {"saved", "adopted", "failed"}:
            facts |= {"seconds": round(now - self._began, 3)}
        try:
            self.emit(Event(now, f"refresh.{kind}", text, level, name, facts))
        except Exception:
            return  # a journal on a full disk must not cost a login
