"""Whatever is waited for in a test ends."""

from __future__ import annotations

import threading
import time
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


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """For what other processes do: asked again until it is so."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)
