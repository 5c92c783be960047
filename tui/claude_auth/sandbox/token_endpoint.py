"""A pretend token endpoint of Claude Code's: each refresh token works once, and the answer comes late."""

from __future__ import annotations

import json
import threading

from claude_auth.sandbox.loopback_server import AnsweringHandler, LoopbackServer
from claude_auth.sandbox.stand_in_program import made_up_token


class TokenEndpoint(LoopbackServer):
    """`seconds`: how late it answers; the token that was sent is used up at once. `status`: of one
    without tokens."""

    def __init__(self, refresh_token: str, seconds: float = 0.0, status: int = 200) -> None:
        super().__init__(_Handler)
        self.seconds, self.status = seconds, status
        self.requests = self.refused = 0
        self._good = refresh_token
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"{super().url}/v1/oauth/token"

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


class _Handler(AnsweringHandler):
    owner: TokenEndpoint

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length", 0)), 65536)
        given = json.loads(self.rfile.read(length))
        status, answer = self.owner.answer(given.get("refresh_token"))
        self.owner.stopping.wait(self.owner.seconds)
        self.answer_json(status, answer)
