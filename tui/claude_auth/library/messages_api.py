"""One request to the Messages API, its answer read as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from claude_auth.library.checks import DEFAULT_MAX_TOKENS, DEFAULT_MODEL, MESSAGES_PATH
from claude_auth.library.machine import LIBRARY_CLIENT
from claude_auth.library.message import Message, Question
from claude_auth.library.refusals import broken, refusal_of, told
from claude_auth.model.errors import AuthenticationError
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.library.credentials import AuthHeaders, DirectCredential
    from claude_auth.oauth.transport import Request, Response


async def ask_api(question: Question, credential: DirectCredential) -> AsyncGenerator[Message]:
    """The answer's pieces. A credential that can be renewed is, once, after a 401."""
    base = await asyncio.to_thread(credential.base_url, question.base_url)
    sent: list[Secret] = []

    def provide(url: str, refused: Mapping[str, str] | None) -> Mapping[str, str]:
        headers = credential.headers(refused)
        sent.extend(_secrets(headers))
        return headers

    async with aclosing(_answer(question, base, credential.source, provide, sent)) as messages:
        async for message in messages:
            yield message


async def ask_with_headers(question: Question, headers: AuthHeaders, base: str) -> AsyncGenerator[Message]:
    """The same with headers that somebody else decided on."""

    def provide(url: str, refused: Mapping[str, str] | None) -> Mapping[str, str]:
        return headers

    sent = _secrets(headers)
    async with aclosing(_answer(question, base, headers.credential, provide, sent)) as messages:
        async for message in messages:
            yield message


def _secrets(headers: Mapping[str, str]) -> list[Secret]:
    """Each value, and each word of it."""
    return [Secret(word) for name in headers for word in (headers[name], *headers[name].split())]


async def _answer(
    question: Question, base: str, source: str, provide: Any, sent: list[Secret]
) -> AsyncGenerator[Message]:
    from claude_auth.oauth.live_requests import CredentialAuth, stream_events

    problem: AuthenticationError | None = None
    collected = _Collected(source)
    try:
        async with aclosing(stream_events(_request(question, base), CredentialAuth(provide))) as events:
            head = await anext(events)
            assert not isinstance(head, str)
            if head.status != 200 or head.body or not _is_stream(head):
                problem = await refusal_of(head, LIBRARY_CLIENT, sent, base)
            else:
                async for data in events:
                    assert isinstance(data, str)
                    message = collected.take(data)
                    if message is not None:
                        yield message
                    if message is not None and message.type == "result":
                        return
    except AuthenticationError as error:
        problem = _ours(error)
    raise problem or _cut()


def _ours(error: AuthenticationError) -> AuthenticationError:
    """A failure on the way becomes a `RequestError`; what the credential itself says stays."""
    from claude_auth.oauth import Failure

    found = broken(error) if isinstance(error, Failure) else error
    return found.with_traceback(None)


def _is_stream(head: Response) -> bool:
    return head.content_type == "text/event-stream"


def _cut() -> AuthenticationError:
    from claude_auth.oauth import failure

    return broken(failure("truncated"))


def _request(question: Question, base: str) -> Request:
    from claude_auth.network import USER_AGENT
    from claude_auth.network.probe_plan import API_VERSION
    from claude_auth.oauth.transport import Request

    body = {
        "model": question.named_model or DEFAULT_MODEL,
        "max_tokens": question.max_tokens or DEFAULT_MAX_TOKENS,
        "stream": True,
        "messages": [{"role": "user", "content": question.prompt}],
    }
    headers = {
        "anthropic-version": API_VERSION,
        "content-type": "application/json",
        "accept": "text/event-stream",
        "user-agent": USER_AGENT,
    }
    return Request("POST", f"{base}{MESSAGES_PATH}", headers, json.dumps(body).encode())


class _Collected:
    """What the events came to; the last message holds it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._whole: dict[str, Any] = {"type": "message"}

    def take(self, data: str) -> Message | None:
        """The message that an event makes; None where it makes none. Raises `RequestError`."""
        from claude_auth.formats.document import object_of, parse

        document = parse(data.encode("utf-8", "replace"))
        event, kind = document.data, document.data.get("type")
        if document.damage is not None:
            raise told("api_error", "an event came that is no JSON")
        if kind == "error":
            error = object_of(event.get("error"))
            raise told(str(error.get("type")), str(error.get("message") or ""))
        if kind == "message_start":
            self._whole |= object_of(event.get("message"))
        elif kind == "message_delta":
            self._whole |= object_of(event.get("delta"))
            self._whole["usage"] = object_of(self._whole.get("usage")) | object_of(event.get("usage"))
        elif kind == "content_block_delta":
            delta = object_of(event.get("delta"))
            text = delta.get("text")
            if delta.get("type") == "text_delta" and isinstance(text, str) and text:
                return Message("text", text, self._source, event)
        elif kind == "message_stop":
            return Message("result", "", self._source, self._whole)
        return None
