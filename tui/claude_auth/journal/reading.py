"""The journal read: what stands there, its newest lines, and what is being written."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import AsyncGenerator, Iterator
from io import FileIO
from itertools import count, islice
from typing import TYPE_CHECKING

from claude_auth.formats.journal_line import LONGEST_LINE, JournalEntry, decode, passes
from claude_auth.journal.records import (
    FILES,
    NAME,
    UNTRUSTED,
    check_owned,
    file_name,
    journal_directory,
    open_directory,
)
from claude_auth.model import Severity

if TYPE_CHECKING:
    import asyncio

#: Entries that `follow` hands over at once while it reads what stands there already.
BATCH = 1000
#: Moments in the lines and times of the files come from clocks that somebody may have set.
CLOCKS_DIFFER_BY = 3600.0


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


def recent(directory: str, size: int) -> list[JournalEntry]:
    """The newest lines, the oldest of them first: of the last `size` bytes of the newest file, and of the one
    before it where that has fewer. Empty where nothing can be read."""
    found: list[bytes] = []
    try:
        opened = open_directory(directory)
    except OSError:
        return []
    try:
        for number in (0, 1):
            if (tail := _tail(file_name(number), opened, size)) is not None:
                found.insert(0, tail)
                size -= len(tail)
            if size <= 0:
                break
    finally:
        os.close(opened)
    entries = (decode(line) for line in b"".join(found).splitlines() if len(line) < 2 * LONGEST_LINE)
    return [entry for entry in entries if entry is not None]


def _tail(name: str, directory: int, size: int) -> bytes | None:
    """The whole lines in the last bytes of a file; None where there is no such file."""
    opened = _open_to_read(name, directory, None)
    if opened is None:
        return None
    with opened.file as file:
        length = file.seek(0, os.SEEK_END)
        start = max(0, length - size)
        file.seek(start)
        content = file.read(size) or b""
    return content.partition(b"\n")[2] if start else content


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

    def __init__(self, directory: str, since: float | None = None, *, from_end: bool = False) -> None:
        """`from_end`: what stands there now is passed over."""
        self.path = os.path.join(directory, NAME)
        self._directory, self._since = directory, since
        self._open: dict[tuple[int, int], _Opened] = {}
        self._pending: Iterator[JournalEntry] | None = None
        self._lock = threading.Lock()  # closing waits for a thread that still reads
        if from_end:
            self._look()
            for opened in self._open.values():
                opened.file.seek(0, os.SEEK_END)

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
            directory = open_directory(self._directory)
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
        file = os.fdopen(os.open(name, os.O_RDONLY | UNTRUSTED, dir_fd=directory), "rb", buffering=0)
    except OSError:
        return None
    try:
        check_owned(file.fileno(), stat.S_ISREG, None)
    except OSError:
        file.close()
        return None
    if since is not None and os.fstat(file.fileno()).st_mtime < since - CLOCKS_DIFFER_BY:
        file.seek(0, os.SEEK_END)
    return _Opened(file)
