"""Codes, verifiers, states, tokens and the callback's address show nowhere: not in an event, a log line, a
`repr` or a traceback with its locals."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from rich.console import Console
from rich.traceback import Traceback

from claude_auth.model import Event, TokenSet
from claude_auth.oauth import Failure
from claude_auth.oauth.authorization import base64url
from claude_auth.oauth.flow import SignIn
from claude_auth.oauth.grants import refresh, revoke
from claude_auth.oauth.transport import Request, Response, send
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.loopback_server import Fault, FaultKind
from claude_auth.security.secret import Secret
from tests.oauth.scenes import by_paste, client_of, follow, redirect_of, run
from tests.oauth.servers import get

SECRET = "sandbox-secret"


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


class Canaries:
    """Everything secret of one attempt, gathered as it comes up."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.found: set[str] = {SECRET}
        self._caplog = caplog
        self._count = 0
        caplog.set_level(logging.DEBUG)

    def randomness(self, count: int) -> bytes:
        self._count += 1
        octets = bytes([self._count]) * count
        self.found.add(base64url(octets))
        return octets

    def answered(self, address: str) -> None:
        self.found |= {address, parse_qs(urlsplit(address).query)["code"][0]}

    def minted(self, tokens: TokenSet | None) -> None:
        assert tokens is not None
        assert tokens.refresh_token is not None
        self.found |= {tokens.access_token.reveal(), tokens.refresh_token.reveal()}

    def check(self, *texts: object) -> None:
        assert len(self.found) > 4
        # The stand-in for the person's browser logs as well, in its own threads.
        ours = [record for record in self._caplog.records if record.threadName == "MainThread"]
        log = "\n".join(f"{record.getMessage()} {vars(record)}" for record in ours)
        for text in (log, *map(repr, texts), *map(str, texts)):
            for canary in self.found:
                for form in (canary, quote(canary, safe=""), repr(canary.encode())):
                    assert form not in text


@pytest.fixture
def canaries(caplog: pytest.LogCaptureFixture) -> Canaries:
    return Canaries(caplog)


def attempt_of(server: AuthorizationServer, canaries: Canaries, **how: object) -> SignIn:
    client = client_of(server, client_id="sandbox-confidential", client_secret=Secret(SECRET))
    return SignIn(client, lock_path=None, randomness=canaries.randomness, **how)  # type: ignore[arg-type]


def answering(canaries: Canaries, way: str) -> Callable[[SignIn], object]:
    async def answer(attempt: SignIn) -> None:
        address = await redirect_of(attempt)
        canaries.answered(address)
        if way == "paste":
            assert attempt.paste(address) is None
        else:
            parts = urlsplit(address)
            wrong = f"{parts.path}?{parts.query.replace('state=', 'state=x')}"
            for target in (wrong, f"{parts.path}?{parts.query}"):
                page = await asyncio.to_thread(get, attempt.port or 0, target)
                canaries.check(page.decode())

    return answer


def through(attempt: SignIn, canaries: Canaries, way: str) -> list[Event]:
    logging.getLogger("asyncio").setLevel(logging.DEBUG)

    async def work() -> list[Event]:
        asyncio.get_running_loop().set_debug(True)
        return await follow(attempt, {"signin.waiting": answering(canaries, way)})  # type: ignore[dict-item]

    return run(work())


@pytest.mark.parametrize("way", ["paste", "browser"])
def test_a_sign_in_a_refresh_and_a_revocation(
    server: AuthorizationServer, canaries: Canaries, way: str
) -> None:
    attempt = attempt_of(server, canaries)
    events = through(attempt, canaries, way)
    assert attempt.tokens is not None
    canaries.minted(attempt.tokens)
    new = refresh(attempt.client, attempt.tokens)
    assert isinstance(new, TokenSet)
    canaries.minted(new)
    assert revoke(attempt.client, new.access_token, "access_token") is None
    canaries.check(attempt, vars(attempt), events, attempt.tokens, new, attempt.url, attempt.client)


@pytest.mark.parametrize("fault", ["cut-after", "truncated", "html", "missing-fields", "content-type"])
def test_a_failure(server: AuthorizationServer, canaries: Canaries, fault: FaultKind) -> None:
    server.faults.add(Fault(fault))
    attempt = attempt_of(server, canaries)
    events = through(attempt, canaries, "paste")
    assert attempt.failure is not None
    canaries.check(events, attempt.failure, attempt.failure.detail)


def test_a_server_that_repeats_what_it_was_sent(server: AuthorizationServer, canaries: Canaries) -> None:
    async def parrot(request: Request) -> Response | Failure:
        words = request.body.decode() + str(request.headers.get("Authorization"))
        body = b'{"error": "invalid_client", "error_description": "%s"}' % words.encode()
        return Response(400, {"content-type": "application/json"}, body)

    attempt = attempt_of(server, canaries, send=parrot)
    events = through(attempt, canaries, "paste")
    assert attempt.failure is not None
    assert attempt.failure.detail
    canaries.check(events, attempt.failure)


def with_locals(error: BaseException) -> str:
    """As a crash screen would print it, and as the standard library would."""
    out = io.StringIO()
    shown = Traceback.from_exception(type(error), error, error.__traceback__, show_locals=True, width=400)
    Console(file=out, width=500).print(shown)
    lines = traceback.TracebackException.from_exception(error, capture_locals=True).format()
    return out.getvalue() + "".join(lines)


def test_a_crash_in_the_middle_of_the_exchange(server: AuthorizationServer, canaries: Canaries) -> None:
    async def broken(request: Request) -> Response | Failure:
        raise RuntimeError("a bug")

    attempt = attempt_of(server, canaries, send=broken)
    with pytest.raises(RuntimeError, match="a bug") as caught:
        through(attempt, canaries, "paste")
    text = with_locals(caught.value)
    assert "_exchange" in text
    canaries.check(text, attempt.failure)


def test_a_crash_inside_the_transport(
    server: AuthorizationServer, canaries: Canaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpcore

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug with the request in its frames")

    monkeypatch.setattr(httpcore.AsyncConnectionPool, "handle_async_request", broken)
    attempt = attempt_of(server, canaries)
    events = through(attempt, canaries, "paste")
    assert attempt.failure is not None
    assert attempt.failure.code == "unexpected"
    assert attempt.failure.may_have_reached_the_server
    canaries.check(events)


def test_a_cancelled_exchange(server: AuthorizationServer, canaries: Canaries) -> None:
    server.faults.add(Fault("stall", seconds=30))
    errors: list[BaseException] = []

    async def cancelled(request: Request) -> Response | Failure:
        try:
            return await send(request)
        except asyncio.CancelledError as error:
            errors.append(error)
            raise

    async def work() -> list[Event]:
        attempt = attempt_of(server, canaries, send=cancelled)
        events = []
        async for event in attempt.events():
            events.append(event)
            if event.kind == "signin.waiting":
                address = await redirect_of(attempt)
                canaries.answered(address)
                attempt.paste(address)
            elif event.kind == "signin.exchanging":
                asyncio.get_running_loop().call_later(0.2, attempt.cancel)  # well into the stall
        return events

    events = run(work())
    assert events[-1].kind == "signin.cancelled"
    canaries.check(events, with_locals(errors[0]))


def test_by_paste_alone_shows_nothing_either(server: AuthorizationServer, canaries: Canaries) -> None:
    attempt = attempt_of(server, canaries, listen=False)
    events = run(follow(attempt, {"signin.waiting": by_paste}))
    canaries.minted(attempt.tokens)
    canaries.check(events)
