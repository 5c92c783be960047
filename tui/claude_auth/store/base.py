"""What every store of token sets can do, and how it says no."""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from claude_auth.formats.document import JsonObject
from claude_auth.model import Damage, TokenSet

if TYPE_CHECKING:
    from claude_auth.store.refresh_state import RefreshState

#: The revision of a store that holds nothing.
NOTHING = "nothing"


class StoreError(Exception):
    """A store said no. `sentence` and `next_step` are for a person and hold no secret.

    Codes: `not-private`, `read-only`, `permission`, `no-space`, `io-error`, `changed`, `bad-account`,
    `unavailable` (no keyring here), `time-out`, `locked` (somebody holds the lock).
    """

    def __init__(self, code: str, sentence: str, next_step: str = "") -> None:
        super().__init__(f"{sentence}. {next_step}".strip())
        self.code = code
        self.sentence = sentence
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a store holds. `revision` changes with every change of the content; `note` tells what a person
    should know about where the tokens were found."""

    tokens: TokenSet | None = None
    document: JsonObject = field(default_factory=dict, repr=False)
    revision: str = NOTHING
    damage: Damage | None = None
    note: str | None = None

    @property
    def fingerprint(self) -> str | None:
        """Of the access token."""
        return None if self.tokens is None else self.tokens.access_token.fingerprint


@dataclass(frozen=True, slots=True)
class Description:
    """A store in words: `place` is a path or the keyring's name, `protection` who can read it."""

    id: str
    account: str | None
    place: str
    protection: str
    writable: bool


class Prepared(Protocol):
    """Room for one save, taken before the request that the save depends on."""

    def commit(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        """Put `tokens` in place. Raises `StoreError` and leaves what stood there."""

    def keep(self) -> bool:
        """After a failed `commit`: leave what was written for the next run; whether there is anything."""

    def discard(self) -> None:
        """Give the room back; nothing to do after a `commit`."""


class TokenStore(Protocol):
    """A place for one token set. Everything that writes raises `StoreError`; nothing that reads does."""

    @property
    def id(self) -> str: ...

    @property
    def account(self) -> str | None: ...

    @property
    def ledger(self) -> RefreshState:
        """The lock and the notes that stand beside the store."""

    def load(self) -> Loaded: ...

    def save(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        """Under the store's lock; with `expected`, only while that revision still stands there."""

    def prepare(self) -> Prepared: ...

    def recover(self, owner: str) -> Loaded | None:
        """Put in place what a process that is gone had written in full but not yet put in place."""

    def delete(self) -> bool:
        """Whether there was something to remove."""

    def sweep(self) -> int:
        """Remove what our processes that are gone have left; how many files that was."""

    def describe(self) -> Description: ...

    def hold(self) -> AbstractContextManager[object]:
        """The store's lock, for whoever does more than one thing with it."""


def from_os_error(error: OSError, path: str, doing: str) -> StoreError:
    """An error of the system in words. The path is ours, never a secret."""
    words = (error.strerror or "input/output error").lower()
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return StoreError(
            "no-space", f"{doing} {path} failed: {words}", "Make room on that disk and try again"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return StoreError(
            "permission", f"{doing} {path} failed: {words}", f"Look at `ls -ld {path}` and at its folder"
        )
    if error.errno == errno.EROFS:
        return StoreError("permission", f"{doing} {path} failed: {words}", "Mount that disk for writing")
    if error.errno == errno.ELOOP:
        return StoreError(
            "not-private",
            f"{path} is a symbolic link",
            "Replace it by the file itself: tokens follow no links",
        )
    return StoreError("io-error", f"{doing} {path} failed: {words}", "Look at that disk and try again")
