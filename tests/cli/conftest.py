"""What the tests of several commands start from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.sandbox.authorization_server import AuthorizationServer
from tests.own_world import OwnWorld


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as running:
        yield running


@pytest.fixture
def oauth_client() -> str:
    """Which one of the server's is configured."""
    return "sandbox-public"


@pytest.fixture
def world(server: AuthorizationServer, tmp_path: Path, oauth_client: str) -> Iterator[OwnWorld]:
    with OwnWorld(tmp_path, server, oauth_client) as made:
        yield made


@pytest.fixture
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of this machine that a command would read."""
    for name in list(os.environ):
        if name.startswith(("ANTHROPIC_", "CLAUDE", "AWS_", "GOOGLE_")):
            monkeypatch.delenv(name)
