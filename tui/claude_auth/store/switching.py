"""Another account of the SDK's store becomes the active one."""

from __future__ import annotations

import contextlib
import os

from claude_auth.model.errors import AuthenticationError, from_os_error
from claude_auth.model.refreshes import NOTHING
from claude_auth.store import private
from claude_auth.store.files import FileStore, RefreshState, check_account, sdk_accounts, sdk_path


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
        raise from_os_error(error, new.path, "renaming to") from None
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
