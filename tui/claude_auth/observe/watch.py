"""The live part: which paths of interest have changed, told soon after they did.

Their status is looked at five times a second, which is a few hundred system calls and works wherever files
do: no queue runs over, no watch is used up, and a folder that comes, goes or is replaced needs no care. What
lies on a network file system is looked at every two seconds, in a thread of its own, which a dead server may
hold up. No file but /proc/self/mountinfo is ever opened.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from claude_auth.claude_code.locks import lock_paths
from claude_auth.files import Signature, real_path, signature
from claude_auth.model import Snapshot
from claude_auth.observe.machine import covering, read_mounts

if TYPE_CHECKING:
    from concurrent.futures import Executor

#: How often local files are looked at, and so the shortest time between two answers, in seconds.
BEAT_SECONDS = 0.2
REMOTE_SECONDS = 2.0

#: File systems whose files other machines change too; anything behind `fuse.` but the local ones.
_REMOTE = re.compile(
    r"nfs4?|cifs|smb\w*|9p|afs|ceph|lustre|vboxsf|prl_fs|virtiofs|drvfs|autofs"
    r"|fuse\.(?!fuse-overlayfs|portal|gvfsd-fuse|lxcfs).+"
)


def interesting_files(snapshot: Snapshot) -> tuple[str, ...]:
    """Every path whose change can change the answer; a directory stands for the names in it."""
    places, home = snapshot.places, snapshot.places.home
    managed = {os.path.dirname(file.path) for file in snapshot.settings_files if file.layer == "managed"}
    google = os.path.join(home, ".config", "gcloud", "application_default_credentials.json")
    paths = [
        *(file.path for file in snapshot.settings_files),
        *(f"{os.path.join(folder, 'managed-settings')}.d" for folder in managed if not folder.endswith(".d")),
        *(os.path.join(places.cwd, ".claude", name) for name in ("settings.json", "settings.local.json")),
        places.credentials_path,
        snapshot.claude_json.path,
        *(path for path, _ in lock_paths(places.config_dir, snapshot.claude_json.path)),
        os.path.join(places.config_dir, ".config.json"),  # appears: takes the place of .claude.json
        os.path.join(home, ".claude_code"),
        os.path.join(home, ".claude", "credentials"),
        *(os.path.join(home, ".config", "anthropic", name) for name in ("", "configs", "credentials")),
        os.path.join(home, ".azure"),
        snapshot.aws.credentials_path or os.path.join(home, ".aws", "credentials"),
        snapshot.aws.config_path or os.path.join(home, ".aws", "config"),
        os.path.join(home, ".aws", "sso", "cache"),
        snapshot.google.path if snapshot.google else google,
    ]
    return tuple(dict.fromkeys(path.rstrip("/") for path in paths if os.path.isabs(path)))


async def changes(
    files: Iterable[str],
    *,
    stop: asyncio.Event | None = None,
    ready: asyncio.Event | None = None,
    root: str = "/",
    beat: float = BEAT_SECONDS,
    remote_beat: float = REMOTE_SECONDS,
) -> AsyncGenerator[frozenset[str], None]:
    """Yields which of `files` changed, at most once in `beat` seconds, until `stop` is set.

    `ready` is set once all have been looked at: what happened before is not told, so observe after it.
    `root` is where /proc is looked up. What changes while the caller is busy is told when it comes back.
    Needs no clean-up beyond `aclose`, which cancelling the task around it does as well.
    """
    watched = _Watched(tuple(dict.fromkeys(files)), root)
    tasks: list[asyncio.Task[Any]] = []
    try:
        await asyncio.get_running_loop().run_in_executor(watched.here, watched.start)
        follows = watched.follows(beat, remote_beat)
        tasks = [asyncio.create_task(one) for one in [*follows, *([stop.wait()] if stop else [])]]
        for task in tasks:
            task.add_done_callback(lambda _: watched.news.set())
        if ready is not None:
            ready.set()
        while True:
            await watched.news.wait()
            for task in tasks:
                if task.done():
                    task.result()  # raises what went wrong in a thread
                    return
            yield watched.take()
    finally:
        if ready is not None:
            ready.set()  # nobody waits for ever where looking failed
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        watched.close()


class _Watched:
    """`start` and `look_here` run in one thread, `look_far` in another: workers of the app that wait for a
    network can't delay them, nor can a dead server."""

    def __init__(self, files: tuple[str, ...], root: str) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.here, self.far = (
            ThreadPoolExecutor(1, f"claude-auth-watch-{name}") for name in ("local", "far")
        )
        self.news = asyncio.Event()
        self._changed: set[str] = set()
        self._files = files
        self._root = root
        self._remote: frozenset[str] = frozenset()
        self._signatures: dict[str, Signature] = {}

    def follows(self, beat: float, remote_beat: float) -> list[Coroutine[Any, Any, Any]]:
        """What looks again and again, each in its own thread."""
        return [
            self.follow(self.here, self.look_here, beat),
            self.follow(self.far, self.look_far, remote_beat),
        ]

    async def follow(self, pool: Executor, look: Callable[[], frozenset[str]], seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._changed.update(await asyncio.get_running_loop().run_in_executor(pool, look))
            if self._changed:
                self.news.set()

    def take(self) -> frozenset[str]:
        """What changed since the last time."""
        self.news.clear()
        batch = frozenset(self._changed)
        self._changed.clear()
        return batch

    def close(self) -> None:
        for pool in (self.here, self.far):
            pool.shutdown(wait=False, cancel_futures=True)

    def start(self) -> None:
        self._remote = remote_files(self._files, self._root)
        self._signatures = {file: signature(file) for file in self._files}

    def look_here(self) -> frozenset[str]:
        return self._compare([file for file in self._files if file not in self._remote])

    def look_far(self) -> frozenset[str]:
        """Also at what has been mounted since."""
        self._remote = remote_files(self._files, self._root)
        return self._compare(self._remote)

    def _compare(self, files: Iterable[str]) -> frozenset[str]:
        """Those whose signature is another than at the last look."""
        now = {file: signature(file) for file in files}
        changed = frozenset(file for file, seen in now.items() if seen != self._signatures[file])
        self._signatures.update(now)
        return changed


def remote_files(files: Iterable[str], root: str = "/") -> frozenset[str]:
    """Those that lie, or whose links lead, on a network file system."""
    mounts = read_mounts(root) or ()
    if not any(_REMOTE.fullmatch(mount.kind) for mount in mounts):  # spares a look at each of 1,000 mounts
        return frozenset()
    found = set()
    for file in files:
        mount = covering(real_path(file), mounts)
        if mount is not None and _REMOTE.fullmatch(mount.kind):
            found.add(file)
    return frozenset(found)
