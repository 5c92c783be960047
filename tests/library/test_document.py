"""The code of the SDK's document, with our import name: each of its examples runs against the sandbox."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import re
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.guard import ROOT
from tests.library.world import API_KEY, PATIENCE, ProgramWorld, visit_in_browser

#: As the document has them; what stands there outside of a function is put into one, and where it names a
#: server or a key of its own, the sandbox's are meant.
FIRST = """
import asyncio
from claude_auth import query_with_oauth

async def main():
    # Uses OAuth authentication automatically
    async for message in query_with_oauth(prompt="Hello Claude!"):
        print(message)

asyncio.run(main())
"""
WITH_OAUTH = """
from claude_auth import query_with_oauth

async for message in query_with_oauth(prompt="Your prompt"):
    print(message)
"""
IN_AND_OUT = """
from claude_auth import login, logout

# Perform OAuth login
await login()

# Clear authentication
await logout()
"""
OWN_CLIENT = """
from claude_auth import OAuthConfig, authenticated_query

config = OAuthConfig(
    client_id="your-client-id",
    authorize_url="https://custom-auth-url",
    token_url="https://custom-token-url",
)

async for message in authenticated_query(
    prompt="Hello",
    oauth_config=config
):
    print(message)
"""
STORED = """
from claude_auth import ClaudeAuth

async with ClaudeAuth(use_oauth=True) as auth:
    # Check if authenticated
    token = auth.token_storage.load_token()
    if token:
        print(f"Authenticated: {not token.is_expired()}")
        print(f"Expires at: {token.expires_at}")
"""
BY_KEY = """
from claude_auth import query

async for message in query(prompt="Hello"):
    print(message)
"""
GIVEN_KEY = """
from claude_auth import query_with_api_key

async for message in query_with_api_key(
    prompt="Hello",
    api_key="your-api-key"
):
    print(message)
"""
BOTH = """
from claude_auth import authenticated_query

# Try OAuth first, fall back to API key
async for message in authenticated_query(
    prompt="Hello",
    use_oauth=True,  # Try OAuth
    api_key="fallback-key"  # Fallback to API key
):
    print(message)
"""
MIDDLEWARE = """
from claude_auth import (
    AuthenticationMiddleware,
    query_with_middleware,
    get_auth_headers
)

# Create custom auth middleware
auth_middleware = AuthenticationMiddleware(
    auth_headers_provider=get_auth_headers
)

async for message in query_with_middleware(
    prompt="Hello",
    middleware=[auth_middleware]
):
    print(message)
"""
ACCOUNTS = """
from pathlib import Path
from claude_auth import TokenStorage, ClaudeAuth

# Use different storage paths for different accounts
personal_storage = TokenStorage(Path.home() / ".claude_code" / "personal.json")
work_storage = TokenStorage(Path.home() / ".claude_code" / "work.json")

# Switch between accounts
async with ClaudeAuth(token_storage=personal_storage) as auth:
    # Use personal account
    print(auth.token_storage.load_token())
async with ClaudeAuth(token_storage=work_storage) as auth:
    print(auth.token_storage.load_token())
"""
SANDBOX = "Hello\n from the sandbox.\n\n"
CLAUDE = "Hello from Claude Code.\n\n"


def printed(code: str, **names: Any) -> str:
    """What it prints. Top-level `await` and `async for` work as in Python's own asynchronous prompt."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    work = eval(compile(textwrap.dedent(code), "<document>", "exec", flags=flags), names)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        if work is not None:
            asyncio.run(asyncio.wait_for(work, PATIENCE))
    return out.getvalue()


def blocks(name: str) -> list[str]:
    """The Python of a page of ours."""
    return re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("name", ["README.md", "docs/library.md"])
def test_the_first_example_of_our_pages(name: str, world: ProgramWorld) -> None:
    world.key()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(blocks(name)[0], name, "exec"), {})
    assert out.getvalue() == SANDBOX


@pytest.mark.skipif(
    find_spec("httpx2") is None, reason="needs a new anthropic package: pip install anthropic"
)
def test_the_example_with_the_anthropic_package(world: ProgramWorld) -> None:
    world.own_login()
    names: dict[str, Any] = {}
    exec(compile(blocks("docs/library.md")[1], "library.md", "exec"), names)
    with names["client"] as client:
        assert all(model.id.startswith("claude-") for model in client.models.list())


@pytest.mark.parametrize("code", [FIRST, WITH_OAUTH], ids=["first", "with-oauth"])
def test_a_login_is_used_without_a_key(code: str, world: ProgramWorld) -> None:
    world.login()
    if code is FIRST:  # it has a loop of its own
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "<document>", "exec"), {})
        assert out.getvalue() == CLAUDE
    else:
        assert printed(code) == CLAUDE
    assert [entry["characters"] for entry in world.did("asked")] == [
        len("Hello Claude!" if code is FIRST else "Your prompt")
    ]


def test_login_and_logout_of_a_claude_account(world: ProgramWorld) -> None:
    world.claude()
    printed(IN_AND_OUT)
    assert [entry["arguments"] for entry in world.did("started")] == [["auth", "login"], ["auth", "logout"]]
    assert not (world.home / ".claude/.credentials.json").exists()


def test_login_and_logout_with_an_own_client(world: ProgramWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is a person who reads the address where it is printed."""
    world.client()
    monkeypatch.setattr("claude_auth.library.sign_in.print_address", visit_in_browser)
    printed(IN_AND_OUT)
    counted = world.server.counters
    assert (counted.exchanges, counted.revocations) == (1, 1)
    assert not (world.home / ".claude_code/tokens.json").exists()


def test_a_client_of_one_s_own(world: ProgramWorld) -> None:
    world.own_login()
    code = (
        OWN_CLIENT.replace("your-client-id", "sandbox-public")
        .replace("https://custom-auth-url", f"{world.server.issuer}/authorize")
        .replace("https://custom-token-url", f"{world.server.issuer}/token")
    )
    assert printed(code) == SANDBOX


def test_what_is_stored(world: ProgramWorld) -> None:
    world.own_login()
    first, second = printed(STORED).splitlines()
    assert first == "Authenticated: True"
    assert second.startswith("Expires at: 20")


@pytest.mark.parametrize("code", [BY_KEY, MIDDLEWARE], ids=["query", "middleware"])
def test_a_key_of_the_environment(code: str, world: ProgramWorld) -> None:
    world.key()
    assert printed(code) == SANDBOX


def test_a_key_that_is_given(world: ProgramWorld) -> None:
    world.key("your-api-key").set(ANTHROPIC_API_KEY="")
    assert printed(GIVEN_KEY) == SANDBOX


def test_the_key_after_the_login(world: ProgramWorld) -> None:
    world.key("fallback-key").set(ANTHROPIC_API_KEY="")
    assert printed(BOTH) == SANDBOX
    world.login()
    assert printed(BOTH) == CLAUDE


def test_several_accounts(world: ProgramWorld) -> None:
    from claude_auth import AuthToken, TokenStorage

    path = Path(world.home, ".claude_code/work.json")
    TokenStorage(path).save_token(AuthToken("made-up-access-token"))
    none, work = printed(ACCOUNTS).splitlines()
    assert none == "None"
    assert work.startswith("<AuthToken ")
    assert path.stat().st_mode & 0o777 == 0o600
    assert API_KEY not in work
