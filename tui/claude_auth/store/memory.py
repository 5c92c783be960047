"""A token set that lives as long as the process: for a program that must leave nothing behind."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

from claude_auth.formats.credentials import write_token_set
from claude_auth.model import TokenSet
from claude_auth.security.secret import Secret, without_locals
from claude_auth.store.base import NOTHING, Description, Loaded, StoreError
from claude_auth.store.files import LOCK_SECONDS, loaded_from
from claude_auth.store.locks import Held
from claude_auth.store.refresh_state import RefreshState


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
            saved = self.prepare().commit(tokens, expected)
            self.ledger.clear()
            return saved

    def prepare(self) -> PreparedMemory:
        return PreparedMemory(self)

    @without_locals
    def put(self, tokens: TokenSet, expected: str | None) -> Loaded:
        with self._guard:
            before = self.load()
            if expected is not None and before.revision != expected:
                raise StoreError(
                    "changed", "the token set was changed by somebody else meanwhile", "Look again"
                )
            self._content = Secret(write_token_set(before.document, tokens).decode("ascii"))
        return self.load()

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

    def hold(self, seconds: float = LOCK_SECONDS) -> AbstractContextManager[Held]:
        return self.ledger.hold(seconds)

    def describe(self) -> Description:
        return Description(self.id, self.account, "this process's memory", "gone when the program ends", True)


class PreparedMemory:
    """Memory needs no room kept."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def commit(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        return self._store.put(tokens, expected)

    def keep(self) -> bool:
        return False

    def discard(self) -> None:
        return None
