"""Requests with the credential that is in use, over httpx: for the probe and for programs. What the engine
itself sends to get one is in `transport`.

Nothing is repeated but what `auth` repeats, and no redirect is followed. An answer is bounded and never
unpacked, as there.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import httpx

from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth import failure, failure_of
from claude_auth.oauth.transport import AnswerBody, Cutoff, Request, Response, client_options, read_body

# ── put into requests that somebody else sends ───────────────────────────────────────────────────

#: The headers of a credential for a request to this address; the second argument is what it was refused with.
#: Blocks. The same again: there is no newer one.
Provide = Callable[[str, Mapping[str, str] | None], Mapping[str, str]]

#: Whatever an SDK put there in its place.
_CREDENTIALS = ("authorization", "x-api-key")


class HttpRequest(Protocol):
    """What a request of httpx and one of httpx2 have in common."""

    @property
    def url(self) -> Any: ...

    @property
    def headers(self) -> Any: ...


class CredentialAuth(httpx.Auth):
    """For `auth=` of a client: the credential is put in, and once, after a 401, a new one. The body is kept,
    so that it can go out once more."""

    requires_request_body = True

    def __init__(self, provide: Provide) -> None:
        self._provide = provide

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        given = self._provide(str(request.url), None)
        answer = yield _with(request, given)
        if answer.status_code == 401:
            newer = self._provide(str(request.url), given)
            if newer != given:
                yield _with(request, newer)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        given = await asyncio.to_thread(self._provide, str(request.url), None)
        answer = yield _with(request, given)
        if answer.status_code == 401:
            newer = await asyncio.to_thread(self._provide, str(request.url), given)
            if newer != given:
                yield _with(request, newer)

    def __repr__(self) -> str:
        return "<CredentialAuth>"


def _with(request: HttpRequest, given: Mapping[str, str]) -> HttpRequest:
    for name in _CREDENTIALS:
        if name in request.headers:
            del request.headers[name]
    for name in given:
        request.headers[name] = given[name]
    return request


def credential_auth(provide: Provide) -> CredentialAuth:
    """Where httpx2 is installed, which newer SDKs use, its clients take it too: each wants its own base."""
    if find_spec("httpx2") is None:
        return CredentialAuth(provide)
    both = type("CredentialAuth", (CredentialAuth, import_module("httpx2").Auth), {})
    made: CredentialAuth = both(provide)
    return made


# ── one GET, for the probe ───────────────────────────────────────────────────────────────────────


class Unanswered(Exception):  # noqa: N818
    """No answer to `fetch`. `told`: httpx's own words where they say something; they may hold the address."""

    def __init__(self, error: Exception) -> None:
        super().__init__()  # without the error: its request holds the headers
        self.in_time = not isinstance(error, httpx.TimeoutException)
        self.by_proxy = isinstance(error, httpx.ProxyError)
        self.told = str(error) if isinstance(error, httpx.ConnectError | httpx.ProxyError) else ""


def fetch(
    url: str,
    headers: Sequence[tuple[bytes, bytes]],
    *,
    seconds: float,
    verify: ssl.SSLContext | bool,
    proxy: tuple[str, tuple[str, str] | None, ssl.SSLContext | None] | None = None,
    transport: Any = None,
) -> tuple[int, str | None, AnswerBody]:
    """One GET for the probe: status, the Date header, the body. `proxy`: its URL, sign-in and trust, and
    nothing of the environment. Nothing is repeated, no redirect is followed. Raises `Unanswered`."""
    found = _fetch(url, headers, seconds, verify, proxy, transport)
    del headers  # the traceback of what is raised here leads through this frame
    if isinstance(found, Unanswered):
        raise found
    return found


def _fetch(
    url: str,
    headers: Sequence[tuple[bytes, bytes]],
    seconds: float,
    verify: ssl.SSLContext | bool,
    proxy: tuple[str, tuple[str, str] | None, ssl.SSLContext | None] | None,
    transport: Any,
) -> tuple[int, str | None, AnswerBody] | Unanswered:
    options: dict[str, Any] = {
        "timeout": httpx.Timeout(seconds, connect=min(10.0, seconds)),
        "follow_redirects": False,
        "trust_env": False,
        "verify": verify,
        "headers": {"Accept": "application/json", "Accept-Encoding": "identity"},
        "transport": transport,
    }
    if proxy is not None and transport is None:
        options["proxy"] = httpx.Proxy(proxy[0], auth=proxy[1], ssl_context=proxy[2])
    try:
        with (
            Cutoff(seconds) as cutoff,
            httpx.Client(**options) as client,
            client.stream("GET", url, headers=list(headers), extensions=cutoff.extensions) as answer,
        ):
            return answer.status_code, answer.headers.get("date"), read_body(answer, cutoff)
    except httpx.HTTPError as error:
        return Unanswered(error)


# ── one request whose answer comes as server-sent events ─────────────────────────────────────────


#: So long may the server say nothing; while a model thinks it sends pings.
SILENCE_SECONDS = 120.0
#: Many times what the longest answer of a model takes.
LARGEST_STREAM = 64 << 20


class TooMuch(Exception):  # noqa: N818
    """The answer is longer than any that was asked for."""


class _Bounded(httpx.AsyncByteStream):
    """The bytes of the wire, up to a bound."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LARGEST_STREAM
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise TooMuch
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def stream_events(
    request: Request, auth: httpx.Auth | None = None, seconds: float = SILENCE_SECONDS
) -> AsyncGenerator[Response | str]:
    """First the answer's head, with its body where it is no stream of events; then the data of each event.
    Raises `Failure` where no answer comes or it breaks off, and what `auth` raises. Leaving early, or being
    cancelled, closes the connection."""
    from httpx_sse import EventSource

    cancelled, problem = False, None
    try:
        async with (
            httpx.AsyncClient(**client_options(request, seconds, asynchronous=True)) as client,
            client.stream(
                request.method, request.url, headers=dict(request.headers), content=request.body, auth=auth
            ) as answer,
        ):
            head = await _head(answer)
            yield head
            if not head.body and _is_stream(answer):
                answer.stream = _Bounded(answer.stream)  # type: ignore[arg-type]
                async for event in EventSource(answer).aiter_sse():
                    yield event.data
    except asyncio.CancelledError:
        cancelled = True
    except AuthenticationError:
        raise
    except TooMuch:
        problem = failure("too-large", status=200)
    except Exception as error:
        problem = failure_of(error, request.url, seconds)
    # Anew: the old tracebacks lead through frames that hold the request.
    if cancelled:
        raise asyncio.CancelledError
    if problem is not None:
        raise problem


def _is_stream(answer: httpx.Response) -> bool:
    return answer.is_success and answer.headers.get("content-type", "").startswith("text/event-stream")


async def _head(answer: httpx.Response) -> Response:
    body = AnswerBody(answer)
    if body.problem:
        raise failure("wrong-content-type", status=answer.status_code, detail="it came packed")
    if not _is_stream(answer):
        async for chunk in answer.aiter_raw():
            if not body.add(chunk):
                break
    return Response(answer.status_code, dict(answer.headers), body.content)
