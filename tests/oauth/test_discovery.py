"""The issuer's metadata is believed only after the checks of RFC 8414."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from claude_auth.oauth import Failure, failure
from claude_auth.oauth.authorization import OAuthClient, complete, complete_now, metadata_urls
from claude_auth.oauth.transport import Request, Response
from claude_auth.security.secret import Secret

ISSUER = "https://login.example/tenant"
CLIENT = OAuthClient("c", issuer=ISSUER)
OAUTH, OPENID, INSERTED = metadata_urls(ISSUER)
DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://login.example/authorize",
    "token_endpoint": "https://login.example/token",
    "revocation_endpoint": "https://login.example/revoke",
    "code_challenge_methods_supported": ["plain", "S256"],
    "authorization_response_iss_parameter_supported": True,
}


def look(answers: dict[str, Response | Failure], client: OAuthClient = CLIENT) -> OAuthClient | Failure:
    """With and without an event loop; both say the same."""

    def now(request: Request) -> Response | Failure:
        return answers.get(request.url, Response(404))

    async def later(request: Request) -> Response | Failure:
        return now(request)

    found = complete_now(client, now)
    assert repr(asyncio.run(complete(client, later))) == repr(found)
    return found


def document(**changes: object) -> Response:
    data = {key: value for key, value in (DOCUMENT | changes).items() if value is not None}
    return Response(200, {"content-type": "application/json"}, json.dumps(data).encode())


def test_where_it_is_looked_for() -> None:
    assert OAUTH == "https://login.example/.well-known/oauth-authorization-server/tenant"
    assert OPENID == "https://login.example/tenant/.well-known/openid-configuration"
    assert metadata_urls("https://login.example/") == (
        "https://login.example/.well-known/oauth-authorization-server",
        "https://login.example/.well-known/openid-configuration",
    )


@pytest.mark.parametrize("url", [OAUTH, OPENID, INSERTED])
def test_found_at_either_place(url: str) -> None:
    found = look({url: document()})
    assert found == replace(
        CLIENT,
        authorize_url="https://login.example/authorize",
        token_url="https://login.example/token",
        revocation_url="https://login.example/revoke",
        names_issuer=True,
    )


def test_what_the_user_configured_stays() -> None:
    mine = replace(CLIENT, token_url="https://mine.example/token")
    found = look({OAUTH: document()}, mine)
    assert isinstance(found, OAuthClient)
    assert found.token_url == "https://mine.example/token"
    whole = replace(mine, authorize_url="https://mine.example/authorize")
    assert look({}, whole) is whole


@pytest.mark.parametrize(
    ("methods", "chosen"),
    [
        (["client_secret_post"], "post"),
        (["client_secret_basic", "client_secret_post"], "basic"),
        (None, None),
        (["private_key_jwt"], None),
    ],
)
def test_how_the_secret_travels(methods: list[str] | None, chosen: str | None) -> None:
    client = replace(CLIENT, client_secret=Secret("s"))
    found = look({OAUTH: document(token_endpoint_auth_methods_supported=methods)}, client)
    assert isinstance(found, OAuthClient)
    assert found.client_authentication == chosen


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"issuer": "https://login.example"}, "another issuer"),
        ({"issuer": None}, "another issuer"),
        ({"code_challenge_methods_supported": ["plain"]}, "S256"),
        ({"code_challenge_methods_supported": None}, "S256"),
        ({"response_types_supported": ["token"]}, "no authorization code flow"),
        ({"token_endpoint": "http://login.example/token"}, "token_endpoint is not https"),
        ({"authorization_endpoint": None}, "authorization_endpoint is missing"),
        ({"authorization_endpoint": "https://claude.ai/oauth/authorize"}, "Claude account"),
    ],
)
def test_refused(changes: dict[str, object], told: str) -> None:
    found = look({OAUTH: document(**changes)})
    assert isinstance(found, Failure)
    assert found.code == "metadata"
    assert told in found.sentence


def test_there_is_none() -> None:
    found = look({OAUTH: Response(200, {"content-type": "text/html"}, b"<html>")})
    assert isinstance(found, Failure)
    assert "there is none" in found.sentence
    broken = look({OAUTH: Response(200, {"content-type": "application/json"}, b"{")})
    assert isinstance(broken, Failure)
    assert "no JSON object" in broken.sentence
    down = look({OAUTH: Response(503)})
    assert isinstance(down, Failure)
    assert "status 503" in down.sentence


def test_a_broken_connection_has_used_up_nothing() -> None:
    found = look({OAUTH: failure("cut")})
    assert isinstance(found, Failure)
    assert not found.may_have_reached_the_server


def test_without_an_issuer() -> None:
    found = look({}, OAuthClient("c"))
    assert isinstance(found, Failure)
    assert found.code == "not-configured"
