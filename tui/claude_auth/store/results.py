"""What a refresh comes to: what the coordinator asks of whoever sends the request, the events that it tells
on the way, and one result at the end. Never a secret."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from claude_auth.model import Event, Severity, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.findings import new_group
from claude_auth.oauth import Failure
from claude_auth.security.sanitize import safe_text
from claude_auth.store import Prepared, TokenStore
from claude_auth.store.refresh_state import LOCK_SECONDS, Waiting, is_live
from claude_auth.words.times import duration, rounded_span

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import OAuthClient

SIGN_IN = "Sign in again"

Outcome = Literal["refreshed", "adopted", "not-needed", "failed"]
Emit = Callable[[Event], None]


class Refresher(Protocol):
    """Sends one refresh request, never repeats it, and ends within a bounded time. Raises `Failure`."""

    def __call__(self, tokens: TokenSet) -> TokenSet: ...


@runtime_checkable
class TellsWhenSent(Protocol):
    """A refresher that may refuse before anything is sent, and knows when the first byte goes."""

    def telling(self, on_sent: Callable[[], None]) -> Refresher: ...


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """`error`: its code is `not-signed-in`, `damaged`, `read-only`, `no-refresh-token`, `locked`,
    `cannot-save`, `interrupted`, `lost`, `signed-out-meanwhile`, `not-saved`, or that of the failure.
    `before`, `after`: fingerprints of the access token. `still_live`: the token that is stored can be used
    all the same. `tokens`: what is stored now, or could not be."""

    outcome: Outcome
    store: str
    account: str | None
    before: str | None = None
    after: str | None = None
    expires_at: float | None = None
    error: AuthenticationError | None = None
    still_live: bool = False
    retry_at: float | None = None
    tokens: TokenSet | None = None

    @property
    def ok(self) -> bool:
        return self.outcome != "failed"

    @property
    def reason(self) -> str | None:
        return None if self.error is None else self.error.code

    @property
    def message(self) -> str | None:
        """The error and what to do about it, in one text."""
        if self.error is None:
            return None
        parts = (self.error.sentence, self.error.next_step)
        ended = [part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part]
        return " ".join(part[0].upper() + part[1:] for part in ended)


def presentable(failure: Failure) -> Failure:
    """As it is kept, shown and logged: only what the server said is redacted, never a sentence of ours."""
    next_step = failure.next_step or (SIGN_IN if failure.is_verdict else "Try again later")
    said = f" ({safe_text(failure.detail, 200)})" if failure.detail else ""
    return failure.but(
        sentence=f"{safe_text(failure.sentence.rstrip('.'), ours=True)}{said}",
        next_step=safe_text(next_step, ours=True),
        detail=None,
    )


def merged(old: TokenSet, new: TokenSet, now: float) -> TokenSet:
    """What an answer may leave out is as it was."""
    return new._replace(
        refresh_token=new.refresh_token if new.is_refreshable else old.refresh_token,
        scopes=new.scopes or old.scopes,
        issued_at=new.issued_at if new.issued_at is not None else now,
        token_type=new.token_type or old.token_type,
        client_id=new.client_id or old.client_id,
        token_url=new.token_url or old.token_url,
        login_deadline=new.login_deadline if new.login_deadline is not None else old.login_deadline,
    )


@dataclass
class Report:
    """How one run of the coordinator tells what it does. `before`: the fingerprint at first look."""

    store: TokenStore
    refresher: Refresher
    emit: Emit
    force: bool = False
    clock: Callable[[], float] = time.time
    lock_seconds: float = LOCK_SECONDS
    before: str | None = None
    _begin: tuple[float, str] | None = None

    def adopted(self, tokens: TokenSet) -> RefreshResult:
        return self.done("adopted", tokens, "another one has refreshed: its token set is used")

    def done(self, outcome: Outcome, tokens: TokenSet, text: str = "") -> RefreshResult:
        after = tokens.access_token.fingerprint
        if text:
            self.tell(outcome, text, before=self.before, after=after, expires_at=tokens.expires_at)
        return self._result(outcome, tokens)

    def not_sent(self, error: AuthenticationError, tokens: TokenSet) -> RefreshResult:
        words = f"{error.sentence}; nothing was sent, since the answer could not have been saved"
        return self.failed("cannot-save", words, error.next_step, tokens)

    def not_saved(self, error: AuthenticationError, new: TokenSet, prepared: Prepared) -> RefreshResult:
        """The worst case, after all that was done against it. The caller gets the tokens: they are all there
        is."""
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
        result = self._result("failed", tokens, error, retry_at)
        level: Severity = "warning" if result.still_live else "error"
        self.tell("failed", sentence, level, reason=code, still_live=result.still_live)
        return result

    def _result(
        self,
        outcome: Outcome,
        tokens: TokenSet | None,
        error: AuthenticationError | None = None,
        retry_at: float | None = None,
    ) -> RefreshResult:
        return RefreshResult(
            outcome,
            self.store.id,
            self.store.account,
            self.before,
            tokens.access_token.fingerprint if tokens is not None else None,
            tokens.expires_at if tokens is not None else None,
            error,
            still_live=tokens is not None and is_live(tokens, self.clock()),
            retry_at=retry_at,
            tokens=tokens,
        )

    def saved_words(self, after: str | None, expires_at: float | None) -> str:
        """The whole refresh in one line, as Claude Code's is told, for a reader who sees no other."""
        now = self.clock()
        began = now if self._begin is None else self._begin[0]
        life = "" if expires_at is None else f", for {rounded_span(expires_at - now)}"
        arrow = f"{self.before} → {after}" if self.before else str(after)
        return (
            f"the new token set is saved: {arrow} in {duration(now - began)}{life}, by process {os.getpid()}"
        )

    # ── telling ──────────────────────────────────────────────────────────────────────────────────

    def waiting(self, waiting: Waiting) -> None:
        self.tell("waiting", f"waiting for {waiting}", pid=waiting.pid, since=waiting.since)

    def postponed(self, name: str) -> None:
        self.tell("postponed", f"{name} came; the refresh under way is finished first", "warning")

    def tell(
        self, kind: str, text: str, level: Severity = "info", **data: str | int | float | bool | None
    ) -> None:
        """Every event of one run with what they have in common; that which ends it says how long it took."""
        store, now = self.store, self.clock()
        name = store.id if store.account is None else f"{store.id}:{store.account}"
        begin, group = self._begin = self._begin or (now, new_group(now))
        facts = {**data, "refresh": group}
        if kind in {"saved", "adopted", "failed"}:
            facts |= {"seconds": round(now - begin, 3)}
        try:
            self.emit(Event(now, f"refresh.{kind}", text, level, name, facts))
        except Exception:
            return  # a journal on a full disk must not cost a login


# ── over our own OAuth engine ────────────────────────────────────────────────────────────────────


#: An answer came, though no usable one: a server that is down, or a web page of somebody in between. It might
#: have acted before; but a login that ended with every incident would be the greater loss.
_ANSWERED = frozenset({"incident", "unavailable", "html"})

Sender = Callable[["OAuthClient", TokenSet], TokenSet]


class OAuthRefresher:
    """Sends tokens only to the server that minted them. `on_sent` hears of the first byte of the request to
    the token endpoint: every refusal before it, from a configuration that has changed to a server that can't
    be reached, sends nothing."""

    def __init__(
        self, client: OAuthClient, send: Sender | None = None, on_sent: Callable[[], None] | None = None
    ) -> None:
        self._client, self._send, self._on_sent = client, send, on_sent

    def telling(self, on_sent: Callable[[], None]) -> OAuthRefresher:
        return OAuthRefresher(self._client, self._send, on_sent)

    def __call__(self, tokens: TokenSet) -> TokenSet:
        from claude_auth.oauth.grants import refresh

        _check_client(self._client, tokens)
        try:
            if self._send is None:
                return refresh(self._client, tokens, on_sent=self._on_sent)
            if self._on_sent is not None:
                self._on_sent()
            return self._send(self._client, tokens)
        except Failure as failure:
            if failure.code in _ANSWERED:
                failure.may_have_reached_the_server = False
            raise


def _check_client(client: OAuthClient, tokens: TokenSet) -> None:
    """A refresh token is never shown to another server than its own, whatever the configuration says now."""
    for mine, its, what in (
        (client.token_url, tokens.token_url, "token URL"),
        (client.client_id, tokens.client_id, "client id"),
    ):
        if its and mine and its != mine:
            raise Failure(
                "another-client",
                f"this login was made with another {what} than the one configured now",
                "Configure that OAuth client again, or sign in with the new one",
            )
