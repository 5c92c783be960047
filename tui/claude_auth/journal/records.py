"""The journal: what our programs did, one redacted JSON line each, in the platform's state directory.

Many processes write at once: a line is one `write` to a file opened for appending, so none is torn or lost,
and only rotation takes a lock. A journal that can't be written never breaks what is being journalled.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from io import FileIO
from itertools import count, islice
from typing import TYPE_CHECKING

from claude_auth.formats.journal_line import LONGEST_LINE, JournalEntry, decode, encode, passes, redacted
from claude_auth.model import Event, Severity
from claude_auth.preferences import load_preferences
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    import asyncio

NAME, LOCK_NAME = "journal.jsonl", "journal.lock"
FILE_SIZE, FILES = 2 << 20, 5
#: Entries that `follow` hands over at once while it reads what stands there already.
BATCH = 1000
#: Moments in the lines and times of the files come from clocks that somebody may have set.
CLOCKS_DIFFER_BY = 3600.0
_UNTRUSTED = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class RefusedError(OSError):
    """A place that isn't safe to keep a journal in; says why."""


def state_directory() -> str:
    """What we keep beside settings: the journal unless somebody says otherwise, what fixes can take back."""
    from platformdirs import user_state_dir

    return user_state_dir("claude-auth", appauthor=False)


def journal_directory() -> str:
    """Where the person wants the journal, else with the rest."""
    return load_preferences(os.environ).text("journal.directory") or state_directory()


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


class Journal:
    """`problem` is why the journal can't be written, told to `on_problem` once; None while all is well."""

    def __init__(
        self,
        directory: str | None = None,
        *,
        program: str = "claude-auth",
        on_problem: Callable[[str], None] | None = None,
        file_size: int = FILE_SIZE,
        files: int = FILES,
    ) -> None:
        self.directory = directory or journal_directory()
        self.problem: str | None = None
        self._program, self._on_problem = program, on_problem
        self._file_size, self._files = file_size, files
        self._known: list[Secret] = []
        self._told = False

    def hide(self, *secrets: Secret) -> None:
        """Values that must not be written whatever they look like: a code, a state, a verifier."""
        self._known += [secret for secret in secrets if not secret.is_blank]

    def write(self, event: Event) -> bool:
        """Append the event; False where that failed. Never raises."""
        try:
            self._append(encode(JournalEntry(event, os.getpid(), self._program), self._known))
        except (OSError, ValueError, TypeError) as error:
            self._tell(error)
            return False
        self.problem = None
        return True

    async def pass_on(self, events: AsyncIterator[Event]) -> AsyncIterator[Event]:
        """The events of an action, each written before it is handed on."""
        async for event in events:
            self.write(event)
            yield event

    def _append(self, line: bytes) -> None:
        directory = _open_directory(self.directory, create=True)
        try:
            for _ in range(self._files + 2):
                file = _open_to_append(directory)
                try:
                    if os.write(file, line) != len(line):  # full: the reader passes over what is torn
                        raise OSError("the disk is full")
                    status = os.fstat(file)
                finally:
                    os.close(file)
                if status.st_nlink:  # else rotated away for good between opening and writing: once more
                    break
            if status.st_size > self._file_size:
                self._rotate(directory)
        finally:
            os.close(directory)

    def _rotate(self, directory: int) -> None:
        """By one process at a time; whoever finds another at it has nothing to do. Each call has a flock of
        its own: a signal handler may write, too, and must neither wait for what it interrupts nor join it."""
        import fcntl

        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(LOCK_NAME, flags, 0o600, dir_fd=directory)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.stat(NAME, dir_fd=directory, follow_symlinks=False).st_size <= self._file_size:
                return
            for number in range(self._files - 1, 0, -1):
                with contextlib.suppress(FileNotFoundError):
                    old, new = file_name(number - 1), file_name(number)
                    os.rename(old, new, src_dir_fd=directory, dst_dir_fd=directory)
        except (BlockingIOError, FileNotFoundError):
            return
        finally:
            os.close(lock)

    def _tell(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.problem = f"the journal isn't written: {redacted(reason)}"
        if not self._told and self._on_problem is not None:
            self._told = True
            self._on_problem(self.problem)


def file_name(number: int) -> str:
    """The newest is number 0."""
    return NAME if number == 0 else f"journal.{number}.jsonl"


def _open_directory(path: str, *, create: bool = False) -> int:
    """A directory of ours that nobody else can look into, opened; RefusedError for any other."""
    if create:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _UNTRUSTED)
    except OSError as error:
        raise _explained(error, path) from error
    try:
        _check(directory, stat.S_ISDIR, 0o700 if create else None)
    except OSError:
        os.close(directory)
        raise
    return directory


def _open_to_append(directory: int) -> int:
    """The newest file, 0600 from its first byte."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _UNTRUSTED
    try:
        file = os.open(NAME, flags, 0o600, dir_fd=directory)
    except OSError as error:
        raise _explained(error, NAME) from error
    try:
        _check(file, stat.S_ISREG, 0o600)
    except OSError:
        os.close(file)
        raise
    return file


def _check(descriptor: int, is_kind: Callable[[int], bool], mode: int | None) -> None:
    status = os.fstat(descriptor)
    if not is_kind(status.st_mode):
        raise RefusedError("something else stands where the journal belongs")
    if status.st_uid != os.geteuid():
        raise RefusedError("the journal's place belongs to another user")
    if mode is not None and stat.S_IMODE(status.st_mode) != mode:
        os.fchmod(descriptor, mode)


def _explained(error: OSError, path: str) -> OSError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
        return RefusedError(f"a symbolic link or something else stands in the journal's place: {path}")
    return error


def export(
    lines: Iterable[str],
    moment: float,
    directory: str | None = None,
    *,
    name: str = "log",
    ending: str = "txt",
) -> str:
    """Write lines to a new file that nobody else can read; returns its path."""
    import time

    folder = directory or journal_directory()
    os.close(_open_directory(folder, create=True))
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(moment))
    for number in range(1, 1000):
        path = os.path.join(folder, f"{name}-{stamp}{f'-{number}' if number > 1 else ''}.{ending}")
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _UNTRUSTED, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(file, "w", encoding="utf-8") as writer:
            writer.writelines(f"{line}\n" for line in lines)
        return path
    raise RefusedError("too many exports of the same second")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def read(
    since: float | None = None,
    store: str | None = None,
    level: Severity | None = None,
    *,
    directory: str | None = None,
) -> Iterator[JournalEntry]:
    """What was written, the oldest first; torn and foreign lines are passed over. RefusedError for a place
    that isn't ours; a journal that isn't there is empty."""
    reader = Reader(directory or journal_directory(), since)
    try:
        yield from (entry for entry in reader.news() if passes(entry.event, since, store, level))
    finally:
        reader.close()


async def follow(
    since: float | None = None,
    store: str | None = None,
    level: Severity | None = None,
    *,
    directory: str | None = None,
    beat: float = 0.1,
    stop: asyncio.Event | None = None,
) -> AsyncGenerator[tuple[JournalEntry, ...], None]:
    """What was written and then what is being written, in batches at most once in `beat` seconds,
    until `stop` is set. The first batch comes once everything is watched, empty where there is nothing."""
    import asyncio

    from claude_auth.observe.watch import changes

    reader = Reader(directory or journal_directory(), since)
    ready = asyncio.Event()
    watcher = changes((reader.path,), stop=stop, ready=ready, beat=beat)
    armed = asyncio.ensure_future(ready.wait())
    upcoming = asyncio.ensure_future(anext(watcher, None))
    try:
        await asyncio.wait({armed, upcoming}, return_when=asyncio.FIRST_COMPLETED)
        first = True
        while True:
            while entries := await asyncio.to_thread(reader.batch, BATCH):
                if wanted := tuple(entry for entry in entries if passes(entry.event, since, store, level)):
                    first = False
                    yield wanted
            if first:
                first = False
                yield ()
            if await upcoming is None:
                return
            upcoming = asyncio.ensure_future(anext(watcher, None))
    finally:
        armed.cancel()
        upcoming.cancel()
        await asyncio.gather(armed, upcoming, return_exceptions=True)
        await watcher.aclose()
        reader.close()


class Reader:
    """Reads on where it stopped, in every file that is there: what a slow writer still appends to a file
    that was rotated away is read as well."""

    def __init__(self, directory: str, since: float | None = None) -> None:
        self.path = os.path.join(directory, NAME)
        self._directory, self._since = directory, since
        self._open: dict[tuple[int, int], _Opened] = {}
        self._pending: Iterator[JournalEntry] | None = None
        self._lock = threading.Lock()  # closing waits for a thread that still reads

    def batch(self, size: int) -> list[JournalEntry]:
        """The next entries, at most `size`; empty at the end of what there is now."""
        with self._lock:
            if self._pending is None:
                self._pending = self.news()
            found = list(islice(self._pending, size))
            if len(found) < size:
                self._pending = None
            return found

    def news(self) -> Iterator[JournalEntry]:
        """What came since the last time, file by file, the oldest first."""
        self._look()
        for identity, opened in [*self._open.items()]:
            gone = os.fstat(opened.file.fileno()).st_nlink == 0
            yield from opened.entries()
            if gone:
                self._open.pop(identity).file.close()

    def close(self) -> None:
        with self._lock:
            for opened in self._open.values():
                opened.file.close()
            self._open.clear()

    def _look(self) -> None:
        """Opens what is new. The newest first: rotation moves files to where we look next."""
        try:
            directory = _open_directory(self._directory)
        except FileNotFoundError:
            return
        found: dict[tuple[int, int], _Opened] = {}
        try:
            missing = 0
            for number in count():
                opened = _open_to_read(file_name(number), directory, self._since)
                missing = missing + 1 if opened is None else 0
                if missing > 1 and number >= FILES:  # one alone is being moved at this moment
                    break
                if opened is None:
                    continue
                if opened.identity in self._open or opened.identity in found:
                    opened.file.close()
                found.setdefault(opened.identity, opened)
        finally:
            os.close(directory)
        for identity in reversed(found):
            self._open.setdefault(identity, found[identity])


class _Opened:
    def __init__(self, file: FileIO) -> None:
        status = os.fstat(file.fileno())
        self.file, self.identity = file, (status.st_dev, status.st_ino)
        self._rest = b""

    def entries(self) -> Iterator[JournalEntry]:
        """The whole lines from here to the end; half a line waits for its other half."""
        if os.fstat(self.file.fileno()).st_size < self.file.tell():  # somebody emptied it
            self.file.seek(0)
            self._rest = b""
        while chunk := self.file.read(1 << 16):
            *lines, rest = (self._rest + chunk).split(b"\n")
            # Of a line without an end only as much as can matter is kept.
            self._rest = rest[-LONGEST_LINE:]
            for line in lines:
                entry = decode(line) if len(line) < 2 * LONGEST_LINE else None
                if entry is not None:
                    yield entry


def _open_to_read(name: str, directory: int, since: float | None) -> _Opened | None:
    """A regular file of ours, or nothing; at its end where all of it was written before `since`."""
    try:
        file = os.fdopen(os.open(name, os.O_RDONLY | _UNTRUSTED, dir_fd=directory), "rb", buffering=0)
    except OSError:
        return None
    try:
        _check(file.fileno(), stat.S_ISREG, None)
    except OSError:
        file.close()
        return None
    if since is not None and os.fstat(file.fileno()).st_mtime < since - CLOCKS_DIFFER_BY:
        file.seek(0, os.SEEK_END)
    return _Opened(file)
