"""One connection to one host: to an address or through a proxy, and TLS on top. Bounded by a deadline, and
cut from outside where it is too slow."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from claude_auth.network.settings import Proxy

if TYPE_CHECKING:
    import socket
    import ssl

#: Host and port to addresses; raises OSError. Tests put a table of loopback addresses in place.
Resolver = Callable[[str, int], Sequence[str]]

LARGEST_HEAD = 64 << 10


def system_resolver(host: str, port: int) -> Sequence[str]:
    import socket

    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class ProxyRefused(Exception):  # noqa: N818
    """The proxy's own answer; `status` 0: none that could be read."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy answered {status}")
        self.status = status


class Deadline:
    """Until when everything for one host must be over; `cut` ends what still waits."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self.over = False

    @property
    def left(self) -> float:
        return self._until - time.monotonic()

    def step(self, most: float) -> float:
        """The time-out for the next step. Raises TimeoutError where none is left."""
        if self.over or self.left <= 0:
            raise TimeoutError
        return min(most, self.left)

    def watch(self, connection: socket.socket | None) -> None:
        with self._lock:
            self._socket = connection
            if self.over and connection is not None:
                connection.close()
                raise TimeoutError

    def cut(self) -> None:
        with self._lock:
            self.over = True
            if self._socket is not None:
                import socket

                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)


def connect(
    addresses: Sequence[str], port: int, deadline: Deadline, most: float
) -> tuple[socket.socket, str]:
    """A socket to the first address that answers. Raises OSError of the last."""
    import socket

    last: OSError = OSError("no address")
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        found = socket.socket(family, socket.SOCK_STREAM)
        try:
            found.settimeout(deadline.step(most))
            deadline.watch(found)
            found.connect((address, port))
        except OSError as error:
            found.close()
            last = error
            continue
        return found, address
    raise last


def tunnel(
    connection: socket.socket, host: str, port: int, proxy: Proxy, deadline: Deadline
) -> socket.socket:
    """A way through the proxy to the host. Raises ProxyRefused or OSError."""
    import base64

    name = f"[{host}]" if ":" in host else host
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
    if proxy.user is not None:
        password = "" if proxy.password is None else proxy.password.reveal()
        pair = base64.b64encode(f"{proxy.user.reveal()}:{password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {pair}")
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        connection.settimeout(deadline.step(10))
        chunk = connection.recv(1)  # not a byte of what comes after the head
        if not chunk or len(head) > LARGEST_HEAD:
            raise ProxyRefused(0)
        head += chunk
    words = head.split(b"\r\n", 1)[0].split()
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() and len(words[1]) == 3 else 0
    if not 200 <= status < 300:
        raise ProxyRefused(status)
    return connection


def encrypt(
    connection: socket.socket, host: str, context: ssl.SSLContext, deadline: Deadline
) -> ssl.SSLSocket:
    connection.settimeout(deadline.step(10))
    wrapped = context.wrap_socket(connection, server_hostname=host)
    deadline.watch(wrapped)
    return wrapped
