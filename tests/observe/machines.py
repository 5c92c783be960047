"""What is seen beside the credentials of a machine that is laid out, and Anthropic profiles for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from claude_auth.model.surroundings import Surroundings
from claude_auth.observe import observe, observe_more
from tests.conformance.layout import lay_out, situation

FOLDER = ".config/anthropic"
CONFIG = {"authentication": {"type": "user_oauth"}, "base_url": "https://api.anthropic.com"}
TOKENS = {"access_token": "made-up", "refresh_token": "r", "expires_at": 4_000_000_000}


def surroundings(home: Path, files: dict[str, Any] | None = None, **case: Any) -> Surroundings:
    with lay_out(situation(files, **case), home) as laid:
        view = laid.context()
        more = observe_more(observe(view), view).more
    assert more is not None
    return more


def profile(name: str = "default", folder: str = FOLDER, **tokens: Any) -> dict[str, Any]:
    return {
        f"{folder}/configs/{name}.json": CONFIG,
        f"{folder}/credentials/{name}.json": {**TOKENS, **tokens},
    }
