"""One live request: what would be sent, that no Claude account's token ever is, what an answer means."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from email.utils import formatdate
from pathlib import Path

import httpx
import pytest

from claude_auth.claude_code.clients import CLIENTS
from claude_auth.network.probe import ProbeAnswer, run_claude, send_probe
from claude_auth.present.network import answer_document, probe_document
from claude_auth.security.sanitize import printable
from claude_auth.version import __version__
from tests.network.lines import proxy, talking, unused_port
from tests.network.probes import KEY, MODELS, plan
from tests.oauth.servers import http, saying
from tests.waiting import Stopwatch, wait_until

OAT = "sk-ant-oat01-" + "C4naryForTests0AbC" * 5
ORT = "sk-ant-ort01-" + "C4naryForTests0AbC" * 5
TOKEN = "gateway-" + "madeUpToken0" * 5


def signed_in(home: Path) -> None:
    (home / ".claude").mkdir(exist_ok=True)
    grant = {"accessToken": OAT, "expiresAt": 4_102_444_800_000, "scopes": ["user:inference"]}
    (home / ".claude/.credentials.json").write_text(json.dumps({"claudeAiOauth": grant}))


def installed(home: Path, script: str = "exit 0") -> None:
    program = home / "bin/claude"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


# ── what would be sent ───────────────────────────────────────────────────────────────────────────


def test_a_key_goes_to_the_free_list_of_models(tmp_path: Path) -> None:
    _, _, found = plan(tmp_path, {"ANTHROPIC_API_KEY": KEY})
    assert (found.kind, found.url) == ("request", "https://api.anthropic.com/v1/models")
    assert "nothing" in found.cost
    headers = {name: value.reveal() for name, value in found.headers}
    assert headers["x-api-key"] == KEY
    assert headers["user-agent"] == f"claude-auth/{__version__}"
    assert "x-api-key: sk-ant-api03-…k3y9 (ANTHROPIC_API_KEY)" in found.shown
    for text in (repr(found), json.dumps(probe_document(found))):
        assert "madeUpForTests" not in text


def test_a_gateway_gets_its_own_token_and_headers(tmp_path: Path) -> None:
    environ = {
        "ANTHROPIC_BASE_URL": "https://gw.example:8443/llm/",
        "ANTHROPIC_AUTH_TOKEN": TOKEN,
        "ANTHROPIC_CUSTOM_HEADERS": "X-Team: blue-and-secret\nUser-Agent: claude-cli/1\nHost: x",
    }
    _, _, found = plan(tmp_path, environ)
    headers = {name: value.reveal() for name, value in found.headers}
    assert found.url == "https://gw.example:8443/llm/v1/models"
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["x-team"] == "blue-and-secret"
    assert headers["user-agent"] == f"claude-auth/{__version__}"
    assert "host" not in headers
    assert "gw.example:8443" in found.title
    assert "blue-and-secret" not in repr(found) + json.dumps(probe_document(found))


def test_a_secret_in_the_path_is_not_shown(tmp_path: Path) -> None:
    environ = {"ANTHROPIC_BASE_URL": f"https://gw.example/{KEY}/v", "ANTHROPIC_AUTH_TOKEN": TOKEN}
    _, _, found = plan(tmp_path, environ)
    assert found.target.reveal() == f"https://gw.example/{KEY}/v/v1/models"
    assert "madeUpForTests" not in repr(found) + json.dumps(probe_document(found))


# ── what never is ────────────────────────────────────────────────────────────────────────────────

HIDDEN = {
    "variable": {"CLAUDE_CODE_OAUTH_TOKEN": OAT},
    "as a key": {"ANTHROPIC_API_KEY": OAT},
    "as a token": {"ANTHROPIC_AUTH_TOKEN": OAT},
    "in quotes": {"ANTHROPIC_API_KEY": f'"{OAT}"'},
    "with Bearer": {"ANTHROPIC_AUTH_TOKEN": f"Bearer {OAT}"},
    "upper case": {"ANTHROPIC_API_KEY": OAT.upper()},
    "custom header": {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_CUSTOM_HEADERS": f"X-Extra: {OAT}"},
    "custom authorization": {"ANTHROPIC_CUSTOM_HEADERS": f"Authorization: Bearer {OAT}"},
    "as Basic": {
        "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Basic " + base64.b64encode(f"u:{OAT}".encode()).decode()
    },
    "in the path": {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": f"https://gw.example/{OAT}"},
    "in the path, encoded": {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": "https://gw.example/" + OAT.replace("-", "%2D"),
    },
    "a refresh token": {"ANTHROPIC_AUTH_TOKEN": ORT},
}


@pytest.mark.parametrize("where", HIDDEN)
@pytest.mark.parametrize("client", [client.id for client in CLIENTS])
def test_no_claude_accounts_token_is_ever_sent(where: str, client: str, tmp_path: Path) -> None:
    signed_in(tmp_path)
    installed(tmp_path)
    _, _, found = plan(tmp_path, HIDDEN[where], client)
    for _, value in found.headers:
        assert "sk-ant-o" not in value.reveal().lower()
    assert "sk-ant-o" not in found.target.reveal().lower()
    if found.kind == "claude":
        assert client in {"claude", "claude-print"}
        assert found.argv == (str(tmp_path / "bin/claude"), "-p", "Answer with: ok")
        assert "one short request" in found.cost
    else:
        assert found.kind in {"none", "request"}


def test_the_program_is_named_clean(tmp_path: Path) -> None:
    home = tmp_path / "home\x1b]0;owned\x07\u202e"
    home.mkdir()
    signed_in(home)
    installed(home)
    _, _, found = plan(home, {})
    assert found.kind == "claude"
    words = probe_document(found)["plan"]["command"]
    assert len(words) == len(found.argv)
    assert "owned" in words[0]
    for text in words:
        assert printable(text) == text


def test_the_sender_looks_once_more(tmp_path: Path) -> None:
    from dataclasses import replace

    from claude_auth.security.secret import Secret

    snapshot, resolution, found = plan(tmp_path, {"ANTHROPIC_API_KEY": KEY})
    forged = replace(found, headers=(("x-api-key", Secret(OAT)),))
    with pytest.raises(ValueError, match="never sent"):
        send_probe(forged, snapshot, resolution, {})


FOUNDRY = {
    "CLAUDE_CODE_USE_FOUNDRY": "1",
    "ANTHROPIC_FOUNDRY_RESOURCE": "res",
    "ANTHROPIC_FOUNDRY_API_KEY": "k",
}
BEDROCK_KEY = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_BEARER_TOKEN_BEDROCK": "b"}


@pytest.mark.parametrize(
    ("environ", "client", "part"),
    [
        ({}, "claude-print", "no request would go out"),
        ({"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "http://gw.example"}, "claude-print", "clear text"),
        (FOUNDRY, "claude-print", "costs nothing"),
        (BEDROCK_KEY, "claude-print", "Bedrock API key"),
        ({"CLAUDE_CODE_OAUTH_TOKEN": OAT}, "claude-print", "not installed"),
    ],
)
def test_what_is_refused(environ: dict[str, str], client: str, part: str, tmp_path: Path) -> None:
    _, _, found = plan(tmp_path, environ, client)
    assert found.kind == "none"
    assert part in (found.refused or "")


def test_clouds_are_asked_for_identities(tmp_path: Path) -> None:
    aws = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_ACCESS_KEY_ID": "AKIAMADEUP", "AWS_SECRET_ACCESS_KEY": "s"}
    assert plan(tmp_path, aws)[2].kind == "aws"


def test_a_helper_is_not_run_unasked(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text(
        json.dumps({"apiKeyHelper": f"touch {tmp_path}/ran; echo k"})
    )
    _, _, found = plan(tmp_path, {})
    assert (found.kind, "--evaluate" in found.next_step) == ("none", True)
    assert not (tmp_path / "ran").exists()


def test_a_token_of_the_users_own_client_goes_to_its_own_base_url_only(tmp_path: Path) -> None:
    (tmp_path / ".claude_code").mkdir(mode=0o700)
    store = tmp_path / ".claude_code/tokens.json"
    store.write_text(json.dumps({"access_token": TOKEN, "expires_at": time.time() + 3600}))
    store.chmod(0o600)
    environ = {"ANTHROPIC_BASE_URL": "https://elsewhere.example"}
    assert plan(tmp_path, environ, "sdk")[2].kind == "none"
    found = plan(tmp_path, environ, "sdk", own_base_url="https://own.example/api")[2]
    assert found.url == "https://own.example/api/v1/models"


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def ask(home: Path, answer: bytes, asked: list[bytes] | None = None, **environ: str) -> ProbeAnswer:
    with talking(saying(answer, asked)) as port:
        base = {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": KEY}
        snapshot, resolution, found = plan(home, {**base, **environ})
        return send_probe(found, snapshot, resolution, {}, seconds=5)


def test_an_accepted_key(tmp_path: Path) -> None:
    asked: list[bytes] = []
    answer = ask(tmp_path, http(MODELS, more=f"Date: {formatdate(usegmt=True)}\r\n"), asked)
    assert (answer.ok, answer.status) == (True, 200)
    assert answer.causes == ()
    assert answer.skew == pytest.approx(0, abs=3)
    request = asked[0].decode().lower()
    assert request.startswith("get /v1/models http/1.1\r\n")
    assert f"x-api-key: {KEY}".lower() in request
    assert f"user-agent: claude-auth/{__version__}" in request
    assert "claude-cli" not in request
    assert len(asked) == 1


UNAUTHORIZED = {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}


def test_a_refused_key_is_explained(tmp_path: Path) -> None:
    answer = ask(tmp_path, http(json.dumps(UNAUTHORIZED).encode(), status="401 Unauthorized"))
    assert (answer.ok, answer.status) == (False, 401)
    assert answer.causes
    assert "invalid x-api-key" in answer.said
    document = answer_document(answer)
    assert document["causes"][0]["id"] == answer.causes[0].id


@pytest.mark.parametrize(
    ("answer", "ok", "part"),
    [
        (http(b"<html>nginx</html>", status="401 Unauthorized"), None, "web page"),
        (http(b"<html>portal</html>"), None, "web page"),
        (http(b"hello"), None, "something else than JSON"),
        (http(b"{}", status="404 Not Found"), None, "no list of models"),
        (http(b"{}", status="429 Too Many Requests"), None, "too many"),
        (http(b"{}", status="529 Overloaded"), None, "incident"),
        (http(b"{}", status="500 Oops"), None, "problem of its own"),
        (http(b"{}", status="403 Forbidden"), False, "may not"),
        (http(b"", status="307 Go", more="Location: http://127.0.0.1:1/\r\n"), None, "sent on"),
        (b"nonsense", None, "no answer"),
    ],
)
def test_other_answers(answer: bytes, ok: bool | None, part: str, tmp_path: Path) -> None:
    found = ask(tmp_path, answer)
    assert found.ok is ok
    assert part in found.words


def test_a_gateway_that_repeats_the_credential(tmp_path: Path) -> None:
    body = json.dumps({"error": f"bad token {TOKEN} in 'Bearer {TOKEN}'"}).encode()
    answer = ask(tmp_path, http(body, status="401 No"), ANTHROPIC_AUTH_TOKEN=TOKEN, ANTHROPIC_API_KEY="")
    assert "madeUpToken" not in repr(answer) + json.dumps(answer_document(answer))


def test_an_endless_answer_and_nobody_there(tmp_path: Path) -> None:
    watch = Stopwatch()
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b"x" * (3 << 20)
    assert ask(tmp_path, endless).ok is None
    environ = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{unused_port()}"}
    snapshot, resolution, found = plan(tmp_path, environ)
    answer = send_probe(found, snapshot, resolution, {}, seconds=5)
    assert (answer.ok, answer.status) == (None, None)
    assert "--network" in answer.words
    assert watch.seconds < 10


def test_first_party_by_another_transport(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=MODELS)

    snapshot, resolution, found = plan(tmp_path, {"ANTHROPIC_API_KEY": KEY})
    got = send_probe(found, snapshot, resolution, {}, transport=httpx.MockTransport(answer))
    assert got.ok is True
    assert str(seen[0].url) == "https://api.anthropic.com/v1/models"


def test_the_configured_proxy_is_used(tmp_path: Path) -> None:
    asked: list[bytes] = []
    snapshot, resolution, found = plan(tmp_path, {"ANTHROPIC_API_KEY": KEY})
    with proxy(1, asked, "407 Proxy Authentication Required") as port:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{port}"}
        answer = send_probe(found, snapshot, resolution, environ, seconds=5)
    assert asked[0].startswith(b"CONNECT api.anthropic.com:443")
    assert KEY.encode() not in asked[0]
    assert "proxy" in answer.words


# ── Claude Code itself ───────────────────────────────────────────────────────────────────────────


def run(home: Path, script: str, seconds: float = 20) -> ProbeAnswer:
    signed_in(home)
    installed(home, script)
    snapshot, resolution, found = plan(home, {})
    assert found.kind == "claude"
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    return asyncio.run(run_claude(found, snapshot, resolution, environ, seconds=seconds))


def test_claude_answers(tmp_path: Path) -> None:
    assert run(tmp_path, 'test "$1" = -p && echo ok').ok is True


def test_claude_fails_and_is_explained(tmp_path: Path) -> None:
    error = {"type": "authentication_error", "message": "OAuth token has expired."}
    text = f"API Error: 401 {json.dumps({'type': 'error', 'error': error})}"
    answer = run(tmp_path, f"echo '{text} {OAT}'; exit 1")
    assert answer.ok is False
    assert answer.causes
    assert "C4nary" not in repr(answer)


def test_a_slow_claude_is_left_alone(tmp_path: Path) -> None:
    slow = f"until [ -e {tmp_path}/go ]; do sleep 0.05; done; touch {tmp_path}/done"
    answer = run(tmp_path, slow, seconds=0.2)
    assert answer.ok is None
    (tmp_path / "go").touch()
    wait_until((tmp_path / "done").exists)


def test_a_secret_behind_invisible_characters_in_the_path_is_not_told(tmp_path: Path) -> None:
    base = "https://gw.example/sk-\u200bant-\u2060api03-made-up-for-tests-only"
    _, _, found = plan(tmp_path, {"ANTHROPIC_BASE_URL": base, "ANTHROPIC_API_KEY": KEY})
    assert found.kind == "request"
    assert "for-tests" not in found.url
