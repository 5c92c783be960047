"""Whole sign-ins against a real server: by browser, by paste, in every order, and cancelled everywhere."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from claude_auth.oauth import Failure, failure, flow, resources
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.oauth.flow import SignIn
from claude_auth.oauth.grants import refresh, revoke
from claude_auth.oauth.transport import Request, Response, Send, send
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.loopback_server import Fault, FaultKind
from claude_auth.security.secret import Secret
from tests.oauth.scenes import (
    by_browser,
    by_paste,
    client_of,
    failure_of,
    follow,
    kinds,
    redirect_of,
    run,
    tokens_of,
)
from tests.oauth.servers import StandInBrowser, get


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


def sign_in(client: OAuthClient, **how: Any) -> SignIn:
    return SignIn(client, **({"lock_path": None} | how))


def is_free(port: int | None) -> bool:
    assert port is not None
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


# ── it works ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"token_request_format": "json"},
        {"redirect_uri": "http://127.0.0.1/callback"},
        {"authorize_url": "", "token_url": "", "revocation_url": None},
        {"client_id": "sandbox-confidential", "client_secret": Secret("sandbox-secret")},
        {
            "client_id": "sandbox-confidential",
            "client_secret": Secret("sandbox-secret"),
            "client_authentication": "post",
        },
        {"scopes": ("profile",)},
    ],
    ids=["form", "json", "literal", "discovery", "basic", "post", "scopes"],
)
def test_by_browser(server: AuthorizationServer, changes: dict[str, Any]) -> None:
    attempt = sign_in(client_of(server, **changes))
    events = run(follow(attempt, {"signin.waiting": by_browser}))
    tokens = tokens_of(attempt)
    assert kinds(events)[-5:] == ["listening", "waiting", "answered", "exchanging", "succeeded"]
    assert server.rules.person_of(tokens.access_token.reveal()) == "ada"
    assert tokens.client_id == attempt.client.client_id
    assert tokens.token_url == f"{server.issuer}/token"
    assert events[-1].data["fingerprint"] == tokens.access_token.fingerprint
    assert is_free(attempt.port)


def test_by_paste_while_the_listener_waits(server: AuthorizationServer) -> None:
    attempt = sign_in(client_of(server))
    events = run(follow(attempt, {"signin.waiting": by_paste}))
    assert server.rules.is_alive(tokens_of(attempt).access_token.reveal())
    assert events[-3].data == {"way": "paste"}
    assert is_free(attempt.port)


def test_by_a_page_that_shows_the_code(server: AuthorizationServer) -> None:
    async def copy(attempt: SignIn) -> None:
        assert attempt.url is not None
        assert attempt.port is None
        url = attempt.url.reveal()
        with StandInBrowser() as browser:
            page = (await asyncio.to_thread(browser.sign_in, url)).text
        shown = page.partition('<code id="code">')[2].partition("</code>")[0]
        assert "#" in shown
        assert attempt.paste(shown) is None

    # Not listening, since this server's own page lies on loopback, too.
    attempt = sign_in(client_of(server, redirect_uri=server.paste_redirect), listen=False)
    run(follow(attempt, {"signin.waiting": copy}))
    tokens_of(attempt)


def test_then_refreshed_and_revoked(server: AuthorizationServer) -> None:
    client = client_of(server)
    attempt = sign_in(client)
    run(follow(attempt, {"signin.waiting": by_paste}))
    old = tokens_of(attempt)
    new = refresh(client, old)
    assert new.refresh_token != old.refresh_token
    assert server.counters.refreshes == 1
    assert new.refresh_token is not None
    assert revoke(client, new.refresh_token, "refresh_token") is None
    assert not server.rules.is_alive(new.access_token.reveal())
    with pytest.raises(Failure) as gone:
        refresh(client, new)
    assert (gone.value.code, gone.value.is_verdict) == ("invalid-grant", True)


def test_refresh_and_revocation_find_their_endpoints(server: AuthorizationServer) -> None:
    client = client_of(server, authorize_url="", token_url="", revocation_url=None)
    attempt = sign_in(client)
    run(follow(attempt, {"signin.waiting": by_paste}))
    new = refresh(client, tokens_of(attempt))
    assert revoke(client, new.access_token, "access_token") is None
    assert server.counters.revocations == 1


# ── the race ─────────────────────────────────────────────────────────────────────────────────────


def test_a_paste_and_a_browser_at_once_use_the_code_once(server: AuthorizationServer) -> None:
    async def both(attempt: SignIn) -> None:
        address = await redirect_of(attempt)
        assert attempt.paste(address) is None
        impatient = attempt.paste(address)
        assert impatient is not None
        assert impatient.kind == "over"
        parts = urlsplit(address)
        with contextlib.suppress(ConnectionError):  # where the exchange was quicker, nobody listens any more
            await asyncio.to_thread(get, attempt.port or 0, f"{parts.path}?{parts.query}")

    attempt = sign_in(client_of(server))
    run(follow(attempt, {"signin.waiting": both}))
    tokens_of(attempt)
    assert (server.counters.exchanges, server.counters.reuses) == (1, 0)
    late = attempt.paste("anything")
    assert late is not None
    assert late.kind == "over"


def test_a_wrong_paste_ends_nothing(server: AuthorizationServer) -> None:
    async def clumsy(attempt: SignIn) -> None:
        for text, kind in (("", "nothing"), ("123456", "e-mail-code"), ("a-code#a-state", "earlier-attempt")):
            told = attempt.paste(text)
            assert told is not None
            assert told.kind == kind
        assert attempt.paste("copied-the-wrong-line") is None

    async def again(attempt: SignIn) -> None:
        used = attempt.paste("copied-the-wrong-line")
        assert used is not None
        assert used.kind == "used"
        await by_browser(attempt)

    attempt = sign_in(client_of(server))
    events = run(follow(attempt, {"signin.waiting": clumsy, "signin.code-refused": again}))
    tokens_of(attempt)
    assert kinds(events).count("paste-refused") == 3


def test_not_more_than_a_few_wrong_codes(server: AuthorizationServer) -> None:
    async def stubborn() -> SignIn:
        attempt = sign_in(client_of(server))
        count = 0
        async for event in attempt.events():
            if event.kind in {"signin.waiting", "signin.code-refused"}:
                count += 1
                assert attempt.paste(f"wrong-code-{count}") is None
        assert count == flow.MOST_EXCHANGES
        return attempt

    assert failure_of(run(stubborn())).code == "code-expired"
    assert server.counters.exchanges == flow.MOST_EXCHANGES


def test_a_stranger_at_the_listener_ends_nothing(server: AuthorizationServer) -> None:
    async def stranger(attempt: SignIn) -> None:
        port = attempt.port or 0
        for target in ("/favicon.ico", "/callback?code=x&state=y", "/callback?error=access_denied&state=y"):
            await asyncio.to_thread(get, port, target)
        await by_browser(attempt)

    attempt = sign_in(client_of(server))
    events = run(follow(attempt, {"signin.waiting": stranger}))
    tokens_of(attempt)
    reasons = [event.data["reason"] for event in events if event.kind == "signin.ignored"]
    assert reasons == ["other-path", "wrong-state", "wrong-state"]


# ── it fails, in words ───────────────────────────────────────────────────────────────────────────


def test_denied(server: AuthorizationServer) -> None:
    attempt = sign_in(client_of(server))
    events = run(follow(attempt, {"signin.waiting": lambda it: by_browser(it, "deny")}))
    assert failure_of(attempt).code == "denied"
    assert events[-1].level == "error"
    assert is_free(attempt.port)


def test_denied_by_paste(server: AuthorizationServer) -> None:
    async def deny(attempt: SignIn) -> None:
        assert attempt.paste(await redirect_of(attempt, "deny")) is None

    attempt = sign_in(client_of(server), listen=False)
    run(follow(attempt, {"signin.waiting": deny}))
    assert failure_of(attempt).code == "denied"


def test_a_code_that_has_expired() -> None:
    with AuthorizationServer(code_seconds=0) as server:
        attempt = sign_in(client_of(server))
        run(follow(attempt, {"signin.waiting": by_browser}))
    expired = failure_of(attempt)
    assert (expired.code, expired.is_verdict) == ("code-expired", True)


def test_state_wanted_in_the_token_request() -> None:
    with AuthorizationServer(state_in_json=True) as server:
        attempt = sign_in(client_of(server, token_request_format="json"))
        run(follow(attempt, {"signin.waiting": by_browser}))
        tokens_of(attempt)


@pytest.mark.parametrize(
    ("fault", "kind", "reached"),
    [
        ("cut-before", "cut", True),
        ("cut-after", "cut", True),
        ("truncated", "truncated", True),
        ("html", "html", True),
        ("proxy-401", "html-refusal", False),
        ("rate-limited", "rate-limited", False),
        ("error", "incident", True),
        ("content-type", "wrong-content-type", True),
        ("missing-fields", "missing-field", True),
    ],
)
def test_a_fault_at_the_exchange(
    server: AuthorizationServer, fault: FaultKind, kind: str, reached: bool
) -> None:
    server.faults.add(Fault(fault))
    attempt = sign_in(client_of(server))
    run(follow(attempt, {"signin.waiting": by_browser}))
    failed = failure_of(attempt)
    assert (failed.code, failed.may_have_reached_the_server, failed.is_verdict) == (kind, reached, False)
    # Never repeated: a code is good for one request.
    assert server.counters.exchanges <= 1


def test_a_time_out_at_the_exchange(server: AuthorizationServer) -> None:
    server.faults.add(Fault("stall", seconds=30))

    async def impatient(request: Request) -> Response | Failure:
        return await send(request, seconds=2.0)

    attempt = sign_in(client_of(server), send=impatient)
    run(follow(attempt, {"signin.waiting": by_paste}))
    failed = failure_of(attempt)
    assert (failed.code, failed.may_have_reached_the_server) == ("time-out", True)


def test_a_wrong_clock_is_told(server: AuthorizationServer) -> None:
    server.faults.add(Fault("date", seconds=-600))
    attempt = sign_in(client_of(server))
    events = run(follow(attempt, {"signin.waiting": by_paste}))
    tokens_of(attempt)
    clock = next(event for event in events if event.kind == "signin.clock")
    assert "10 min ahead" in clock.text


def failing(*failures: str, after: Send = send) -> Send:
    left = list(failures)

    async def broken(request: Request) -> Response | Failure:
        if left:
            return failure(left.pop(0), host="login.example", seconds=1)
        return await after(request)

    return broken


def test_tried_once_more_where_nothing_was_sent(server: AuthorizationServer) -> None:
    attempt = sign_in(client_of(server), send=failing("dns"))
    events = run(follow(attempt, {"signin.waiting": by_paste}))
    tokens_of(attempt)
    assert kinds(events).count("retrying") == 1


def test_and_not_twice(server: AuthorizationServer) -> None:
    attempt = sign_in(client_of(server), send=failing("refused", "offline", "dns"))
    run(follow(attempt, {"signin.waiting": by_paste}))
    assert failure_of(attempt).code == "offline"
    assert server.counters.exchanges == 0


def test_an_answer_of_another_server(server: AuthorizationServer) -> None:
    async def mixed_up(attempt: SignIn) -> None:
        address = await redirect_of(attempt)
        assert attempt.paste(address.partition("&iss=")[0] + "&iss=https%3A%2F%2Fevil.example") is None

    attempt = sign_in(client_of(server))
    run(follow(attempt, {"signin.waiting": mixed_up}))
    assert failure_of(attempt).code == "wrong-issuer"
    assert server.counters.exchanges == 0


def test_an_answer_without_an_issuer_from_a_server_that_names_itself(server: AuthorizationServer) -> None:
    async def stripped(attempt: SignIn) -> None:
        assert attempt.paste((await redirect_of(attempt)).partition("&iss=")[0]) is None

    attempt = sign_in(client_of(server, authorize_url="", token_url=""))
    run(follow(attempt, {"signin.waiting": stripped}))
    assert failure_of(attempt).code == "wrong-issuer"


def test_a_bare_code_is_fine_there(server: AuthorizationServer) -> None:
    async def bare(attempt: SignIn) -> None:
        query = parse_qs(urlsplit(await redirect_of(attempt)).query)
        assert attempt.paste(query["code"][0]) is None

    attempt = sign_in(client_of(server, authorize_url="", token_url=""))
    run(follow(attempt, {"signin.waiting": bare}))
    tokens_of(attempt)


def test_an_issuer_without_metadata(server: AuthorizationServer) -> None:
    client = client_of(server, issuer=f"{server.issuer}/nowhere", authorize_url="", token_url="")
    attempt = sign_in(client)
    events = run(follow(attempt))
    assert failure_of(attempt).code == "metadata"
    assert kinds(events) == ["started", "discovering", "failed"]
    assert attempt.port is None


def test_nobody_comes(server: AuthorizationServer) -> None:
    attempt = sign_in(client_of(server), patience=0.05)
    run(follow(attempt))
    assert failure_of(attempt).code == "waited-too-long"
    assert is_free(attempt.port)


# ── a taken port ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_and_another_one_allowed(server: AuthorizationServer, taken: int) -> None:
    attempt = sign_in(client_of(server, redirect_uri=f"http://127.0.0.1:{taken}/callback"))
    events = run(follow(attempt, {"signin.waiting": by_browser}))
    tokens_of(attempt)
    told = next(event for event in events if event.kind == "signin.port-taken")
    assert f"process {os.getpid()}" in told.text
    assert "another port" in told.text
    assert attempt.port not in {None, taken}


def test_a_taken_port_and_no_other_allowed(server: AuthorizationServer, taken: int) -> None:
    redirect = f"http://localhost:{taken}/callback"
    client = client_of(server, redirect_uri=redirect, any_port=False)
    attempt = sign_in(client, port_holder=lambda _: None)
    events = run(follow(attempt, {"signin.waiting": by_paste}))
    tokens_of(attempt)
    told = next(event for event in events if event.kind == "signin.port-taken")
    assert "taken by another program" in told.text
    assert "paste" in told.text
    assert attempt.port is None
    assert attempt.url is not None
    assert parse_qs(urlsplit(attempt.url.reveal()).query)["redirect_uri"] == [redirect]


# ── one at a time, and cancelled ─────────────────────────────────────────────────────────────────


def test_one_at_a_time_in_this_process(server: AuthorizationServer, tmp_path: Path) -> None:
    lock = resources.sign_in_lock_path({"XDG_STATE_HOME": str(tmp_path)})

    async def two() -> None:
        first, second = (SignIn(client_of(server), lock_path=lock) for _ in range(2))

        async def meanwhile(_: SignIn) -> None:
            events = await follow(second)
            assert kinds(events) == ["failed"]
            assert failure_of(second).code == "busy"
            await by_paste(first)

        await follow(first, {"signin.waiting": meanwhile})
        tokens_of(first)
        third = SignIn(client_of(server), lock_path=lock)
        await follow(third, {"signin.waiting": by_paste})
        tokens_of(third)

    run(two())
    assert oct(os.stat(os.path.dirname(lock)).st_mode & 0o777) == "0o700"


def test_one_at_a_time_among_processes(server: AuthorizationServer, tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    program = (
        "import sys; from claude_auth.oauth.resources import acquire_sign_in_lock; "
        "lock = acquire_sign_in_lock(sys.argv[1]); "
        "print(type(lock).__name__, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, resources.sign_in_lock_path(environ)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert "ExitStack" in other.stdout.readline()
        attempt = SignIn(client_of(server), environ=environ)
        run(follow(attempt))
        assert failure_of(attempt).code == "busy"
        other.kill()
        other.wait()
    # The lock of a killed process is nobody's.
    attempt = SignIn(client_of(server), environ=environ)
    run(follow(attempt, {"signin.waiting": by_paste}))
    tokens_of(attempt)


def test_a_state_directory_that_cannot_be_written(server: AuthorizationServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    attempt = SignIn(client_of(server), lock_path=str(tmp_path / "file" / "lock"))
    run(follow(attempt))
    assert failure_of(attempt).code == "state-directory"


@pytest.mark.parametrize(
    "step", ["started", "discovering", "listening", "waiting", "answered", "exchanging", "succeeded"]
)
def test_cancelled_at_every_step(server: AuthorizationServer, step: str, tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")
    server.faults.add(Fault("stall", seconds=0.2))

    async def late_paste(attempt: SignIn) -> None:
        attempt.paste(await redirect_of(attempt))

    async def cancelled() -> SignIn:
        attempt = SignIn(client_of(server, authorize_url="", token_url=""), lock_path=lock)
        pasting: asyncio.Future[None] | None = None
        async for event in attempt.events():
            if event.kind == f"signin.{step}":
                attempt.cancel()
                attempt.cancel()
            elif event.kind == "signin.waiting":
                pasting = asyncio.ensure_future(late_paste(attempt))
        if pasting is not None:
            await pasting
        return attempt

    attempt = run(cancelled())
    if step == "succeeded":  # too late: it is done
        tokens_of(attempt)
    else:
        assert failure_of(attempt).code == "cancelled"
    if attempt.port is not None:
        assert is_free(attempt.port)
    free = resources.acquire_sign_in_lock(lock)
    assert not isinstance(free, Failure)
    free.close()


def test_leaving_early_cancels(server: AuthorizationServer, tmp_path: Path) -> None:
    async def leave() -> SignIn:
        attempt = SignIn(client_of(server), lock_path=str(tmp_path / "lock"))
        events = attempt.events()
        async for event in events:
            if event.kind == "signin.waiting":
                break
        await events.aclose()
        return attempt

    attempt = run(leave())
    assert failure_of(attempt).code == "cancelled"
    assert is_free(attempt.port)


def test_a_cancelled_task_cancels(server: AuthorizationServer) -> None:
    async def cancel() -> SignIn:
        attempt = sign_in(client_of(server))
        waiting = asyncio.Event()
        task = asyncio.ensure_future(follow(attempt, {"signin.waiting": lambda _: waiting.set()}))
        await waiting.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        return attempt

    attempt = run(cancel())
    assert failure_of(attempt).code == "cancelled"
    assert is_free(attempt.port)


def test_used_once(server: AuthorizationServer) -> None:
    async def twice() -> None:
        attempt = sign_in(client_of(server), patience=0.01)
        await follow(attempt)
        with pytest.raises(RuntimeError, match="used once"):
            await follow(attempt)

    run(twice())
