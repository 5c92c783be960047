"""The API on loopback: models and messages, for the credentials that it is told are good, with the error
bodies that Anthropic documents (status, `error.type`; the sentences are ours but for the observed ones).
"""

from __future__ import annotations

import json
import select
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from email.message import Message
from typing import Any, Literal

from claude_auth.named_tuples import NamedTuple
from claude_auth.sandbox.loopback_server import AnsweringHandler, LoopbackServer

#: Claude Code tells a model a lot before the question.
_LARGEST_BODY = 4 << 20

#: Status → `error.type`, as the documentation of errors lists them.
ERROR_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_MODELS = ("claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5")


class Refusal(NamedTuple):
    status: int
    message: str

    @property
    def body(self) -> dict[str, Any]:
        error = {"type": ERROR_TYPES[self.status], "message": self.message}
        return {"type": "error", "error": error, "request_id": "req_madeUpForTests0000"}


OAUTH_NOT_SUPPORTED = Refusal(401, "OAuth authentication is currently not supported.")


class MessagesApi(LoopbackServer):
    """`good`: keys and tokens that are accepted; `refusal`: what everybody
    is told instead of an answer, as in an incident. `pieces`: of a streamed answer; `ends`: how that ends:
    well, with an error in the stream, in the middle, or not before whoever asked has gone (`left` is set)."""

    def __init__(self, good: Collection[str] = (), refusal: Refusal | None = None) -> None:
        super().__init__(_Handler)
        self.good, self.refusal = frozenset(good), refusal
        self.requests: list[tuple[str, str]] = []
        #: What was asked of a model.
        self.asked: list[dict[str, Any]] = []
        self.pieces: tuple[str, ...] = ("Hello", " from the sandbox.")
        self.ends: Literal["well", "overloaded", "cut", "never"] = "well"
        self.left = threading.Event()

    def refused(self, headers: Message) -> Refusal | None:
        """Why a request with these headers gets no answer. An OAuth token needs its beta header [seen]."""
        if self.refusal is not None:
            return self.refusal
        key, (scheme, _, token) = headers.get("x-api-key"), headers.get("authorization", "").partition(" ")
        if key is None and not token:
            return Refusal(401, "x-api-key header is required")
        if scheme.lower() == "bearer" and token.startswith("sk-ant-oat"):
            if "oauth-2025-04-20" not in headers.get("anthropic-beta", ""):
                return OAUTH_NOT_SUPPORTED
            return None if token in self.good else Refusal(401, "Invalid bearer token")
        given = key if key is not None else token
        word = "x-api-key" if key is not None else "bearer token"
        return None if given in self.good else Refusal(401, f"invalid {word}")


def _events(model: str, pieces: Sequence[str], ends: str) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"type": "message", "id": "msg_madeUpForTests0000", "role": "assistant", "model": model}
    yield {"type": "message_start", "message": {**message, "content": [], "usage": usage}}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    yield {"type": "ping"}
    for piece in pieces:
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
    if ends == "overloaded":
        yield {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    if ends == "well":
        yield {"type": "content_block_stop", "index": 0}
        yield {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 6}}
        yield {"type": "message_stop"}


class _Handler(AnsweringHandler):
    owner: MessagesApi

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if length > _LARGEST_BODY:
            self.close_connection = True
            self.answer_json(413, Refusal(413, "Request exceeds the maximum size").body)
            return
        self._serve(self.rfile.read(length))

    def _serve(self, body: bytes) -> None:
        path = self.path.partition("?")[0]
        self.owner.requests.append((self.command, path))
        refusal = self.owner.refused(self.headers)
        if refusal is None and path not in {"/v1/models", "/v1/messages"}:
            refusal = Refusal(404, "Not Found")
        if refusal is not None:
            self.answer_json(refusal.status, refusal.body)
        elif path == "/v1/models":
            models = [{"type": "model", "id": name, "display_name": name} for name in _MODELS]
            self.answer_json(200, {"data": models, "has_more": False})
        else:
            self._message(body)

    def _message(self, body: bytes) -> None:
        try:
            asked = json.loads(body)
            model = str(asked["model"])
            self.owner.asked.append(asked)
        except (ValueError, TypeError, KeyError):
            wrong = Refusal(400, "model: Field required")
            self.answer_json(wrong.status, wrong.body)
            return
        if asked.get("stream"):
            self._stream(model)
            return
        answer = {"type": "message", "id": "msg_madeUpForTests0000", "role": "assistant", "model": model}
        text = [{"type": "text", "text": "ok"}]
        usage = {"input_tokens": 1, "output_tokens": 1}
        self.answer_json(200, {**answer, "content": text, "stop_reason": "end_turn", "usage": usage})

    def _stream(self, model: str) -> None:
        """The events of an answer, as the documentation of streaming lists them."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        for event in _events(model, self.owner.pieces, self.owner.ends):
            self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        while self.owner.ends == "never" and not self.owner.stopping.is_set():
            if select.select([self.connection], [], [], 0.05)[0] and not self.connection.recv(1):
                self.owner.left.set()
                break
        self.close_connection = True
