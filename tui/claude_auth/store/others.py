"""Stores of other programs: Claude Code's and claw's are never written by us; `save` and `delete` say so."""

from __future__ import annotations

import hashlib
import os
from contextlib import AbstractContextManager
from typing import NoReturn

from claude_auth.files import list_directory, read_file
from claude_auth.formats.credentials import read_login, read_token_set
from claude_auth.formats.document import parse
from claude_auth.model import TokenSet
from claude_auth.security.secret import without_locals
from claude_auth.store.base import NOTHING, Description, Loaded, Prepared, StoreError
from claude_auth.store.refresh_state import RefreshState


class ReadOnlyStore:
    """The face of a store that belongs to another program: no lock of ours and no note beside it either."""

    id = ""
    account: str | None = None

    def __init__(self, path: str, why: str, next_step: str) -> None:
        self.path = path
        self.ledger = RefreshState(None, self.id)
        self._why = why
        self._next_step = next_step

    def load(self) -> Loaded:
        raise NotImplementedError

    def _refuse(self) -> NoReturn:
        raise StoreError("read-only", self._why, self._next_step)

    def save(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        self._refuse()

    def prepare(self) -> Prepared:
        self._refuse()

    def recover(self, owner: str) -> Loaded | None:
        self._refuse()

    def delete(self) -> bool:
        self._refuse()

    def hold(self) -> AbstractContextManager[object]:
        self._refuse()

    def sweep(self) -> int:
        return 0

    def describe(self) -> Description:
        return Description(self.id, self.account, self.path, "kept by another program, read by us", False)


class ClaudeCodeStore(ReadOnlyStore):
    """Claude Code's `.credentials.json`."""

    id = "claude-code"

    def __init__(self, credentials_path: str) -> None:
        super().__init__(
            credentials_path,
            "Claude Code's own store is written by Claude Code alone",
            "Use `claude auth login` and `claude auth logout`; for a refresh `claude-auth refresh`",
        )

    @without_locals
    def load(self) -> Loaded:
        read = read_file(self.path)
        if read.content is None:
            missing = read.damage is not None and read.damage.is_missing
            return Loaded(revision=NOTHING if missing else "unreadable", damage=read.damage)
        document = parse(read.content)
        revision = hashlib.sha256(read.content).hexdigest()[:16]
        login = read_login(document)
        if document.damage is not None:
            return Loaded(revision=revision, damage=document.damage)
        return Loaded(login.tokens, document.data, revision, note=login.unusable)


class ClawStore(ReadOnlyStore):
    """claw's `~/.claude/credentials/<hash>`; with several files, which one claw would take can't be said."""

    id = "claw"

    def __init__(self, home: str) -> None:
        super().__init__(
            os.path.join(home, ".claude", "credentials"),
            "claw's store is read only for us: how it names its files is not told",
            "Sign in and out with claw itself",
        )

    @without_locals
    def load(self) -> Loaded:
        names = [name for name in list_directory(self.path) if not name.startswith(".")]
        if not names:
            return Loaded()
        if len(names) > 1:
            return Loaded(revision="several", note="claw has stored several logins")
        read = read_file(os.path.join(self.path, names[0]))
        document = parse(read.content or b"")
        revision = hashlib.sha256(read.content or b"").hexdigest()[:16]
        damage = read.damage or document.damage
        return Loaded(read_token_set(document.data), document.data, revision, damage)
