"""A token set in a file of ours: the SDK's `tokens.json`, each further account as NAME.json beside it, and
what is noted beside a store."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

from claude_auth.files import list_directory, read_file
from claude_auth.formats.credentials import read_token_set, write_token_set
from claude_auth.formats.document import Document, JsonObject, javascript_number, parse, text_of
from claude_auth.model import Damage, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import NOTHING, Description, FailureNote, Loaded, PendingRefresh
from claude_auth.observe.token_stores import KEYRING_LIST
from claude_auth.security.secret import without_locals
from claude_auth.store import private
from claude_auth.store.locks import LOCK_SECONDS, HeldLock, Waiting, hold
from claude_auth.store.private import this_process

FOLDER = ".claude_code"
MAIN = "tokens.json"


def check_account(account: str | None) -> str | None:
    """`account` as it may stand in a file name; raises `AuthenticationError("bad-account")`."""
    if account is None:
        return None
    problem = _problem_with(account)
    if problem is not None:
        why = f"this name can't be an account's: {problem}"
        raise AuthenticationError("bad-account", why, "Take a short word, such as `work`")
    return account


def _problem_with(account: str) -> str | None:
    taken = {MAIN.removesuffix(".json"), KEYRING_LIST.removesuffix(".json")}
    if not account or not account.isprintable() or account != account.strip():
        return "it is empty, or holds something invisible"
    if "/" in account or "\\" in account:
        return "it holds a path separator"
    if account.startswith((".", "-")):
        return "it starts with a dot or a dash"
    if account.casefold().removesuffix(".json") in taken:  # some disks don't tell capitals apart
        return f"`{account}` has a meaning of its own there"
    if len(account.encode("utf-8", "surrogateescape")) > 64:
        return "it is longer than 64 bytes"
    return None


def sdk_path(home: str, account: str | None = None) -> str:
    name = check_account(account)
    return os.path.join(home, FOLDER, MAIN if name is None else f"{name}.json")


def sdk_accounts(home: str) -> tuple[str | None, ...]:
    """The accounts that have a file: None is the main one, and comes first."""
    names = [name for name in list_directory(os.path.join(home, FOLDER)) if name.endswith(".json")]
    accounts: list[str | None] = [None] if MAIN in names else []
    return (*accounts, *(name[:-5] for name in names if _problem_with(name[:-5]) is None))


class FileStore:
    """`tighten`: the folder is ours alone and is made 0700 wherever it is looser."""

    def __init__(
        self, path: str, *, id: str = "sdk", account: str | None = None, tighten: bool = False
    ) -> None:
        self.path = os.path.abspath(path)
        self.id = id
        self.account = account
        self._tighten = tighten
        self._folder, name = os.path.split(self.path)
        self.ledger = RefreshState(self._folder, name)

    @classmethod
    def of_sdk(cls, home: str, account: str | None = None) -> FileStore:
        return cls(sdk_path(home, account), account=account, tighten=True)

    @without_locals
    def load(self) -> Loaded:
        try:
            private.check_folder(self._folder)
            private.check_file(self.path)
        except AuthenticationError as error:
            return Loaded(damage=Damage("permission", error.sentence), revision="refused")
        read = read_file(self.path)
        if read.content is None:
            missing = read.damage is not None and read.damage.is_missing
            return Loaded(revision=NOTHING if missing else "unreadable", damage=read.damage)
        return loaded_from(read.content)

    def save(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        prepared = self.prepare()
        try:
            with self.hold():
                saved = prepared.commit(tokens, expected)
                self.ledger.clear()
                return saved
        finally:
            prepared.discard()

    def prepare(self) -> PreparedFile:
        private.check_directory(self._folder, self._tighten)
        private.check_file(self.path)
        self.sweep()
        return PreparedFile(self, self._room())

    def _room(self) -> int:
        try:
            return private.ROOM + 2 * os.stat(self.path).st_size
        except OSError:
            return private.ROOM

    @without_locals
    def recover(self, owner: str) -> Loaded | None:
        """What was written in full: half a JSON object is none, and room never written to is zeros."""
        before = self.load()
        for path, wrote in private.leftovers(self.path):
            if str(wrote) != owner:
                continue
            read = read_file(path)
            found = loaded_from((read.content or b"").rstrip(b"\0"))
            if found.tokens is None or found.fingerprint == before.fingerprint:
                continue
            return self.save(found.tokens, before.revision)
        return None

    def delete(self) -> bool:
        if not os.path.lexists(self.path):
            return False
        private.check_directory(self._folder, self._tighten)
        with self.hold():
            private.check_file(self.path)
            removed = private.remove(self.path)
            self.ledger.clear()
        self.sweep()
        return removed

    def sweep(self) -> int:
        intent = self.ledger.read_intent()  # what its process has written may be all there is of a login
        return private.sweep(self.path, keep=intent.owner if intent else None) + self.ledger.sweep()

    def hold(self, seconds: float = LOCK_SECONDS) -> AbstractContextManager[HeldLock]:
        private.check_directory(self._folder, self._tighten)
        return self.ledger.hold(seconds)

    def describe(self) -> Description:
        return Description(
            self.id, self.account, self.path, "a file that only you can read (0600)", writable=True
        )


class PreparedFile:
    def __init__(self, store: FileStore, room: int) -> None:
        self._store = store
        self._reserved = private.Reserved(store.path, room)

    @without_locals
    def commit(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        before = self._store.load()
        before.check_unchanged(expected, self._store.path, "Look at it again")
        self._reserved.commit(write_token_set(before.document, tokens))
        return self._store.load()

    def keep(self) -> bool:
        return self._reserved.keep()

    def discard(self) -> None:
        self._reserved.discard()


def loaded_from(content: bytes) -> Loaded:
    """What the text of a token set holds."""
    document: Document = parse(content)
    revision = hashlib.sha256(content).hexdigest()[:16]
    if document.damage is not None:
        return Loaded(revision=revision, damage=document.damage)
    tokens = read_token_set(document.data)
    damage = Damage("wrong-type", "the file holds no access token") if tokens is None else None
    return Loaded(tokens, document.data, revision, damage)


# ── beside a store: its lock, the intent of a refresh under way, the note of the last failure ────

# None of it holds a secret: fingerprints, moments, process ids and sentences. No name ends in `.json`, since
# every such name in that folder is an account.


def pending_refresh(tokens: TokenSet, at: float) -> PendingRefresh:
    """By this process."""
    refresh = tokens.refresh_token
    there = refresh.fingerprint if refresh else ""
    return PendingRefresh(str(this_process()), at, tokens.access_token.fingerprint, there)


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
    ) -> AbstractContextManager[HeldLock]:
        """The lock, across threads and processes; raises `locked` after `seconds`. The thread that has it may
        take it again."""
        return hold(
            self.lock_path or f"memory:{id(self)}", seconds, on_wait, shared=self.directory is not None
        )

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
        notes = () if self.directory is None else ("intent", "failure")
        return sum(private.sweep(self._path(what)) for what in notes)

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
