"""Our token sets on disk and in the OS keyring, the locks, and the coordinator of refreshes.

The one room that writes credentials; Claude Code's own and claw's are never written, here neither. Here
stands what every store can do, and whoever asks a server for new tokens. A store that says no raises
`AuthenticationError` with a code out of `not-private`, `read-only`, `permission`, `no-space`, `io-error`,
`changed`, `bad-account`, `unavailable` (no keyring here), `time-out`, and `locked` (somebody holds the lock).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from claude_auth.model import TokenSet
from claude_auth.model.refreshes import Description, Loaded

if TYPE_CHECKING:
    from claude_auth.store.files import RefreshState


class Prepared(Protocol):
    """Room for one save, taken before the request that the save depends on."""

    def commit(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        """Put `tokens` in place. Raises `AuthenticationError` and leaves what stood there."""

    def keep(self) -> bool:
        """After a failed `commit`: leave what was written for the next run; whether there is anything."""

    def discard(self) -> None:
        """Give the room back; nothing to do after a `commit`."""


class TokenStore(Protocol):
    """A place for one token set. What writes raises `AuthenticationError`; what reads does not."""

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


class Refresher(Protocol):
    """Sends one refresh request, never repeats it, and ends within a bounded time. Raises `Failure`."""

    def __call__(self, tokens: TokenSet) -> TokenSet: ...


@runtime_checkable
class TellsWhenSent(Protocol):
    """A refresher that may refuse before anything is sent, and knows when the first byte goes."""

    def telling(self, on_sent: Callable[[], None]) -> Refresher: ...
