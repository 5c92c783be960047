"""The listener against everything that may knock: each bullet of issue 3's "Loopback"."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any

import h11
import pytest

from claude_auth.oauth import loopback, resources
from claude_auth.oauth.callback import Callback
from claude_auth.oauth.loopback import Listener
from claude_auth.oauth.resources import Bound, NotBound, bind, port_holder
from claude_auth.security.secret import Secret
from tests.oauth.servers import get, raw

STATE = Secret("the-right-state-of-this-attempt")
GOOD = f"/callback?code=the-code&state={STATE.reveal()}"


@dataclass
class Scene:
    port: int
    listener: Listener
    answers: list[Callback] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def get(self, target: str, **how: Any) -> bytes:
        return await asyncio.to_thread(get, self.port, target, **how)

    async def raw(self, data: bytes, **how: Any) -> bytes:
        return await asyncio.to_thread(raw, self.port, data, **how)


@asynccontextmanager
async def listening(uri: str = "http://localhost:0/callback", **limits: Any) -> AsyncIterator[Scene]:
    bound = bind(uri)
    assert isinstance(bound, Bound)
    scene: Scene

    def answered(callback: Callback) -> None:
        scene.answers.append(callback)
        scene.arrived.set()

    ignored: list[str] = []
    listener = Listener(bound, STATE, on_answer=answered, on_ignored=ignored.append, **limits)
    scene = Scene(bound.port, listener, ignored=ignored)
    listener.start()
    try:
        yield scene
    finally:
        await listener.close()


def run(test: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(test(), 30))


def listeners_on(port: int) -> int:
    """How many of this machine's loopback addresses take a connection."""
    count = 0
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family) as probe:
            count += probe.connect_ex((address, port)) == 0
    return count


# ── binding ──────────────────────────────────────────────────────────────────────────────────────


def test_on_loopback_alone_and_before_anything_is_shown() -> None:
    bound = bind("http://localhost:0/callback")
    assert isinstance(bound, Bound)
    with closing(bound):
        names = [each.getsockname()[0] for each in bound.sockets]
        assert names == ["127.0.0.1", "::1"]
        assert {each.getsockname()[1] for each in bound.sockets} == {bound.port}
        assert bound.redirect_uri == f"http://localhost:{bound.port}/callback"
        assert listeners_on(bound.port) == 2


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
def test_a_literal_address_needs_no_other(host: str, address: str) -> None:
    bound = bind(f"http://{host}/callback")
    assert isinstance(bound, Bound)
    with closing(bound):
        assert [each.getsockname()[0] for each in bound.sockets] == [address]
        assert bound.redirect_uri == f"http://{host}:{bound.port}/callback"


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_taken_port_is_told_even_if_only_one_address_has_it(
    family: socket.AddressFamily, address: str
) -> None:
    with socket.socket(family) as other:
        other.bind((address, 0))
        other.listen()
        port = other.getsockname()[1]
        taken = bind(f"http://localhost:{port}/callback")
        assert isinstance(taken, NotBound)
        assert (taken.port, taken.taken) == (port, True)
        holder = port_holder(port)
        assert holder is not None
        assert "process" in holder


def test_nobody_holds_a_free_port() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert port_holder(free.getsockname()[1]) is None


def test_no_ipv6_is_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    real = resources._listen

    def without(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return real(family, address, port)

    monkeypatch.setattr(resources, "_listen", without)
    bound = bind("http://localhost:0/callback")
    assert isinstance(bound, Bound)
    bound.close()


def test_no_loopback_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> socket.socket:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported")

    monkeypatch.setattr(resources, "_listen", nothing)
    failed = bind("http://localhost:0/callback")
    assert isinstance(failed, NotBound)
    assert not failed.taken
    assert "not supported" in failed.reason


# ── the right answer ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("outcome", ["success", "failure", "over"])
def test_the_page_waits_for_the_exchange(outcome: str) -> None:
    async def test() -> None:
        async with listening() as scene:
            page = asyncio.create_task(scene.get(GOOD))
            await scene.arrived.wait()
            assert not page.done()
            await scene.listener.close(outcome)
            text = (await page).decode()
            assert ("The sign-in worked" in text) == (outcome == "success")
            assert "go back to the terminal" in text.lower()
            assert scene.answers[0].code == Secret("the-code")

    run(test)


def test_a_neutral_page_when_the_exchange_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "OUTCOME_SECONDS", 0.05)

    async def test() -> None:
        async with listening() as scene:
            text = (await scene.get(GOOD)).decode()
            assert "Go back to the terminal" in text
            assert "worked" not in text

    run(test)


def test_a_second_press_counts_once() -> None:
    async def test() -> None:
        async with listening() as scene:
            first = asyncio.create_task(scene.get(GOOD))
            await scene.arrived.wait()
            others = [asyncio.create_task(scene.get(GOOD)) for _ in range(2)]
            await scene.get("/favicon.ico")
            await scene.listener.close("success")
            assert b"The sign-in worked" in await first
            # One that comes while it closes finds nobody: it is told so at once and doesn't hang.
            for page in await asyncio.gather(*others, return_exceptions=True):
                assert isinstance(page, ConnectionError) or page in {b"", await first}
            assert len(scene.answers) == 1

    run(test)


def test_an_error_with_our_state_is_an_answer() -> None:
    async def test() -> None:
        async with listening() as scene:
            target = f"/callback?error=access_denied&error_description=no&iss=x&state={STATE.reveal()}"
            page = asyncio.create_task(scene.get(target))
            await scene.arrived.wait()
            await scene.listener.close("failure")
            await page
            answer = scene.answers[0]
            assert (answer.code, answer.error, answer.description) == (None, "access_denied", "no")
            assert answer.issuer == "x"

    run(test)


def test_on_both_addresses() -> None:
    async def test() -> None:
        async with listening() as scene:
            data = f"GET {GOOD} HTTP/1.1\r\nHost: [::1]:{scene.port}\r\n\r\n".encode()
            page = asyncio.create_task(scene.raw(data, host="::1"))
            await scene.arrived.wait()
            await scene.listener.close("success")
            assert b"200" in (await page).partition(b"\r\n")[0]

    run(test)


# ── what doesn't end the sign-in ─────────────────────────────────────────────────────────────────


def refuses(target: str, status: bytes, reason: str, **how: Any) -> None:
    """The request gets `status`, says nothing of itself, and the right answer still comes through."""

    async def test() -> None:
        async with listening() as scene:
            page = await scene.get(target, **how)
            assert page.split(b" ", 2)[1] == status
            assert b"canary" not in page
            assert scene.ignored == [reason]
            assert scene.answers == []
            last = asyncio.create_task(scene.get(GOOD))
            await scene.arrived.wait()
            await scene.listener.close("success")
            assert b"The sign-in worked" in await last

    run(test)


def test_a_wrong_state() -> None:
    refuses("/callback?code=canary&state=canary", b"400", "wrong-state")


def test_a_state_that_is_almost_right() -> None:
    refuses(f"/callback?code=canary&state={STATE.reveal()}x", b"400", "wrong-state")


def test_no_state() -> None:
    refuses("/callback?code=canary", b"400", "no-state")


def test_an_error_without_our_state() -> None:
    refuses("/callback?error=access_denied&state=canary", b"400", "wrong-state")


def test_two_codes() -> None:
    refuses(f"/callback?code=canary&code=canary2&state={STATE.reveal()}", b"400", "wrong-state")


def test_our_state_without_anything() -> None:
    refuses(f"/callback?state={STATE.reveal()}", b"400", "no-code")


def test_too_many_parameters() -> None:
    refuses("/callback?" + "&".join(f"canary{i}=1" for i in range(60)), b"400", "wrong-state")


@pytest.mark.parametrize(
    "target", ["/favicon.ico", "/", "/callback/?code=canary", "/Callback?code=canary", "//callback", "*"]
)
def test_a_stray_request(target: str) -> None:
    refuses(target, b"404", "other-path")


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PUT"])
def test_another_method(method: str) -> None:
    refuses(GOOD.replace("the-code", "canary"), b"405", "wrong-method", method=method)


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:1", "127.0.0.1.evil.example", ""])
def test_a_host_that_is_not_ours(host: str) -> None:
    refuses(GOOD.replace("the-code", "canary"), b"403", "wrong-host", host=host)


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02", b"canary\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_a_port_scan(data: bytes) -> None:
    async def test() -> None:
        async with listening() as scene:
            page = await scene.raw(data, half_close=True)
            assert b"canary" not in page
            assert scene.ignored == ["no-http"]
            assert await scene.raw(b"", half_close=True) == b""
            assert scene.ignored[1] == "empty-connection"

    run(test)


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00\x01\xfc", b"GET / HTTP/1.1\nHost: x\n\n"])
def test_what_cannot_be_a_request_is_answered_without_waiting_for_more(data: bytes) -> None:
    """A browser that tries TLS first, say: it keeps its side open."""

    async def test() -> None:
        async with listening(request_seconds=3600.0) as scene:
            assert b"400" in await scene.raw(data, half_close=False)
            assert scene.ignored == ["no-http"]

    run(test)


@pytest.mark.parametrize(
    "head",
    [
        b"\x80\x2e\x01\x03\x01",
        b"\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\nX: canary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n canary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\tcanary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\rX: canary\r\n\r\n",
        b"GET /?canary\xe9 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        b"GET /\r\n\r\n",
    ],
)
def test_what_is_no_strict_request_is_refused_at_once(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours to decide, byte by byte as it may come, whatever a parser thinks of it."""
    monkeypatch.setattr("claude_auth.oauth.loopback._LINGER_SECONDS", 3600.0)

    async def test() -> None:
        async with listening(request_seconds=3600.0) as scene:
            assert (await scene.raw(head, half_close=False))[:12] == b"HTTP/1.1 400"
            reader, writer = await asyncio.open_connection("127.0.0.1", scene.port)
            for number in range(len(head)):
                writer.write(head[number : number + 1])
                await asyncio.sleep(0.001)
            page = await reader.read()
            assert page[:12] == b"HTTP/1.1 400"
            assert b"canary" not in page
            writer.close()
            assert scene.ignored == ["no-http"] * 2

    run(test)


def test_the_address_of_another_place_is_another_path() -> None:
    refuses(f"http://localhost{GOOD.replace('the-code', 'canary')}", b"404", "other-path")


def test_a_body_is_not_looked_at() -> None:
    async def test() -> None:
        async with listening() as scene:
            head = f"POST {GOOD} HTTP/1.1\r\nHost: localhost:{scene.port}\r\nContent-Length: 9\r\n\r\n"
            assert b"405" in (await scene.raw(head.encode() + b"a\nb\n c\nd\n"))[:12]
            assert scene.ignored == ["wrong-method"]

    run(test)


def test_a_host_with_room_in_it_holds_nobody_up() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x" + b" " * 16_000 + b"y\r\n\r\n"

    async def test() -> None:
        async with listening() as scene:
            begun = time.process_time()
            for page in await asyncio.gather(*(scene.raw(head) for _ in range(10))):
                assert b"403" in page[:12]
            assert time.process_time() - begun < 0.5

    run(test)


def test_the_size_of_a_request_is_bounded() -> None:
    async def test() -> None:
        async with listening() as scene:
            for data in (
                b"GET /callback?" + b"x" * (loopback.LARGEST_REQUEST + 10),
                b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * (loopback.LARGEST_REQUEST // 4),
            ):
                # What it hadn't read yet may turn its answer into a reset.
                assert (await scene.raw(data))[:12] in {b"HTTP/1.1 431", b""}
            assert scene.ignored == ["no-http"] * 2

    run(test)


def test_a_request_that_ends_beyond_the_bound_is_refused_however_it_comes() -> None:
    async def test() -> None:
        async with listening() as scene:
            head = f"GET {GOOD} HTTP/1.1\r\nHost: localhost:{scene.port}\r\nX: ".encode()
            data = head + b"x" * (loopback.LARGEST_REQUEST - len(head)) + b"\r\n\r\n"
            assert (await scene.raw(data))[:12] in {b"HTTP/1.1 431", b""}
            assert scene.ignored == ["no-http"]
            assert not scene.answers

    run(test)


def test_a_parser_that_cannot_be_loaded_costs_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no descriptor left nothing can be imported either."""
    real, broken = loopback._new_parser, [OSError(errno.EMFILE, "Too many open files")]

    def new_parser() -> h11.Connection:
        if broken:
            raise broken.pop()
        return real()

    monkeypatch.setattr(loopback, "_new_parser", new_parser)

    async def test() -> None:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with listening() as scene:
            assert await ended(*await asyncio.open_connection("127.0.0.1", scene.port))
            assert (await scene.raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))[:12] == b"HTTP/1.1 403"
            assert scene.ignored == ["incomplete-request", "wrong-host"]
        assert not told

    run(test)


async def ended(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether the other side has closed without a word."""
    try:
        return await reader.read() == b""
    except ConnectionResetError:
        return True
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def test_slow_connections_are_dropped_and_do_not_keep_the_browser_out() -> None:
    async def test() -> None:
        async with listening(request_seconds=20.0) as scene:
            slow = [
                await asyncio.open_connection("127.0.0.1", scene.port)
                for _ in range(resources.MOST_CONNECTIONS + 5)
            ]
            for _, writer in slow:
                writer.write(b"GET /callback?code=x HTTP/1.1\r\nX-Slow: ")
                await writer.drain()
            page = asyncio.create_task(scene.get(GOOD))
            await scene.arrived.wait()
            # The oldest ones had to make room.
            assert await ended(*slow[0])
            await scene.listener.close("success")
            assert b"The sign-in worked" in await page
            assert all([await ended(*each) for each in slow[1:]])

    run(test)


def test_a_request_has_its_time() -> None:
    async def test() -> None:
        async with listening(request_seconds=0.1) as scene:
            assert await scene.raw(b"GET /callback?code=x HTTP/1.1\r\nX-Slow: ") == b""
            assert scene.ignored == ["incomplete-request"]

    run(test)


def test_the_number_of_requests_is_bounded() -> None:
    async def test() -> None:
        async with listening(most_requests=3) as scene:
            for _ in range(3):
                assert b"404" in await scene.get("/x")
            assert await scene.raw(b"") == b""
            with pytest.raises(ConnectionRefusedError):
                await scene.raw(b"")
            assert scene.ignored == ["other-path"] * 3 + ["too-many-requests"]

    run(test)


def test_security_headers_and_nothing_reflected() -> None:
    async def test() -> None:
        async with listening() as scene:
            for target in ("/canary<script>", "/callback?state=canary<script>&code=canary"):
                page = (await scene.get(target)).decode()
                assert "canary" not in page
                head = page.partition("\r\n\r\n")[0].lower()
                for header in (
                    "cache-control: no-store",
                    "content-security-policy: default-src 'none'",
                    "frame-ancestors 'none'",
                    "referrer-policy: no-referrer",
                    "x-content-type-options: nosniff",
                    "connection: close",
                ):
                    assert header in head
                assert "server:" not in head

    run(test)


def test_nothing_is_left_listening() -> None:
    async def test() -> int:
        async with listening() as scene:
            page = asyncio.create_task(scene.get(GOOD))
            await scene.arrived.wait()
            _, writer = await asyncio.open_connection("127.0.0.1", scene.port)
            await scene.listener.close()
            assert listeners_on(scene.port) == 0
            await page
            writer.close()
            return scene.port

    port = asyncio.run(asyncio.wait_for(test(), 30))
    assert listeners_on(port) == 0
    again = bind(f"http://localhost:{port}/callback")
    assert isinstance(again, Bound)
    again.close()


def test_without_proc_nobody_is_named_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """psutil raises an IndexError then."""

    def fails(kind: str) -> None:
        raise IndexError(kind)

    monkeypatch.setattr("psutil.net_connections", fails)
    assert port_holder(1) is None
