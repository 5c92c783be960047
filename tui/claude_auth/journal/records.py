"""The journal: what our programs did, one redacted JSON line each, in the platform's state directory.

Many processes write at once: a line is one `write` to a file opened for appending, so none is torn or lost,
and only rotation takes a lock. A journal that can't be written never breaks what is being journalled.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from claude_auth.formats.journal_line import LONGEST_LINE, JournalEntry, decode, encode, redacted
from claude_auth.model import Event
from claude_auth.preferences import load_preferences
from claude_auth.security.secret import Secret

NAME, LOCK_NAME, SEEN_LOCK = "journal.jsonl", "journal.lock", "journal.seen.lock"
FILE_SIZE, FILES = 2 << 20, 5
#: A file goes once nothing in it is younger; the newest one is put aside once it began so long ago.
KEPT_SECONDS = 30 * 86400.0
#: For how long another program that writes down what it saw is waited for: no longer, it may be stopped.
WAITS_FOR_OTHERS = 0.2
UNTRUSTED = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


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
        self._tidied = False

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

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other program of ours is within this at the same time, unless it takes too long."""
        import fcntl

        try:
            directory = open_directory(self.directory, create=True)
        except OSError:
            yield  # writing will say why
            return
        try:
            lock = _open_lock(SEEN_LOCK, directory)
        finally:
            os.close(directory)
        try:
            until = time.monotonic() + WAITS_FOR_OTHERS
            while time.monotonic() < until:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.005)
            yield
        finally:
            os.close(lock)

    def _append(self, line: bytes) -> None:
        directory = open_directory(self.directory, create=True)
        try:
            if not self._tidied:  # by age once: no process of ours lives for weeks
                self._tidied = True
                self._tidy(directory)
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
                self._tidy(directory)
        finally:
            os.close(directory)

    def _tidy(self, directory: int) -> None:
        """Puts the newest file aside where it is full or began long ago, and removes what is old. By one
        process at a time; whoever finds another at it has nothing to do. Each call has a flock of its own: a
        signal handler may write, too, and must neither wait for what it interrupts nor join it."""
        import fcntl

        oldest = time.time() - KEPT_SECONDS
        lock = _open_lock(LOCK_NAME, directory)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for number in range(1, self._files):
                with contextlib.suppress(FileNotFoundError):
                    name = file_name(number)
                    if os.stat(name, dir_fd=directory, follow_symlinks=False).st_mtime < oldest:
                        os.unlink(name, dir_fd=directory)
            size = os.stat(NAME, dir_fd=directory, follow_symlinks=False).st_size
            if size <= self._file_size and _began(directory) > oldest:
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


def _began(directory: int) -> float:
    """The moment in the first line of the newest file; that it never began where there is none."""
    with contextlib.suppress(OSError):
        file = os.open(NAME, os.O_RDONLY | UNTRUSTED, dir_fd=directory)
        try:
            entry = decode(os.read(file, LONGEST_LINE).partition(b"\n")[0])
        finally:
            os.close(file)
        if entry is not None:
            return entry.event.at
    return float("inf")


def open_directory(path: str, *, create: bool = False) -> int:
    """A directory of ours that nobody else can look into, opened; RefusedError for any other."""
    if create and not os.path.isdir(path):
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | UNTRUSTED)
    except OSError as error:
        raise _explained(error, path) from error
    try:
        check_owned(directory, stat.S_ISDIR, 0o700 if create else None)
    except OSError:
        os.close(directory)
        raise
    return directory


def _open_lock(name: str, directory: int) -> int:
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=directory)


def _open_to_append(directory: int) -> int:
    """The newest file, 0600 from its first byte."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | UNTRUSTED
    try:
        file = os.open(NAME, flags, 0o600, dir_fd=directory)
    except OSError as error:
        raise _explained(error, NAME) from error
    try:
        check_owned(file, stat.S_ISREG, 0o600)
    except OSError:
        os.close(file)
        raise
    return file


def check_owned(descriptor: int, is_kind: Callable[[int], bool], mode: int | None) -> None:
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
    folder = directory or journal_directory()
    os.close(open_directory(folder, create=True))
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(moment))
    for number in range(1, 1000):
        path = os.path.join(folder, f"{name}-{stamp}{f'-{number}' if number > 1 else ''}.{ending}")
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | UNTRUSTED, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(file, "w", encoding="utf-8") as writer:
            writer.writelines(f"{line}\n" for line in lines)
        return path
    raise RefusedError("too many exports of the same second")
