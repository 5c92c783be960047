"""A pretend token endpoint of Claude Code's: each refresh token works once, and the answer comes late."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from claude_auth.sandbox.stand_in_program import made_up_token


class TokenEndpoint:
    """On loopback, as a context manager. `seconds`: how late it answers; the token that was sent is used up
    at once. `status`: another one for an answer without tokens."""

    def __init__(self, refresh_token: str, seconds: float = 0.0, status: int = 200) -> None:
        self.seconds, self.status = seconds, status
        self.requests = self.refused = 0
        self._good = refresh_token
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1/oauth/token"

    def accepts(self, refresh_token: str) -> bool:
        """Whether a refresh with it would work now: what else is stored has been lost."""
        with self._lock:
            return refresh_token == self._good

    def answer(self, refresh_token: object) -> tuple[int, dict[str, object]]:
        with self._lock:
            self.requests += 1
            if self.status != 200:
                return self.status, {"error": "server_error"}
            if refresh_token != self._good:
                self.refused += 1
                return 400, {"error": "invalid_grant"}
            self._good = made_up_token("ort01")
            return 200, {
                "access_token": made_up_token("oat01"),
                "refresh_token": self._good,
                "expires_in": 28800,
            }

    def __enter__(self) -> TokenEndpoint:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length", 0)), 65536)
                given = json.loads(self.rfile.read(length))
                status, answer = endpoint.answer(given.get("refresh_token"))
                endpoint._over.wait(endpoint.seconds)
                content = json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:  # whoever asked has ended
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        return Handler
