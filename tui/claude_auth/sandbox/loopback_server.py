"""What every pretend service is made of: a server on loopback, answers of one piece, and the faults that it
can be told to make, once or several times."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self, cast, get_args


class LoopbackServer:
    """Serves on 127.0.0.1 from `start` to `stop`, or as a context manager. `stopping` is set at its end, so
    that no answer is waited for any longer. A request finds its server as `owner`."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), type("Handler", (handler,), {"owner": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody who goes away in the middle is nothing to report."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class AnsweringHandler(BaseHTTPRequestHandler):
    """Reads nothing by itself; `answer` and `answer_json` send a whole answer."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: requests hold codes and tokens, and the terminal may be the dashboard's."""

    def answer(self, status: int, content: bytes, kind: str, headers: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def answer_json(self, status: int, data: object, headers: Mapping[str, str] = {}) -> None:
        self.answer(status, json.dumps(data).encode(), "application/json", headers)


# ── faults ────────────────────────────────────────────────────────────────────────────────────────

FaultKind = Literal[
    "cut-before",  # the connection is closed, nothing was done
    "cut-after",  # it was done, then the connection is closed
    "stall",  # `seconds` of silence, then the answer
    "truncated",  # done; half of the JSON
    "html",  # a web page with status 200
    "proxy-401",  # a web page with status 401
    "rate-limited",  # 429 with Retry-After
    "error",  # 500
    "content-type",  # done; the JSON as text/plain
    "missing-fields",  # done; the answer without the access token
    "date",  # done; the Date header `seconds` off
]

#: Of these nothing is done before the server misbehaves, unless the fault says otherwise.
_DO_NOT_ACT = "cut-before html proxy-401 rate-limited error".split()


@dataclass(frozen=True, slots=True)
class Fault:
    """`times`: for so many requests; `path` and `grant_type` choose which ones. `until`: what ends a stall
    before its `seconds`, instead of the server's end."""

    kind: FaultKind
    times: int = 1
    path: str = "/token"
    grant_type: str | None = None
    seconds: float = 0.0
    acts: bool | None = None
    until: threading.Event | None = None

    @property
    def does_act(self) -> bool:
        return self.kind not in _DO_NOT_ACT if self.acts is None else self.acts


def read_fault(data: dict[str, object]) -> Fault:
    """From JSON; raises ValueError for what is no fault."""
    kind, acts, grant = data.get("kind"), data.get("acts"), data.get("grant_type")
    times, seconds, path = data.get("times", 1), data.get("seconds", 0.0), data.get("path", "/token")
    if kind not in get_args(FaultKind) or not isinstance(path, str):
        raise ValueError("no such fault")
    if not isinstance(times, int) or not isinstance(seconds, int | float):
        raise ValueError("times and seconds are numbers")
    if not isinstance(acts, bool | None) or not isinstance(grant, str | None):
        raise ValueError("acts is true or false, grant_type a text")
    return Fault(cast(FaultKind, kind), times, path, grant, float(seconds), acts)


class Faults:
    """Those still to come, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, path: str, grant_type: str | None) -> Fault | None:
        """The first that fits this request, used up by one."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.path == path and fault.grant_type in {None, grant_type}:
                    if fault.times > 1:
                        self._waiting[index] = replace(fault, times=fault.times - 1)
                    else:
                        del self._waiting[index]
                    return fault
        return None
