"""Whatever is waited for in a test ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def at_once(ask: Callable[[], T], seconds: float = 30.0) -> T:
    """What `ask` says, in a thread that is left behind where it hangs: that fails the test."""
    said: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            said.append(ask())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"
    if failed:
        raise failed[0]
    return said[0]
