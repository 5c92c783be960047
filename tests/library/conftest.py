"""What the tests of the library start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.sandbox.authorization_server import AuthorizationServer
from claude_auth.sandbox.messages_api import MessagesApi
from tests.library.world import ProgramWorld


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProgramWorld]:
    with MessagesApi() as api, AuthorizationServer() as server:
        yield ProgramWorld(tmp_path, monkeypatch, api, server)
