"""One request, one answer or one failure, over httpx. Nothing is repeated and no redirect followed here.

A failure tells whether the request may have reached the server: after that a code or refresh token must not
be sent again. Proxies count as they do for other programs; whom TLS trusts is decided in `trust`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urljoin, urlsplit

from claude_auth.oauth import CONNECT_SECONDS, Failure, failure, failure_of
from claude_auth.security.sanitize import safe_text
from claude_auth.security.secret import Secret
from claude_auth.trust import issuer_of, trust, unchecked

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out. Headers and body may hold secrets, so `repr` shows neither."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    #: What must never appear in a word about the answer, should the server repeat it.
    secrets: tuple[Secret, ...] = ()
    #: Called before the first byte goes to the server: until then nothing was sent.
    on_sent: Callable[[], None] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names in lower case. The body may hold tokens, so `repr` shows none of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_json(self) -> bool:
        kind = self.content_type
        return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))

    @property
    def is_html(self) -> bool:
        is_told = self.content_type in {"text/html", "application/xhtml+xml"}
        return is_told or self.body[:256].lstrip()[:1] == b"<"


def is_loopback_host(host: str | None) -> bool:
    """`localhost`, 127.0.0.0/8 or ::1."""
    name = (host or "").lower()
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


#: Injected into the flow; tests put their own in place.
Send = Callable[[Request], Awaitable[Response | Failure]]
#: The same for code that runs in a thread.
SendNow = Callable[[Request], Response | Failure]

#: An exchange may take a slow server that long (symptoms.md 71: 15 s were too few).
SECONDS = 60.0
LARGEST_ANSWER = 1 << 20


async def send(request: Request, *, seconds: float = SECONDS) -> Response | Failure:
    """Sends `request`. Being cancelled closes the connection."""
    import httpx

    cancelled = False
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(**client_options(request, seconds, asynchronous=True)) as client,
        ):
            return await _exchange(client, request)
    except asyncio.CancelledError:
        cancelled = True
    except Exception as error:
        problem = failure_of(error, request.url, seconds)
    if cancelled:
        raise asyncio.CancelledError  # anew: the old traceback leads through frames that hold the request
    if problem.code == "tls":
        return await asyncio.to_thread(_name_issuer, request, problem)
    return problem


async def _exchange(client: httpx.AsyncClient, request: Request) -> Response | Failure:
    """Its frame holds what is sent, so nothing may be raised through it that is shown."""
    headers, content = dict(request.headers), request.body or None
    async with client.stream(request.method, request.url, headers=headers, content=content) as answer:
        body = AnswerBody(answer)
        if not body.problem:
            async for chunk in answer.aiter_raw():
                if not body.add(chunk):
                    break
        return _read(answer, body)


def send_now(request: Request, *, seconds: float = SECONDS) -> Response | Failure:
    """The same without an event loop."""
    import httpx

    cutoff = Cutoff(seconds, request.on_sent)
    headers, content = dict(request.headers), request.body or None
    try:
        with (
            cutoff,
            httpx.Client(**client_options(request, seconds)) as client,
            client.stream(
                request.method, request.url, headers=headers, content=content, extensions=cutoff.extensions
            ) as answer,
        ):
            return _read(answer, read_body(answer, cutoff))
    except Exception as error:
        problem = failure_of(error, request.url, seconds)
    return _name_issuer(request, problem) if problem.code == "tls" else problem


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


class AnswerBody:
    """The one reader of what servers answer: the bytes of the wire as they are, up to a bound. Nothing is
    ever unpacked: a few hundred bytes can unpack to gigabytes, and who answers may be anybody.

    `problem`: `too-large`, `packed` (a Content-Encoding, though `identity` alone was asked for), `time-out`.
    """

    def __init__(self, answer: httpx.Response) -> None:
        encoding = answer.headers.get("content-encoding", "identity").strip().lower() or "identity"
        #: May be shown; empty where it is as it was asked for.
        self.encoding = "" if encoding == "identity" else safe_text(encoding, 60) or "?"
        self.problem: Literal["", "too-large", "packed", "time-out"] = "packed" if self.encoding else ""
        self._content = bytearray()

    @property
    def content(self) -> bytes:
        return bytes(self._content)

    def add(self, chunk: bytes) -> bool:
        """Whether more is wanted."""
        left = LARGEST_ANSWER - len(self._content)
        self._content += chunk[:left]
        if len(chunk) > left:
            self.problem = "too-large"
        return not self.problem


def read_body(answer: httpx.Response, cutoff: Cutoff) -> AnswerBody:
    body = AnswerBody(answer)
    if not body.problem:
        # A transport without a wire hands over what was read already.
        for chunk in (answer.content,) if answer.is_stream_consumed else answer.iter_raw():
            if not body.add(chunk) or cutoff.is_over:
                break
        if cutoff.is_over and not body.problem:
            body.problem = "time-out"
    return body


def _read(answer: httpx.Response, body: AnswerBody) -> Response | Failure:
    """A packed answer is refused where its body would count; another status says enough without one."""
    if body.problem == "time-out":
        raise TimeoutError
    if body.problem == "too-large":
        return failure("too-large", status=answer.status_code)
    if body.problem == "packed" and answer.is_success:
        how = f"it came packed ({body.encoding}), which was not asked for"
        return failure("wrong-content-type", status=answer.status_code, detail=how)
    return Response(answer.status_code, dict(answer.headers), body.content)


class Cutoff:
    """Until when one exchange in a thread must be over. httpx's time-outs begin anew with each byte, so who
    sends a head, a chunk's length or `103 Early Hints` little by little would keep us for ever: then the
    connection is cut from outside, and what httpx makes of that is a time-out.

    `on_sent` is told of the first byte to the server.
    """

    def __init__(self, seconds: float, on_sent: Callable[[], None] | None = None) -> None:
        self.extensions = {"trace": self._trace}
        self._on_sent = on_sent
        self._until = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._until

    def __enter__(self) -> Cutoff:
        self._timer.start()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        import httpx

        self._timer.cancel()
        if self.is_over and isinstance(error, httpx.TransportError):
            raise httpx.ReadTimeout("the time is over") from None

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._connection = details["return_value"].get_extra_info("socket")
            if self.is_over:
                self._cut()
        elif self._on_sent is not None and event.endswith(".send_request_headers.started"):
            is_for_a_proxy = details["request"].method == b"CONNECT"
            if not is_for_a_proxy:
                self._on_sent()

    def _cut(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._connection is not None:
                # Not SSLSocket's own, which takes the encryption away while another thread reads.
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)


def client_options(request: Request, seconds: float, *, asynchronous: bool = False) -> dict[str, Any]:
    """Of an httpx client for one exchange: whom it trusts, through which proxy, for how long."""
    import httpx

    parts = urlsplit(request.url)
    # A proxy can't reach this machine's own loopback, whatever NO_PROXY forgot to say.
    through_proxies = not is_loopback_host(parts.hostname)
    context = trust("ours") if parts.scheme == "https" else None
    return {
        "timeout": httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        "follow_redirects": False,
        "trust_env": through_proxies,
        "verify": context or False,
        "mounts": _encrypted_proxies(context, asynchronous) if through_proxies and context else None,
        "headers": {"Accept-Encoding": "identity", "User-Agent": "claude-auth-tui"},
        "limits": httpx.Limits(max_connections=1, max_keepalive_connections=0),
    }


def _encrypted_proxies(context: ssl.SSLContext, asynchronous: bool) -> dict[str, Any]:
    """The proxies that are spoken to over TLS, for which httpx would trust other authorities than ours."""
    from urllib.request import getproxies

    import httpx

    kind = httpx.AsyncHTTPTransport if asynchronous else httpx.HTTPTransport
    found = getproxies()
    if "*" in {pattern.strip() for pattern in found.get("no", "").split(",")}:
        return {}
    return {
        f"{scheme}://": kind(verify=context, proxy=httpx.Proxy(url, ssl_context=context), trust_env=False)
        for scheme in ("http", "https", "all")
        if (url := found.get(scheme, "")).startswith("https://")
    }


def _name_issuer(request: Request, problem: Failure) -> Failure:
    """Looks once more at the certificate, unchecked and without sending anything of ours, to say who issued
    it: that name is how people recognise their company's TLS inspection."""
    import httpx

    try:
        with (
            Cutoff(10.0) as cutoff,
            httpx.Client(**client_options(request, 10.0) | {"verify": unchecked()}) as client,
            client.stream("HEAD", urljoin(request.url, "/"), extensions=cutoff.extensions) as answer,
        ):
            encrypted = answer.extensions["network_stream"].get_extra_info("ssl_object")
            issuer = issuer_of(encrypted.getpeercert(True) or b"")
    except Exception:
        issuer = None
    if issuer is None:
        return problem
    reason = problem.sentence.removeprefix("The server's certificate can't be trusted: ").rstrip(".")
    return failure("tls", reason=f"{reason}; issued by {issuer}")
