"""Which store a name stands for."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.store.base import StoreError, TokenStore
from claude_auth.store.files import FileStore, sdk_accounts
from claude_auth.store.keyring import KeyringStore
from claude_auth.store.others import ClaudeCodeStore, ClawStore

#: In the order in which they are offered.
STORE_IDS = ("claude-code", "sdk", "keyring", "claw")


def open_store(id: str, home: str, account: str | None = None, credentials_path: str = "") -> TokenStore:
    """The store `id`. `credentials_path` is where the snapshot found Claude Code's file."""
    if id == "sdk":
        return FileStore.of_sdk(home, account)
    if id == "keyring":
        return KeyringStore(home, account)
    if account is not None:
        raise StoreError("bad-account", f"the store {id} has no accounts of ours", "Leave out `--account`")
    if id == "claude-code":
        return ClaudeCodeStore(credentials_path or f"{home}/.claude/.credentials.json")
    if id == "claw":
        return ClawStore(home)
    raise StoreError("unavailable", "there is no store of that name", f"Choose one of {', '.join(STORE_IDS)}")


@dataclass(frozen=True, slots=True)
class Choice:
    """`notice` is for the screen wherever another store than the wished one was taken."""

    store: TokenStore
    notice: str | None = None


def keyring_or_file(home: str, account: str | None = None, keyring: KeyringStore | None = None) -> Choice:
    """The keyring if it takes a trial value, else the file, and then `notice` says so: never silently."""
    wished = keyring or KeyringStore(home, account)
    try:
        wished.prepare().discard()
    except StoreError as error:
        store = FileStore.of_sdk(home, account)
        return Choice(store, f"{error.sentence}; the token set goes into the file {store.path} instead")
    return Choice(wished)


__all__ = ["STORE_IDS", "Choice", "keyring_or_file", "open_store", "sdk_accounts"]
