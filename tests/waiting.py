"""Whatever is waited for in a test ends."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
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


class Stopwatch:
    """Seconds since its start, but for those in which this process, or one of `others`, was ready and the
    machine had no processor for it: what else runs there makes nothing slow."""

    def __init__(self, *others: int) -> None:
        self._processes = (os.getpid(), *others)
        self._start, self._waited = time.monotonic(), self._waits()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start - max(0.0, self._waits() - self._waited)

    def _waits(self) -> float:
        """As Linux counts it, for each thread; elsewhere nothing."""
        found = 0
        for process in self._processes:
            for path in Path(f"/proc/{process}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):  # a thread that has ended meanwhile
                    found += int(path.read_text().split()[1])
        return found / 1e9
