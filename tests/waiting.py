"""Whatever is waited for in a test ends."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")


def at_once(ask: Callable[[], T], seconds: float = 60.0) -> T:
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


def wait_at_most(seconds: float, holds: Callable[[], bool], *others: int) -> None:
    """As `wait_until`, for what is promised to take no longer: by a `Stopwatch` of `others`."""
    watch = Stopwatch(*others)
    wait_until(lambda: watch.seconds >= seconds or holds())
    assert watch.seconds < seconds, "it took longer"


def is_gone(process: int) -> bool:
    """It has ended, whoever may still have to be told so."""
    try:
        return bool(psutil.Process(process).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def written(path: Path) -> int:
    """A process id that a program writes down of itself, once it has."""
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


class Work:
    """What a process, and all that it started, has to do; as Linux tells it, elsewhere nothing."""

    def __init__(self, *processes: int) -> None:
        self.processes = processes
        self._ran: dict[Path, int] = {}
        self._looked = time.monotonic()
        self.is_over()

    def is_over(self) -> bool:
        """Whether they did next to nothing since the last look, and nothing of them waits for a processor or
        a disk. Who prints nothing on a busy machine may be waiting for its turn."""
        before, looked = self._ran, self._looked
        self._ran, self._looked, waits = {}, time.monotonic(), False
        for process in self._family():
            for thread in Path(f"/proc/{process}/task").glob("*"):
                with contextlib.suppress(OSError, IndexError):  # a thread that has ended meanwhile
                    self._ran[thread] = int((thread / "schedstat").read_text().split()[0])
                    waits |= (thread / "stat").read_text().rpartition(")")[2].split()[0] in "RD"
        ran = sum(max(0, now - before.get(thread, 0)) for thread, now in self._ran.items())
        return not waits and ran / 1e9 < 0.1 * (self._looked - looked)

    def _family(self) -> set[int]:
        found = set(self.processes)
        for process in self.processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                found |= {child.pid for child in psutil.Process(process).children(recursive=True)}
        return found


class Stopwatch:
    """Seconds since its start, but for those in which this process, or one of `others`, was ready and the
    machine had no processor for it: what else runs there makes nothing slow. Of several threads the one that
    waited longest counts. Look at it often where a process may end: it tells nothing of it afterwards."""

    def __init__(self, *others: int) -> None:
        self._processes = (os.getpid(), *others)
        self._first: dict[Path, int] = {}
        self._last: dict[Path, int] = {}
        self._look()
        self._first, self._start = dict(self._last), time.monotonic()

    @property
    def seconds(self) -> float:
        self._look()
        longest: dict[Path, int] = {}
        for thread, last in self._last.items():
            waited = last - self._first.get(thread, 0)
            longest[thread.parent] = max(waited, longest.get(thread.parent, 0))
        return max(0.0, time.monotonic() - self._start - sum(longest.values()) / 1e9)

    def _look(self) -> None:
        """As Linux counts it, for each thread; elsewhere nothing."""
        for process in self._processes:
            for thread in Path(f"/proc/{process}/task").glob("*"):
                with contextlib.suppress(OSError, IndexError):  # a thread that has ended meanwhile
                    self._last[thread] = int((thread / "schedstat").read_text().split()[1])
