"""Keeps tests away from the real machine: their own home, no credentials from outside, and an audit hook
that refuses the real home's credentials and any address but loopback.

It also refuses a process that the product starts anywhere but in its one room, or with an environment that
`child_environment` did not make.

The hook sees this process only; a child process is kept apart by the environment that it inherits.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import pwd
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent

#: What the person who runs the tests has; only `make prove` hands parts of it to pip.
REAL_ENVIRONMENT = dict(os.environ)

_REMOVED_PREFIXES = (
    "ANTHROPIC_",
    "AWS_",
    "AZURE_",
    "CLAUDE_",
    "CLOUDSDK_",
    "CLOUD_ML_",
    "GCE_",
    "GCLOUD_",
    "GOOGLE_",
    "IDENTITY_",
    "MSI_",
    "NODE_",
    "SSH_",
    "TEXTUAL_",
    "TMUX",
    "VERTEX_",
    "XDG_",
)
_REMOVED_NAMES = frozenset(
    {
        "ALL_PROXY",
        "BROWSER",
        "COLUMNS",
        "DBUS_SESSION_BUS_ADDRESS",
        "DISPLAY",
        "FORCE_COLOR",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LINES",
        "NO_COLOR",
        "NO_PROXY",
        "STY",
        "WAYLAND_DISPLAY",
    }
)
#: Programs that the product looks for by name: what the machine has of them decides no test. A test that
#: wants one names its place, or finds the real one with `real_program`.
_HIDDEN_PROGRAMS = frozenset({"aws", "claude", "claude-auth", "claude-auth-tui", "gcloud"})

#: Read by conftest, so it stays.
NO_SYSTEM_SKIPS = "CLAUDE_AUTH_NO_SYSTEM_SKIPS"

_PATH_EVENTS = {
    "open": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (0, 1),
    "os.listdir": (0,),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.scandir": (0,),
    "os.symlink": (0, 1),
    "os.truncate": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
}


#: Event → which of its arguments is the environment.
_STARTS = {"subprocess.Popen": 3, "os.exec": 2, "os.posix_spawn": 2, "os.system": 0, "pty.spawn": 0}


class Trespass(Exception):  # noqa: N818
    """A test reached for the real machine."""


class Guard:
    """The audit hook. It also remembers, since code that never raises would swallow the exception."""

    def __init__(self, homes: frozenset[str], allowed: tuple[str, ...]) -> None:
        self.trespasses: list[str] = []
        #: How many programs this process has started.
        self.started = 0
        self._allowed = tuple(os.path.join(path, "") for path in allowed)
        self._forbidden = tuple(
            os.path.join(home, name)
            for home in sorted(homes)
            for name in (".claude", ".aws", ".config/gcloud", ".config/anthropic")
        )

    def install(self) -> None:
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _PATH_EVENTS:
            for index in _PATH_EVENTS[event]:
                if self._is_forbidden(arguments[index]):
                    self._refuse(f"{event}: a test reached for {arguments[index]!r}")
        elif event in {"socket.connect", "socket.sendto"}:
            if not _stays_here(arguments[1]):
                self._refuse(f"{event}: a test reached for {arguments[1]!r}")
        elif event in _STARTS:
            self.started += 1
            if starts_badly(_callers(), arguments[_STARTS[event]]):
                self._refuse(f"{event}: a program was started outside of its room, or with any environment")
        elif event == "socket.getaddrinfo" and not _is_local_name(arguments[0]):
            self._refuse(f"{event}: a test looked up {arguments[0]!r}")

    def _refuse(self, what: str) -> None:
        self.trespasses.append(what)
        raise Trespass(what)

    def _is_forbidden(self, path: object) -> bool:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        elif isinstance(path, os.PathLike):
            path = os.fspath(path)
        if not isinstance(path, str):
            return False
        absolute = os.path.abspath(path)
        # `.claude` stands for every name that starts so: `.claude.json`, its backups, `.claude_code`.
        return absolute.startswith(self._forbidden) and not absolute.startswith(self._allowed)

    @contextlib.contextmanager
    def expecting(self) -> Iterator[list[str]]:
        """Within, trespasses are what the test wants; they are handed over and forgotten."""
        before = len(self.trespasses)
        seen: list[str] = []
        try:
            yield seen
        finally:
            seen += self.trespasses[before:]
            del self.trespasses[before:]


def _callers() -> list[str]:
    """The modules of ours on the stack, the innermost first."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.split(".", maxsplit=1)[0] in {"claude_auth", "tests", "bench"} and name != __name__:
            found.append(name)
        frame = frame.f_back
    return found


def starts_badly(callers: Sequence[str], environment: object) -> bool:
    """Whether the product starts a program elsewhere than in its room, or with an environment of its own
    making. What a test hands to that room itself is the test's business."""
    if (
        not callers
        or not callers[0].startswith("claude_auth.")
        or callers[0].startswith("claude_auth.sandbox")
    ):
        return False
    if not callers[0].startswith("claude_auth.processes."):
        return True
    caller = next((name for name in callers if not name.startswith("claude_auth.processes.")), "")
    made_here = type(environment).__name__ == "ChildEnvironment"
    return caller.startswith("claude_auth.") and not made_here


def _stays_here(address: object) -> bool:
    """Loopback, or a socket that has no address on a network at all (a path, netlink)."""
    if not isinstance(address, tuple) or not address or not isinstance(address[0], str):
        return True
    return _is_local_name(address[0])


def _is_local_name(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or host in {"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def real_program(name: str) -> str | None:
    """Where the machine itself has it."""
    return shutil.which(name, path=REAL_ENVIRONMENT.get("PATH", os.defpath))


def _programs(folder: str) -> str:
    """The folder, with a link to each program that PATH finds, but for the hidden ones."""
    os.mkdir(folder)
    for place in REAL_ENVIRONMENT.get("PATH", os.defpath).split(os.pathsep):
        if not os.path.isabs(place) or not os.path.isdir(place):
            continue
        for name in os.listdir(place):
            with contextlib.suppress(FileExistsError):  # an earlier folder has it too
                if name not in _HIDDEN_PROGRAMS:
                    os.symlink(os.path.join(place, name), os.path.join(folder, name))
    return folder


def isolate() -> tuple[Guard, str]:
    """Call before the package is imported. Returns the guard and the temporary home."""
    homes = {pwd.getpwuid(os.getuid()).pw_dir, os.environ.get("HOME", "/")}
    homes |= {os.path.realpath(home) for home in homes}
    home = os.path.realpath(tempfile.mkdtemp(prefix="claude-auth-tests-"))
    for name in tuple(os.environ):
        upper = name.upper()
        if name != NO_SYSTEM_SKIPS and (upper.startswith(_REMOVED_PREFIXES) or upper in _REMOVED_NAMES):
            del os.environ[name]
    os.environ |= {
        "COLORTERM": "truecolor",
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "PATH": _programs(_programs_beside(home)),
        "TERM": "xterm-256color",
        "TZ": "UTC",
        "XDG_CACHE_HOME": f"{home}/.cache",
        "XDG_CONFIG_HOME": f"{home}/.config",
        "XDG_DATA_HOME": f"{home}/.local/share",
        "XDG_RUNTIME_DIR": f"{home}/run",
        "XDG_STATE_HOME": f"{home}/.local/state",
    }
    os.mkdir(f"{home}/run", 0o700)
    guard = Guard(frozenset(homes - {"/"}), (str(ROOT), sys.prefix, sys.base_prefix, home))
    guard.install()
    return guard, home


def _programs_beside(home: str) -> str:
    return f"{home}-programs"


def clear_away(home: str) -> None:
    for folder in (home, _programs_beside(home)):
        shutil.rmtree(folder, ignore_errors=True)
