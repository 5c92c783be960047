"""Which credential a query goes out with, what comes back, and what of a failure is told."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from claude_auth import (
    AuthenticationError,
    AuthenticationMiddleware,
    ClaudeAuth,
    Message,
    OAuthConfig,
    RequestError,
    authenticated_query,
    query,
    query_with_api_key,
    query_with_middleware,
    query_with_oauth,
)
from claude_auth.oauth import live_requests
from claude_auth.sandbox.loopback_server import Fault
from claude_auth.sandbox.messages_api import ERROR_TYPES, Refusal
from claude_auth.sandbox.token_endpoint import TokenEndpoint
from tests.library.world import ACCESS, API_KEY, REFRESH, ProgramWorld, all_of, run
from tests.oauth.servers import http, saying, talking


def failed(messages: AsyncGenerator[Message]) -> AuthenticationError:
    """What it raises."""
    with pytest.raises(AuthenticationError) as caught:
        run(all_of(messages))
    assert caught.value.sentence
    assert caught.value.next_step
    return caught.value


# ── which credential ─────────────────────────────────────────────────────────────────────────────


def test_an_own_login_comes_before_the_key(world: ProgramWorld) -> None:
    world.key().own_login()
    assert {message.credential for message in run(all_of(query("Hello")))} == {"sdk-tokens"}


def test_the_key_comes_before_a_claude_account(world: ProgramWorld) -> None:
    world.key().login()
    assert {message.credential for message in run(all_of(query("Hello")))} == {"anthropic-api-key"}
    assert world.did("asked") == []


def test_a_claude_account_is_asked_through_claude(world: ProgramWorld) -> None:
    """The key would be billed: the child does not get it, and the list of processes shows no question."""
    world.login().set(ANTHROPIC_API_KEY=API_KEY)
    messages = run(all_of(query_with_oauth("a private question", model="opus", max_tokens=7)))
    assert {message.credential for message in messages} == {"stored-login"}
    assert [message.type for message in messages] == ["text", "result"]
    (started,) = world.did("started")
    assert started["arguments"][-2:] == ["--model", "opus"]
    assert "a private question" not in json.dumps(started)
    assert world.api.requests == []


def test_a_setting_that_wins_over_the_login_is_told(world: ProgramWorld) -> None:
    world.login()
    (world.home / ".claude/settings.json").write_text('{"env": {"ANTHROPIC_API_KEY": "a-key-of-settings"}}')
    assert failed(query_with_oauth("Hello")).code == "another-credential-wins"
    assert world.did("started") == []


def test_without_any_credential(world: ProgramWorld) -> None:
    assert failed(query("Hello")).code == "no-credential"
    assert failed(query_with_oauth("Hello")).code == "not-signed-in"
    assert failed(authenticated_query("Hello", use_oauth=False)).code == "no-api-key"
    assert run(ClaudeAuth(use_oauth=False).__aenter__()).use_oauth is False


def test_a_login_that_is_refused_leaves_the_key(world: ProgramWorld) -> None:
    world.login(print={"refused": "Failed to authenticate. API Error: 401 Invalid bearer token"}).key()
    messages = run(all_of(authenticated_query("Hello", api_key=API_KEY)))
    assert {message.credential for message in messages} == {"anthropic-api-key"}
    error = failed(query_with_oauth("Hello"))
    assert isinstance(error, RequestError)
    assert (error.code, error.status) == ("credential-refused", 401)
    assert error.diagnosis is not None
    assert error.diagnosis.causes


def test_a_login_that_has_ended_leaves_the_key_where_both_are_asked_for(world: ProgramWorld) -> None:
    world.key().own_login(expires_in=-10)
    world.server.faults.add(Fault("error", times=9))
    world.api.good = frozenset({API_KEY})
    messages = run(all_of(authenticated_query("Hello")))
    assert {message.credential for message in messages} == {"anthropic-api-key"}
    assert failed(query("Hello")).code == "incident"


def test_an_answer_that_broke_off_is_not_asked_for_again(world: ProgramWorld) -> None:
    """The next credential would be billed for the same question."""
    world.own_login()
    world.api.ends = "cut"
    error = failed(authenticated_query("Hello", api_key=API_KEY))
    assert (error.code, error.retryable) == ("truncated", True)
    assert len(world.api.asked) == 1


def test_a_token_goes_only_to_its_base_url(world: ProgramWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.own_login()
    config = OAuthConfig(
        "sandbox-public", "https://a.example.org", "https://b.example.org", base_url=world.api.url
    )
    other = authenticated_query("Hello", oauth_config=config, base_url="https://other.example.org")
    assert failed(other).code == "another-base-url"
    monkeypatch.delenv("ANTHROPIC_BASE_URL")
    assert failed(query_with_oauth("Hello")).code == "no-base-url"
    assert world.api.requests == []


def test_a_claude_account_s_token_is_never_sent(world: ProgramWorld) -> None:
    """Whatever it is called."""
    assert failed(query_with_api_key("Hello", ACCESS)).code == "claude-login-not-for-direct-use"
    world.set(ANTHROPIC_API_KEY=ACCESS)
    assert failed(query("Hello")).code == "claude-login-not-for-direct-use"
    assert world.api.requests == []


def test_a_claude_account_s_token_in_the_sdk_s_file_is_passed_over(world: ProgramWorld) -> None:
    """Other programs have put such tokens there."""
    path = world.home / ".claude_code/tokens.json"
    path.parent.mkdir(mode=0o700)
    path.write_text(json.dumps({"access_token": ACCESS, "expires_at": 4102444800}))
    path.chmod(0o600)
    world.login()
    assert {message.credential for message in run(all_of(query("Hello")))} == {"stored-login"}
    world.key()
    assert {message.credential for message in run(all_of(query("Hello")))} == {"anthropic-api-key"}
    assert {message.credential for message in run(all_of(query_with_oauth("Hello")))} == {"stored-login"}


# ── what is asked ────────────────────────────────────────────────────────────────────────────────


def test_what_goes_out(world: ProgramWorld) -> None:
    world.key().set(ANTHROPIC_MODEL="claude-of-the-environment")
    run(all_of(query("Hello", max_tokens=5)))
    run(all_of(query("Hello", model="claude-of-the-caller")))
    assert world.api.asked == [
        {
            "model": model,
            "max_tokens": tokens,
            "stream": True,
            "messages": [{"role": "user", "content": "Hello"}],
        }
        for model, tokens in (("claude-of-the-environment", 5), ("claude-of-the-caller", 4096))
    ]


def test_what_comes_back(world: ProgramWorld) -> None:
    world.key()
    first, *_, last = run(all_of(query("Hello")))
    assert (first.type, str(first), first.raw["type"]) == ("text", "Hello", "content_block_delta")
    assert (last.type, str(last), last.raw["stop_reason"]) == ("result", "", "end_turn")
    assert last.raw["usage"] == {"input_tokens": 1, "output_tokens": 6}
    assert API_KEY not in repr(first)


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────

#: Status → our code, and whether asking again can help.
TOLD = {
    400: ("invalid-request", False),
    401: ("credential-refused", False),
    402: ("billing", False),
    403: ("not-permitted", False),
    404: ("not-found", False),
    413: ("request-too-large", False),
    429: ("rate-limited", True),
    500: ("api-error", True),
    504: ("timed-out", True),
    529: ("overloaded", True),
}


@pytest.mark.parametrize("status", ERROR_TYPES)
def test_each_documented_error(status: int, world: ProgramWorld) -> None:
    world.key()
    world.api.refusal = Refusal(status, f"no, {API_KEY} is not what I take")
    error = failed(query("Hello"))
    assert isinstance(error, RequestError)
    assert (error.code, error.retryable) == TOLD[status]
    assert (error.status, error.request_id) == (status, "req_madeUpForTests0000")
    assert (error.diagnosis is not None) == (status in {401, 403})
    assert API_KEY not in f"{error} {error.diagnosis}"
    assert len(world.api.requests) == 1


def test_an_error_in_the_stream(world: ProgramWorld) -> None:
    world.key()
    world.api.ends = "overloaded"
    error = failed(query("Hello"))
    assert (error.code, error.retryable) == ("overloaded", True)


STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
ODD = {
    "nobody-there": (None, "refused"),
    "web-page": (http(b"<html>sign in to the network</html>"), "not-a-stream"),
    "no-json": (f"{STREAM}\r\ndata: {{half\n\n".encode(), "api-error"),
    "packed": (f"{STREAM}Content-Encoding: gzip\r\n\r\nx".encode(), "wrong-content-type"),
    "silence": (b"", "cut"),
    "no-http": (b"\xff\xfe\x00 nothing of the kind", "cut"),
    "redirect": (
        b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        "api-error",
    ),
    "endless": (f"{STREAM}\r\n".encode() + b"data: " + b"x" * 200_000, "too-large"),
}


@pytest.mark.parametrize("name", ODD)
def test_no_answer_of_the_api(name: str, world: ProgramWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_requests, "LARGEST_STREAM", 100_000)
    answer, code = ODD[name]
    world.key()
    with talking(saying(answer or b"")) as port:
        if answer is not None:
            assert failed(query("Hello", base_url=f"http://127.0.0.1:{port}")).code == code
    if answer is None:
        assert failed(query("Hello", base_url=f"http://127.0.0.1:{port}")).code == code


CLAUDES = {
    "not-signed-in": ({"refused": "Not logged in · Please run /login"}, "claude-failed"),
    "overloaded": (
        {"refused": 'API Error: 529 {"type":"error","error":{"type":"overloaded_error"}}'},
        "overloaded",
    ),
}


@pytest.mark.parametrize("name", CLAUDES)
def test_claude_gets_no_answer(name: str, world: ProgramWorld) -> None:
    script, code = CLAUDES[name]
    world.login(print=script)
    assert failed(query_with_oauth("Hello")).code == code


def test_claude_that_ends_without_a_word(world: ProgramWorld) -> None:
    world.login()
    (world.bin / "claude").write_text(f"#!/bin/sh\necho 'it broke on {API_KEY}' >&2\nexit 3\n")
    error = failed(query_with_oauth("Hello"))
    assert error.code == "claude-failed"
    assert "exit code 3" in error.sentence
    assert API_KEY not in str(error)


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────


async def left(messages: AsyncGenerator[Message], how: str) -> None:
    """After its first piece: by `break`, or by cancelling the task that waits for the second."""
    arrived = asyncio.Event()

    async def follow() -> None:
        async with aclosing(messages):
            async for _ in messages:
                arrived.set()
                if how == "break":
                    break

    task = asyncio.create_task(follow())
    await arrived.wait()
    if how == "cancelled":
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await task if how == "break" else None


@pytest.mark.parametrize("how", ["break", "cancelled"])
def test_leaving_closes_the_connection(how: str, world: ProgramWorld) -> None:
    world.key()
    world.api.ends = "never"
    run(left(query("Hello"), how))
    assert world.api.left.wait(60)


@pytest.mark.parametrize("how", ["break", "cancelled"])
def test_leaving_ends_the_child(how: str, world: ProgramWorld) -> None:
    world.login(print={"hangs": True})
    run(left(query_with_oauth("Hello"), how))
    (started,) = world.did("started")
    with pytest.raises(ProcessLookupError):
        os.kill(started["pid"], 0)


def test_leaving_in_the_middle_of_a_refresh_costs_no_login(world: ProgramWorld) -> None:
    """The child has sent its refresh token, and the answer is not there yet."""

    async def leave() -> None:
        task = asyncio.create_task(all_of(query_with_oauth("Hello")))
        while not world.did("sent"):
            assert not task.done()
            await asyncio.sleep(0.01)  # a file is all that the program tells of itself
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with TokenEndpoint(REFRESH, seconds=1.0) as endpoint:
        world.login(expires_in=-10, token_url=endpoint.url)
        run(leave())
        kept = json.loads((world.home / ".claude/.credentials.json").read_text())["claudeAiOauth"]
        assert kept["refreshToken"] != REFRESH
        assert endpoint.accepts(kept["refreshToken"])
    (started,) = world.did("started")
    with pytest.raises(ProcessLookupError):
        os.kill(started["pid"], 0)


def test_leaving_the_account_ends_its_queries(world: ProgramWorld) -> None:
    world.key()
    world.api.ends = "never"

    async def begin() -> None:
        async with ClaudeAuth(use_oauth=False) as auth:
            assert str(await anext(auth.query("Hello"))) == "Hello"

    run(begin())
    assert world.api.left.wait(60)


# ── what callers give ────────────────────────────────────────────────────────────────────────────

CANARY = "canary-9f3b7c51e8"


def with_headers(given: Any) -> AsyncGenerator[Message]:
    return query_with_middleware("Hello", [AuthenticationMiddleware(lambda: given)])


BAD: dict[str, Callable[[], AsyncGenerator[Message]]] = {
    "wrong-argument": lambda: query(None),  # type: ignore[arg-type]
    "wrong-argument ": lambda: query(" \n"),
    "wrong-argument  ": lambda: query(f"{CANARY}\ud800"),
    "wrong-argument   ": lambda: query("Hello", model=f"--{CANARY}"),
    "wrong-argument    ": lambda: query("Hello", max_tokens=0),
    "wrong-argument     ": lambda: query("Hello", max_tokens=CANARY),  # type: ignore[arg-type]
    "wrong-argument      ": lambda: query("Hello", base_url=7),  # type: ignore[arg-type]
    "bad-base-url": lambda: query("Hello", base_url=f"http://{CANARY}.example.org"),
    "bad-base-url ": lambda: query("Hello", base_url=f"https://user:{CANARY}@api.example.org"),
    "bad-base-url  ": lambda: query("Hello", base_url=f"https://[{CANARY}"),
    "bad-base-url   ": lambda: query("Hello", base_url=f"https://api.example.org/?{CANARY}"),
    "no-api-key": lambda: query_with_api_key("Hello", "  "),
    "unsendable-credential": lambda: query_with_api_key("Hello", f"{CANARY}\r\nx-other: 1"),
    "unsendable-credential ": lambda: query_with_api_key("Hello", f"{CANARY}\u200b"),
    "claude-login-not-for-direct-use": lambda: query_with_api_key("Hello", f"sk-ant-oat01-{CANARY}"),
    "wrong-argument       ": lambda: authenticated_query("Hello", oauth_config=CANARY),  # type: ignore[arg-type]
    "wrong-argument        ": lambda: query_with_api_key("Hello", 7),  # type: ignore[arg-type]
    "wrong-argument         ": lambda: query_with_middleware("Hello", [CANARY]),  # type: ignore[list-item]
    "wrong-argument          ": lambda: with_headers(CANARY),
    "wrong-argument           ": lambda: with_headers({"x-api-key": 7}),
    "wrong-argument            ": lambda: with_headers({f"x-{CANARY}\r\nx": "1"}),
    "no-headers": lambda: with_headers({}),
    "unsendable-credential  ": lambda: with_headers({"x-api-key": f"{CANARY}\n"}),
    "claude-login-not-for-direct-use ": lambda: with_headers(
        {"Authorization": f"Bearer sk-ant-oat01-{CANARY}"}
    ),
    "bad-oauth-config": lambda: authenticated_query(
        "Hello",
        oauth_config=OAuthConfig("me", f"ftp://{CANARY}", f"https://{CANARY}@x", client_secret=f"{CANARY}\n"),
    ),
}


@pytest.mark.parametrize("code", BAD)
def test_what_can_not_be_meant(code: str, world: ProgramWorld) -> None:
    world.key()
    with pytest.raises(AuthenticationError) as caught:  # some are told where they are given
        run(all_of(BAD[code]()))
    error = caught.value
    assert error.next_step
    assert error.code == code.strip()
    assert CANARY not in f"{error} {error!r} {vars(error)}"
    assert error.__cause__ is None
    assert world.api.requests == []


def test_no_frame_of_an_error_holds_the_key(world: ProgramWorld) -> None:
    """Some reports of a crash print every local variable."""
    world.api.refusal = Refusal(401, "invalid x-api-key")
    given = f"{CANARY}-a-key"
    messages = query_with_api_key("Hello", given)
    try:
        run(all_of(messages))
    except RequestError as error:
        step, shown = error.__traceback__, []
        while step is not None:
            ours = "claude_auth" in step.tb_frame.f_code.co_filename
            shown += [repr(value) for value in step.tb_frame.f_locals.values()] if ours else []
            step = step.tb_next
        assert shown
        assert CANARY not in "".join(shown)
    assert CANARY not in world.every_file()
