"""Claude Code's own lock for a file that it writes too: the folder `<file>.lock` [behaviour.md, section 5].

Taken with `mkdir`, given back with `rmdir`. One that is held is waited for and never taken over: whether its
holder is gone is for the fix that removes an orphan, which looks for ten seconds. Only one that a killed
process of ours left goes at once.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from claude_auth.actions.fixes.lock_notes import LockNotes
from claude_auth.actions.fixes.refusal import Refused, from_os_error
from claude_auth.claude_code.locks import STATE_FILE_SECONDS

#: The client's own lock of `.claude.json` is held for a moment.
SECONDS = STATE_FILE_SECONDS + 2.0
LOOKS_EVERY = 0.05


class Held:
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
                raise Refused("locked", f"somebody else took the lock {path} meanwhile", "Try again")
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
) -> Iterator[Held]:
    """The locks of `path` and, where it is a symbolic link, of what it leads to. Raises Refused."""
    held = Held(notes)
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


def _locked(lock: str, ours: int | None) -> Refused:
    if ours is not None:
        return Refused("locked", f"another claude-auth (process {ours}) holds the lock {lock}", "Try again")
    return Refused(
        "locked",
        f"Claude Code holds the lock {lock}",
        "Try again in a moment; if it stands still and no claude runs, it is an orphan",
    )
