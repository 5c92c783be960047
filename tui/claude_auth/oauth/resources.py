"""What one sign-in holds of this computer: the lock that keeps a second one out, and the port that the
browser comes back to.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from claude_auth.oauth import Failure, failure
from claude_auth.preferences import APPLICATION
from claude_auth.security.sanitize import clean

LOCK_NAME = "sign-in.lock"
MOST_CONNECTIONS = 32
#: How often a port is tried that shall be free on both loopback addresses.
_ATTEMPTS = 20

# ── one sign-in at a time, in this process and in all others ─────────────────────────────────────


def sign_in_lock_path(environ: Mapping[str, str]) -> str:
    """In the platform's state directory."""
    home = environ.get("XDG_STATE_HOME", "")
    if not (sys.platform.startswith("linux") and os.path.isabs(home)):
        import platformdirs

        return os.path.join(platformdirs.user_state_dir(APPLICATION, appauthor=False), LOCK_NAME)
    return os.path.join(home, APPLICATION, LOCK_NAME)


def acquire_sign_in_lock(path: str) -> contextlib.ExitStack | Failure:
    """The lock, to be closed by the caller; a failure where another sign-in holds it. It ends with the
    process, so a crash leaves nothing behind."""
    import fcntl

    with contextlib.ExitStack() as lock:
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            lock.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return failure("busy")
        except OSError as error:
            return failure("state-directory", reason=error.strerror or "no locks there")
        return lock.pop_all()


# ── the port, on loopback alone ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Bound:
    """Sockets that hold the port; `redirect_uri` names it."""

    sockets: tuple[socket.socket, ...]
    port: int
    redirect_uri: str

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@dataclass(frozen=True, slots=True)
class NotBound:
    """`taken`: another program has the port; otherwise loopback itself can't be used."""

    port: int
    taken: bool
    reason: str


def bind(redirect_uri: str, port: int | None = None) -> Bound | NotBound:
    """Holds the port of `redirect_uri`, or `port`; 0 is any free one. For `localhost` both 127.0.0.1 and ::1:
    browsers try either, and nobody else shall sit on the other."""
    parts = urlsplit(redirect_uri)
    host = (parts.hostname or "").lower()
    wanted = (parts.port or 0) if port is None else port
    addresses = ("127.0.0.1", "::1") if host == "localhost" else (host,)
    for _ in range(_ATTEMPTS if wanted == 0 else 1):
        bound = _bind(redirect_uri, addresses, wanted)
        if isinstance(bound, Bound):
            break
    return bound


def _bind(redirect_uri: str, addresses: tuple[str, ...], number: int) -> Bound | NotBound:
    sockets: list[socket.socket] = []
    problem = NotBound(number, False, "there is no loopback address")
    for address in addresses:
        try:
            sockets.append(_listen(socket.AF_INET6 if ":" in address else socket.AF_INET, address, number))
            number = sockets[-1].getsockname()[1]
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            problem = NotBound(number, taken, error.strerror or "")
            if taken or error.errno == errno.EACCES:
                break
            # No IPv6, or no IPv4, on this machine: the other one will do.
    else:
        if sockets:
            return Bound(tuple(sockets), number, _with_port(redirect_uri, number))
    for each in sockets:
        each.close()
    return problem


def _with_port(url: str, port: int) -> str:
    """The same URL at another port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit(parts._replace(netloc=f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))


def _listen(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(MOST_CONNECTIONS)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def port_holder(port: int) -> str | None:
    """Who listens on `port`, where the system tells."""
    with contextlib.suppress(Exception):  # without /proc it raises anything
        import psutil

        for connection in psutil.net_connections("tcp"):
            address, pid = connection.laddr, connection.pid
            if connection.status == psutil.CONN_LISTEN and pid and address and address.port == port:
                return f"{clean(psutil.Process(pid).name(), 40)} (process {pid})"
    return None
