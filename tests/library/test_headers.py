"""The headers of a program's own requests: one refresh however many ask, and once more after a 401."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.util import find_spec

import httpx
import pytest

from claude_auth import (
    ClaudeAuth,
    LoginError,
    MissingCredentialError,
    OAuthConfig,
    TokenStorage,
    get_auth_headers,
    query,
)
from claude_auth.library.credentials import AuthHeaders
from claude_auth.model.errors import AuthenticationError
from claude_auth.sandbox.messages_api import Refusal
from claude_auth.store.files import FileStore
from tests.library.world import API_KEY, ProgramWorld, all_of, run, text_of


def stored(store: FileStore) -> str:
    tokens = store.load().tokens
    assert tokens is not None
    return tokens.access_token.reveal()


def test_two_hundred_ask_and_one_refresh_is_made(world: ProgramWorld) -> None:
    store = world.own_login(expires_in=-10)
    before = stored(store)

    async def ask() -> list[dict[str, str]]:
        return await asyncio.gather(*(get_auth_headers() for _ in range(200)))

    headers = run(ask())
    assert stored(store) != before
    assert {one["Authorization"] for one in headers} == {f"Bearer {stored(store)}"}
    assert world.server.counters.refresh_requests == 1


def test_processes_share_that_refresh(world: ProgramWorld) -> None:
    world.own_login(expires_in=-10)
    program = "import asyncio, claude_auth; asyncio.run(claude_auth.get_auth_headers())"
    children = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert world.server.counters.refresh_requests == 1


def test_a_claude_account_is_not_for_direct_use(world: ProgramWorld) -> None:
    world.login()
    with pytest.raises(MissingCredentialError) as caught:
        run(get_auth_headers())
    assert caught.value.code == "claude-login-not-for-direct-use"
    assert "query_with_oauth" in caught.value.next_step
    assert world.did("started") == []


def test_it_is_not_though_no_claude_is_installed(world: ProgramWorld) -> None:
    world.login()
    (world.bin / "claude").unlink()
    with pytest.raises(MissingCredentialError) as caught:
        run(get_auth_headers())
    assert caught.value.code == "claude-login-not-for-direct-use"


def test_which_headers(world: ProgramWorld) -> None:
    world.key()
    headers = run(get_auth_headers())
    assert headers == {"x-api-key": API_KEY}
    assert isinstance(headers, AuthHeaders)
    assert API_KEY not in repr(headers)
    world.own_login()
    assert list(run(get_auth_headers())) == ["Authorization"]
    assert list(run(ClaudeAuth(use_oauth=False).get_auth_headers())) == ["x-api-key"]


def test_an_account_that_is_named_is_the_only_one(world: ProgramWorld) -> None:
    world.key()
    work = TokenStorage(world.home / ".claude_code/work.json")
    with pytest.raises(MissingCredentialError) as caught:
        run(ClaudeAuth(token_storage=work).get_auth_headers())
    assert caught.value.code == "not-signed-in"


def test_a_login_that_has_ended(world: ProgramWorld) -> None:
    """Nothing is taken in its place: whoever signed in must hear of it."""
    world.key()
    store = world.own_login(expires_in=-10)
    tokens = store.load().tokens
    assert tokens is not None
    assert tokens.refresh_token is not None
    world.server.rules.revoke(world.server.rules.clients["sandbox-public"], tokens.refresh_token.reveal())
    with pytest.raises(LoginError) as caught:
        run(get_auth_headers())
    assert caught.value.code == "invalid-grant"
    assert not caught.value.retryable


# ── for the clients of others ────────────────────────────────────────────────────────────────────


def models(world: ProgramWorld) -> str:
    return f"{world.api.url}/v1/models"


def spend(world: ProgramWorld, store: FileStore) -> None:
    """The API takes what is stored no longer, though its time is not over."""
    taken, old = world.api.good, stored(store)

    class Others(frozenset[str]):
        def __contains__(self, token: object) -> bool:
            return token != old and token in taken

    world.api.good = Others()


def test_a_new_token_after_a_401(world: ProgramWorld) -> None:
    store = world.own_login()
    spend(world, store)
    with httpx.Client(auth=ClaudeAuth().httpx_auth()) as client:
        assert client.get(models(world)).status_code == 200
        assert client.post(f"{world.api.url}/v1/messages", json={"model": "m"}).status_code == 200
    assert world.server.counters.refresh_requests == 1
    assert [path for _, path in world.api.requests] == ["/v1/models", "/v1/models", "/v1/messages"]


def test_a_query_goes_out_again_with_it(world: ProgramWorld) -> None:
    store = world.own_login()
    spend(world, store)
    assert text_of(run(all_of(query("Hello")))) == "Hello from the sandbox."
    assert world.server.counters.refresh_requests == 1


def test_many_at_once_make_one_refresh(world: ProgramWorld) -> None:
    store = world.own_login()
    spend(world, store)

    async def ask() -> list[int]:
        async with httpx.AsyncClient(auth=ClaudeAuth().httpx_auth(), timeout=30) as client:
            answers = await asyncio.gather(*(client.get(models(world)) for _ in range(20)))
        return [answer.status_code for answer in answers]

    assert set(run(ask())) == {200}
    assert world.server.counters.refresh_requests == 1


def test_a_second_401_is_the_answer(world: ProgramWorld) -> None:
    world.own_login()
    world.api.refusal = Refusal(401, "invalid bearer token")
    with httpx.Client(auth=ClaudeAuth().httpx_auth()) as client:
        assert client.get(models(world)).status_code == 401
    assert len(world.api.requests) == 2


def test_a_key_is_not_tried_twice(world: ProgramWorld) -> None:
    world.set(ANTHROPIC_API_KEY=API_KEY)
    with httpx.Client(auth=ClaudeAuth().httpx_auth()) as client:
        assert client.get(models(world)).status_code == 401
    assert len(world.api.requests) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1/models", "http://api.example.org/v1/models"])
def test_a_token_goes_nowhere_else(url: str, world: ProgramWorld) -> None:
    world.own_login()
    with httpx.Client(auth=ClaudeAuth().httpx_auth()) as client, pytest.raises(AuthenticationError) as caught:
        client.get(url)
    assert caught.value.code in {"another-base-url", "bad-base-url"}


@pytest.mark.skipif(
    find_spec("anthropic") is None, reason="needs the anthropic package: pip install anthropic"
)
def test_the_anthropic_package(world: ProgramWorld) -> None:
    """Its newer versions have httpx2's clients, its older ones httpx's."""
    import anthropic

    store = world.own_login()
    spend(world, store)
    auth = ClaudeAuth().httpx_auth()
    base = anthropic.DefaultHttpxClient.__mro__[1]
    with base(auth=auth) as http_client:
        client = anthropic.Anthropic(auth_token="set by claude_auth", http_client=http_client, max_retries=0)
        message = client.messages.create(
            model="m", max_tokens=5, messages=[{"role": "user", "content": "Hello"}]
        )
        assert message.content[0].model_dump()["text"] == "ok"
        with client.messages.stream(
            model="m", max_tokens=5, messages=[{"role": "user", "content": "Hello"}]
        ) as stream:
            assert "".join(stream.text_stream) == "Hello from the sandbox."
    assert world.server.counters.refresh_requests == 1


def test_a_client_without_base_url_is_configured_for_none(world: ProgramWorld) -> None:
    """A token is refreshed at its own server alone."""
    world.own_login(expires_in=-10)
    other = OAuthConfig("another-client", "https://a.example.org", "https://b.example.org/token")
    with pytest.raises(LoginError) as caught:
        run(ClaudeAuth(oauth_config=other).get_auth_headers())
    assert caught.value.code == "another-client"
    assert world.server.counters.refresh_requests == 0
