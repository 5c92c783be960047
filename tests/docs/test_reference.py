"""The reference for programs builds without a warning, and tells of every name."""

from __future__ import annotations

import re
from pathlib import Path

import claude_auth
from tools.reference import ROOMS, build


def test_it_builds_and_has_every_name(tmp_path: Path) -> None:
    build(tmp_path)
    page = (tmp_path / "claude_auth.html").read_text(encoding="utf-8")
    told = set(re.findall(r'id="([\w.]+)"', page))
    assert set(claude_auth.__all__) - {"__version__"} <= told
    assert {"ClaudeAuth.httpx_auth", "TokenStorage.load_token", "OAuthFlow.events"} <= told
    assert not (tmp_path / "claude_auth").exists()
    assert set(ROOMS) <= told
    # What begins with an underscore, and the rooms below, are nobody's business.
    assert not any(
        part.startswith("_") and not part.startswith("__") for name in told for part in name.split(".")
    )
