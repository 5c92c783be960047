"""One connection to one host: to an address or through a proxy, and TLS on top. Bounded by a deadline, and
cut from outside where it is too slow."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from claude_auth.network.results import NeededHost, State
from claude_auth.network.settings import Proxy
from claude_auth.security.sanitize import clean

if TYPE_CHECKING:
    import socket
    import ssl
    from http.client import HTTPResponse


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


# ── what went wrong at a step, or came back, as a sentence with its likely cause ─────────────────


def dns_words(error: Exception, whom: str) -> str:
    import socket

    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return f"no name server answered for {whom}: no network, or the DNS is down"
    if isinstance(error, TimeoutError):
        return f"looking up {whom} took too long"
    return f"the name of {whom} is not known here: blocked by DNS, or no network"


_DEAD_ENDS = ("0.0.0.0", "::", "127.", "::1")  # noqa: S104 - addresses that block lists use


def address_words(addresses: Sequence[str], host: str) -> tuple[State, str]:
    shown = ", ".join(clean(address, 60) for address in addresses[:4])
    dead = all(address.startswith("127.") or address in _DEAD_ENDS for address in addresses)
    if dead and not host.startswith("127.") and host not in {"localhost", "::1"}:
        return "warn", f"the name leads to this machine itself ({shown}): a block list or a local proxy"
    return "ok", f"the name leads to {shown}"


def tcp_words(error: OSError, whom: str, port: int) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection to {whom}, port {port}, in time: a firewall swallows it"
    if isinstance(error, ConnectionRefusedError):
        return f"{whom} refuses connections on port {port}: nothing listens there, or a firewall says no"
    return f"no connection to {whom}, port {port}: {(error.strerror or 'no way there').lower()}"


def refusal_words(status: int, host: str) -> str:
    if status == 407:
        return "the proxy wants a user name and password (407): put them into HTTPS_PROXY"
    if status == 0:
        return "what stands at the proxy's address doesn't answer like a proxy"
    return f"the proxy refuses the way to {host} ({status}): ask who runs it to allow this host"


def answer_words(answer: HTTPResponse, body: bytes, needed: NeededHost) -> tuple[State, str]:
    status = answer.status
    is_page = body.lstrip()[:1] == b"<" or "html" in answer.headers.get("Content-Type", "").lower()
    if status == 407:
        return "fail", "the proxy wants a user name and password (407): put them into the proxy's address"
    if status == 511:
        return "fail", "the network wants a sign-in first (511): open any page in the browser"
    if 300 <= status < 400:
        to = clean(answer.headers.get("Location", ""), 120).partition("?")[0]
        if needed.api:
            return "fail", f"it is sent on to {to or 'elsewhere'} ({status}): a captive portal or a firewall"
        return "ok", f"it answers ({status})"
    if needed.api and is_page:
        words = (
            f"a web page came back where JSON belongs ({status}): a captive portal, proxy or firewall answers"
        )
        return "fail", words
    if needed.api and status == 403:
        return "warn", "it answers 403 to a request without a credential: a firewall, or the country it is in"
    if status >= 500:
        return "warn", f"it answers {status}: an incident at the server, or a gateway in between"
    return "ok", f"it answers ({status}, as it should without a credential)" if needed.api else (
        f"it answers ({status})"
    )
