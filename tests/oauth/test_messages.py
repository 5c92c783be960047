"""Requests as the RFCs want them, and every answer that a server or somebody in between may give."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.diagnose.causes.oauth_errors import OAUTH
from claude_auth.model import TokenSet
from claude_auth.oauth import SAFE_TO_REPEAT, Failure, failure
from claude_auth.oauth.authorization import OAuthClient, authorize_url
from claude_auth.oauth.grants import (
    clock_skew,
    exchange_request,
    is_claude_account_token,
    read_revocation_response,
    read_token_response,
    refresh_request,
    revocation_request,
)
from claude_auth.oauth.refusals import Purpose, authorization_error, retry_after
from claude_auth.oauth.transport import Request, Response
from claude_auth.security.secret import Secret

#: Hypothesis builds its table of characters once, and the machine may be busy.

NOW = 1_800_000_000.0
CLIENT = OAuthClient(
    "my client",
    authorize_url="https://login.example/authorize?tenant=7",
    token_url="https://login.example/token",
    revocation_url="https://login.example/revoke",
    scopes=("profile", "inference"),
)
OLD = TokenSet(Secret("old-access"), Secret("old-refresh"), NOW - 1, scopes=("profile",))
JSON = {"content-type": "application/json; charset=utf-8"}
GOOD = {
    "access_token": "new-access",
    "token_type": "bearer",
    "expires_in": 3600,
    "refresh_token": "new-refresh",
}


def answer(data: Any, status: int = 200, **headers: str) -> Response:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Response(status, JSON | {name.replace("_", "-"): value for name, value in headers.items()}, body)


def read(
    response: Response, purpose: Purpose = "exchange", client: OAuthClient = CLIENT
) -> TokenSet | Failure:
    previous = OLD if purpose == "refresh" else None
    return read_token_response(client, response, now=NOW, purpose=purpose, previous=previous)


def tokens(response: Response, purpose: Purpose = "exchange") -> TokenSet:
    result = read(response, purpose)
    assert isinstance(result, TokenSet), result
    return result


def refusal(response: Response, purpose: Purpose = "exchange", client: OAuthClient = CLIENT) -> Failure:
    result = read(response, purpose, client)
    assert isinstance(result, Failure), result
    return result


def exchange(client: OAuthClient = CLIENT) -> Request:
    return exchange_request(
        client,
        code=Secret("the code+/="),
        state=Secret("the-state"),
        verifier=Secret("the-verifier"),
        redirect_uri="http://localhost:8089/callback",
    )


# ── requests ─────────────────────────────────────────────────────────────────────────────────────


def test_authorize_url() -> None:
    url = authorize_url(CLIENT, state=Secret("s&t"), challenge="ch", redirect_uri="http://localhost:1/cb")
    assert url.reveal().startswith("https://login.example/authorize?tenant=7&response_type=code&")
    assert "+" not in url.reveal()
    assert dict(parse_qsl(urlsplit(url.reveal()).query)) == {
        "tenant": "7",
        "response_type": "code",
        "client_id": "my client",
        "redirect_uri": "http://localhost:1/cb",
        "state": "s&t",
        "code_challenge": "ch",
        "code_challenge_method": "S256",
        "scope": "profile inference",
    }


def test_offline_access_asks_for_consent() -> None:
    client = replace(CLIENT, scopes=("openid", "offline_access"))
    url = authorize_url(client, state=Secret("s"), challenge="c", redirect_uri="http://localhost/")
    assert "&prompt=consent" in url.reveal()
    client = replace(client, authorize_parameters=(("prompt", "login"),))
    url = authorize_url(client, state=Secret("s"), challenge="c", redirect_uri="http://localhost/")
    assert parse_qs(urlsplit(url.reveal()).query)["prompt"] == ["login"]


def test_exchange_as_form_has_no_state() -> None:
    request = exchange()
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(request.body.decode())) == {
        "grant_type": "authorization_code",
        "code": "the code+/=",
        "redirect_uri": "http://localhost:8089/callback",
        "code_verifier": "the-verifier",
        "client_id": "my client",
    }


def test_exchange_as_json_carries_the_state() -> None:
    request = exchange(replace(CLIENT, token_request_format="json"))
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body)["state"] == "the-state"


def test_a_secret_travels_in_the_header() -> None:
    request = exchange(replace(CLIENT, client_secret=Secret("s:%é")))
    pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert pair == "my%20client:s%3A%25%C3%A9"
    assert "client_id" not in dict(parse_qsl(request.body.decode()))


def test_or_in_the_body() -> None:
    for client in (
        replace(CLIENT, client_secret=Secret("s"), client_authentication="post"),
        replace(CLIENT, client_secret=Secret("s"), token_request_format="json"),
    ):
        request = exchange(client)
        assert "Authorization" not in request.headers
        assert b"client_secret" in request.body


def test_requests_show_nothing() -> None:
    request = exchange(replace(CLIENT, client_secret=Secret("hush-hush")))
    for text in (repr(request), str(request)):
        assert not any(word in text for word in ("the code", "the-verifier", "hush", "Basic", "the-state"))
    assert "new-access" not in repr(answer(GOOD))


def test_refresh() -> None:
    request = refresh_request(CLIENT, OLD)
    assert isinstance(request, Request)
    assert dict(parse_qsl(request.body.decode())) == {
        "grant_type": "refresh_token",
        "refresh_token": "old-refresh",
        "client_id": "my client",
    }
    for token in (None, Secret(""), Secret("half \ud800")):
        nothing = refresh_request(CLIENT, OLD._replace(refresh_token=token))
        assert isinstance(nothing, Failure)
        assert not nothing.may_have_reached_the_server


@pytest.mark.parametrize("token", ["sk-ant-ort01-canary", "sk-ant-oat01-canary"])
def test_tokens_of_a_claude_account_are_neither_sent_nor_kept(token: str) -> None:
    for request in (
        refresh_request(CLIENT, OLD._replace(refresh_token=Secret(token))),
        refresh_request(CLIENT, OLD._replace(access_token=Secret(token))),
        revocation_request(CLIENT, Secret(token), "access_token"),
    ):
        assert isinstance(request, Failure)
        assert request.code == "claude-account"
        assert not request.may_have_reached_the_server
    assert refusal(answer(GOOD | {"access_token": token})).code == "claude-account"
    assert refusal(answer(GOOD | {"refresh_token": token})).code == "claude-account"


def test_revocation_is_a_form_always() -> None:
    request = revocation_request(replace(CLIENT, token_request_format="json"), Secret("t"), "refresh_token")
    assert isinstance(request, Request)
    assert dict(parse_qsl(request.body.decode())) == {
        "token": "t",
        "token_type_hint": "refresh_token",
        "client_id": "my client",
    }
    missing = revocation_request(replace(CLIENT, revocation_url=None), Secret("t"), "access_token")
    assert isinstance(missing, Failure)


def test_revocation_answers() -> None:
    assert read_revocation_response(Response(200), now=NOW) is None
    assert read_revocation_response(answer({}), now=NOW) is None
    for response, kind in (
        (answer({"error": "invalid_client"}, 401), "invalid-client"),
        (Response(200, {"content-type": "text/html"}, b"<html>"), "html"),
        (Response(503), "unavailable"),
        (Response(202), "unexpected-status"),
    ):
        failed = read_revocation_response(response, now=NOW)
        assert failed is not None
        assert failed.code == kind


# ── good answers ─────────────────────────────────────────────────────────────────────────────────


def test_a_token_set() -> None:
    found = tokens(answer(GOOD | {"scope": "profile"}))
    assert found == TokenSet(
        Secret("new-access"),
        Secret("new-refresh"),
        NOW + 3600,
        scopes=("profile",),
        token_type="Bearer",
        issued_at=NOW,
        client_id="my client",
        token_url="https://login.example/token",
    )


@pytest.mark.parametrize(
    ("fields", "expires_at"),
    [
        ({"expires_in": "3600"}, NOW + 3600),
        ({"expires_in": 0}, NOW),
        ({"expires_at": NOW + 60}, NOW + 60),
        ({"expires_at": (NOW + 60) * 1000}, NOW + 60),
        ({"expires_in": 60, "expires_at": 5}, NOW + 60),
        ({"expires_in": None, "expires_at": str(NOW)}, NOW),
        ({"expires_in": True}, None),
        ({"expires_in": "soon"}, None),
        ({"expires_in": 10**400}, None),
        ({}, None),
    ],
)
def test_expiry(fields: dict[str, object], expires_at: float | None) -> None:
    assert tokens(answer({"access_token": "a", "token_type": "Bearer"} | fields)).expires_at == expires_at


@pytest.mark.parametrize(
    ("fields", "scopes"),
    [
        ({"scope": "a b"}, ("a", "b")),
        ({"scope": ["a", "b"]}, ("a", "b")),
        ({"scopes": ["a b", "c"]}, ("a", "b", "c")),
        ({}, ("profile", "inference")),
        ({"scope": 7}, ("profile", "inference")),
    ],
)
def test_scopes(fields: dict[str, object], scopes: tuple[str, ...]) -> None:
    assert tokens(answer(GOOD | fields)).scopes == scopes


def test_a_refresh_keeps_what_the_answer_leaves_out() -> None:
    found = tokens(answer({"access_token": "a", "token_type": "Bearer"}), "refresh")
    assert found.refresh_token == OLD.refresh_token
    assert found.scopes == OLD.scopes
    assert tokens(answer(GOOD), "refresh").refresh_token == Secret("new-refresh")


# ── bad answers: one test each of issue 3's "Failures" ───────────────────────────────────────────


def test_denied() -> None:
    denied = authorization_error("access_denied", "The person said no.")
    assert (denied.code, denied.is_verdict) == ("denied", True)
    assert denied.detail == "access_denied: The person said no."


def test_an_incident_told_by_the_authorize_page() -> None:
    assert authorization_error("server_error").code == "authorize-incident"
    assert not authorization_error("temporarily_unavailable").is_verdict


def test_expired_code() -> None:
    expired = refusal(answer({"error": "invalid_grant"}, 400))
    assert (expired.code, expired.is_verdict) == ("code-expired", True)


def test_invalid_grant() -> None:
    ended = refusal(answer({"error": "invalid_grant", "error_description": "gone"}, 400), "refresh")
    assert (ended.code, ended.is_verdict) == ("invalid-grant", True)
    assert ended.detail == "invalid_grant: gone"
    assert not ended.may_have_reached_the_server


def test_a_verdict_with_status_200() -> None:
    assert refusal(answer({"error": "invalid_grant"}), "refresh").is_verdict


def test_invalid_client() -> None:
    unknown = refusal(answer({"error": "invalid_client"}, 401))
    assert (unknown.code, unknown.is_verdict) == ("invalid-client", True)


def test_400_without_state() -> None:
    wanted = answer({"error": "invalid_request", "error_description": "state: Field required"}, 400)
    assert refusal(wanted).code == "state-required"
    assert "json" in refusal(wanted).next_step
    as_json = replace(CLIENT, token_request_format="json")
    assert refusal(wanted, client=as_json).code == "invalid-request"
    silent = refusal(Response(400, {}, b""))
    assert (silent.code, silent.is_verdict) == ("bad-request", False)
    assert "json" in silent.next_step


def test_an_error_that_is_an_object() -> None:
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": "Missing state"}}
    assert refusal(answer(body, 400)).code == "state-required"


def test_429_with_retry_after() -> None:
    slow = refusal(answer({"error": "rate_limit_error"}, 429, retry_after="30"), "refresh")
    assert (slow.code, slow.retry_after, slow.is_verdict) == ("rate-limited", 30.0, False)
    assert not slow.may_have_reached_the_server
    assert "30 s" in slow.next_step
    assert "don't press on" in slow.next_step


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("99999999999999999", 86400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert retry_after(Response(429, {"retry-after": header}), NOW) == seconds


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
def test_5xx_is_an_incident(status: int) -> None:
    incident = refusal(answer({"error": "invalid_grant"}, status), "refresh")
    assert not incident.is_verdict
    assert incident.may_have_reached_the_server
    assert "untouched" in incident.next_step
    assert "status page" in incident.next_step


def test_html_from_a_captive_portal() -> None:
    portal = refusal(Response(200, {"content-type": "text/html"}, b"<!doctype html>Welcome"))
    assert (portal.code, portal.is_verdict) == ("html", False)
    assert refusal(Response(200, JSON, b"\n <html>")).code == "html"


def test_a_redirect_is_not_followed() -> None:
    assert refusal(Response(302, {"location": "https://portal.example"})).code == "redirected"


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (Response(401, {"content-type": "text/html"}, b"<html>"), "html-refusal"),
        (Response(401, {}, b"no"), "unauthorized"),
        (answer({"error": "who are you"}, 401), "unauthorized"),
        (Response(407, {"content-type": "text/html"}, b"<html>"), "proxy-authentication"),
        (answer({"error": {"type": "forbidden", "message": "Request not allowed"}}, 403), "forbidden"),
        (Response(404, {}, b""), "not-found"),
        (Response(418, {}, b""), "unexpected-status"),
        (Response(204, {}, b""), "unexpected-status"),
    ],
)
def test_what_stands_in_between_is_no_verdict(response: Response, kind: str) -> None:
    found = refusal(response, "refresh")
    assert (found.code, found.is_verdict, found.may_have_reached_the_server) == (kind, False, False)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(json.dumps(GOOD).encode()[:-20]), "truncated"),
        (answer(b""), "truncated"),
        (answer(b"token: abc"), "not-json"),
        (answer([GOOD]), "not-json"),
        (answer(b"\xef\xbb\xbf{}"), "not-json"),
        (Response(200, {"content-type": "text/plain"}, json.dumps(GOOD).encode()), "wrong-content-type"),
        (Response(200, {}, json.dumps(GOOD).encode()), "wrong-content-type"),
        (answer({}), "missing-field"),
        (answer(GOOD | {"access_token": ""}), "missing-field"),
        (answer(GOOD | {"access_token": 5}), "missing-field"),
        (answer(GOOD | {"access_token": "two\nlines"}), "missing-field"),
        (answer(GOOD | {"token_type": "DPoP"}), "missing-field"),
        (answer(GOOD | {"refresh_token": "a\u0000"}), "missing-field"),
    ],
)
def test_an_answer_that_cannot_be_used_may_have_used_up_what_was_sent(response: Response, kind: str) -> None:
    found = refusal(response, "refresh")
    assert (found.code, found.is_verdict, found.may_have_reached_the_server) == (kind, False, True)


@pytest.mark.parametrize(("skew", "words"), [(-600.0, "10 min behind"), (400.0, "7 min ahead of")])
def test_clock_skew_from_the_date_header(skew: float, words: str) -> None:
    response = answer({"error": "invalid_grant"}, 400, date=formatdate(NOW - skew, usegmt=True))
    assert clock_skew(response, NOW) == skew
    assert words in refusal(response).sentence
    assert "Set the clock" in refusal(response).next_step


def test_no_date_no_skew() -> None:
    assert clock_skew(Response(200), NOW) is None
    assert clock_skew(Response(200, {"date": "yesterday"}), NOW) is None


def test_the_servers_words_lose_our_secrets() -> None:
    response = answer(
        {"error": "invalid_grant", "error_description": "no code4711 and code%2F4711\x1b[31m"}, 400
    )
    found = read_token_response(
        CLIENT, response, now=NOW, purpose="exchange", secrets=(Secret("code4711"), Secret("code/4711"))
    )
    assert isinstance(found, Failure)
    assert found.detail is not None
    assert "4711" not in str(found)
    assert "\x1b" not in found.detail


# ── the table ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", OAUTH)
def test_each_failure_says_what_happened_and_what_to_do(kind: str) -> None:
    names = ("host", "seconds", "reason", "skew", "minutes", "field", "problem", "variable")
    words = dict.fromkeys(names, "WORD")
    found = failure(kind, status=599, retry_after=None, **words)
    assert found.sentence.endswith(".")
    assert found.next_step.endswith(".")
    assert "{" not in str(found)
    assert not (found.is_verdict and found.may_have_reached_the_server)
    if kind in SAFE_TO_REPEAT:
        assert not found.may_have_reached_the_server


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "text/html", "text/plain", ""]),
    st.integers(100, 599),
)
def test_no_answer_raises(body: bytes, kind: str, status: int) -> None:
    response = Response(status, {"content-type": kind}, body)
    assert isinstance(read(response, "refresh"), Failure | TokenSet)
    read_revocation_response(response, now=NOW)


_values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=5))
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["access_token", "refresh_token", "expires_in", "expires_at", "scope", "token_type", "error"]
        ),
        _values,
    )
)
def test_no_field_raises(data: dict[str, object]) -> None:
    assert isinstance(read(answer(data), "refresh"), Failure | TokenSet)


@pytest.mark.parametrize("text", ["Bearer sk-ant-oat01-x", " sk-ant-ort01-x", "c2stYW50LW9hdDAxLWNhbmFyeQ=="])
def test_a_claude_accounts_token_is_known_however_it_is_wrapped(text: str) -> None:
    assert is_claude_account_token(Secret(text))
    assert not is_claude_account_token(Secret("sk-ant-api03-made-up"))
