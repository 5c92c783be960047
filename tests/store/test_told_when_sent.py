"""`the refresh request is sent` is told where something was sent, and nowhere else; a refusal before that
leaves the refresh token as good as it was."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from claude_auth.actions.oauth import OAuthRefresher, refresher_of
from claude_auth.model import TokenSet
from claude_auth.model.errors import AuthenticationError
from claude_auth.oauth.authorization import OAuthClient
from claude_auth.oauth.configuration import Configuration, read_configuration
from claude_auth.oauth.transport import Request, send_now
from claude_auth.security.secret import Secret
from claude_auth.store import Refresher
from claude_auth.store.coordinator import refresh
from claude_auth.store.files import FileStore
from tests.network.lines import unused_port
from tests.oauth.servers import http, read_request, saying, self_signed, talking
from tests.store.world import Journal
from tests.waiting import wait_until

TOKENS = TokenSet(Secret("made-up-old"), Secret("made-up-canary"), expires_at=1.0)
#: Not this machine's own, so proxies count; no test gets as far as looking it up.
ELSEWHERE = "https://login.example/token"


@dataclass
class Case:
    refresher: Refresher
    tokens: TokenSet = TOKENS
    #: What servers of the case were told.
    asked: list[bytes] = field(default_factory=list)


@dataclass
class Stage:
    tmp_path: Path
    patch: pytest.MonkeyPatch
    stack: ExitStack
    asked: list[bytes] = field(default_factory=list)

    def at(self, url: str, **changes: Any) -> Case:
        client = OAuthClient("c", **{"authorize_url": url, "token_url": url} | changes)
        return Case(OAuthRefresher(client), asked=self.asked)

    def serve(self, answer: bytes, **more: Any) -> int:
        return self.stack.enter_context(talking(saying(answer, self.asked), **more))


def no_client(stage: Stage) -> Case:
    return Case(refresher_of(Configuration()))


def http_elsewhere(stage: Stage) -> Case:
    environ = {"CLAUDE_OAUTH_CLIENT_ID": "c", "CLAUDE_OAUTH_TOKEN_URL": "http://192.0.2.1/t"}
    return Case(refresher_of(read_configuration(environ)))


def another_server(stage: Stage) -> Case:
    return replace(stage.at(ELSEWHERE), tokens=TOKENS._replace(token_url="https://theirs.example/token"))


def another_client(stage: Stage) -> Case:
    return replace(stage.at(ELSEWHERE), tokens=TOKENS._replace(client_id="theirs"))


def unsendable(stage: Stage) -> Case:
    return replace(stage.at(ELSEWHERE), tokens=TOKENS._replace(refresh_token=Secret("made up\n")))


def of_a_claude_account(stage: Stage) -> Case:
    token = Secret("sk-ant-ort01-" + "C4naryForTests0AbC" * 5)
    return replace(stage.at(ELSEWHERE), tokens=TOKENS._replace(refresh_token=token))


def nobody_listens(stage: Stage) -> Case:
    return stage.at(f"http://127.0.0.1:{unused_port()}/token")


def no_such_name(stage: Stage) -> Case:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    stage.patch.setattr(socket, "getaddrinfo", nowhere)
    return stage.at(ELSEWHERE)


def untrusted(stage: Stage) -> Case:
    port = stage.serve(http(b"{}"), context=self_signed(stage.tmp_path)[1])
    return stage.at(f"https://localhost:{port}/token")


def speaks_no_tls(stage: Stage) -> Case:
    return stage.at(f"https://127.0.0.1:{stage.serve(http(b'{}'))}/token")


def proxy_refuses(stage: Stage) -> Case:
    stage.patch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{stage.serve(http(b'', status='403 No'))}")
    return stage.at(ELSEWHERE)


def proxy_wants_a_password(stage: Stage) -> Case:
    stage.patch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{stage.serve(http(b'', status='407 No'))}")
    return stage.at(ELSEWHERE)


def proxy_of_another_kind(stage: Stage) -> Case:
    stage.patch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:9")
    return stage.at(ELSEWHERE)


def certificates_missing(stage: Stage) -> Case:
    stage.patch.setenv("SSL_CERT_FILE", str(stage.tmp_path / "missing.pem"))
    return stage.at(ELSEWHERE)


def no_metadata(stage: Stage) -> Case:
    port = stage.serve(http(b"{}", status="404 No"))
    return stage.at("", token_url="", authorize_url="", issuer=f"http://127.0.0.1:{port}")


REFUSALS = [
    *(no_client, http_elsewhere, another_server, another_client, unsendable, of_a_claude_account),
    *(nobody_listens, no_such_name, untrusted, speaks_no_tls, proxy_refuses, proxy_wants_a_password),
    *(proxy_of_another_kind, certificates_missing, no_metadata),
]


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_before_sending_is_not_told_as_sent_and_spends_nothing(
    case: Callable[[Stage], Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    with ExitStack() as stack:
        made = case(Stage(tmp_path, monkeypatch, stack))
        store.save(made.tokens)
        journal = Journal()
        result = refresh(store, made.refresher, journal)
    assert result.outcome == "failed"
    assert result.reason not in {"lost", "interrupted"}
    assert "request" not in journal.kinds
    assert not any("is sent" in event.text for event in journal)
    assert store.ledger.read_intent() is None
    assert [request for request in made.asked if b"canary" in request] == []


def test_no_note_that_it_was_sent_stands_while_the_connection_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may take half a minute; whoever kills us then would have to sign in again for nothing."""
    store = FileStore.of_sdk(str(tmp_path))
    store.save(TOKENS)
    noted: list[bool] = []

    def nowhere(*_: object, **__: object) -> None:
        noted.append(store.ledger.read_intent() is not None)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    client = OAuthClient("c", authorize_url=ELSEWHERE, token_url=ELSEWHERE)
    assert refresh(store, OAuthRefresher(client), Journal()).outcome == "failed"
    assert set(noted) == {False}


def test_nothing_is_sent_where_it_can_not_be_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(TOKENS)
    asked: list[bytes] = []

    def full(*_: object) -> None:
        raise AuthenticationError("no-space", "the disk is full", "Make room")

    monkeypatch.setattr(type(store.ledger), "write_intent", full)
    journal = Journal()
    with talking(saying(http(b"{}"), asked)) as port:
        url = f"http://127.0.0.1:{port}/token"
        result = refresh(store, OAuthRefresher(OAuthClient("c", authorize_url=url, token_url=url)), journal)
    assert result.reason == "cannot-save"
    assert "request" not in journal.kinds
    assert not any(b"canary" in request for request in asked)


# ── what was sent ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    store = FileStore.of_sdk(str(tmp_path))
    store.save(TOKENS)
    return store


def test_it_is_told_while_the_server_still_thinks(store: FileStore) -> None:
    """And the note on the disk stands before the first byte, so that a kill at any moment is safe."""
    told: list[bool] = []
    journal = Journal()

    def slow(connection: socket.socket) -> None:
        read_request(connection)
        wait_until(lambda: "request" in journal.kinds)
        told.append("request" in journal.kinds and store.ledger.read_intent() is not None)
        connection.sendall(http(b'{"error": "invalid_grant"}', status="400 Bad Request"))

    with talking(slow) as port:
        url = f"http://127.0.0.1:{port}/token"
        client = OAuthClient("c", authorize_url=url, token_url=url)
        assert refresh(store, OAuthRefresher(client), journal).reason == "invalid-grant"
    assert told == [True]
    assert journal.kinds.count("request") == 1


def test_through_a_proxy_it_is_told_after_the_tunnel_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    asked: list[bytes] = []
    with talking(saying(http(b"", status="403 No"), asked)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        send_now(Request("POST", ELSEWHERE, body=b"x", on_sent=lambda: told.append("sent")), seconds=5)
    assert asked[0].startswith(b"CONNECT ")
    assert told == []
