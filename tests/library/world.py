"""A program's surroundings: a home of its own, the API on loopback, an authorization server, a stand-in
`claude`. All values are made up."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from claude_auth import Message
from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.messages_api import MessagesApi
from claude_auth.sandbox.stand_in import install
from claude_auth.store.files import FileStore
from tests.oauth.servers import StandInBrowser
from tests.store.world import signed_in
from tests.waiting import at_once

ACCESS = "sk-ant-oat01-" + "madeUpForTests0Login" * 4
REFRESH = "sk-ant-ort01-" + "madeUpForTests0Renew" * 4
API_KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4
#: Far more than anything here takes; what hangs fails.
PATIENCE = 60.0

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(work, PATIENCE))


async def all_of(messages: AsyncIterable[Message]) -> list[Message]:
    return [message async for message in messages]


def text_of(messages: list[Message]) -> str:
    return "".join(map(str, messages))


class ProgramWorld:
    """What this process sees of the machine, until the test is over."""

    def __init__(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, api: MessagesApi, server: AuthorizationServer
    ) -> None:
        self.root, self.api, self.server = root, api, server
        self.home = root / "home"
        (self.home / ".claude").mkdir(parents=True)
        self.bin, self.diary = root / "bin", root / "diary"
        self._patch = monkeypatch
        self.set(
            HOME=str(self.home),
            PATH=f"{self.bin}:/usr/bin:/bin",
            ANTHROPIC_BASE_URL=api.url,
            XDG_STATE_HOME=str(root / "state"),
            XDG_CONFIG_HOME=str(root / "config"),
        )
        monkeypatch.chdir(self.home)

    def set(self, **variables: str) -> ProgramWorld:
        for name, value in variables.items():
            self._patch.setenv(name, value)
        return self

    def key(self, value: str = API_KEY) -> ProgramWorld:
        """One that the API takes."""
        self.api.good |= {value}
        return self.set(ANTHROPIC_API_KEY=value)

    def claude(self, **script: Any) -> ProgramWorld:
        """Installed, and nobody is signed in."""
        install(self.bin, {"diary": str(self.diary), "login": {"browser": True}, **script})
        return self

    def login(self, access: str = ACCESS, expires_in: float = 5 * 3600, **script: Any) -> ProgramWorld:
        """A Claude account's, with the client that may send it."""
        grant = {
            "accessToken": access,
            "refreshToken": REFRESH,
            "expiresAt": int((time.time() + expires_in) * 1000),
            "scopes": ["user:inference", "user:profile"],
        }
        path = self.home / ".claude/.credentials.json"
        path.write_text(json.dumps({"claudeAiOauth": grant}))
        path.chmod(0o600)
        return self.claude(**script)

    def client(self) -> ProgramWorld:
        """An OAuth client of one's own."""
        return self.set(
            CLAUDE_OAUTH_CLIENT_ID="sandbox-public",
            CLAUDE_OAUTH_AUTHORIZE_URL=f"{self.server.issuer}/authorize",
            CLAUDE_OAUTH_TOKEN_URL=f"{self.server.issuer}/token",
            CLAUDE_OAUTH_REVOCATION_URL=f"{self.server.issuer}/revoke",
            CLAUDE_OAUTH_REDIRECT_URI="http://localhost/callback",
        )

    def own_login(self, expires_in: float = 1800.0) -> FileStore:
        """Signed in with that client; the API takes what the server gives."""
        self.client()
        store = signed_in(self.server, self.home, expires_in)
        self.accept_tokens()
        return store

    def accept_tokens(self) -> None:
        """Whatever the authorization server would take, from now on."""
        alive = self.server.rules.is_alive

        class Alive(frozenset[str]):
            def __contains__(self, token: object) -> bool:
                return isinstance(token, str) and alive(token)

        self.api.good = Alive()

    def did(self, what: str) -> list[dict[str, Any]]:
        """What the stand-in says in its diary of that kind."""
        if not self.diary.exists():
            return []
        entries = [json.loads(line) for line in self.diary.read_text().splitlines()]
        return [entry for entry in entries if entry["what"] == what]

    def every_file(self) -> str:
        """But the stores themselves."""
        stores = {*(self.home / ".claude_code").glob("*.json"), self.home / ".claude/.credentials.json"}
        files = [path for path in self.root.rglob("*") if path.is_file() and path not in stores]
        return "\n".join(path.read_text(errors="replace") for path in files)


def visit_in_browser(url: str) -> None:
    """A person signs in and agrees, where it is our server's page."""

    def visit() -> None:
        with StandInBrowser() as browser:
            browser.sign_in(url)

    if url.startswith("http://127.0.0.1:"):
        threading.Thread(target=at_once, args=(visit,), daemon=True).start()
