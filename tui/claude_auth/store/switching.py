"""Making another account of the SDK's store the active one.

The files are renamed, never copied: a refresh token that stands in two files would be used twice, and the
server would revoke the login.
"""

from __future__ import annotations

import contextlib
import os

from claude_auth.store.base import StoreError, from_os_error
from claude_auth.store.files import FileStore, check_account, sdk_accounts, sdk_path


def switch(home: str, name: str, keep_as: str | None = None) -> str:
    """What was done, in a sentence. The active account is kept as `keep_as`, which has to be free. Raises
    `StoreError` and leaves both where they are."""
    wanted = check_account(name)
    if wanted is None or wanted not in sdk_accounts(home):
        known = ", ".join(account for account in sdk_accounts(home) if account) or "none"
        raise StoreError("bad-account", f"there is no account {name!r}", f"There are: {known}")
    active, target = FileStore.of_sdk(home), FileStore.of_sdk(home, wanted)
    if target.load().tokens is None:
        raise StoreError("bad-account", f"the account {name!r} holds no login", "Sign in to it again")
    with contextlib.ExitStack() as locks:
        locks.enter_context(active.hold())
        locks.enter_context(target.hold())
        if active.load().revision != "nothing":
            kept = check_account(keep_as)
            if kept is None:
                raise StoreError(
                    "bad-account", "the active account has no name yet", "Say with --keep-as how to keep it"
                )
            place = sdk_path(home, kept)
            if os.path.lexists(place):
                raise StoreError("bad-account", f"the name {kept!r} is taken", "Choose another one")
            _rename(sdk_path(home), place)
        _rename(target.path, sdk_path(home))
        active.ledger.clear()
        target.ledger.clear()
    return f"{name} is the active account of the SDK's store now"


def _rename(old: str, new: str) -> None:
    try:
        os.rename(old, new)
        descriptor = os.open(os.path.dirname(new), os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise from_os_error(error, new, "renaming to") from error
