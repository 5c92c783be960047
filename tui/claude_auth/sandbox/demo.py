"""A demo: one pretend world after the other, in this process, behind a border that it can't cross.

The border keeps it within its own directory and on loopback, by an audit hook: a hook can't be taken off
again, so what leaves the border fails, whoever tries.

Reading is allowed wherever no person's files are: the system's directories, Python's, the package's own. The
hook sees this process; children are kept apart by their environment, which is looked at as they start.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import pwd
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path

from claude_auth.present.demo import DemoMenu, DemoOffer
from claude_auth.sandbox.demo_scenes import BY_NAME, DEMO
from claude_auth.sandbox.world import PretendWorld, open_world, removed_at_the_end

#: Event → which of its arguments are paths that are changed there.
_CHANGES: Mapping[str, tuple[int, ...]] = {
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (0, 1),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
}
_LOOKS = ("os.listdir", "os.scandir", "os.chdir")
#: Event → which of its arguments is the environment of what starts.
_STARTS: Mapping[str, int] = {"subprocess.Popen": 3, "os.exec": 2, "os.posix_spawn": 2}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Border:
    """`inside`: the one directory that may be changed. `environ`: whose home nobody may look
    into. `crossings`: what was refused."""

    def __init__(self, inside: str, environ: Mapping[str, str]) -> None:
        self._inside = _with_slash([inside])
        self.crossings: list[str] = []
        homes = {environ.get("HOME", ""), _home_in_passwd()}
        self._homes = _with_slash(home for home in homes if home not in {"", "/"})
        package = str(Path(__file__).resolve().parents[3])
        self._programs = _with_slash([package, sys.prefix, sys.base_prefix])

    def install(self) -> None:
        sys.dont_write_bytecode = True
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            self._check_path(event, path, changes=isinstance(flags, int) and bool(flags & _WRITING))
        elif event in _CHANGES:
            for index in _CHANGES[event]:
                self._check_path(event, arguments[index], changes=True)
        elif event in _LOOKS:
            self._check_path(event, arguments[0], changes=False)
        elif event in {"socket.connect", "socket.sendto"}:
            self._check_address(event, arguments[1])
        elif event == "socket.getaddrinfo" and _is_foreign_name(arguments[0]):
            self._cross(f"{event} {arguments[0]!r}")
            raise socket.gaierror(socket.EAI_AGAIN, "a demo looks up no names")
        elif event in _STARTS:
            self._check_environment(event, arguments[_STARTS[event]])

    def _check_path(self, event: str, path: object, *, changes: bool) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a descriptor: it was opened before
        folder, name = os.path.split(os.path.abspath(os.fsdecode(path)))
        place = os.path.join(os.path.realpath(folder), name, "")
        if place.startswith(self._inside):
            return
        foreign = place.startswith(self._homes) and not place.startswith(self._programs)
        if foreign or (changes and not place.startswith("/dev/")):
            self._refuse(f"{event} {path!r}")

    def _check_address(self, event: str, address: object) -> None:
        if isinstance(address, str | bytes):  # a socket in the file system
            self._check_path(event, address, changes=True)
        elif isinstance(address, tuple) and address and not _is_local(address[0]):
            self._cross(f"{event} {address!r}")
            raise OSError(errno.ENETUNREACH, "a demo connects to loopback only")

    def _check_environment(self, event: str, environment: object) -> None:
        given = os.environ if environment is None else environment
        home = given.get("HOME", "") if isinstance(given, Mapping) else "/"
        if home and not os.path.join(home, "").startswith(self._inside):
            self._refuse(f"{event} with another home")

    def _refuse(self, what: str) -> None:
        self._cross(what)
        raise PermissionError(errno.EACCES, "outside of the demo")

    def _cross(self, what: str) -> None:
        self.crossings.append(what)


def _home_in_passwd() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:  # a container started with a bare user id
        return ""


def _with_slash(paths: Iterable[str]) -> tuple[str, ...]:
    found = (form for path in paths for form in (os.path.abspath(path), os.path.realpath(path)))
    return tuple(os.path.join(path, "") for path in dict.fromkeys(found))


def _is_foreign_name(host: object) -> bool:
    """An address is not looked up anywhere."""
    return not _is_local(host) and _address(str(host)) is None


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or host in {"", "localhost"}:
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


# ── the worlds ───────────────────────────────────────────────────────────────────────────────────

SCENES = tuple(DemoOffer(scene.scene, scene.label, scene.about) for scene in DEMO)


class Demo:
    """Made by `open_demo`. From the first world on this process has the pretend environment and stands in the
    pretend home."""

    def __init__(self, directory: Path, environ: Mapping[str, str], border: Border) -> None:
        self.border = border
        self._directory, self._environ = directory, environ
        self._numbers = count(1)

    @contextlib.contextmanager
    def world(self, name: str) -> Iterator[tuple[PretendWorld, DemoMenu]]:
        scene = BY_NAME[name]
        with open_world(scene, self._directory / str(next(self._numbers)), self._environ) as world:
            os.environ.clear()
            os.environ.update(world.environ)
            os.chdir(world.laid.cwd)
            tempfile.tempdir = None  # what it was before is remembered there
            try:
                yield world, DemoMenu(SCENES, name, scene.error)
            finally:
                os.chdir("/")


@contextlib.contextmanager
def open_demo() -> Iterator[Demo]:
    """For this whole process: the border can't be taken down again."""
    environ = dict(os.environ)
    directory = Path(os.path.realpath(tempfile.mkdtemp(prefix="claude-auth-demo-")))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        stack.enter_context(removed_at_the_end(directory))
        border = Border(str(directory), environ)
        border.install()
        yield Demo(directory, environ, border)
