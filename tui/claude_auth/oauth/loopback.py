"""The listener that the browser comes back to (RFC 8252, section 7.3).

Bound before the URL is shown, on this machine's loopback alone. Everything that arrives is hostile: a wrong
state, a stray request or a port scan is answered with a page that says nothing and doesn't end the sign-in.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from claude_auth.named_tuples import NamedTuple
from claude_auth.oauth.callback import Callback
from claude_auth.oauth.configuration import with_port
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret

#: A request line and headers larger than this are no browser's.
LARGEST_REQUEST = 16 << 10
REQUEST_SECONDS = 5.0
MOST_CONNECTIONS = 32
MOST_REQUESTS = 1000
#: How long the browser's page waits for the exchange before it sends the person back to the terminal.
OUTCOME_SECONDS = 75.0
_LAST_PAGE_SECONDS = 2.0
_LINGER_SECONDS = 0.5
_AFTER_ERROR_SECONDS = 0.1
_ATTEMPTS = 20


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
            return Bound(tuple(sockets), number, with_port(redirect_uri, number))
    for each in sockets:
        each.close()
    return problem


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


class Listener:
    """Serves one sign-in. `on_answer` is called once, with the first answer that carries the right state;
    `on_ignored` gets a word for everything else, never any of its content."""

    def __init__(
        self,
        bound: Bound,
        state: Secret,
        *,
        on_answer: Callable[[Callback], None],
        on_ignored: Callable[[str], None] = lambda _: None,
        request_seconds: float = REQUEST_SECONDS,
        most_requests: int = MOST_REQUESTS,
    ) -> None:
        parts = urlsplit(bound.redirect_uri)
        self._bound = bound
        self._path = parts.path or "/"
        names = {"localhost", "127.0.0.1", "[::1]", parts.netloc.rpartition(":")[0].lower()}
        self._hosts = {f"{name}:{bound.port}" for name in names}
        self._state = state
        self._on_answer = on_answer
        self._on_ignored = on_ignored
        self._request_seconds = request_seconds
        self._most_requests = most_requests
        self._requests = 0
        self._answered = False
        self._outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._is_listening = True
        self._reading: dict[asyncio.Task[None], None] = {}  # in the order in which they came
        self._answering: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """From inside the event loop."""
        for each in self._bound.sockets:
            self._watch(each)

    async def close(self, outcome: str = "over") -> None:
        """Stops listening at once; whoever waits for the outcome still gets its page."""
        self._stop_listening()
        if not self._outcome.done():
            self._outcome.set_result(outcome)
        for task in self._reading:
            task.cancel()
        waiting = {*self._reading, *self._answering}
        try:
            if waiting:
                await asyncio.wait(waiting, timeout=_LAST_PAGE_SECONDS)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    # Not `asyncio.start_server`, nor `sock_accept` in a task: with both, a connection that arrives while they
    # are closed is left hanging. Here accepting is one step that can't be interrupted.

    def _watch(self, listener: socket.socket) -> None:
        if self._is_listening:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    def _stop_listening(self) -> None:
        if self._is_listening:
            self._is_listening = False
            for each in self._bound.sockets:
                asyncio.get_running_loop().remove_reader(each)
            self._bound.close()

    def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}:
                loop.remove_reader(listener)  # it would be called again and again
                loop.call_later(_AFTER_ERROR_SECONDS, self._watch, listener)
            return
        self._requests += 1
        if self._requests > self._most_requests:
            connection.close()
            self._stop_listening()
            self._on_ignored("too-many-requests")
            return
        connection.setblocking(False)
        if len(self._reading) >= MOST_CONNECTIONS:
            # The oldest goes: connections that only sit there must not keep the browser out.
            oldest = next(iter(self._reading))
            del self._reading[oldest]
            oldest.cancel()
        task = loop.create_task(self._converse(connection))
        self._reading[task] = None
        task.add_done_callback(partial(self._over, connection))

    def _over(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        self._reading.pop(task, None)
        self._answering.discard(task)
        connection.close()
        if not task.cancelled():
            task.result()

    async def _converse(self, connection: socket.socket) -> None:
        try:
            async with asyncio.timeout(self._request_seconds):
                head = await _read_head(connection)
            if not head:
                self._on_ignored("empty-connection")
                return
            request = _read_request(head)
            if request is None:
                page = PAGES["bad-request" if len(head) <= LARGEST_REQUEST else "too-large"]
                self._on_ignored("no-http")
                await self._write(connection, page)
                return
            task = asyncio.current_task()
            assert task is not None
            self._reading.pop(task, None)
            self._answering.add(task)
            with_body = request.method != "HEAD"
            answer = self._page_for(request)
            del head, request  # they hold the code, and waiting may take long
            await self._write(connection, answer or await self._outcome_page(), with_body=with_body)
        except (TimeoutError, OSError):
            self._on_ignored("incomplete-request")

    async def _write(self, connection: socket.socket, page: Page, *, with_body: bool = True) -> None:
        headers = [*HEADERS, ("Content-Length", str(len(page.body)))]
        if page.status == 405:
            headers.append(("Allow", "GET"))
        lines = [f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers]
        answer = "\r\n".join((*lines, "", "")).encode("ascii") + (page.body if with_body else b"")
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._request_seconds):
            await loop.sock_sendall(connection, answer)
        # Reading on for a moment: closing with something unread could take the page away again.
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_LINGER_SECONDS):
                connection.shutdown(socket.SHUT_WR)
                while await loop.sock_recv(connection, 65536):
                    pass

    def _page_for(self, request: _Request) -> Page | None:
        """None for the right answer, whose page depends on the outcome."""
        if request.method != "GET":
            return self._ignore("wrong-method", "wrong-method")
        if request.host.lower() not in self._hosts:
            return self._ignore("wrong-host", "wrong-host")
        path, _, query = request.target.partition("?")
        if path != self._path:
            return self._ignore("other-path", "not-found")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40)
        except ValueError:
            return self._ignore("wrong-state", "not-ours")
        fields = dict(pairs)
        if "state" not in fields or Secret(fields["state"]) != self._state or len(fields) != len(pairs):
            return self._ignore("wrong-state" if "state" in fields else "no-state", "not-ours")
        if not fields.get("code") and not fields.get("error"):
            return self._ignore("no-code", "not-ours")
        if not self._answered:
            self._answered = True
            self._on_answer(
                Callback(
                    code=Secret(fields["code"]) if "error" not in fields else None,
                    error=fields.get("error"),
                    description=fields.get("error_description", ""),
                    issuer=fields.get("iss"),
                )
            )
        return None

    async def _outcome_page(self) -> Page:
        """Neutral until the exchange has succeeded; a second press gets the same page."""
        try:
            async with asyncio.timeout(OUTCOME_SECONDS):
                return PAGES[await asyncio.shield(self._outcome)]
        except TimeoutError:
            return PAGES["neutral"]

    def _ignore(self, reason: str, page: str) -> Page:
        self._on_ignored(reason)
        return PAGES[page]


class _Request(NamedTuple):
    method: str
    target: str
    host: str


async def _read_head(connection: socket.socket) -> bytes:
    """What came until the empty line, the end of the connection, or the largest size; no more of what begins
    like no request (TLS, say), so that its answer doesn't wait for the time limit."""
    head = bytearray()
    while not _END.search(head) and len(head) <= LARGEST_REQUEST:
        chunk = await asyncio.get_running_loop().sock_recv(connection, 4096)
        if not chunk:
            break
        head += chunk
        if not 0x21 <= head[0] <= 0x7E:
            break
    return bytes(head)


#: With bare line feeds it is no request either, and the answer says so at once.
_END = re.compile(rb"\n\r?\n")
_HEAD = re.compile(r"([A-Z]+) ([\x21-\x7e]+) HTTP/1\.[01]\r\n((?:[!-9;-~]+:[^\r\n\0]*\r\n)+)\r\n")
_HOST = re.compile(r"(?im)^host:(.*)\r$")


def _read_request(head: bytes) -> _Request | None:
    """None for what is no request, is too large, or doesn't name one host."""
    match = _HEAD.match(head.decode("latin-1")) if len(head) <= LARGEST_REQUEST else None
    hosts = _HOST.findall(match[3]) if match else []
    return _Request(match[1], match[2], hosts[0].strip(" \t")) if match and len(hosts) == 1 else None


# ── what the browser is shown: static pages that repeat nothing of what was sent ────────────────


class Page(NamedTuple):
    status: int
    body: bytes


_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem;"
    "color:#222;background:#fafaf7}h1{font-size:1.5rem}@media(prefers-color-scheme:dark)"
    "{body{color:#eee;background:#1c1c1a}}"
)


def _page(status: int, title: str, text: str) -> Page:
    return Page(
        status,
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{_STYLE}</style></head>"
            f"<body><h1>{title}</h1><p>{text}</p></body></html>\n"
        ).encode(),
    )


_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")

HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Connection", "close"),
)

_WAITS = "A sign-in waits in a terminal on this computer."
#: By outcome of the sign-in, and by what was wrong with the request.
PAGES = {
    "success": _page(200, "The sign-in worked", "Close this window and go back to the terminal."),
    "failure": _page(
        200, "The sign-in did not work", "Go back to the terminal: it says why, and what to do next."
    ),
    "over": _page(200, "This sign-in is over", "Close this window and go back to the terminal."),
    "neutral": _page(
        200, "Go back to the terminal", "The answer has arrived. The terminal says how it goes on."
    ),
    "not-ours": _page(
        400,
        "This belongs to another sign-in",
        "It may come from an earlier attempt. Go back to the terminal and use the address that it shows now.",
    ),
    "not-found": _page(404, "Nothing here", _WAITS),
    "wrong-host": _page(403, "Nothing here", _WAITS),
    "wrong-method": _page(405, "Nothing here", _WAITS),
    "bad-request": _page(400, "Nothing here", _WAITS),
    "too-large": _page(431, "Nothing here", _WAITS),
}
