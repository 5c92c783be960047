"""What keeps a refresh whole: the lock beside a store, and what lets no signal end us between a request and
its save.

The lock has one holder among all threads and processes that go through this module. A lock of the kernel
(flock) ends with its holder, however that ends, so ours is never an orphan; who holds it is written into
the lock file for whoever waits.

The file stays, also where its store got another name: the lock is the file's, not its name's. A process that
has opened it and not locked it yet would hold an unlinked one, while the next makes a new one and holds that.
Neither flock nor filelock (4.2) tells the two apart, and two refreshes with one token revoke a login.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from claude_auth.files import read_file
from claude_auth.formats.document import parse
from claude_auth.model.errors import AuthenticationError, from_os_error
from claude_auth.store.private import CAREFULLY, check_file

#: How often a waiting process looks again; short, since a refresh takes a few tenths of a second.
_POLL_SECONDS = 0.05
#: Longest wait for a lock: a request may stall for half a minute, and then its answer is saved.
LOCK_SECONDS = 90.0


if TYPE_CHECKING:
    from filelock import FileLock


@dataclass(frozen=True, slots=True)
class Waiting:
    """For whom we wait: `pid` None where the holder has not said it; `since` is when it took the lock."""

    pid: int | None
    since: float | None
    same_process: bool = False

    def __str__(self) -> str:
        if self.same_process:
            return "another part of this program"
        return "another process" if self.pid is None else f"process {self.pid}"


@dataclass(frozen=True, slots=True)
class HeldLock:
    """`waited` is None where nobody stood in the way."""

    waited: Waiting | None
    seconds: float


@dataclass(slots=True)
class _Shared:
    """One per lock in this process."""

    inside: threading.RLock = field(default_factory=threading.RLock)
    file_lock: FileLock | None = None
    depth: int = 0


_all: dict[str, _Shared] = {}
_all_guard = threading.Lock()


def _forget_after_fork() -> None:
    """A child inherits neither the lock nor the thread that held it."""
    global _all_guard  # noqa: PLW0603
    _all.clear()
    _all_guard = threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)


@contextmanager
def hold(
    path: str, seconds: float, on_wait: Callable[[Waiting], None] | None = None, shared: bool = True
) -> Iterator[HeldLock]:
    """Hold the lock at `path`; not `shared`: among threads alone. `on_wait` is told before the first wait."""
    with _all_guard:
        lock = _all.setdefault(os.path.realpath(path) if shared else path, _Shared())
    started = time.monotonic()
    waited: list[Waiting] = []

    def wait_for(holder: Waiting) -> None:
        if not waited and on_wait is not None:
            on_wait(holder)
        waited.append(holder)

    if not lock.inside.acquire(blocking=False):
        wait_for(Waiting(os.getpid(), None, same_process=True))
        if not lock.inside.acquire(timeout=max(seconds, 0.0)):
            raise _too_long(waited[0], seconds)
    try:
        if shared and lock.depth == 0:
            lock.file_lock = _take_file(path, started + seconds, seconds, wait_for)
        lock.depth += 1
        try:
            yield HeldLock(waited[-1] if waited else None, time.monotonic() - started)
        finally:
            lock.depth -= 1
            if lock.depth == 0 and lock.file_lock is not None:
                held, lock.file_lock = lock.file_lock, None
                _write_holder(path, None)
                held.release()
    finally:
        lock.inside.release()


def _take_file(path: str, deadline: float, seconds: float, wait_for: Callable[[Waiting], None]) -> FileLock:
    from filelock import FileLock, Timeout

    check_file(path)
    file_lock = FileLock(path, mode=0o600, thread_local=False)
    waits = False
    while not file_lock.is_locked:
        try:
            file_lock.acquire(timeout=0)
        except Timeout:
            if not waits:
                wait_for(read_holder(path))
                waits = True
            if time.monotonic() >= deadline:
                raise _too_long(read_holder(path), seconds) from None
            time.sleep(_POLL_SECONDS)
        except OSError as error:
            raise from_os_error(error, path, "taking the lock") from None
    _write_holder(path, {"pid": os.getpid(), "since": time.time()})
    return file_lock


def _too_long(waiting: Waiting, seconds: float) -> AuthenticationError:
    return AuthenticationError(
        "locked",
        f"{waiting} has held the lock of this store for longer than {max(seconds, 0):.0f} s",
        "Wait for it, or end it if it hangs",
    )


def read_holder(path: str) -> Waiting:
    """Who says that it holds the lock."""
    data = parse(read_file(path, 1000).content or b"").data
    pid, since = data.get("pid"), data.get("since")
    return Waiting(
        pid if isinstance(pid, int) else None, float(since) if isinstance(since, int | float) else None
    )


def _write_holder(path: str, holder: dict[str, object] | None) -> None:
    """Into the lock file itself. It helps those who wait, and is never worth failing for (a full disk)."""
    content = b"" if holder is None else json.dumps(holder).encode("ascii")
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | CAREFULLY)
        with open(descriptor, "wb") as file:
            file.write(content)


# ── between request and save nothing may end us: the old token is spent, the new one not yet saved ──

# Python calls signal handlers in the main thread alone. A refresh in the main thread looks after itself; a
# program that refreshes in another thread wraps its main thread in `signals_wait`.


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: What is under way, in whichever thread, and what came meanwhile. No lock: its holder may be interrupted.
_under_way: list[Callable[[str], None]] = []
_waiting: list[signal.Signals] = []


def is_under_way() -> bool:
    """Whether a refresh stands between its request and its save, in whichever thread."""
    return bool(_under_way)


@contextmanager
def finishing_first(tell: Callable[[str], None]) -> Iterator[None]:
    """The block is done before a signal ends the program; `tell` hears the name of one that has to wait."""
    if threading.current_thread() is threading.main_thread():
        with signals_wait(), _section(tell):
            yield
    else:
        with _section(tell):
            yield


@contextmanager
def _section(tell: Callable[[str], None]) -> Iterator[None]:
    _under_way.append(tell)
    try:
        yield
    finally:
        _under_way.remove(tell)
        if not _under_way:
            while _waiting:
                os.kill(os.getpid(), _waiting.pop(0))


@contextmanager
def signals_wait() -> Iterator[None]:
    """For the main thread. While a refresh is between request and save, a first signal of each kind waits for
    it and then does what it would have done; a second one does it at once, and so does any at other times."""
    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int] = {}

    def later(number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number)
        if name not in _waiting:
            _waiting.append(name)
            under_way = _under_way[-1:]  # looked at after that: whoever ends now has seen it, or isn't here
            if under_way:
                under_way[0](name.name)
                return
        if name in _waiting:
            _waiting.remove(name)
        signal.signal(name, before[name])
        os.kill(os.getpid(), name)

    for name in _SIGNALS:
        handler = signal.getsignal(name)
        if handler is signal.SIG_IGN or handler is None:  # ignored, or set by C code: it stays so
            continue
        before[name] = handler
        signal.signal(name, later)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
