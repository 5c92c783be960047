"""The listener that the browser comes back to (RFC 8252, section 7.3).

Bound before the URL is shown, on this machine's loopback alone. Everything that arrives is hostile: a wrong
state, a stray request or a port scan is answered with a page that says nothing and doesn't end the sign-in.
What is HTTP and what isn't says h11, which is loaded when somebody knocks.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from claude_auth.oauth.callback import Callback
from claude_auth.oauth.pages import HEADERS, IGNORED, PAGES, Page
from claude_auth.oauth.resources import MOST_CONNECTIONS, Bound
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    import h11

#: A request line and headers that haven't ended by then are no browser's.
LARGEST_REQUEST = 16 << 10
REQUEST_SECONDS = 5.0
MOST_REQUESTS = 1000
#: How long the browser's page waits for the exchange before it sends the person back to the terminal.
OUTCOME_SECONDS = 75.0
_LAST_PAGE_SECONDS = 2.0
_LINGER_SECONDS = 0.5
_AFTER_ERROR_SECONDS = 0.1


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
            http = _new_parser()
            async with asyncio.timeout(self._request_seconds):
                request = await _read_request(http, connection)
            if request is None:
                self._on_ignored("empty-connection")
                return
            if isinstance(request, Page):
                self._on_ignored("no-http")
                await self._write(connection, http, request)
                return
            task = asyncio.current_task()
            assert task is not None
            self._reading.pop(task, None)
            self._answering.add(task)
            answer = self._page_for(request)
            with_body = request.method != b"HEAD"
            del request  # it holds the code, and waiting may take long
            await self._write(connection, http, answer or await self._outcome_page(), with_body)
        except (TimeoutError, OSError):
            self._on_ignored("incomplete-request")

    async def _write(
        self, connection: socket.socket, http: h11.Connection, page: Page, with_body: bool = True
    ) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._request_seconds):
            await loop.sock_sendall(connection, _answer(http, page, with_body))
        # Reading on for a moment: closing with something unread could take the page away again.
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(_LINGER_SECONDS):
                connection.shutdown(socket.SHUT_WR)
                while await loop.sock_recv(connection, 65536):
                    pass

    def _page_for(self, request: h11.Request) -> Page | None:
        """None for the right answer, whose page depends on the outcome."""
        if request.method != b"GET":
            return self._ignore("wrong-method")
        if _host(request) not in self._hosts:
            return self._ignore("wrong-host")
        path, _, query = request.target.decode("ascii").partition("?")
        if path != self._path:
            return self._ignore("other-path")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=40)
        except ValueError:
            return self._ignore("wrong-state")
        fields = dict(pairs)
        if "state" not in fields or Secret(fields["state"]) != self._state or len(fields) != len(pairs):
            return self._ignore("wrong-state" if "state" in fields else "no-state")
        if not fields.get("code") and not fields.get("error"):
            return self._ignore("no-code")
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

    def _ignore(self, reason: str) -> Page:
        self._on_ignored(reason)
        return PAGES[IGNORED[reason].page]


# ── HTTP: h11 reads and writes it ────────────────────────────────────────────────────────────────


def _new_parser() -> h11.Connection:
    import h11

    return h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_REQUEST)


async def _read_request(http: h11.Connection, connection: socket.socket) -> h11.Request | Page | None:
    """The request, or at once the page for what is none; None where nothing came."""
    import h11

    received = bytearray()
    try:
        while (event := http.next_event()) is h11.NEED_DATA:
            # A byte more than may come: h11 bounds what has not ended, whatever ended within one chunk.
            room = LARGEST_REQUEST + 1 - len(received)
            chunk = await asyncio.get_running_loop().sock_recv(connection, min(4096, room))
            received += chunk
            if not _is_strict(received):
                return PAGES["bad-request"]
            http.receive_data(chunk)
    except h11.RemoteProtocolError as error:
        return PAGES["too-large" if error.error_status_hint == 431 else "bad-request"]
    if not isinstance(event, h11.Request):
        return None
    return event if event.http_version in {b"1.0", b"1.1"} else PAGES["bad-request"]


def _is_strict(received: bytearray) -> bool:
    """False for what h11 lets through, or waits on, and no browser sends: a first byte beyond ASCII, lines
    that end without a carriage return, headers that go on in the next line."""
    head = received.partition(b"\r\n\r\n")[0]
    folded = b"\n " in head or b"\n\t" in head
    return head[:1] < b"\x7f" and head.count(b"\n") == head.count(b"\r\n") and not folded


def _host(request: h11.Request) -> str:
    """In small letters, empty where HTTP/1.0 named none. A second one h11 has refused."""
    return dict(request.headers).get(b"host", b"").decode("latin-1").lower()


def _answer(http: h11.Connection, page: Page, with_body: bool) -> bytes:
    import h11

    headers = [*HEADERS, ("Content-Length", str(len(page.body)))]
    if page.status == 405:
        headers.append(("Allow", "GET"))
    reason = HTTPStatus(page.status).phrase
    head = http.send(h11.Response(status_code=page.status, headers=headers, reason=reason))
    return head + (http.send(h11.Data(data=page.body)) if with_body else b"")
