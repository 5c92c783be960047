"""A token set in the keyring of the desktop: the Secret Service on Linux, the Keychain on macOS.

What was put there is listed, without secrets, in `~/.claude_code/keyring.json`: a look at the machine opens
no connection, so it can't ask the keyring itself.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from claude_auth.files import read_file
from claude_auth.formats.credentials import write_token_set
from claude_auth.formats.document import parse
from claude_auth.model import Damage, TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import NOTHING, Description, Loaded
from claude_auth.observe.token_stores import KEYRING_LIST
from claude_auth.security.secret import Secret, without_locals
from claude_auth.store import private
from claude_auth.store.files import FOLDER, FileStore, RefreshState, check_account, loaded_from
from claude_auth.store.locks import LOCK_SECONDS, HeldLock, hold

SERVICE = "claude-auth-tui"
#: How the account without a name is called in the keyring and in the list.
UNNAMED = "default"
#: An unlocked keyring answers within milliseconds; a dialog that asks for the password takes a person.
SECONDS = 10.0


class KeyringStore:
    """`backend`: for tests, and for whoever has made sure of it before."""

    def __init__(
        self, home: str, account: str | None = None, backend: Backend | None = None, seconds: float = SECONDS
    ) -> None:
        self.id = "keyring"
        self.account = None if account == UNNAMED else check_account(account)
        self._name = self.account or UNNAMED
        self._folder = os.path.join(home, FOLDER)
        self._list = os.path.join(self._folder, KEYRING_LIST)
        self._ask = Asked(backend, seconds)
        self.ledger = RefreshState(self._folder, f"{self._name}.keyring")
        #: Takes a token set that the keyring refuses at the last moment: else a login would be lost.
        self._rescue = FileStore(os.path.join(self._folder, f".{self._name}.keyring.rescue"), tighten=True)
        self._rescue.ledger = self.ledger  # one lock and one intent for both places

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    @without_locals
    def load(self) -> Loaded:
        rescued = self._rescue.load()
        if rescued.tokens is not None:
            note = f"kept in the file {self._rescue.path}, since the keyring refused it"
            return Loaded(rescued.tokens, rescued.document, rescued.revision, note=note)
        try:
            content = self._get()
        except AuthenticationError as error:
            return Loaded(revision="unreadable", damage=Damage("io-error", error.sentence))
        if content is None:
            return Loaded()
        return loaded_from(content.reveal().encode("utf-8", "replace"))

    def _get(self) -> Secret | None:
        def ask(backend: Backend) -> Secret | None:
            text = backend.get_password(SERVICE, self._name)
            return None if text is None else Secret(text)

        return self._ask(ask)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def save(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        """Raises `AuthenticationError` where the keyring refuses; the choice of a file is then the user's."""
        with self.hold():
            self._try()
            saved = self.put(tokens, expected)
            self._rescue.delete()
            self.ledger.clear()
            return saved

    def prepare(self) -> PreparedKeyring:
        """The keyring has just taken and given back a trial value, and a rescue file has its room."""
        self._try()
        return PreparedKeyring(self, self._rescue)

    def _try(self) -> None:
        """A trial write: a keyring may be readable and still refuse, or take a value and not keep it."""
        value, name = secrets.token_hex(8), f"{self._name} (trial {secrets.token_hex(4)})"

        def attempt(backend: Backend) -> bool:
            backend.set_password(SERVICE, name, value)
            try:
                return backend.get_password(SERVICE, name) == value
            finally:
                backend.delete_password(SERVICE, name)

        if not self._ask(attempt):
            raise unavailable("it did not keep a trial value")

    @without_locals
    def put(self, tokens: TokenSet, expected: str | None) -> Loaded:
        """Listed first: then nothing of ours lies in the keyring unlisted."""
        before = self.load()
        before.check_unchanged(expected, "the keyring's entry")
        content = Secret(write_token_set(before.document, tokens).decode("ascii"))
        self._list_account(present=True)

        def write(backend: Backend) -> bool:
            backend.set_password(SERVICE, self._name, content.reveal())
            kept = backend.get_password(SERVICE, self._name)
            return kept is not None and Secret(kept) == content

        if not self._ask(write):
            raise unavailable("it did not keep the token set")
        return loaded_from(content.reveal().encode("ascii"))

    def recover(self, owner: str) -> Loaded | None:
        return self.load() if self._rescue.recover(owner) is not None else None

    def delete(self) -> bool:
        with self.hold():
            existed = self.load().revision != NOTHING
            rescued = self._rescue.delete()

            def remove(backend: Backend) -> None:
                if backend.get_password(SERVICE, self._name) is not None:
                    backend.delete_password(SERVICE, self._name)

            self._ask(remove)
            self._list_account(present=False)
            self.ledger.clear()
        return existed or rescued

    def _list_account(self, present: bool) -> None:
        private.check_directory(self._folder, tighten=True)
        with hold(os.path.join(self._folder, f".{KEYRING_LIST}.lock"), LOCK_SECONDS):
            read = read_file(self._list)
            data = parse(read.content).data if read.content is not None else {}
            listed = data.get("accounts")
            names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
            if (self._name in names) == present:
                return
            names = [*names, self._name] if present else [name for name in names if name != self._name]
            content = json.dumps({**data, "accounts": names}, indent=2) + "\n"
            private.write_private(self._list, content.encode("ascii"))

    def sweep(self) -> int:
        intent = self.ledger.read_intent()
        swept = private.sweep(self._rescue.path, keep=intent.owner if intent else None)
        return swept + private.sweep(self._list) + self.ledger.sweep()

    def hold(self, seconds: float = LOCK_SECONDS) -> AbstractContextManager[HeldLock]:
        private.check_directory(self._folder, tighten=True)
        return self.ledger.hold(seconds)

    def describe(self) -> Description:
        place = "the Keychain" if sys.platform == "darwin" else "the Secret Service keyring"
        return Description(
            self.id, self.account, f"{place}, service {SERVICE}", "locked with your session", True
        )


class PreparedKeyring:
    def __init__(self, store: KeyringStore, rescue: FileStore) -> None:
        self._store = store
        self._rescue = rescue
        self._prepared = rescue.prepare()

    def commit(self, tokens: TokenSet, expected: str | None = None) -> Loaded:
        """Into the keyring; if it refuses now, into the rescue file, and `note` says so."""
        try:
            saved = self._store.put(tokens, expected)
        except AuthenticationError as error:
            if error.code == "changed":
                raise
            self._prepared.commit(tokens)
            return self._store.load()
        self._rescue.delete()
        return saved

    def keep(self) -> bool:
        return self._prepared.keep()

    def discard(self) -> None:
        self._prepared.discard()


_Answer = TypeVar("_Answer")


class Backend(Protocol):
    """The three calls of a `keyring` backend that we use."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


def system_backend() -> Backend:
    """The backend of this system, named by its class, since `keyring.get_keyring()` may hand out one that
    writes plain text; raises `unavailable`."""
    try:
        if sys.platform == "darwin":
            from keyring.backends.macOS import Keyring as MacKeyring

            return MacKeyring()
        from keyring.backends.SecretService import Keyring as SecretServiceKeyring

        if not SecretServiceKeyring.viable:
            raise unavailable("no Secret Service answers in this session")
        return SecretServiceKeyring()
    except AuthenticationError:
        raise
    except Exception as error:  # a foreign library, asked about a service that may be half there
        raise unavailable(type(error).__name__) from None


def why_unusable(seconds: float = 3.0) -> str | None:
    """Why this session has no keyring. Nothing is read or written, so no dialog opens. Blocks."""
    try:
        Asked(seconds=seconds)(lambda backend: True)
    except AuthenticationError as error:
        return error.sentence
    return None


class Asked:
    """In a thread with a time-out: a locked keyring opens a dialog that nobody may see, and the library waits
    for it for ever. Calls go to `backend`, or to the system's, which is opened with the first one."""

    def __init__(self, backend: Backend | None = None, seconds: float = SECONDS) -> None:
        self._backend = backend
        self._seconds = seconds

    def __call__(self, ask: Callable[[Backend], _Answer]) -> _Answer:
        """What `ask` answers; raises `AuthenticationError`. An answer that comes too late is dropped."""
        answers: list[_Answer] = []
        problems: list[AuthenticationError] = []

        def run() -> None:
            try:
                if self._backend is None:
                    self._backend = system_backend()
                answers.append(ask(self._backend))
            except AuthenticationError as error:
                problems.append(error)
            except Exception as error:  # a foreign library: its words may quote what it was given
                problems.append(unavailable(type(error).__name__))

        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(self._seconds)
        if answers:
            return answers[0]
        if problems:
            raise problems[0]
        raise AuthenticationError(
            "time-out",
            f"the keyring gave no answer within {self._seconds:.0f} s: it may be locked and ask in a dialog",
            "Unlock it on the desktop, or choose the file store (`--store sdk`)",
        )


def unavailable(why: str) -> AuthenticationError:
    return AuthenticationError(
        "unavailable",
        f"the keyring can't be used: {why}",
        "Choose the file store (`--store sdk`), or start a keyring in this session",
    )
