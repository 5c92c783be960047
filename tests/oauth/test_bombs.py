"""An answer that unpacks to gigabytes, or never ends, takes a few MiB: nothing is unpacked, and the bound is
on the bytes of the wire. Real servers; whoever asks runs in a process of its own, whose peak is measured."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.actions.oauth import OAuthRefresher
from claude_auth.network.probe import send_probe
from claude_auth.oauth import Failure
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.oauth.transport import LARGEST_ANSWER, Request, Response, send_now
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from tests.guard import ROOT
from tests.network.probes import KEY, MODELS, plan
from tests.oauth.servers import Talk, http, read_request, saying, self_signed, talking
from tests.store.world import Journal, token_set
from tests.waiting import Stopwatch

#: What a bomb of these tests would unpack to; and what an answer may take.
UNPACKED = 256 << 20
MOST_KIB = 48 << 10

#: Asks each port in turn; prints what came of it and by how much the peak of this process grew, in KiB.
ASKING = """
import asyncio, json, resource, sys, tempfile, pathlib
who, ports = sys.argv[1], [int(port) for port in sys.argv[2:]]
import httpx
from claude_auth.oauth import grants
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.oauth import Failure
from claude_auth.oauth.authorization import complete_now
from claude_auth.oauth.transport import Request
from claude_auth.oauth.transport import send, send_now
from claude_auth.network.probe import send_probe
from tests.network.probes import KEY, plan
from tests.store.world import token_set

def ask(port):
    url = f"http://127.0.0.1:{port}/token"
    if who == "sign-in":
        return asyncio.run(send(Request("POST", url, body=b"code=made-up"), seconds=20))
    if who == "refresh":
        client = OAuthClient("c", authorize_url=url, token_url=url)
        try:
            return grants.refresh(client, token_set(), send=lambda request: send_now(request, seconds=20))
        except Failure as failure:
            return failure
    if who == "discovery":
        issuer = f"http://127.0.0.1:{port}"
        return complete_now(OAuthClient("c", issuer=issuer), lambda request: send_now(request, seconds=20))
    home = pathlib.Path(tempfile.mkdtemp())
    base = {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": KEY}
    snapshot, resolution, planned = plan(home, base)
    return send_probe(planned, snapshot, resolution, {}, seconds=20)

ask(ports[0])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = []
for port in ports[1:]:
    answer = ask(port)
    found.append(getattr(answer, "code", None) or f"{answer.ok} {answer.status} {answer.words}")
print(json.dumps([found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before]))
"""


def packed_once(compressor: zlib._Compress) -> bytes:
    block = b"a" * (1 << 20)
    parts = [compressor.compress(block) for _ in range(UNPACKED >> 20)]
    return b"".join((*parts, compressor.flush()))


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """Whole answers by name."""
    once = packed_once(zlib.compressobj(9, zlib.DEFLATED, 31))
    thrice = gzip.compress(gzip.compress(once))
    assert len(thrice) < 400
    layers = {
        "one layer": ("gzip", once),
        "three layers": ("gzip, gzip, gzip", thrice),
        "deflate": ("deflate", packed_once(zlib.compressobj(9))),
        "brotli": ("br", b"\x8b\x02\x80a\x03"),
        "unknown": ("x-made-up", b"{}"),
    }
    return {
        name: http(body, more=f"Content-Encoding: {encoding}\r\n")
        for name, (encoding, body) in layers.items()
    }


class Endless:
    """A chunked answer that ends with the connection; `sent` counts what could be written."""

    def __init__(self) -> None:
        self.sent = 0

    def __call__(self, connection: socket.socket) -> None:
        read_request(connection)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head)
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        while self.sent < UNPACKED:
            connection.sendall(chunk)
            self.sent += 65536


@contextlib.contextmanager
def serving(talks: list[Talk]) -> Iterator[list[int]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(talking(talk)) for talk in talks]


@pytest.mark.parametrize("who", ["sign-in", "refresh", "discovery", "probe"])
def test_no_answer_takes_memory(who: str, bombs: dict[str, bytes]) -> None:
    endless = Endless()
    talks: list[Talk] = [saying(http(MODELS)), *(saying(answer) for answer in bombs.values()), endless]
    with serving(talks) as ports:
        run = subprocess.run(
            [sys.executable, "-c", ASKING, who, *map(str, ports)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=120,
        )
    assert run.returncode == 0, run.stderr.decode()
    found, grown = json.loads(run.stdout)
    assert grown < MOST_KIB
    assert endless.sent < 32 * LARGEST_ANSWER, "the rest is not read"
    for name, said in zip(bombs, found, strict=False):
        if who == "probe":
            assert said.startswith("None 200 the answer (200) came packed"), name
        else:
            assert said == "wrong-content-type", name
    assert found[-1] == "too-large" if who != "probe" else found[-1].startswith("None 200 ")


def post(port: int) -> Response | Failure:
    return send_now(Request("POST", f"http://127.0.0.1:{port}/token", body=b"canary"), seconds=10)


def test_identity_is_no_packing() -> None:
    with talking(saying(http(b"{}", more="Content-Encoding: Identity\r\n"))) as port:
        found = post(port)
    assert isinstance(found, Response)
    assert found.body == b"{}"


@pytest.mark.parametrize("status", [429, 503])
def test_a_status_says_enough_without_the_packed_body(status: int) -> None:
    answer = http(gzip.compress(b"{}"), status=f"{status} No", more="Content-Encoding: gzip\r\n")
    with talking(saying(answer)) as port:
        found = post(port)
    assert isinstance(found, Response)
    assert (found.status, found.body) == (status, b"")


def test_the_answer_that_was_refused_is_named_and_not_quoted() -> None:
    answer = http(gzip.compress(b"{}"), more="Content-Encoding: gzip sk-\u200bant-\u2060api03-x\r\n")
    with talking(saying(answer)) as port:
        found = post(port)
    assert isinstance(found, Failure)
    assert "packed" in str(found)
    assert "sk-ant" not in str(found)


# ── what becomes of the refresh token ────────────────────────────────────────────────────────────


def expired(home: Path) -> FileStore:
    store = FileStore.of_sdk(str(home))
    store.save(token_set("old", expires_in=-10)._replace(client_id=None, token_url=None))
    return store


def client_at(port: int) -> OAuthClient:
    url = f"http://127.0.0.1:{port}/token"
    return OAuthClient("c", authorize_url=url, token_url=url)


@pytest.mark.parametrize("kind", ["packed", "too large"])
def test_a_refresh_whose_answer_was_refused_counts_as_spent(kind: str, tmp_path: Path) -> None:
    asked: list[bytes] = []
    body = gzip.compress(b'{"access_token": "x"}') if kind == "packed" else b" " * (LARGEST_ANSWER + 1)
    more = "Content-Encoding: gzip\r\n" if kind == "packed" else ""
    store = expired(tmp_path)
    with talking(saying(http(body, more=more), asked)) as port:
        refresher = OAuthRefresher(client_at(port))
        assert refresh(store, refresher, Journal()).reason == "lost"
        assert refresh(store, refresher, Journal(), force=True).reason == "interrupted"
    assert len(asked) == 1, "a refresh token is never sent again where the answer was lost"


def test_a_refresh_that_a_packed_503_answered_is_not_spent(tmp_path: Path) -> None:
    answer = http(gzip.compress(b"{}"), status="503 Down", more="Content-Encoding: gzip\r\n")
    store = expired(tmp_path)
    with talking(saying(answer)) as port:
        assert refresh(store, OAuthRefresher(client_at(port)), Journal()).reason == "unavailable"
    assert store.ledger.read_intent() is None


# ── the bound itself ─────────────────────────────────────────────────────────────────────────────


def test_a_probe_reads_no_more_than_the_bound(tmp_path: Path) -> None:
    endless = Endless()
    with talking(endless) as port:
        base = {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": KEY}
        snapshot, resolution, planned = plan(tmp_path, base)
        answer = send_probe(planned, snapshot, resolution, {}, seconds=60)
    assert (answer.ok, answer.status) == (None, 200)
    assert endless.sent < 32 * LARGEST_ANSWER


@pytest.mark.parametrize("size", [LARGEST_ANSWER, LARGEST_ANSWER + 1])
def test_an_answer_of_just_the_bound_is_read(size: int) -> None:
    with talking(saying(http(b" " * size))) as port:
        found = post(port)
    assert (found.code if isinstance(found, Failure) else len(found.body)) in {"too-large", LARGEST_ANSWER}
    assert isinstance(found, Failure) is (size > LARGEST_ANSWER)


# ── an answer that comes little by little, and never ends ────────────────────────────────────────

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#: What comes first, and what comes again and again. No single wait of these is long.
DRIPS: dict[str, tuple[bytes, bytes]] = {
    "status line": (b"", b"H"),
    "name of a header": (_OK + b"X-", b"a"),
    "headers": (_OK, b"X: y\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    "length of a chunk": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "trailers": (_OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X: y\r\n"),
    "body without a length": (_OK + b"\r\n", b" "),
}


def dripping(first: bytes, again: bytes) -> Talk:
    """Ends with the connection, or after 8 s: whoever still reads by then waited too long."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(first)
        until = time.monotonic() + 8
        while time.monotonic() < until:
            connection.sendall(again)
            time.sleep(0.1)

    return talk


@pytest.mark.parametrize("drip", DRIPS)
def test_an_answer_that_drips_does_not_keep_a_refresh(drip: str) -> None:
    with talking(dripping(*DRIPS[drip])) as port:
        watch = Stopwatch()
        found = send_now(Request("POST", f"http://127.0.0.1:{port}/token", body=b"canary"), seconds=1.0)
        took = watch.seconds
    assert isinstance(found, Failure)
    assert (found.code, found.may_have_reached_the_server) == ("time-out", True)
    assert took < 6


@pytest.mark.parametrize("drip", DRIPS)
def test_an_answer_that_drips_does_not_keep_a_probe(drip: str, tmp_path: Path) -> None:
    with talking(dripping(*DRIPS[drip])) as port:
        base = {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": KEY}
        snapshot, resolution, planned = plan(tmp_path, base)
        answer = send_probe(planned, snapshot, resolution, {}, seconds=1.0)
    assert answer.ok is None
    assert answer.seconds < 6


def test_an_encrypted_answer_that_drips_does_not_keep_a_refresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with talking(dripping(*DRIPS["headers"]), context=context) as port:
        watch = Stopwatch()
        found = send_now(Request("POST", f"https://localhost:{port}/token", body=b"canary"), seconds=2.0)
        took = watch.seconds
    assert isinstance(found, Failure)
    assert (found.code, found.may_have_reached_the_server) == ("time-out", True)
    assert took < 6


def test_a_proxy_that_drips_does_not_keep_a_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(dripping(*DRIPS["headers"])) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        watch = Stopwatch()
        found = send_now(Request("POST", "https://login.example/token", body=b"canary"), seconds=2.0)
        took = watch.seconds
    assert isinstance(found, Failure)
    assert found.code == "time-out"
    assert took < 6
