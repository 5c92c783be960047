"""The live part: which paths of interest have changed, told soon after they did.

Events of the file system say so at once; a look at `stat` every two seconds finds what no event told:
network file systems, a queue that ran over, no more watches to be had, a parent that was moved away.
Single directories are watched, never trees (`~/.claude/projects` is huge), and no file is opened.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from claude_auth.files import read_file
from claude_auth.observe.watched import (
    EVERYTHING,
    Interest,
    Mounts,
    Signature,
    interest_of,
    interesting_files,
    is_remote,
    mounts_of,
    remote_files,
    signature,
    watched_directories,
)

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

__all__ = ["changes", "interesting_files", "watched_directories"]

#: How long events are gathered, and the shortest time between two answers.
DEBOUNCE_SECONDS = 0.1
POLL_SECONDS = 2.0
#: The events' own beat: a change is told after one to two of them.
STEP_MILLISECONDS = 40


async def changes(
    files: Iterable[str],
    *,
    stop: asyncio.Event | None = None,
    ready: asyncio.Event | None = None,
    root: str = "/",
    debounce: float = DEBOUNCE_SECONDS,
    poll: float = POLL_SECONDS,
) -> AsyncGenerator[frozenset[str], None]:
    """Yields which of `files` changed, at most once in `debounce` seconds, until `stop` is set.

    `ready` is set once everything is watched: what happened before it is not told, so observe after it.
    `root` is where /proc is looked up. What changes while the caller is busy is told when it comes back.
    Needs no clean-up beyond `aclose`, which cancelling the task around it does as well.
    """
    from concurrent.futures import ThreadPoolExecutor

    watcher = _Watcher(tuple(dict.fromkeys(files)), root, debounce, poll)
    changed: set[str] = set()
    news = asyncio.Event()
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    # Threads of its own: workers of the app that wait for a network can't delay it, nor can a dead server.
    here, far = (ThreadPoolExecutor(1, f"claude-auth-watch-{name}") for name in ("events", "remote"))

    def tell(these: frozenset[str]) -> None:
        changed.update(these)
        if changed:
            news.set()

    async def follow_events() -> None:
        tell(await loop.run_in_executor(here, watcher.arm))
        if ready is not None:
            ready.set()
        while True:
            tell(await loop.run_in_executor(here, watcher.wait))

    async def follow_remote_files() -> None:
        while True:
            await asyncio.sleep(poll)
            if watcher.remote:
                tell(await loop.run_in_executor(far, watcher.compare, watcher.remote))

    async def follow_stop() -> None:
        await stop.wait()

    tasks = [asyncio.ensure_future(follow()) for follow in (follow_events, follow_remote_files, follow_stop)]
    for task in tasks:
        task.add_done_callback(lambda _: news.set())
    try:
        while True:
            await news.wait()
            for task in tasks:
                if task.done():
                    task.result()  # raises what went wrong in a thread
                    return
            news.clear()
            batch = frozenset(changed)
            changed.clear()
            told = loop.time()
            yield batch
            await asyncio.sleep(max(0.0, told + debounce - loop.time()))
    finally:
        if ready is not None:
            ready.set()  # nobody waits for ever where watching failed
        watcher.halt.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The thread sees `halt` at its next beat; longer than that nobody waits for it.
        await asyncio.wait({loop.run_in_executor(here, watcher.close)}, timeout=1.0)
        for pool in (here, far):
            pool.shutdown(wait=False, cancel_futures=True)


@dataclass
class _Armed:
    interest: Interest
    directories: Mapping[str, tuple[int, int]]
    real: Mapping[str, str]
    notify: RustNotify | None


class _Watcher:
    """The blocking half; `arm`, `wait` and `close` run in one thread, `compare(remote)` in another."""

    def __init__(self, files: tuple[str, ...], root: str, debounce: float, poll: float) -> None:
        self.halt = threading.Event()
        self.remote: tuple[str, ...] = ()
        self._files = files
        self._mountinfo = os.path.join(root, "proc/self/mountinfo")
        self._debounce = int(debounce * 1000)
        self._poll = poll
        self._mounts: Mounts = ()
        self._signatures: dict[str, Signature] = {}
        self._armed = _Armed({}, {}, {}, None)
        self._next_look = 0.0

    def arm(self) -> frozenset[str]:
        """Watches what there is now; which files changed since the last look, also while none was watched."""
        if not self._signatures:
            self._signatures = {file: signature(file) for file in self._files}
        self._mounts = mounts_of(read_file(self._mountinfo).content or b"")
        self.remote = remote_files(self._files, self._mounts)
        notify = None
        interest, directories = self._plan()
        for _ in range(3):
            try:
                notify = self._events_of(directories)
                break
            except FileNotFoundError:  # vanished between being looked at and being watched
                interest, directories = self._plan()
            except (OSError, RuntimeError, ImportError):  # no more watches, or none here: `wait` polls
                break
        real = {os.path.realpath(directory): directory for directory in directories}
        self._armed = _Armed(interest, directories, real, notify)
        return self._look()

    def wait(self) -> frozenset[str]:
        """Waits for the next events, at most `poll` seconds; which files changed."""
        armed = self._armed
        if armed.notify is None:
            return frozenset() if self.halt.wait(self._poll) else self.arm()
        try:
            events = armed.notify.watch(self._debounce, STEP_MILLISECONDS, int(self._poll * 1000), self.halt)
        except (OSError, RuntimeError):
            armed.notify = None
            return frozenset()
        if self.halt.is_set():
            return frozenset()
        concerned = self._concerned(path for _, path in events) if isinstance(events, set) else None
        if concerned is None and time.monotonic() < self._next_look:
            return frozenset()  # noise of other files in the same directories
        changed = (concerned or frozenset()) | self._look()
        armed.interest, directories = self._plan()
        if directories == armed.directories:
            return changed
        armed.notify.close()
        return changed | self.arm()

    def _events_of(self, directories: Iterable[str]) -> RustNotify:
        from watchfiles._rust_notify import RustNotify

        return RustNotify(
            list(directories),
            debug=False,
            force_polling=False,
            poll_delay_ms=int(self._poll * 1000),
            recursive=False,
            ignore_permission_denied=True,
        )

    def close(self) -> None:
        if self._armed.notify is not None:
            self._armed.notify.close()

    def compare(self, files: Iterable[str]) -> frozenset[str]:
        """Those whose signature is another than at the last look."""
        now = {file: signature(file) for file in files}
        changed = frozenset(file for file, seen in now.items() if seen != self._signatures[file])
        self._signatures.update(now)
        return changed

    def _look(self) -> frozenset[str]:
        """At the local files, whatever events say: they can be lost."""
        self._next_look = time.monotonic() + self._poll
        return self.compare([file for file in self._files if file not in self.remote])

    def _concerned(self, paths: Iterable[str]) -> frozenset[str] | None:
        """The files that events at `paths` are about; None where no path is of interest."""
        concerned: set[str] | None = None
        for path in paths:
            directory, name = os.path.split(path)
            names = self._armed.interest.get(self._armed.real.get(directory, directory), {})
            for files in (names.get(name), names.get(EVERYTHING)):
                if files is not None:
                    concerned = (concerned or set()) | files
        return None if concerned is None else frozenset(concerned)

    def _plan(self) -> tuple[Interest, dict[str, tuple[int, int]]]:
        """What is of interest, and the directories to watch with their identities."""
        interest = interest_of(self._files)
        directories: dict[str, tuple[int, int]] = {}
        for directory in interest:
            try:
                status = os.stat(directory)
                directory.encode()
            except (OSError, ValueError):  # vanished, or a name that the events' library can't hold
                continue
            if not is_remote(os.path.realpath(directory), self._mounts):
                directories[directory] = (status.st_dev, status.st_ino)
        return interest, directories
