"""The pretend server keeps the rules, so that what works against it works elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from claude_auth.oauth.authorization import challenge_of
from claude_auth.sandbox.authorization_rules import matches
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.loopback_server import Fault, FaultKind, read_fault
from claude_auth.security.secret import Secret
from tests.oauth.servers import StandInBrowser

VERIFIER = "v" * 43
REDIRECT = "http://localhost:4711/callback"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[AuthorizationServer]:
    with AuthorizationServer(clock=clock) as running:
        yield running


@pytest.fixture
def http(server: AuthorizationServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.issuer, trust_env=False, timeout=10) as client:
        yield client


def query(**changes: str | None) -> str:
    fields = {
        "response_type": "code",
        "client_id": "sandbox-public",
        "redirect_uri": REDIRECT,
        "state": "s",
        "code_challenge": challenge_of(Secret(VERIFIER)),
        "code_challenge_method": "S256",
    } | changes
    return "/authorize?" + urlencode({name: value for name, value in fields.items() if value is not None})


def answer_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code_of(server: AuthorizationServer, **changes: str | None) -> str:
    with StandInBrowser() as browser:
        return answer_of(browser.redirect(server.issuer + query(**changes)))["code"]


def exchange(http: httpx.Client, code: str, /, **changes: str) -> httpx.Response:
    fields = {
        "grant_type": "authorization_code",
        "client_id": "sandbox-public",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    } | changes
    return http.post("/token", data=fields)


def tokens_of(server: AuthorizationServer, http: httpx.Client) -> dict[str, Any]:
    data: dict[str, Any] = exchange(http, code_of(server)).json()
    return data


def refresh(http: httpx.Client, token: str, **changes: str) -> httpx.Response:
    fields = {"grant_type": "refresh_token", "client_id": "sandbox-public", "refresh_token": token} | changes
    return http.post("/token", data=fields)


def error_of(answer: httpx.Response) -> str:
    assert answer.status_code in {400, 401}
    return str(answer.json()["error"])


# ── the authorize endpoint ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "http://evil.example/callback"},
        {"redirect_uri": "http://localhost:4711/other"},
        {"redirect_uri": "http://localhost:4711/callback?x=1"},
        {"redirect_uri": "http://localhost@evil.example:4711/callback"},
        {"redirect_uri": "https://localhost:4711/callback"},
        {"redirect_uri": None},
    ],
)
def test_nothing_is_sent_to_an_unknown_place(http: httpx.Client, changes: dict[str, str | None]) -> None:
    answer = http.get(query(**changes))
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_other_mistakes_go_back_to_the_client(
    server: AuthorizationServer, http: httpx.Client, changes: dict[str, str | None], error: str
) -> None:
    answer = http.get(query(**changes))
    assert answer.status_code == 303
    back = answer_of(answer.headers["location"])
    assert (back["error"], back["state"], back["iss"]) == (error, "s", server.issuer)


@pytest.mark.parametrize(
    ("registered", "wanted", "same"),
    [
        ("http://localhost/callback", "http://localhost:1/callback", True),
        ("http://[::1]/callback", "http://[::1]:65535/callback", True),
        ("http://127.0.0.1/callback", "http://localhost:1/callback", False),
        ("http://127.0.0.1:80/callback", "http://127.0.0.1:81/callback", False),
        ("http://localhost/callback", "http://localhost:99999/callback", False),
        ("http://localhost/callback", "http://localhost:1/callback#x", False),
        ("https://a.example/cb", "https://a.example:8443/cb", False),
        ("https://a.example/cb", "https://a.example/cb", True),
    ],
)
def test_redirects_match_exactly_but_for_a_loopback_port(registered: str, wanted: str, same: bool) -> None:
    assert matches(registered, wanted) is same


def test_the_session_is_remembered_and_asked_for_consent_again(server: AuthorizationServer) -> None:
    with StandInBrowser() as browser:
        first = browser.open(server.issuer + query())
        assert "Sign in" in first.text
        wrong = browser.submit(first, name="ada", password="no")
        assert "belong together" in wrong.text
        assert "Allow access?" in browser.submit(wrong, name="ada", password="engine").text
        assert "Allow access?" in browser.open(server.issuer + query()).text


def test_a_consent_of_another_session_counts_for_nothing(server: AuthorizationServer) -> None:
    with StandInBrowser() as mine, StandInBrowser() as other:
        page = mine.consent_page(server.issuer + query())
        stolen = other.submit(page, follow=False, decision="allow")
        assert stolen.status_code == 400


def test_denied(server: AuthorizationServer) -> None:
    with StandInBrowser() as browser:
        back = answer_of(browser.redirect(server.issuer + query(), "deny"))
    assert back["error"] == "access_denied"
    assert "code" not in back


def test_pages_repeat_nothing_unescaped(server: AuthorizationServer, http: httpx.Client) -> None:
    shown = http.get("/code/callback", params={"code": "<script>", "state": '"&'}).text
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


# ── the token endpoint ───────────────────────────────────────────────────────────────────────────


def test_a_code_is_good_once_and_takes_its_tokens_along(
    server: AuthorizationServer, http: httpx.Client
) -> None:
    code = code_of(server)
    tokens = exchange(http, code).json()
    assert tokens["token_type"] == "Bearer"
    assert server.rules.is_alive(tokens["access_token"])
    assert error_of(exchange(http, code)) == "invalid_grant"
    assert not server.rules.is_alive(tokens["access_token"])
    assert error_of(refresh(http, tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": VERIFIER[:-1]},
        {"redirect_uri": "http://localhost:4712/callback"},
        {"client_id": "sandbox-confidential", "client_secret": "sandbox-secret"},
        {"code": "guessed"},
    ],
)
def test_a_code_for_somebody_else(
    server: AuthorizationServer, http: httpx.Client, changes: dict[str, str]
) -> None:
    assert error_of(exchange(http, code_of(server), **changes)) == "invalid_grant"


def test_a_code_does_not_live_long(server: AuthorizationServer, http: httpx.Client, clock: Clock) -> None:
    code = code_of(server)
    clock.now += 60
    assert error_of(exchange(http, code)) == "invalid_grant"


def test_an_access_token_expires(server: AuthorizationServer, http: httpx.Client, clock: Clock) -> None:
    token = tokens_of(server, http)["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert http.get("/me", headers=bearer).json()["sub"] == "ada"
    clock.now += 3600
    assert http.get("/me", headers=bearer).status_code == 401
    assert http.get("/me").status_code == 401


def test_refresh_tokens_rotate_and_a_reuse_ends_the_family(
    server: AuthorizationServer, http: httpx.Client
) -> None:
    first = tokens_of(server, http)["refresh_token"]
    second = refresh(http, first).json()
    assert server.rules.is_alive(second["access_token"])
    assert error_of(refresh(http, first)) == "invalid_grant"
    assert not server.rules.is_alive(second["access_token"])
    assert error_of(refresh(http, second["refresh_token"])) == "invalid_grant"
    counters = http.get("/control/counters").json()
    assert (counters["refreshes"], counters["refresh_requests"], counters["reuses"]) == (1, 3, 1)


def test_scopes_can_only_shrink(server: AuthorizationServer, http: httpx.Client) -> None:
    token = exchange(http, code_of(server, scope="profile")).json()
    assert token["scope"] == "profile"
    assert error_of(refresh(http, token["refresh_token"], scope="profile inference")) == "invalid_scope"


def test_clients_with_a_secret(server: AuthorizationServer, http: httpx.Client) -> None:
    mine = {"client_id": "sandbox-confidential"}
    code = code_of(server, **mine)
    assert error_of(exchange(http, code, **mine)) == "invalid_client"
    assert error_of(exchange(http, code, **mine, client_secret="wrong")) == "invalid_client"
    fields = {"grant_type": "authorization_code", "code": code}
    fields |= {"redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    answer = http.post("/token", json=fields, auth=("sandbox-confidential", "sandbox-secret"))
    assert answer.status_code == 200
    nonsense = http.post("/token", data=fields, headers={"Authorization": "Basic ???"})
    assert error_of(nonsense) == "invalid_client"


def test_what_cannot_be_read(http: httpx.Client) -> None:
    broken = http.post("/token", content=b"{", headers={"Content-Type": "application/json"})
    assert error_of(broken) == "invalid_request"
    assert error_of(http.post("/token", data={"client_id": "sandbox-public"})) == "unsupported_grant_type"
    assert http.post("/token", content=b"x" * (65 << 10)).status_code == 413
    assert http.get("/token").status_code == 404


def test_revocation(server: AuthorizationServer, http: httpx.Client) -> None:
    first = tokens_of(server, http)
    mine = {"client_id": "sandbox-public"}
    assert http.post("/revoke", data=mine | {"token": "unknown"}).status_code == 200
    assert http.post("/revoke", data=mine | {"token": first["access_token"]}).status_code == 200
    assert not server.rules.is_alive(first["access_token"])
    second = refresh(http, first["refresh_token"]).json()
    assert http.post("/revoke", data=mine | {"token": second["refresh_token"]}).status_code == 200
    assert not server.rules.is_alive(second["access_token"])
    assert error_of(http.post("/revoke", data={"client_id": "nobody"})) == "invalid_client"


# ── faults ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "acts"),
    [
        ("cut-before", False),
        ("cut-after", True),
        ("truncated", True),
        ("error", False),
        ("rate-limited", False),
    ],
)
def test_faults_on_demand(
    server: AuthorizationServer, http: httpx.Client, kind: FaultKind, acts: bool
) -> None:
    token = tokens_of(server, http)["refresh_token"]
    fault = {"kind": kind, "grant_type": "refresh_token"}
    assert http.post("/control/faults", json=fault).status_code == 200
    try:
        answer = refresh(http, token)
    except httpx.RemoteProtocolError:
        assert kind.startswith("cut")
    else:
        assert not kind.startswith("cut")
        if kind == "rate-limited":
            assert answer.headers["Retry-After"] == "7"
    assert server.counters.refreshes == int(acts)
    assert http.post("/control/alive", json={"token": token}).json() == {"alive": not acts}
    # Once only: the next request is answered as ever.
    assert refresh(http, token).status_code == (400 if acts else 200)


def test_acting_can_be_chosen(server: AuthorizationServer, http: httpx.Client) -> None:
    token = tokens_of(server, http)["refresh_token"]
    server.faults.add(Fault("error", acts=True, times=2))
    assert refresh(http, token).status_code == 500
    assert server.counters.refreshes == 1
    http.post("/control/reset", json={})
    assert error_of(refresh(http, token)) == "invalid_grant"


def test_a_stall_ends_with_the_server(http: httpx.Client) -> None:
    with AuthorizationServer() as other:
        other.faults.add(Fault("stall", seconds=3600))
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{other.issuer}/token", data={}, timeout=0.1, trust_env=False)


@pytest.mark.parametrize(
    "data",
    [{}, {"kind": "x"}, {"kind": "html", "times": "1"}, {"kind": "html", "acts": 1}, {"kind": ["html"]}],
)
def test_no_such_fault(http: httpx.Client, data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fault|numbers|true"):
        read_fault(data)
    assert http.post("/control/faults", json=data).status_code == 400


def test_pages_of_other_sites_cannot_control_it(http: httpx.Client) -> None:
    text = http.post("/control/faults", content=b'{"kind": "html"}', headers={"Content-Type": "text/plain"})
    assert text.status_code == 415
    assert http.post("/control/elsewhere", json={}).status_code == 404


def test_as_a_program() -> None:
    command = [sys.executable, "-m", "claude_auth.sandbox.authorization_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told = json.loads(running.stdout.readline())
        metadata = httpx.get(
            f"{told['issuer']}/.well-known/oauth-authorization-server", trust_env=False
        ).json()
        assert metadata["issuer"] == told["issuer"]
        assert told["clients"] == {"sandbox-public": None, "sandbox-confidential": "sandbox-secret"}
        running.terminate()
