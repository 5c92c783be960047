"""A token set in a file of ours: the SDK's `tokens.json`, and each further account as NAME.json beside it."""

from __future__ import annotations

import contextlib
import hashlib
import os
from contextlib import AbstractContextManager

from claude_auth.files import list_directory, read_file
from claude_auth.formats.credentials import read_token_set, write_token_set
from claude_auth.formats.document import Document, parse
from claude_auth.model import Damage, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import NOTHING, Description, Loaded
from claude_auth.observe.token_stores import KEYRING_LIST
from claude_auth.security.secret import without_locals
from claude_auth.store import private
from claude_auth.store.refresh_state import LOCK_SECONDS, HeldLock, RefreshState

FOLDER = ".claude_code"
MAIN = "tokens.json"


def check_account(account: str | None) -> str | None:
    """`account` as it may stand in a file name; raises `AuthenticationError("bad-account")`."""
    if account is None:
        return None
    problem = _problem_with(account)
    if problem is not None:
        raise AuthenticationError(
            "bad-account", f"this name can't be an account's: {problem}", "Take a short word, such as `work`"
        )
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
    if tokens is None:
        damage = Damage("wrong-type", "the file holds no access token")
        return Loaded(None, document.data, revision, damage)
    return Loaded(tokens, document.data, revision)


def switch(home: str, name: str, keep_as: str | None = None) -> str:
    """Makes another account the active one, and says so in a sentence. The files are renamed, never copied: a
    refresh token that stands in two files would be used twice, and the server would revoke the login. What is
    noted beside a store goes with its tokens: an interrupted refresh stays one under the new name.

    The active account is kept as `keep_as`, which has to be free. Raises
    `AuthenticationError` and leaves both where they are."""
    wanted, kept = check_account(name), check_account(keep_as)
    if wanted is None or wanted not in sdk_accounts(home):
        known = ", ".join(account for account in sdk_accounts(home) if account) or "none"
        raise AuthenticationError("bad-account", f"there is no account {name!r}", f"There are: {known}")
    active, target = FileStore.of_sdk(home), FileStore.of_sdk(home, wanted)
    with contextlib.ExitStack() as locks:
        locks.enter_context(active.hold())
        locks.enter_context(target.hold())
        _settle(active)
        _settle(target)
        if target.load().tokens is None:
            raise AuthenticationError(
                "bad-account", f"the account {name!r} holds no login", "Sign in to it again"
            )
        away = _free_place(home, active, kept, locks)
        if away is not None:
            _move(active, away)
        try:
            _move(target, active)
        except AuthenticationError:
            if away is not None:
                _move(away, active)
            raise
    return f"{name} is the active account of the SDK's store now"


def _free_place(
    home: str, active: FileStore, kept: str | None, locks: contextlib.ExitStack
) -> FileStore | None:
    """Where the active account goes, locked; None where nobody is signed in."""
    there = active.load()
    if there.revision == NOTHING:
        return None
    if there.revision == "refused":
        raise AuthenticationError(
            "not-private", there.damage.text if there.damage else "the active account is refused"
        )
    if kept is None:
        raise AuthenticationError(
            "bad-account", "the active account has no name yet", "Say with --keep-as how to keep it"
        )
    away = FileStore.of_sdk(home, kept)
    taken = {str(account).casefold() for account in sdk_accounts(home) if account}
    if os.path.lexists(sdk_path(home, kept)) or kept.casefold() in taken:
        raise AuthenticationError("bad-account", f"the name {kept!r} is taken", "Choose another one")
    locks.enter_context(away.hold())
    if os.path.lexists(away.path):
        raise AuthenticationError("bad-account", f"the name {kept!r} is taken", "Choose another one")
    return away


def _settle(store: FileStore) -> None:
    """What an interrupted refresh had written in full is put in place: it would be lost with the name."""
    intent = store.ledger.read_intent()
    if intent is None:
        return
    tokens = store.load().tokens
    if tokens is not None and intent.is_settled_by(tokens):
        store.ledger.clear_intent()
    else:  # where nothing lay ready, the note goes along, and the next refresh says so
        store.recover(intent.owner)


def _move(old: FileStore, new: FileStore) -> None:
    """The notes first: between the two steps they stand at both names, and never at none."""
    _copy_notes(old.ledger, new.ledger)
    try:
        os.rename(old.path, new.path)
    except OSError as error:
        with contextlib.suppress(AuthenticationError):
            new.ledger.clear()
        raise private.from_os_error(error, new.path, "renaming to") from None
    private.sync_directory(os.path.dirname(new.path))
    with contextlib.suppress(AuthenticationError):  # a note about tokens that are elsewhere harms nobody
        old.ledger.clear()


def _copy_notes(old: RefreshState, new: RefreshState) -> None:
    new.clear()
    intent, failure = old.read_intent(), old.read_failure()
    if intent is not None:
        new.write_intent(intent)
    if failure is not None:
        new.write_failure(failure)
