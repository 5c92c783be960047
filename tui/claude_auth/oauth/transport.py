"""One request, one answer or one failure, over httpx. Nothing is repeated and no redirect followed here.

A failure tells whether the request may have reached the server: after that a code or refresh token must not
be sent again. Proxies and CA variables count as they do for other programs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from claude_auth.oauth.certificates import issuer_of
from claude_auth.oauth.failures import Failure, failure
from claude_auth.oauth.messages import Request, Response
from claude_auth.oauth.urls import is_loopback_host

if TYPE_CHECKING:
    import httpx

#: Injected into the flow; tests put their own in place.
Send = Callable[[Request], Awaitable[Response | Failure]]
#: The same for code that runs in a thread.
SendNow = Callable[[Request], Response | Failure]

#: An exchange may take a slow server that long (symptoms.md 71: 15 s were too few).
SECONDS = 60.0
CONNECT_SECONDS = 20.0
LARGEST_ANSWER = 1 << 20


async def send(request: Request, *, seconds: float = SECONDS) -> Response | Failure:
    """Sends `request`. Being cancelled closes the connection."""
    import httpx

    cancelled = False
    try:
        async with asyncio.timeout(seconds), httpx.AsyncClient(**_options(request, seconds)) as client:
            return await _exchange(client, request)
    except asyncio.CancelledError:
        cancelled = True
    except TimeoutError:
        return failure("time-out", seconds=f"{seconds:.0f}")
    except Exception as error:
        problem = _explain(error, request, seconds)
    if cancelled:
        raise asyncio.CancelledError  # anew: the old traceback leads through frames that hold the request
    if problem.kind == "tls":
        return await asyncio.to_thread(_name_issuer, request, problem)
    return problem


async def _exchange(client: httpx.AsyncClient, request: Request) -> Response | Failure:
    body = bytearray()
    arguments: dict[str, Any] = {"headers": dict(request.headers), "content": request.body or None}
    async with client.stream(request.method, request.url, **arguments) as answer:
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                return failure("too-large", status=answer.status_code)
        return Response(answer.status_code, _headers(answer), bytes(body))


def send_now(request: Request, *, seconds: float = SECONDS) -> Response | Failure:
    """The same without an event loop."""
    import time

    import httpx

    until = time.monotonic() + seconds
    body = bytearray()
    arguments: dict[str, Any] = {"headers": dict(request.headers), "content": request.body or None}
    try:
        with (
            httpx.Client(**_options(request, seconds)) as client,
            client.stream(request.method, request.url, **arguments) as answer,
        ):
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    return failure("too-large", status=answer.status_code)
                if time.monotonic() > until:
                    return failure("time-out", seconds=f"{seconds:.0f}")
            return Response(answer.status_code, _headers(answer), bytes(body))
    except Exception as error:
        problem = _explain(error, request, seconds)
    return _name_issuer(request, problem) if problem.kind == "tls" else problem


def _headers(answer: httpx.Response) -> Mapping[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _options(request: Request, seconds: float) -> dict[str, Any]:
    import httpx

    parts = urlsplit(request.url)
    return {
        "timeout": httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        "follow_redirects": False,
        # A proxy can't reach this machine's own loopback, whatever NO_PROXY forgot to say.
        "trust_env": not is_loopback_host(parts.hostname),
        "verify": trust() if parts.scheme == "https" else False,
        "headers": {"Accept-Encoding": "identity", "User-Agent": "claude-auth-tui"},
        "limits": httpx.Limits(max_connections=1, max_keepalive_connections=0),
    }


def trust(environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """SSL_CERT_FILE and SSL_CERT_DIR where set, else what the system and certifi trust; NODE_EXTRA_CA_CERTS,
    which Claude Code reads, comes on top."""
    environ = os.environ if environ is None else environ
    file, folder = environ.get("SSL_CERT_FILE") or None, environ.get("SSL_CERT_DIR") or None
    if file or folder:
        context = ssl.create_default_context(cafile=file, capath=folder)
    else:
        import certifi

        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
    extra = environ.get("NODE_EXTRA_CA_CERTS")
    if extra:
        with contextlib.suppress(OSError, ssl.SSLError):  # Node warns and goes on, too
            context.load_verify_locations(extra)
    return context


# ── explaining ───────────────────────────────────────────────────────────────────────────────────


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything that it came from, groups opened."""
    waiting: list[BaseException | None] = [error]
    seen = set()
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting += [current.__cause__, current.__context__]


def _explain(error: Exception, request: Request, seconds: float) -> Failure:
    """An exception in words. Everything that isn't known to have failed before sending counts as sent."""
    import httpx

    host = urlsplit(request.url).hostname or ""
    if isinstance(error, httpx.ProxyError):
        told = str(error)
        if "407" in told:
            return failure("proxy-authentication", status=407)
        return failure("proxy-refused", reason=told)
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return failure("connect-timeout", host=host, seconds=f"{min(CONNECT_SECONDS, seconds):.0f}")
    if isinstance(error, httpx.ConnectError):
        return _explain_connection(error, host)
    if isinstance(error, httpx.TimeoutException):
        return failure("time-out", seconds=f"{seconds:.0f}")
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
        return failure("cut")
    if isinstance(error, ssl.SSLError | FileNotFoundError):
        return failure("trust", reason=type(error).__name__)
    if isinstance(error, ImportError | ValueError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        return failure("proxy-unusable")  # our own URLs were checked before
    return failure("unexpected", reason=type(error).__name__)


def _explain_connection(error: Exception, host: str) -> Failure:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return failure("tls", reason=cause.verify_message or "it did not verify")
        if isinstance(cause, ssl.SSLError):
            return failure("tls-handshake", host=host)
        if isinstance(cause, socket.gaierror):
            return failure("dns", host=host)
        if isinstance(cause, ConnectionRefusedError):
            return failure("refused", host=host)
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return failure("tls-handshake", host=host)
    return failure("offline")


def _name_issuer(request: Request, problem: Failure) -> Failure:
    """Looks once more at the certificate, unchecked and without sending anything of ours, to say who issued
    it: that name is how people recognise their company's TLS inspection."""
    import httpx

    parts = urlsplit(request.url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            httpx.Client(**_options(request, 10.0) | {"verify": context}) as client,
            client.stream("HEAD", f"{parts.scheme}://{parts.netloc}/") as answer,
        ):
            encrypted = answer.extensions["network_stream"].get_extra_info("ssl_object")
            issuer = issuer_of(encrypted.getpeercert(True) or b"")
    except Exception:
        issuer = None
    if issuer is None:
        return problem
    reason = problem.sentence.removeprefix("The server's certificate can't be trusted: ").rstrip(".")
    return failure("tls", reason=f"{reason}; issued by {issuer}")
