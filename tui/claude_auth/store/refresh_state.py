"""What stands beside a store: its lock, the intent of a refresh under way, the note of the last failure.

None of it holds a secret: fingerprints, moments, process ids and sentences. No name ends in `.json`, since
every such name in that folder is an account.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, Literal

from claude_auth.files import read_file
from claude_auth.formats.document import JsonObject, javascript_number, parse, text_of
from claude_auth.model import TokenSet
from claude_auth.oauth import Failure
from claude_auth.store import private
from claude_auth.store.locks import Held, Waiting, hold
from claude_auth.store.private import Owner, this_process


@dataclass(frozen=True, slots=True)
class PendingRefresh:
    """A refresh request is about to be sent, or was. `owner` and the fingerprints are empty where the note
    can't be read any more: then nothing tells that the refresh token is still good."""

    owner: str
    at: float
    access_token: str
    refresh_token: str

    @classmethod
    def to_refresh(cls, tokens: TokenSet, at: float) -> PendingRefresh:
        refresh = tokens.refresh_token
        return cls(
            str(this_process()), at, tokens.access_token.fingerprint, refresh.fingerprint if refresh else ""
        )

    @property
    def pid(self) -> int | None:
        owner = Owner.parse(self.owner)
        return None if owner is None else owner.pid

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

    def is_about(self, tokens: TokenSet) -> bool:
        return tokens.refresh_token is not None and tokens.refresh_token.fingerprint == self.refresh_token


class RefreshState:
    """Beside a file store: files. `directory` None: a store in memory, so notes in memory."""

    def __init__(self, directory: str | None, stem: str) -> None:
        self.directory = directory
        self._stem = stem
        self._notes: dict[str, bytes] = {}

    def _path(self, what: str) -> str:
        return os.path.join(self.directory or "", f".{self._stem}.{what}")

    @property
    def lock_path(self) -> str | None:
        return self._path("lock") if self.directory is not None else None

    def hold(
        self, seconds: float, on_wait: Callable[[Waiting], None] | None = None
    ) -> AbstractContextManager[Held]:
        """The lock, across threads and processes; raises `locked` after `seconds`. The thread that has it may
        take it again."""
        return hold(
            self.lock_path or f"memory:{id(self)}", seconds, on_wait, shared=self.directory is not None
        )

    # ── the intent ───────────────────────────────────────────────────────────────────────────────

    def read_intent(self) -> PendingRefresh | None:
        data, exists = self._read("intent")
        if not exists:
            return None
        return PendingRefresh(
            owner=text_of(data.get("owner")) or "",
            at=_moment(data.get("at")),
            access_token=text_of(data.get("access_token")) or "",
            refresh_token=text_of(data.get("refresh_token")) or "",
        )

    def write_intent(self, intent: PendingRefresh) -> None:
        """On the disk when this returns; raises `AuthenticationError`."""
        self._write("intent", {**asdict(intent), "pid": intent.pid})

    def clear_intent(self) -> None:
        self._remove("intent")

    # ── the last failure ─────────────────────────────────────────────────────────────────────────

    def read_failure(self) -> FailureNote | None:
        data, _ = self._read("failure")
        refresh_token = text_of(data.get("refresh_token"))
        if refresh_token is None:
            return None
        return FailureNote(
            refresh_token=refresh_token,
            kind=text_of(data.get("kind")) or "failed",
            sentence=text_of(data.get("sentence")) or "the last refresh failed",
            next_step=text_of(data.get("next_step")) or "",
            at=_moment(data.get("at")),
            retry_at=_moment(data.get("retry_at")),
            count=int(min(max(_moment(data.get("count")), 0), 1000)),
            is_verdict=data.get("is_verdict") is True,
            asked_to_wait=data.get("asked_to_wait") is True,
        )

    def write_failure(self, note: FailureNote) -> None:
        self._write("failure", asdict(note))

    def clear_failure(self) -> None:
        self._remove("failure")

    def clear(self) -> None:
        """Another token set was put in place, or none is left: what was noted about the old one is over."""
        self.clear_intent()
        self.clear_failure()

    def sweep(self) -> int:
        if self.directory is None:
            return 0
        return sum(private.sweep(self._path(what)) for what in ("intent", "failure"))

    # ── files or memory ──────────────────────────────────────────────────────────────────────────

    def _read(self, what: str) -> tuple[JsonObject, bool]:
        if self.directory is None:
            return parse(self._notes.get(what, b"")).data, what in self._notes
        read = read_file(self._path(what), 65536)
        if read.content is None:
            return {}, read.damage is None or not read.damage.is_missing
        return parse(read.content).data, True

    def _write(self, what: str, data: dict[str, Any]) -> None:
        content = (json.dumps(data) + "\n").encode("ascii")
        if self.directory is None:
            self._notes[what] = content
        else:
            private.write_private(self._path(what), content)

    def _remove(self, what: str) -> None:
        if self.directory is None:
            self._notes.pop(what, None)
        else:
            private.remove(self._path(what))


def _moment(value: object) -> float:
    number = javascript_number(value)
    return number if abs(number) < 1e12 else 0.0


Need = Literal["none", "advisory", "mandatory"]

#: Live: more is left than this, or than that part of the lifetime where it is shorter.
WINDOW_SECONDS = 300.0
WINDOW_PART = 0.1
#: With less than this part of the window left a request started now may arrive too late.
MANDATORY_PART = 0.2

#: A set minted so recently is not refreshed again, whatever our clock makes of its expiry.
JUST_MINTED_SECONDS = 60.0

_FIRST_PAUSE = {"advisory": 30.0, "mandatory": 5.0}
_LONGEST_PAUSE = {"advisory": 300.0, "mandatory": 60.0}
#: No server is waited for longer, whatever it asks for.
LONGEST_RETRY_AFTER = 24 * 3600.0
#: Notes from further ahead were written by a clock that was wrong.
_CLOCK_TOLERANCE = 60.0


def window(tokens: TokenSet) -> float:
    """Seconds before the end from which on a refresh is wanted."""
    if tokens.expires_at is None or tokens.issued_at is None or tokens.expires_at <= tokens.issued_at:
        return WINDOW_SECONDS
    return min(WINDOW_SECONDS, WINDOW_PART * (tokens.expires_at - tokens.issued_at))


def need(tokens: TokenSet, now: float) -> Need:
    """`advisory`: live but close to its end, worth a try. `mandatory`: ended, or as good as."""
    if tokens.expires_at is None:
        return "none"
    left = tokens.expires_at - now
    if left > window(tokens):
        return "none"
    return "advisory" if left > MANDATORY_PART * window(tokens) else "mandatory"


def is_live(tokens: TokenSet, now: float) -> bool:
    return tokens.expires_at is None or tokens.expires_at > now


def was_just_minted(tokens: TokenSet, now: float) -> bool:
    return tokens.issued_at is not None and abs(now - tokens.issued_at) < JUST_MINTED_SECONDS


def pause_of(note: FailureNote, tokens: TokenSet, now: float, forced: bool) -> float:
    """Seconds to wait yet before this token set may be tried again. Who forces it skips our own pause, never
    one that the server asked for."""
    if not note.is_about(tokens) or note.at > now + _CLOCK_TOLERANCE:
        return 0.0
    if forced and not note.asked_to_wait:
        return 0.0
    return max(0.0, min(note.retry_at - now, LONGEST_RETRY_AFTER))


def note_of(
    failure: Failure, tokens: TokenSet, now: float, before: FailureNote | None, forced: bool
) -> FailureNote:
    """What to remember of a failure: each one doubles the pause."""
    refresh = tokens.refresh_token
    count = 1 + (before.count if before is not None and before.is_about(tokens) else 0)
    urgency = "advisory" if need(tokens, now) == "advisory" and not forced else "mandatory"
    pause = min(_FIRST_PAUSE[urgency] * 2 ** min(count - 1, 10), _LONGEST_PAUSE[urgency])
    if failure.retry_after is not None:
        pause = min(max(failure.retry_after, 0.0), LONGEST_RETRY_AFTER)
    return FailureNote(
        refresh_token=refresh.fingerprint if refresh is not None else "",
        kind=failure.code,
        sentence=failure.sentence,
        next_step=failure.next_step,
        at=now,
        retry_at=now + pause,
        count=count,
        is_verdict=failure.is_verdict,
        asked_to_wait=failure.retry_after is not None,
    )
