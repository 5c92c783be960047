"""One request whose answer comes as server-sent events, over httpx and httpx-sse.

Nothing is repeated but what `auth` repeats, and no redirect is followed. An answer is bounded and never
unpacked, as in `transport`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
from httpx_sse import EventSource

from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth import failure, failure_of
from claude_auth.oauth.transport import AnswerBody, Request, Response, client_options, headers_of

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
    return Response(answer.status_code, headers_of(answer), body.content)
