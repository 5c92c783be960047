"""What is known of refreshing a token set of ours: what is under way, what failed last, what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from claude_auth.model.errors import AuthenticationError
from claude_auth.model.origins import Damage
from claude_auth.model.stores import TokenSet

#: No server is waited for longer, whatever it asks for.
LONGEST_RETRY_AFTER = 24 * 3600.0
#: Notes from further ahead were written by a clock that was wrong.
_CLOCK_TOLERANCE = 60.0
#: Seconds of our own pause after a first failure, and at most.
_FIRST_PAUSE = {"advisory": 30.0, "mandatory": 5.0}
_LONGEST_PAUSE = {"advisory": 300.0, "mandatory": 60.0}
Outcome = Literal["refreshed", "adopted", "not-needed", "failed"]
#: The revision of a store that holds nothing.
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a store holds. `revision` changes with every change of the content; `note` tells what a person
    should know about where the tokens were found."""

    tokens: TokenSet | None = None
    document: dict[str, object] = field(default_factory=dict, repr=False)
    revision: str = NOTHING
    damage: Damage | None = None
    note: str | None = None

    @property
    def fingerprint(self) -> str | None:
        """Of the access token."""
        return None if self.tokens is None else self.tokens.access_token.fingerprint

    def check_unchanged(self, expected: str | None, what: str, next_step: str = "Look again") -> None:
        """Raises `changed` where another revision than the expected one stands there."""
        if expected is not None and self.revision != expected:
            raise AuthenticationError("changed", f"{what} was changed by somebody else meanwhile", next_step)


@dataclass(frozen=True, slots=True)
class Description:
    """A store in words: `place` is a path or the keyring's name, `protection` who can read it."""

    id: str
    account: str | None
    place: str
    protection: str
    writable: bool


@dataclass(frozen=True, slots=True)
class PendingRefresh:
    """A refresh request is about to be sent, or was. `owner` and the fingerprints are empty where the note
    can't be read any more: then nothing tells that the refresh token is still good."""

    owner: str
    at: float
    access_token: str
    refresh_token: str

    @property
    def pid(self) -> int | None:
        """Its owner's."""
        number = self.owner.partition("-")[0]
        return int(number) if number.isascii() and number.isdigit() and len(number) < 12 else None

    def is_settled_by(self, tokens: TokenSet) -> bool:
        """Another token set stands in the store now, so that request got its answer or no longer matters."""
        if not self.access_token:
            return False
        refresh = tokens.refresh_token
        return (
            tokens.access_token.fingerprint != self.access_token
            or (refresh.fingerprint if refresh else "") != self.refresh_token
        )


@dataclass(frozen=True, slots=True)
class FailureNote:
    """The last failure of a refresh, so that nobody asks again at once. It counts for one refresh token."""

    refresh_token: str
    kind: str
    sentence: str
    next_step: str
    at: float
    retry_at: float
    count: int
    is_verdict: bool
    asked_to_wait: bool

    @classmethod
    def of(
        cls,
        error: AuthenticationError,
        is_verdict: bool,
        retry_after: float | None,
        tokens: TokenSet,
        now: float,
        before: FailureNote | None,
        forced: bool,
    ) -> FailureNote:
        """What to remember of `error`: each one after `before` doubles the pause. `retry_after`: seconds that
        the server asked for."""
        refresh = tokens.refresh_token
        count = 1 + (before.count if before is not None and before.is_about(tokens) else 0)
        urgency = "advisory" if tokens.need(now) == "advisory" and not forced else "mandatory"
        pause = min(_FIRST_PAUSE[urgency] * 2 ** min(count - 1, 10), _LONGEST_PAUSE[urgency])
        if retry_after is not None:
            pause = min(max(retry_after, 0.0), LONGEST_RETRY_AFTER)
        return cls(
            refresh_token=refresh.fingerprint if refresh is not None else "",
            kind=error.code,
            sentence=error.sentence,
            next_step=error.next_step,
            at=now,
            retry_at=now + pause,
            count=count,
            is_verdict=is_verdict,
            asked_to_wait=retry_after is not None,
        )

    def is_about(self, tokens: TokenSet) -> bool:
        return tokens.refresh_token is not None and tokens.refresh_token.fingerprint == self.refresh_token

    def pause(self, tokens: TokenSet, now: float, forced: bool) -> float:
        """Seconds to wait yet before this token set may be tried again. Who forces it skips our own pause,
        never one that the server asked for."""
        if not self.is_about(tokens) or self.at > now + _CLOCK_TOLERANCE:
            return 0.0
        if forced and not self.asked_to_wait:
            return 0.0
        return max(0.0, min(self.retry_at - now, LONGEST_RETRY_AFTER))


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

    @classmethod
    def of(
        cls,
        outcome: Outcome,
        place: tuple[str, str | None],
        before: str | None,
        tokens: TokenSet | None,
        now: float,
        error: AuthenticationError | None = None,
        retry_at: float | None = None,
    ) -> RefreshResult:
        """`place`: store and account. `tokens`: what is stored there."""
        after = None if tokens is None else tokens.access_token.fingerprint
        expires_at = None if tokens is None else tokens.expires_at
        still_live = tokens is not None and tokens.is_live(now)
        return cls(outcome, *place, before, after, expires_at, error, still_live, retry_at, tokens)

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
