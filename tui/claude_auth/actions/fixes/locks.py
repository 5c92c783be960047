"""Claude Code's locks, as far as fixes go: one that nobody holds is removed, and the lock of a file that we
change is taken meanwhile.

An orphan goes only with `rmdir`, and only where `claude_code.locks` says so twice, the second time right
before. The lock of a file that Claude Code writes too is the folder `<file>.lock` [behaviour.md, section 5]:
taken with `mkdir`, given back with `rmdir`. One that is held is waited for and never taken over; only one
that a killed process of ours left goes at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from claude_auth.actions.fixes.writing import FixRefused, from_os_error
from claude_auth.claude_code.locks import STATE_FILE_SECONDS, STILL_SECONDS, judge
from claude_auth.files import list_directory, read_file
from claude_auth.model import Lock
from claude_auth.model.errors import AuthenticationError
from claude_auth.named_tuples import NamedTuple
from claude_auth.store.private import (
    CAREFULLY,
    Owner,
    check_directory,
    check_file,
    this_process,
    write_private,
)

#: So long a lock is watched before it goes.
WATCH_SECONDS = STILL_SECONDS + 1.0


# ── removal ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Removal:
    removed: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class SeenLock:
    """A lock as it stood at one moment of the monotonic clock."""

    path: str
    identity: tuple[int, int, int]
    at: float


def look_closely(path: str, monotonic: Callable[[], float] = time.monotonic) -> SeenLock | None:
    """For a later `remove_orphan`; None where no directory of ours stands there."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return None
    return SeenLock(path, (status.st_dev, status.st_ino, status.st_mtime_ns), monotonic())


def remove_orphan(
    seen: SeenLock,
    known: Mapping[str, str],
    running: Callable[[], Collection[int] | None],
    monotonic: Callable[[], float] = time.monotonic,
    clock: Callable[[], float] = time.time,
) -> Removal:
    """Calling this is the confirmation. Removes the lock if it is one of Claude Code's (`known`, from
    `guarded_paths`), has stood unchanged since `seen` for over 10 s, and no process of `running` is."""
    if seen.path not in known:
        return Removal(False, "that is none of Claude Code's locks")
    for _ in range(2):  # the processes take a moment to list: what was looked at first is looked at again
        if (refused := _refusal(seen, known[seen.path], running(), monotonic, clock)) is not None:
            return Removal(False, refused)
    try:
        os.rmdir(seen.path)
    except OSError as error:
        return Removal(False, f"rmdir failed: {(error.strerror or 'input/output error').lower()}")
    return Removal(True, "the orphaned lock is removed")


def _refusal(
    seen: SeenLock,
    guards: str,
    processes: Collection[int] | None,
    monotonic: Callable[[], float],
    clock: Callable[[], float],
) -> str | None:
    again = look_closely(seen.path, monotonic)
    if again is None:
        return "the lock is gone, or something else stands in its place"
    if again.identity != seen.identity:
        return "somebody has touched the lock meanwhile: it is held"
    still = again.at - seen.at
    if still <= STILL_SECONDS:
        return f"the lock has been watched for {still:.0f} s only; ten are needed"
    age = clock() - again.identity[2] / 1e9
    judged = judge(Lock(seen.path, guards, age), processes, still)
    return None if judged.removable else f"the lock stays: {judged.sentence}"


#: The client's own lock of `.claude.json` is held for a moment.
SECONDS = STATE_FILE_SECONDS + 2.0
LOOKS_EVERY = 0.05


class HeldLocks:
    """The locks, as long as nobody has taken them from us."""

    def __init__(self, notes: LockNotes) -> None:
        self._notes = notes
        self._taken: list[tuple[str, tuple[int, int]]] = []

    def take(self, path: str) -> None:
        self._taken.append((path, self._notes.take(path)))

    def check(self) -> None:
        """Touches each; Refused where one is not ours any more (it took too long, and another took it)."""
        for path, identity in self._taken:
            if not _is(path, identity):
                raise FixRefused("locked", f"somebody else took the lock {path} meanwhile", "Try again")
            with contextlib.suppress(OSError):
                os.utime(path)

    def release(self) -> None:
        while self._taken:
            path, identity = self._taken.pop()
            if _is(path, identity):
                with contextlib.suppress(OSError):
                    os.rmdir(path)
            self._notes.give_back(path)


def _is(path: str, identity: tuple[int, int]) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == identity


def _files(path: str) -> tuple[str, ...]:
    """The file as it is named and what it leads to, each folder without links: never our own lock twice."""
    folder, name = os.path.split(path)
    return tuple(dict.fromkeys((os.path.join(os.path.realpath(folder), name), os.path.realpath(path))))


def own_locks(path: str) -> tuple[str, ...]:
    """What `holding` takes for `path`, as it is named too."""
    return tuple(dict.fromkeys(f"{file}.lock" for file in (path, *_files(path))))


@contextlib.contextmanager
def holding(
    path: str,
    notes: LockNotes,
    seconds: float = SECONDS,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[HeldLocks]:
    """The locks of `path` and, where it is a symbolic link, of what it leads to. Raises Refused."""
    held = HeldLocks(notes)
    until = monotonic() + seconds
    try:
        for file in _files(path):
            while True:
                try:
                    held.take(f"{file}.lock")
                    break
                except FileExistsError:
                    if monotonic() >= until:
                        raise _locked(f"{file}.lock", notes.holder(f"{file}.lock")) from None
                    sleep(LOOKS_EVERY)
                except OSError as error:
                    raise from_os_error(error, f"{file}.lock", "taking the lock") from None
        yield held
    finally:
        held.release()


def _locked(lock: str, ours: int | None) -> FixRefused:
    if ours is not None:
        return FixRefused(
            "locked", f"another claude-auth (process {ours}) holds the lock {lock}", "Try again"
        )
    return FixRefused(
        "locked",
        f"Claude Code holds the lock {lock}",
        "Try again in a moment; if it stands still and no claude runs, it is an orphan",
    )


Identity = tuple[int, int]

_NOTE_NAME = re.compile(r"lock-\d{1,11}-[0-9a-f]{12}\.json", re.ASCII)
#: Between the note and the lock lies one call: a lock without an identity in its note is as old as the note.
_AT_ONCE = 2.0


class LockNote(NamedTuple):
    """`identity` None: the process ended before it could say which directory it made."""

    file: str
    lock: str
    owner: Owner
    at: float
    identity: Identity | None

    def is_of(self, status: os.stat_result) -> bool:
        if self.identity is not None:
            return self.identity == (status.st_dev, status.st_ino)
        return -_AT_ONCE < status.st_ctime - self.at < _AT_ONCE


class LockNotes:
    """`running`: the `claude` processes on this configuration, None where that can't be known. `said`: what
    was taken away, in sentences."""

    def __init__(self, folder: str, running: Callable[[], Collection[int] | None]) -> None:
        self.folder = folder
        self.said: list[str] = []
        self._running = running

    def take(self, lock: str) -> Identity:
        """The lock is ours. Raises FileExistsError while somebody else has it, OSError."""
        with self._alone() as alone:
            if os.path.lexists(lock) and not (alone and self._take_away(lock)):
                raise FileExistsError(lock)
            self._forget(lock)
            self._write(lock, None)
            try:
                os.mkdir(lock, 0o755)
            except BaseException:
                self.give_back(lock)
                raise
            status = os.lstat(lock)
            identity = (status.st_dev, status.st_ino)
            self._write(lock, identity)
            return identity

    def give_back(self, lock: str) -> None:
        """After the lock itself is gone."""
        with contextlib.suppress(OSError):
            os.unlink(self._file(lock))

    def holder(self, lock: str) -> int | None:
        """The process of ours that has the lock now."""
        return next((note.owner.pid for note in self._notes(lock) if not note.owner.is_gone), None)

    # ── what was left behind ─────────────────────────────────────────────────────────────────────

    def _take_away(self, lock: str) -> bool:
        """Only a lock that a process of ours made that is gone, and only while no `claude` could have it."""
        try:
            status = os.lstat(lock)
        except OSError:
            return True
        notes = self._notes(lock)
        if any(not note.owner.is_gone for note in notes):
            return False
        ours = next((note for note in notes if note.is_of(status)), None)
        if ours is None or status.st_uid != os.geteuid():
            return False
        running = self._running()
        if running is None or running:
            return False
        try:
            os.rmdir(lock)
        except OSError:
            return False
        self.said.append(
            f"the lock {lock} was left behind by a claude-auth (process {ours.owner.pid}) that was ended in "
            "the middle of a fix: it is taken away"
        )
        return True

    def _forget(self, lock: str) -> None:
        for note in self._notes(lock):
            if note.owner.is_gone:
                with contextlib.suppress(OSError):
                    os.unlink(note.file)

    # ── the notes ────────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """False where that can't be had: then nothing is taken away."""
        descriptor = -1
        try:
            check_directory(os.path.dirname(self.folder), tighten=True)
            check_directory(self.folder, tighten=True)
            path = os.path.join(self.folder, "locks")
            check_file(path)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | CAREFULLY, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except (OSError, AuthenticationError):
            alone = False
        try:
            yield alone
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _file(self, lock: str) -> str:
        digest = hashlib.sha256(os.fsencode(lock)).hexdigest()[:12]
        return os.path.join(self.folder, f"lock-{os.getpid()}-{digest}.json")

    def _write(self, lock: str, identity: Identity | None) -> None:
        """Without a note the lock is taken all the same: it is waited for as anybody's if we are killed."""
        fields = {"lock": lock, "owner": str(this_process()), "at": time.time(), "identity": identity}
        with contextlib.suppress(AuthenticationError):
            write_private(self._file(lock), json.dumps(fields).encode())

    def _notes(self, lock: str) -> list[LockNote]:
        names = (name for name in list_directory(self.folder, 100_000) if _NOTE_NAME.fullmatch(name))
        found = (self._read(os.path.join(self.folder, name)) for name in names)
        return [note for note in found if note is not None and note.lock == lock]

    @staticmethod
    def _read(file: str) -> LockNote | None:
        try:
            check_file(file)
            fields = json.loads(read_file(file).content or b"")
            owner, identity = Owner.parse(fields["owner"]), fields["identity"]
            if owner is None:
                return None
            known = None if identity is None else (int(identity[0]), int(identity[1]))
            return LockNote(file, str(fields["lock"]), owner, float(fields["at"]), known)
        except (AuthenticationError, ValueError, TypeError, LookupError, RecursionError, AttributeError):
            return None
