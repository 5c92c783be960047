"""What the tests of stores share: made-up token sets, a recorder of events, children that are processes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from claude_auth.actions.oauth import OAuthRefresher
from claude_auth.model import Event, TokenSet
from claude_auth.oauth import grants
from claude_auth.oauth.authorization import OAuthClient, make_proof
from claude_auth.oauth.transport import send_now
from claude_auth.sandbox.authorization_rules import PUBLIC_CLIENT, AuthorizationRequest
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.security.secret import Secret
from claude_auth.store import Refresher
from claude_auth.store.files import FileStore

_MOMENTS: dict[str, float] = {}


def _started() -> float:
    """The same all through a test, so that two sets of one name are equal."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    return _MOMENTS.setdefault(test, time.time())


CLIENT_ID = PUBLIC_CLIENT.client_id


def token_set(word: str = "first", expires_in: float = 3600.0, lifetime: float = 3600.0) -> TokenSet:
    """Made up, and long enough to be recognised where it must not stand."""
    expires_at = float(round(_started() + expires_in))
    return TokenSet(
        access_token=Secret(f"made-up-access-{word}-0123456789abcdef0123456789"),
        refresh_token=Secret(f"made-up-refresh-{word}-0123456789abcdef0123456789"),
        expires_at=expires_at,
        scopes=("user:inference",),
        token_type="Bearer",
        issued_at=expires_at - lifetime,
        client_id=CLIENT_ID,
    )


def fingerprint(word: str) -> str:
    return token_set(word).access_token.fingerprint


class Journal(list[Event]):
    """The events, and their kinds in order."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    @property
    def kinds(self) -> list[str]:
        return [event.kind.removeprefix("refresh.") for event in self]


class Fake:
    """A refresher without a network; remembers what it was asked to refresh."""

    def __init__(self, *answers: TokenSet | BaseException | Callable[[], TokenSet]) -> None:
        self.answers = list(answers)
        self.asked: list[TokenSet] = []

    def __call__(self, tokens: TokenSet) -> TokenSet:
        self.asked.append(tokens)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer


class FakeKeyring:
    """Keeps things in memory, and fails as told."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.problem = ""
        self.wakes = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        if self.problem == "hangs":
            self.wakes.wait(60)
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.problem == "refuses" or (self.problem == "refuses-tokens" and "trial" not in username):
            raise RuntimeError(f"can't keep {password}")
        if self.problem != "forgets":
            self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.items[service, username]


def client_of(server: AuthorizationServer) -> OAuthClient:
    return OAuthClient(
        CLIENT_ID, authorize_url=f"{server.issuer}/authorize", token_url=f"{server.issuer}/token"
    )


def refresher_of(server: AuthorizationServer, seconds: float = 20.0) -> Refresher:
    return OAuthRefresher(
        client_of(server),
        lambda client, tokens: grants.refresh(
            client, tokens, send=lambda request: send_now(request, seconds=seconds)
        ),
    )


class Counting:
    """How often it was asked, whatever became of it."""

    def __init__(self, refresher: Refresher) -> None:
        self.count = 0
        self._refresher = refresher

    def __call__(self, tokens: TokenSet) -> TokenSet:
        self.count += 1
        return self._refresher(tokens)


def signed_in(server: AuthorizationServer, home: Path, expires_in: float = -10.0) -> FileStore:
    """A person with a new login whose access token, as far as the store says, has ended."""
    client = server.rules.clients[CLIENT_ID]
    proof = make_proof()
    request = AuthorizationRequest(client, server.paste_redirect, None, proof.challenge, client.scopes)
    fields = {
        "grant_type": "authorization_code",
        "code": server.rules.issue_code(request, "ada"),
        "code_verifier": proof.verifier.reveal(),
        "redirect_uri": server.paste_redirect,
    }
    data = server.rules.token(client, fields, as_json=False)
    tokens = token_set(expires_in=expires_in)._replace(
        access_token=Secret(str(data["access_token"])),
        refresh_token=Secret(str(data["refresh_token"])),
        token_url=client_of(server).token_url,
    )
    store = FileStore.of_sdk(str(home))
    store.save(tokens)
    return store


def is_alive(server: AuthorizationServer, store: FileStore) -> bool:
    """The server would take both tokens that are stored."""
    tokens = store.load().tokens
    return (
        tokens is not None
        and tokens.refresh_token is not None
        and server.rules.is_alive(tokens.refresh_token.reveal())
        and server.rules.is_alive(tokens.access_token.reveal())
    )


def files_beside(store: FileStore) -> set[str]:
    """Names in the store's folder but the store itself and its lock."""
    name = os.path.basename(store.path)
    return set(os.listdir(os.path.dirname(store.path))) - {name, f".{name}.lock"}


def start_python(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *(str(argument) for argument in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def until_it_says(child: subprocess.Popen[str], words: str) -> None:
    """Reads its lines up to that one."""
    assert child.stdout is not None
    for line in child.stdout:
        if line == f"{words}\n":
            return
    raise AssertionError(f"it ended without saying {words!r}")


def check_whole(store: FileStore) -> None:
    """Never torn, never readable by others, at most one leftover."""
    data = json.loads(Path(store.path).read_bytes())
    assert data["access_token"].startswith("made-up-access-")
    folder = os.path.dirname(store.path)
    for name in os.listdir(folder):
        assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600, name
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert len(files_beside(store)) <= 1
