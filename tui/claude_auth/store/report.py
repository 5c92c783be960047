"""How the coordinator tells what it does: events on the way, one result at the end. Never a secret."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from claude_auth.model import Event, Severity, TokenSet
from claude_auth.store import refresh_policy
from claude_auth.store.base import Prepared, StoreError, TokenStore
from claude_auth.store.files import LOCK_SECONDS
from claude_auth.store.locks import Waiting
from claude_auth.store.outcome import Outcome, Refresher, RefreshResult

Emit = Callable[[Event], None]


class Report:
    def __init__(
        self,
        store: TokenStore,
        refresher: Refresher,
        emit: Emit,
        *,
        force: bool = False,
        clock: Callable[[], float] = time.time,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        self.store = store
        self.ledger = store.ledger
        self.refresher = refresher
        self.emit = emit
        self.force = force
        self.clock = clock
        self.lock_seconds = lock_seconds
        #: The fingerprint at first look.
        self.before: str | None = None

    def adopted(self, tokens: TokenSet) -> RefreshResult:
        return self.done("adopted", tokens, "another one has refreshed: its token set is used")

    def done(self, outcome: Outcome, tokens: TokenSet, text: str = "") -> RefreshResult:
        after = tokens.access_token.fingerprint
        if text:
            self.tell(outcome, text, before=self.before, after=after, expires_at=tokens.expires_at)
        return RefreshResult(
            outcome, self.store.id, self.store.account, self.before, after, tokens.expires_at,
            still_live=refresh_policy.is_live(tokens, self.clock()), tokens=tokens,
        )  # fmt: skip

    def not_sent(self, error: StoreError, tokens: TokenSet) -> RefreshResult:
        words = f"{error.sentence}; nothing was sent, since the answer could not have been saved"
        return self.failed("cannot-save", say(words, error.next_step), tokens)

    def not_saved(self, error: StoreError, new: TokenSet, prepared: Prepared) -> RefreshResult:
        """The worst case, after all that was done against it. The caller gets the tokens: they are all there
        is."""
        words = f"the server gave a new token set, but {error.sentence}"
        if prepared.keep():
            next_step = (
                f"{error.next_step}; it lies ready beside the store, and the next refresh puts it in place"
            )
        else:
            next_step = f"{error.next_step}; then sign in again"
        result = self.failed("not-saved", say(words, next_step), self.store.load().tokens)
        return replace(result, tokens=new)

    def failed(
        self, reason: str, error: StoreError, tokens: TokenSet | None = None, retry_at: float | None = None
    ) -> RefreshResult:
        live = tokens is not None and refresh_policy.is_live(tokens, self.clock())
        self.tell("failed", error.sentence, "warning" if live else "error", reason=reason, still_live=live)
        fingerprint = tokens.access_token.fingerprint if tokens is not None else None
        return RefreshResult(
            "failed", self.store.id, self.store.account, self.before, fingerprint,
            tokens.expires_at if tokens is not None else None,
            reason, error.sentence, error.next_step or None,
            still_live=live, retry_at=retry_at, tokens=tokens,
        )  # fmt: skip

    # ── telling ──────────────────────────────────────────────────────────────────────────────────

    def waiting(self, waiting: Waiting) -> None:
        self.tell("waiting", f"waiting for {waiting}", pid=waiting.pid, since=waiting.since)

    def postponed(self, name: str) -> None:
        self.tell("postponed", f"{name} came; the refresh under way is finished first", "warning")

    def tell(
        self, kind: str, text: str, level: Severity = "info", **data: str | int | float | bool | None
    ) -> None:
        try:
            self.emit(Event(self.clock(), f"refresh.{kind}", text, level, self._name, data))
        except Exception:
            return  # a journal on a full disk must not cost a login

    @property
    def _name(self) -> str:
        return self.store.id if self.store.account is None else f"{self.store.id}:{self.store.account}"


def say(sentence: str, next_step: str = "") -> StoreError:
    """A sentence and what to do about it."""
    return StoreError("failed", sentence, next_step)
