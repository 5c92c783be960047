"""Real sockets: what arrives, what is said when nothing does, and whether the request may have been read."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.oauth import Failure
from claude_auth.oauth.transport import LARGEST_ANSWER, Request, Response, send, send_now
from claude_auth.trust import issuer_of
from tests.oauth.servers import http, raw, read_request, saying, self_signed, talking

Sender = Callable[[Request, float], Response | Failure]
BODY = b"grant_type=refresh_token&refresh_token=canary"


def later(request: Request, seconds: float) -> Response | Failure:
    return asyncio.run(send(request, seconds=seconds))


def now(request: Request, seconds: float) -> Response | Failure:
    return send_now(request, seconds=seconds)


@pytest.fixture(params=[later, now], ids=["async", "sync"])
def sender(request: pytest.FixtureRequest) -> Sender:
    chosen: Sender = request.param
    return chosen


def post(port: int, scheme: str = "http", host: str = "127.0.0.1") -> Request:
    return Request("POST", f"{scheme}://{host}:{port}/token", {"Content-Type": "text/x"}, BODY)


def failed(result: Response | Failure) -> Failure:
    assert isinstance(result, Failure), result
    assert "canary" not in repr(result)
    return result


def test_an_answer(sender: Sender) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b"{}", more="X-Thing: 1\r\n"), asked)) as port:
        found = sender(post(port), 60)
    assert isinstance(found, Response)
    assert (found.status, found.body, found.headers["x-thing"]) == (200, b"{}", "1")
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert body == BODY
    assert b"accept-encoding: identity" in head.lower()
    assert b"user-agent: claude-auth-tui" in head.lower()


def test_redirects_are_not_followed(sender: Sender) -> None:
    asked: list[bytes] = []
    moved = http(b"", status="307 Moved", more="Location: /elsewhere\r\n")
    with talking(saying(moved, asked)) as port:
        found = sender(post(port), 60)
    assert isinstance(found, Response)
    assert found.status == 307
    assert len(asked) == 1


def test_connection_refused(sender: Sender) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = failed(sender(post(unused.getsockname()[1]), 60))
    assert (found.code, found.may_have_reached_the_server, found.is_verdict) == ("refused", False, False)


def test_no_such_name(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    found = failed(sender(post(443, "https", "login.example"), 60))
    assert (found.code, found.may_have_reached_the_server) == ("dns", False)
    assert "login.example" in found.sentence


def test_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    found = failed(send_now(post(443, "https", "login.example")))
    assert (found.code, found.may_have_reached_the_server) == ("offline", False)


def test_time_out(sender: Sender) -> None:
    over = threading.Event()

    def silent(connection: socket.socket) -> None:
        read_request(connection)
        over.wait(60)

    with talking(silent) as port:
        found = failed(sender(post(port), 2.0))
        over.set()
    assert (found.code, found.may_have_reached_the_server) == ("time-out", True)


def test_an_answer_that_never_ends_is_a_time_out(sender: Sender) -> None:
    def dripping(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:  # until the other side goes away
            connection.sendall(b" ")
            time.sleep(0.02)  # each byte well within the time for one read

    with talking(dripping) as port:
        found = failed(sender(post(port), 2.0))
    assert (found.code, found.may_have_reached_the_server) == ("time-out", True)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"what?\r\n\r\n"])
def test_a_broken_connection(sender: Sender, answer: bytes) -> None:
    with talking(saying(answer)) as port:
        found = failed(sender(post(port), 60))
    assert (found.code, found.may_have_reached_the_server, found.is_verdict) == ("cut", True, False)


def test_the_size_is_bounded(sender: Sender) -> None:
    def endless(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(4 * LARGEST_ANSWER // 65536):
            connection.sendall(b"x" * 65536)

    with talking(endless) as port:
        found = failed(sender(post(port), 10))
    assert (found.code, found.may_have_reached_the_server) == ("too-large", True)


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


def test_tls_interception_names_the_issuer(sender: Sender, tmp_path: Path) -> None:
    asked: list[bytes] = []
    _, context = self_signed(tmp_path)
    with talking(saying(http(b"{}"), asked), context=context) as port:
        found = failed(sender(post(port, "https"), 60))
    assert (found.code, found.may_have_reached_the_server) == ("tls", False)
    assert "issued by Zealous TLS Inspection Ltd, Inspection Root 7" in found.sentence
    assert "NODE_EXTRA_CA_CERTS" in found.next_step
    assert not any(b"canary" in request for request in asked)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"])
def test_ca_variables_count(
    sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    root, context = self_signed(tmp_path)
    monkeypatch.setenv(variable, str(root))
    with talking(saying(http(b"{}")), context=context) as port:
        assert isinstance(sender(post(port, "https"), 60), Response)


def test_a_root_that_is_none(sender: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    found = failed(sender(post(1, "https"), 60))
    assert (found.code, found.may_have_reached_the_server) == ("trust", False)
    assert f"SSL_CERT_FILE names {tmp_path}/missing.pem: the file is not there" in found.sentence


def test_https_where_http_is_spoken(sender: Sender) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(http(b"", status="400 Bad Request"))

    with talking(plain) as port:
        found = failed(sender(post(port, "https"), 60))
    assert (found.code, found.may_have_reached_the_server) == ("tls-handshake", False)


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x82\xff\xff", b"\x30\x03\x30\x01\x00", bytes(99)])
def test_a_certificate_that_is_none(data: bytes) -> None:
    assert issuer_of(data) is None


# ── proxies ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind"),
    [("407 Proxy Authentication Required", "proxy-authentication"), ("403 Forbidden", "proxy-refused")],
)
def test_a_proxy_that_refuses(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, status: str, kind: str
) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b"", status=status), asked)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        found = failed(sender(post(443, "https", "login.example"), 60))
    assert (found.code, found.may_have_reached_the_server, found.is_verdict) == (kind, False, False)
    assert asked[0].startswith(b"CONNECT login.example:443")
    assert b"canary" not in asked[0]


def test_a_kind_of_proxy_that_cannot_be_used(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    assert failed(sender(post(443, "https", "login.example"), 60)).code == "proxy-unusable"


def test_loopback_goes_past_the_proxy(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with talking(saying(http(b"{}"))) as port:
        assert isinstance(sender(post(port), 60), Response)


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────


def test_cancelling_closes_the_connection() -> None:
    asked, closed = threading.Event(), threading.Event()

    def waiting(connection: socket.socket) -> None:
        read_request(connection)
        asked.set()
        if connection.recv(1) == b"":
            closed.set()

    async def run(port: int) -> None:
        task = asyncio.create_task(send(post(port)))
        await asyncio.to_thread(asked.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        # Nothing leads back to frames that hold the request.
        assert caught.value.__context__ is None

    with talking(waiting) as port:
        asyncio.run(run(port))
        assert closed.wait(60)


def test_the_helper_itself() -> None:
    with talking(saying(b"bye")) as port:
        assert raw(port, b"GET / HTTP/1.1\r\n\r\n") == b"bye"
