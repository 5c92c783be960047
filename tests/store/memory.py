"""A store of token sets that lasts as long as its process."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

from claude_auth.formats.credentials import write_token_set
from claude_auth.model import TokenSet
from claude_auth.model.refreshes import NOTHING, Description, Loaded
from claude_auth.security.secret import Secret, without_locals
from claude_auth.store import Prepared
from claude_auth.store.files import RefreshState, loaded_from
from claude_auth.store.locks import LOCK_SECONDS, HeldLock


class MemoryStore:
    def __init__(self, account: str | None = None) -> None:
        self.id = "memory"
        self.account = account
        self.ledger = RefreshState(None, "memory")
        self._content: Secret | None = None
        self._guard = threading.Lock()

    @without_locals
    def load(self) -> Loaded:
        content = self._content
        return Loaded() if content is None else loaded_from(content.reveal().encode("ascii"))

    def save(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        with self.hold():
            saved = self.commit(tokens, expected)
            self.ledger.clear()
            return saved

    # Memory needs no room kept: the store itself is what a save is prepared with.

    def prepare(self) -> Prepared:
        return self

    @without_locals
    def commit(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        with self._guard:
            before = self.load()
            before.check_unchanged(expected, "the token set")
            self._content = Secret(write_token_set(before.document, tokens).decode("ascii"))
        return self.load()

    def keep(self) -> bool:
        return False

    def discard(self) -> None:
        return None

    def recover(self, owner: str) -> Loaded | None:
        """What a process that is gone had in memory is gone."""
        return None

    def delete(self) -> bool:
        with self.hold(), self._guard:
            existed = self.load().revision != NOTHING
            self._content = None
            self.ledger.clear()
        return existed

    def sweep(self) -> int:
        return 0

    def hold(self, seconds: float = LOCK_SECONDS) -> AbstractContextManager[HeldLock]:
        return self.ledger.hold(seconds)

    def describe(self) -> Description:
        return Description(self.id, self.account, "this process's memory", "gone when the program ends", True)
