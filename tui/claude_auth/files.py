"""The one reader of files: what is read may be missing, huge, a pipe, a loop of links, somebody else's.

Nothing is opened before `stat` has called it a regular file, and nothing is read beyond a bound. It stands
below every room that reads: `trust`, `observe`, `oauth`, `store`, `cloud`, `actions` and `cli`.
"""

from __future__ import annotations

import errno
import os
import stat

from claude_auth.model import Damage, FileFacts
from claude_auth.named_tuples import NamedTuple

#: Credential and settings files are a few kilobytes; .claude.json grows with the history of projects.
USUAL_LIMIT = 1 << 20
LARGE_LIMIT = 64 << 20

_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


#: Of a larger directory not every name counts for its signature.
MOST_ENTRIES = 2000

#: What changes when the content does, None where there is nothing.
Signature = tuple[object, ...] | None


class FileRead(NamedTuple):
    """`content` is None where `damage` says why."""

    content: bytes | None = None
    damage: Damage | None = None
    file: FileFacts | None = None

    @property
    def is_unreadable(self) -> bool:
        """Something stands there, and its content is not known."""
        return self.content is None and not (self.damage is not None and self.damage.is_missing)

    def __repr__(self) -> str:
        """Without the content."""
        return f"FileRead(damage={self.damage!r}, file={self.file!r})"


def read_file(path: str, limit: int = USUAL_LIMIT, *, cut: bool = False, from_end: bool = False) -> FileRead:
    """The content of a regular file of at most `limit` bytes; never raises, never blocks. `cut`: of a larger
    one its beginning, or its end where `from_end` is said, instead of `too-large`."""
    try:
        link = os.lstat(path)
        status = os.stat(path) if stat.S_ISLNK(link.st_mode) else link
    except OSError as error:
        return FileRead(damage=_damage_of(error, path))
    except ValueError:  # a NUL byte in a path from a variable
        return FileRead(damage=Damage("io-error", "the path holds a character that no path can hold"))
    target = real_path(path) if stat.S_ISLNK(link.st_mode) else None
    facts = facts_of(path, status, target)
    for is_kind, words in _KINDS:
        if is_kind(status.st_mode):
            return FileRead(damage=Damage("not-a-file", f"{words} stands where a file belongs"), file=facts)
    if status.st_size > limit and not cut:
        size = f"{status.st_size / 1_048_576:,.0f} MiB"
        return FileRead(damage=Damage("too-large", f"the file is {size}, too large to be read"), file=facts)
    try:
        content = _read_bounded(path, limit, cut, max(0, status.st_size - limit) if from_end else 0)
    except OSError as error:
        return FileRead(damage=_damage_of(error, path), file=facts)
    if content is None:
        return FileRead(damage=Damage("too-large", "the file grew while it was read"), file=facts)
    return FileRead(content, None, facts)


def _read_bounded(path: str, limit: int, cut: bool, start: int) -> bytes | None:
    """None where there is more than `limit` bytes, unless it is `cut`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # exchanged between stat and open
            raise OSError(errno.EINVAL, "no regular file")
        if start:
            os.lseek(descriptor, start, os.SEEK_SET)
        chunks: list[bytes] = []
        left = limit if cut else limit + 1
        while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        os.close(descriptor)
    return b"".join(chunks) if cut or left > 0 else None


def facts_of(path: str, status: os.stat_result, target: str | None = None) -> FileFacts:
    return FileFacts(
        path=path,
        mode=stat.S_IMODE(status.st_mode),
        owner=owner_name(status.st_uid),
        owned_by_us=status.st_uid == os.geteuid(),
        modified=status.st_mtime,
        size=status.st_size,
        link_target=target,
    )


def owner_name(user_id: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:
        return str(user_id)


def real_path(path: str) -> str:
    """Links followed; as it is where that can't be."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


_ERRORS = {
    errno.ENOENT: ("missing", "the file is not there"),
    errno.ENOTDIR: ("missing", "the file is not there"),
    errno.EACCES: ("permission", "no permission to read the file"),
    errno.EPERM: ("permission", "no permission to read the file"),
    errno.ELOOP: ("dangling-link", "the symbolic link leads in a circle"),
    errno.ENAMETOOLONG: ("io-error", "the path is too long"),
}


def _damage_of(error: OSError, path: str) -> Damage:
    code, text = _ERRORS.get(
        error.errno or 0, ("io-error", f"reading failed: {error.strerror or 'I/O error'}")
    )
    if code == "missing" and os.path.islink(path):
        return Damage("dangling-link", "the symbolic link points to nothing")
    return Damage(code, text)


def list_directory(path: str, limit: int = 1000) -> tuple[str, ...]:
    """Names in a directory, sorted; empty where it can't be listed."""
    try:
        with os.scandir(path) as entries:
            names = [entry.name for _, entry in zip(range(limit), entries, strict=False)]
    except (OSError, ValueError):
        return ()
    return tuple(sorted(names))


def signature(path: str) -> Signature:
    """Of a file by its status alone, of a directory with its entries."""
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return _status_facts(status)
        with os.scandir(path) as entries:
            inside = [
                (entry.name, _status_facts(entry.stat(follow_symlinks=False)))
                for _, entry in zip(range(MOST_ENTRIES), entries, strict=False)
            ]
        return (*_status_facts(status), *sorted(inside))
    except (OSError, ValueError):
        return None


def _status_facts(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
