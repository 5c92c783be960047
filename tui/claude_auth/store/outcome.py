"""What a refresh came to, and what the coordinator asks of whoever sends the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol, runtime_checkable

from claude_auth.model import TokenSet
from claude_auth.security.sanitize import safe_text

SIGN_IN = "Sign in again"

Outcome = Literal["refreshed", "adopted", "not-needed", "failed"]


@dataclass(frozen=True, slots=True)
class RefreshFailure:
    """No new token set. `is_verdict`: the authorization server said no, for good.
    `may_have_reached_the_server`: it may have acted and no usable answer came, so the refresh token counts as
    spent. `retry_after`: seconds that the server asked for. `detail`: what the server said, for the end of
    the sentence, which is ours."""

    kind: str
    sentence: str
    is_verdict: bool = False
    may_have_reached_the_server: bool = False
    retry_after: float | None = None
    next_step: str = ""
    detail: str = ""


class Refresher(Protocol):
    """Sends one refresh request, never repeats it, and ends within a bounded time."""

    def __call__(self, tokens: TokenSet) -> TokenSet | RefreshFailure: ...


@runtime_checkable
class TellsWhenSent(Protocol):
    """A refresher that may refuse before anything is sent, and knows when the first byte goes."""

    def telling(self, on_sent: Callable[[], None]) -> Refresher: ...


@dataclass(frozen=True, slots=True)
class RefreshResult:
    """`reason`: `not-signed-in`, `damaged`, `read-only`, `no-refresh-token`, `locked`, `cannot-save`,
    `interrupted`, `lost`, `signed-out-meanwhile`, `not-saved`, or the kind of the failure. `still_live`: the
    token that is stored can be used all the same. `tokens`: what is stored now, or could not be."""

    outcome: Outcome
    store: str
    account: str | None
    before: str | None = None
    after: str | None = None
    expires_at: float | None = None
    reason: str | None = None
    error: str | None = None
    next_step: str | None = None
    still_live: bool = False
    retry_at: float | None = None
    tokens: TokenSet | None = None

    @property
    def ok(self) -> bool:
        return self.outcome != "failed"

    @property
    def message(self) -> str | None:
        """The error and what to do about it, in one text."""
        if self.error is None:
            return None
        return _sentences(self.error, self.next_step or "")


def _sentences(*parts: str) -> str:
    ended = [part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part]
    return " ".join(part[0].upper() + part[1:] for part in ended)


def presentable(failure: RefreshFailure) -> RefreshFailure:
    """As it is kept, shown and logged: only what the server said is redacted, never a sentence of ours."""
    next_step = failure.next_step or (SIGN_IN if failure.is_verdict else "Try again later")
    said = f" ({safe_text(failure.detail, 200)})" if failure.detail else ""
    sentence = safe_text(failure.sentence.rstrip(".") if said else failure.sentence, ours=True)
    return replace(
        failure, sentence=f"{sentence}{said}", next_step=safe_text(next_step, ours=True), detail=""
    )


def merged(old: TokenSet, new: TokenSet, now: float) -> TokenSet:
    """What an answer may leave out is as it was."""
    return replace(
        new,
        refresh_token=new.refresh_token if new.is_refreshable else old.refresh_token,
        scopes=new.scopes or old.scopes,
        issued_at=new.issued_at if new.issued_at is not None else now,
        token_type=new.token_type or old.token_type,
        client_id=new.client_id or old.client_id,
        token_url=new.token_url or old.token_url,
        login_deadline=new.login_deadline if new.login_deadline is not None else old.login_deadline,
    )
