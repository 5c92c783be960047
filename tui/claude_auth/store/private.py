"""Files that are ours alone: 0600 from the first byte, exclusive, complete or not there at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import time
from dataclasses import dataclass
from functools import cache

from claude_auth.model.errors import AuthenticationError, from_os_error

#: Room taken before a request: a token set with long tokens and what others keep in the file.
ROOM = 64 * 1024
#: Where the owner of a leftover can't be asked for (another machine on the same home), age decides.
FOREIGN_LEFTOVER_SECONDS = 3600.0

#: For every file of ours: no link is followed, no child inherits it.
CAREFULLY = os.O_NOFOLLOW | os.O_CLOEXEC


def check_directory(path: str, tighten: bool) -> None:
    """The directory exists afterwards, is no link, and is ours; with `tighten`, ours alone (0700)."""
    try:
        _make_directory(path)
        status = os.lstat(path)
        _refuse_foreign(path, status, "the folder")
        if not stat.S_ISDIR(status.st_mode):
            raise AuthenticationError("not-private", f"{path} is no folder", "Move away what stands there")
        mode = stat.S_IMODE(status.st_mode)
        if tighten and mode & 0o077:
            os.chmod(path, mode & 0o700)  # tighter only: who made it read-only meant it
        elif mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            everybody = f"everybody may write to the folder {path}"
            raise AuthenticationError("not-private", everybody, f"chmod o-w {path}")
    except OSError as error:
        raise from_os_error(error, path, "using the folder") from None


def check_folder(path: str) -> None:
    """For a look: the folder, where there is one, is no link and nobody else's."""
    _status(path, "the folder")


def check_file(path: str) -> None:
    """What stands at `path` is nothing, or a regular file of ours."""
    status = _status(path, "the file")
    if status is not None and not stat.S_ISREG(status.st_mode):
        raise AuthenticationError("not-private", f"{path} is no regular file", "Move away what stands there")


def _status(path: str, what: str) -> os.stat_result | None:
    """None where nothing stands there."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise from_os_error(error, path, "looking at") from None
    _refuse_foreign(path, status, what)
    return status


def _make_directory(path: str) -> None:
    if os.path.lexists(path):
        return
    missing = [path]
    while (parent := os.path.dirname(missing[-1])) != missing[-1] and not os.path.lexists(parent):
        missing.append(parent)
    for directory in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another of us was quicker
            os.mkdir(directory, 0o700)
            os.chmod(directory, 0o700)  # the umask may have taken more than it should


def _refuse_foreign(path: str, status: os.stat_result, what: str) -> None:
    if stat.S_ISLNK(status.st_mode):
        link, next_step = f"{what} {path} is a symbolic link", "Replace it by what it points to"
        raise AuthenticationError("not-private", link, f"{next_step}: tokens follow no links")
    if status.st_uid != os.geteuid():
        foreign, next_step = f"{what} {path} belongs to another user", "Run this as its owner"
        raise AuthenticationError("not-private", foreign, f"{next_step}, or give it back with `sudo chown`")


def temporary_beside(target: str) -> str:
    """A name that nobody has, in the same folder, by which `sweep` knows what a killed one of us left."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name}.{this_process()}.{secrets.token_hex(4)}.new")


class Reserved:
    """A temporary file beside its target that exists and has its room on the disk."""

    def __init__(self, target: str, room: int = ROOM) -> None:
        self._target = target
        self._descriptor: int | None = None
        self._written = False
        self.path = temporary_beside(target)
        try:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | CAREFULLY, 0o600)
            os.fchmod(self._descriptor, 0o600)  # a umask may have taken our own rights away
            _allocate(self._descriptor, room)
            os.fsync(self._descriptor)
        except OSError as error:
            self.discard()
            raise from_os_error(error, target, "making room to write") from None

    def commit(self, content: bytes) -> None:
        """`content` stands at the target and on the disk, or the target is as it was."""
        if self._descriptor is None:
            no_room = f"there is no room kept to write {self._target}"
            raise AuthenticationError("io-error", no_room, "Try again")
        try:
            write_all(self._descriptor, content)
            os.ftruncate(self._descriptor, len(content))
            self._written = True
            os.fsync(self._descriptor)
            check_file(self._target)
            os.rename(self.path, self._target)
        except OSError as error:
            raise from_os_error(error, self._target, "writing") from None
        self._close()
        self._written = False
        sync_directory(os.path.dirname(self._target))

    def keep(self) -> bool:
        """Leave the file: `recover` finds it if it was written in full."""
        if self._written:
            self._close()
        return self._written

    def discard(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # the sweep comes by again
                os.unlink(self.path)
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            with contextlib.suppress(OSError):  # synced already; there is nothing left to lose
                os.close(self._descriptor)
            self._descriptor = None


def write_private(target: str, content: bytes) -> None:
    """For small notes of ours: complete or not there, 0600."""
    reserved = Reserved(target, len(content))
    try:
        reserved.commit(content)
    finally:
        reserved.discard()


def remove(path: str) -> bool:
    """Whether something was removed; on the disk before we go on."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise from_os_error(error, path, "removing") from None
    sync_directory(os.path.dirname(path))
    return True


def leftovers(target: str) -> tuple[tuple[str, Owner], ...]:
    """Temporary files of ours for `target`, with the process that made each."""
    folder, name = os.path.split(target)
    pattern = re.compile(rf"\.{re.escape(name)}\.(\d+-\w+-\w+)\.[0-9a-f]{{8}}\.new", re.ASCII)
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                match = pattern.fullmatch(entry.name)
                if match and (owner := Owner.parse(match[1])) and entry.is_file(follow_symlinks=False):
                    found.append((entry.path, owner))
    except OSError:
        return ()
    return tuple(sorted(found))


def sweep(target: str, keep: str | None = None) -> int:
    """Remove the leftovers of processes that are gone, except `keep`'s."""
    removed = 0
    for path, owner in leftovers(target):
        with contextlib.suppress(OSError):  # gone already, or not ours to remove: it harms nobody
            if str(owner) != keep and _is_abandoned(path, owner):
                os.unlink(path)
                removed += 1
    return removed


def _is_abandoned(path: str, owner: Owner) -> bool:
    status = os.lstat(path)
    is_old = time.time() - status.st_mtime > FOREIGN_LEFTOVER_SECONDS
    is_left = owner.is_gone or (is_old and not owner.is_from_here)
    return is_left and status.st_uid == os.geteuid()


def _allocate(descriptor: int, room: int) -> None:
    """Blocks on the disk, so that a disk that fills up afterwards can't take them away."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(descriptor, 0, max(room, 1))
            return
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS}:
                raise
    write_all(descriptor, bytes(room))


def write_all(descriptor: int, content: bytes) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_directory(path: str) -> None:
    """The name itself onto the disk. Some file systems can't: then there is nothing more to be done."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from a later one with the same number and from one on another machine (or in
    another container) that shares the home directory."""

    pid: int
    started: str
    host: str

    def __str__(self) -> str:
        return f"{self.pid}-{self.started}-{self.host}"

    @property
    def is_from_here(self) -> bool:
        return self.host == _host()

    @property
    def is_gone(self) -> bool:
        """False where it can't be known."""
        return self.is_from_here and _started(self.pid) != self.started

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        match = re.fullmatch(r"([0-9]{1,11})-([0-9A-Za-z]{1,31})-([0-9A-Za-z]{1,31})", text)
        return None if match is None else cls(int(match[1]), match[2], match[3])


@cache
def this_process() -> Owner:
    pid = os.getpid()
    return Owner(pid, _started(pid) or "0", _host())


os.register_at_fork(after_in_child=this_process.cache_clear)


@cache
def _host() -> str:
    import hashlib
    import platform

    parts = [platform.node()]
    with (
        contextlib.suppress(OSError),
        open("/proc/sys/kernel/random/boot_id", encoding="ascii", errors="replace") as file,
    ):
        parts.append(file.read().strip())
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _started(pid: int) -> str | None:
    """When the process started, in the system's own count; None where there is no such process any more."""
    if not sys.platform.startswith("linux"):
        import psutil

        try:
            return str(round(psutil.Process(pid).create_time()))
        except psutil.Error:
            return None
    from claude_auth.observe.running import start_of

    return start_of(pid)
