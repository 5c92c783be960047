"""The keyring of this system, asked in a thread with a time-out.

The backend is named by its class: `keyring.get_keyring()` may hand out one that writes plain text. A locked
keyring opens a dialog that nobody may see, and the library waits for it for ever.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from claude_auth.store.base import StoreError

#: An unlocked keyring answers within milliseconds; a dialog that asks for the password takes a person.
SECONDS = 10.0

_Answer = TypeVar("_Answer")


class Backend(Protocol):
    """The three calls of a `keyring` backend that we use."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


def system_backend() -> Backend:
    """The backend of this system, pinned by class; raises `StoreError("unavailable")`."""
    try:
        if sys.platform == "darwin":
            from keyring.backends.macOS import Keyring as MacKeyring

            return MacKeyring()
        from keyring.backends.SecretService import Keyring as SecretServiceKeyring

        if not SecretServiceKeyring.viable:
            raise unavailable("no Secret Service answers in this session")
        return SecretServiceKeyring()
    except StoreError:
        raise
    except Exception as error:  # a foreign library, asked about a service that may be half there
        raise unavailable(type(error).__name__) from None


class Asked:
    """Calls go to `backend`, or to the system's, which is opened with the first one."""

    def __init__(self, backend: Backend | None = None, seconds: float = SECONDS) -> None:
        self._backend = backend
        self._seconds = seconds

    def __call__(self, ask: Callable[[Backend], _Answer]) -> _Answer:
        """What `ask` answers; raises `StoreError`. An answer that comes too late is dropped."""
        answers: list[_Answer] = []
        problems: list[StoreError] = []

        def run() -> None:
            try:
                if self._backend is None:
                    self._backend = system_backend()
                answers.append(ask(self._backend))
            except StoreError as error:
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
        raise StoreError(
            "time-out",
            f"the keyring gave no answer within {self._seconds:.0f} s: it may be locked and ask in a dialog",
            "Unlock it on the desktop, or choose the file store (`--store sdk`)",
        )


def unavailable(why: str) -> StoreError:
    return StoreError(
        "unavailable",
        f"the keyring can't be used: {why}",
        "Choose the file store (`--store sdk`), or start a keyring in this session",
    )
