"""The API's host on loopback: what is needed of it, its name, its answer to whoever has no key."""

from __future__ import annotations

import time
from collections.abc import Sequence
from email.utils import formatdate

from claude_auth.network.results import NeededHost
from tests.oauth.servers import http

HOST = "api.anthropic.com"
JSON = b'{"type":"error"}'


def needed(port: int, host: str = HOST, **more: object) -> NeededHost:
    return NeededHost("api", host, "every request", "nothing works", port=port, api=True, **more)  # type: ignore[arg-type]


def here(host: str, port: int) -> Sequence[str]:
    """A table of names: all of them are this machine."""
    return ("127.0.0.1",)


def unauthorized(skew: float = 0.0, body: bytes = JSON) -> bytes:
    date = formatdate(time.time() - skew, usegmt=True)
    return http(body, status="401 Unauthorized", more=f"Date: {date}\r\n")
