"""One file exchanged for another in one step: whoever looks sees the old content or the new one.

Mode, owner and extended attributes stay; a symbolic link stays and what it leads to is exchanged. And how a
fix says no.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator

from claude_auth.files import LARGE_LIMIT, read_file
from claude_auth.model.errors import AuthenticationError
from claude_auth.store.private import CAREFULLY, sweep, sync_directory, temporary_beside, write_all


class FixRefused(AuthenticationError):  # noqa: N818
    """Nothing was changed; `sentence` and `next_step` are for a person and hold no secret.

    Codes: `changed` (the file is not what was previewed), `locked`, `claude-runs`, `not-known` (whether one
    runs), `permission`, `read-only`, `not-a-file`, `foreign`, `linked`, `no-space`, `io-error`, `gone`.
    """


def from_os_error(error: OSError, path: str, doing: str) -> FixRefused:
    code, step = "io-error", "Look at that disk and try again"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        code, step = "no-space", "Make room on that disk and try again"
    elif error.errno == errno.EROFS:
        code, step = "read-only", "Change it where it comes from"
    elif error.errno in {errno.EACCES, errno.EPERM}:
        code, step = "permission", f"Look at `ls -ld {path}` and at its folder"
    words = (error.strerror or "input/output error").lower()
    return FixRefused(code, f"{doing} {path} failed: {words}", step)


@contextlib.contextmanager
def refusing(path: str, doing: str) -> Iterator[None]:
    """An error of the system becomes a refusal."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, path, doing) from None


# ── one file ─────────────────────────────────────────────────────────────────────────────────────


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_now(path: str) -> bytes | None:
    """The content as it is now, None where there is no file. Raises Refused for what can't be read."""
    read = read_file(path, LARGE_LIMIT)
    if read.content is not None:
        return read.content
    damage = read.damage
    if damage is not None and damage.is_missing:
        return None
    raise FixRefused("not-a-file", f"{path} can't be read: {damage.text if damage else 'no reason told'}")


def check_target(path: str) -> os.stat_result | None:
    """What `stat` says of the file that would be exchanged, None where there is none. Raises Refused for one
    that we can't exchange without losing something."""
    real = os.path.realpath(path)
    sweep(real)  # what a killed one of us left may be a second name of the file
    try:
        status = os.lstat(real)
    except FileNotFoundError:
        if os.path.islink(path):
            raise FixRefused("not-a-file", f"the symbolic link {path} points to nothing") from None
        return None
    except OSError as error:
        raise from_os_error(error, path, "looking at") from None
    if not stat.S_ISREG(status.st_mode):
        raise FixRefused("not-a-file", f"{path} is no regular file")
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise FixRefused("foreign", f"{path} belongs to another user", "Run this as its owner")
    if status.st_nlink > 1:
        raise FixRefused(
            "linked", f"{path} has {status.st_nlink} names (hard links)", "Change it by hand in your editor"
        )
    if not status.st_mode & stat.S_IWUSR:
        raise FixRefused(
            "read-only",
            f"{path} is read-only: somebody meant it",
            "Change it where it comes from (Nix, a dotfiles repository), or `chmod u+w` it first",
        )
    folder = os.path.dirname(real)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FixRefused(
            "read-only", f"the folder {folder} can't be written", "Change the file where it comes from"
        )
    return status


def exchange(path: str, after: bytes, expected: os.stat_result | None, check: Callable[[], None]) -> None:
    """`after` stands at `path` and on the disk, or the file is as it was. `expected`: what `check_target`
    said before the content was compared; `check` raises where the exchange must not happen any more."""
    real = os.path.realpath(path)
    temporary = temporary_beside(real)
    descriptor = -1
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | CAREFULLY, 0o600)
        write_all(descriptor, after)
        if expected is not None:
            _keep_looks(descriptor, real, expected)
        else:
            os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
        os.close(descriptor)
        descriptor = -1
        check()
        _refuse_if_changed(path, real, expected)
        if expected is None:
            move_without_replacing(temporary, real)
        else:
            os.rename(temporary, real)
        sync_directory(os.path.dirname(real))
    except OSError as error:
        raise from_os_error(error, path, "writing") from None
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _keep_looks(descriptor: int, real: str, expected: os.stat_result) -> None:
    ours = os.fstat(descriptor)
    if (ours.st_uid, ours.st_gid) != (expected.st_uid, expected.st_gid):
        try:
            os.fchown(descriptor, expected.st_uid, expected.st_gid)
        except PermissionError:
            if expected.st_mode & 0o070:  # its group may open it: with another group others could
                raise
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(real):
                with contextlib.suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(real, name))
    os.fchmod(descriptor, stat.S_IMODE(expected.st_mode))


def _refuse_if_changed(path: str, real: str, expected: os.stat_result | None) -> None:
    """The last look before the exchange: a writer that takes no lock is seen here."""
    try:
        now = os.lstat(real)
    except FileNotFoundError:
        now = None
    if now is None and expected is None:
        return
    if now is None or expected is None or identity(now) != identity(expected):
        raise FixRefused("changed", f"{path} was changed at this moment by somebody else", "Look at it again")


def identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, stat.S_IMODE(status.st_mode))


def move_without_replacing(path: str, to: str) -> None:
    """Another name for the same file; nothing that stands at `to` is replaced."""
    try:
        try:
            os.link(path, to, follow_symlinks=False)
            os.unlink(path)
        except OSError as error:
            if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}:
                raise
            if os.path.lexists(to):  # a disk without hard links: the gap is a moment
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
            os.rename(path, to)
        sync_directory(os.path.dirname(path))
    except FileExistsError:
        raise FixRefused("changed", f"something stands at {to} already", "Try again") from None
    except OSError as error:
        raise from_os_error(error, path, "moving") from None
