"""What every pretend service is made of: a server on loopback, and answers of one piece."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


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
