"""What stands beside a store: its lock, the intent of a refresh under way, the note of the last failure; and
what lets no signal end us between a request and its save.

The lock has one holder among all threads and processes that go through this module. A lock of the kernel
(flock) ends with its holder, however that ends, so ours is never an orphan; who holds it is written into
the lock file for whoever waits. None of the notes holds a secret: fingerprints, moments, process ids and
sentences. No name ends in `.json`, since every such name in that folder is an account.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from claude_auth.files import read_file
from claude_auth.formats.document import JsonObject, javascript_number, parse, text_of
from claude_auth.model import TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.model.refreshes import FailureNote, PendingRefresh
from claude_auth.store import private
from claude_auth.store.private import CAREFULLY, check_file, from_os_error, this_process

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


def pending_refresh(tokens: TokenSet, at: float) -> PendingRefresh:
    """By this process."""
    refresh = tokens.refresh_token
    there = refresh.fingerprint if refresh else ""
    return PendingRefresh(str(this_process()), at, tokens.access_token.fingerprint, there)


class RefreshState:
    """Beside a file store: files. `directory` None: a store in memory, so notes in memory."""

    def __init__(self, directory: str | None, stem: str) -> None:
        self.directory = directory
        self._stem = stem
        self._notes: dict[str, bytes] = {}

    def _path(self, what: str) -> str:
        return os.path.join(self.directory or "", f".{self._stem}.{what}")

    @property
    def lock_path(self) -> str | None:
        return self._path("lock") if self.directory is not None else None

    def hold(
        self, seconds: float, on_wait: Callable[[Waiting], None] | None = None
    ) -> AbstractContextManager[HeldLock]:
        """The lock, across threads and processes; raises `locked` after `seconds`. The thread that has it may
        take it again."""
        return hold(
            self.lock_path or f"memory:{id(self)}", seconds, on_wait, shared=self.directory is not None
        )

    # ── the intent ───────────────────────────────────────────────────────────────────────────────

    def read_intent(self) -> PendingRefresh | None:
        data, exists = self._read("intent")
        if not exists:
            return None
        return PendingRefresh(
            owner=text_of(data.get("owner")) or "",
            at=_moment(data.get("at")),
            access_token=text_of(data.get("access_token")) or "",
            refresh_token=text_of(data.get("refresh_token")) or "",
        )

    def write_intent(self, intent: PendingRefresh) -> None:
        """On the disk when this returns; raises `AuthenticationError`."""
        self._write("intent", {**asdict(intent), "pid": intent.pid})

    def clear_intent(self) -> None:
        self._remove("intent")

    # ── the last failure ─────────────────────────────────────────────────────────────────────────

    def read_failure(self) -> FailureNote | None:
        data, _ = self._read("failure")
        refresh_token = text_of(data.get("refresh_token"))
        if refresh_token is None:
            return None
        return FailureNote(
            refresh_token=refresh_token,
            kind=text_of(data.get("kind")) or "failed",
            sentence=text_of(data.get("sentence")) or "the last refresh failed",
            next_step=text_of(data.get("next_step")) or "",
            at=_moment(data.get("at")),
            retry_at=_moment(data.get("retry_at")),
            count=int(min(max(_moment(data.get("count")), 0), 1000)),
            is_verdict=data.get("is_verdict") is True,
            asked_to_wait=data.get("asked_to_wait") is True,
        )

    def write_failure(self, note: FailureNote) -> None:
        self._write("failure", asdict(note))

    def clear_failure(self) -> None:
        self._remove("failure")

    def clear(self) -> None:
        """Another token set was put in place, or none is left: what was noted about the old one is over."""
        self.clear_intent()
        self.clear_failure()

    def sweep(self) -> int:
        notes = () if self.directory is None else ("intent", "failure")
        return sum(private.sweep(self._path(what)) for what in notes)

    # ── files or memory ──────────────────────────────────────────────────────────────────────────

    def _read(self, what: str) -> tuple[JsonObject, bool]:
        if self.directory is None:
            return parse(self._notes.get(what, b"")).data, what in self._notes
        read = read_file(self._path(what), 65536)
        if read.content is None:
            return {}, read.damage is None or not read.damage.is_missing
        return parse(read.content).data, True

    def _write(self, what: str, data: dict[str, Any]) -> None:
        content = (json.dumps(data) + "\n").encode("ascii")
        if self.directory is None:
            self._notes[what] = content
        else:
            private.write_private(self._path(what), content)

    def _remove(self, what: str) -> None:
        if self.directory is None:
            self._notes.pop(what, None)
        else:
            private.remove(self._path(what))


def _moment(value: object) -> float:
    number = javascript_number(value)
    return number if abs(number) < 1e12 else 0.0


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
