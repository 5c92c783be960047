"""`claude auth status`, as 2.1.332 was seen to answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.machines import MANAGED_SETTINGS, PROJECT_SETTINGS, STATE, USER_SETTINGS
from tests.conformance.layout import look_at
from tests.diagnose.machines import SIGNED_IN, STORE

KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-madeUp"}
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up"}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": "made-up"}
HELPER: dict[str, Any] = {"apiKeyHelper": "echo made-up"}
CONSOLE: dict[str, Any] = {STATE: {"primaryApiKey": "made-up"}}
GATEWAY = {"CLAUDE_CODE_USE_GATEWAY": "1", "ANTHROPIC_BASE_URL": "https://gw.example", **TOKEN}
FORCED: dict[str, Any] = {MANAGED_SETTINGS: {"forceLoginMethod": "claudeai"}}
NO_SCOPE = {STORE: {"claudeAiOauth": {"accessToken": "made-up", "scopes": ["user:profile"]}}}


@pytest.mark.parametrize(
    ("files", "env", "method", "winner"),
    [
        ({}, {}, "none", None),
        (SIGNED_IN, {}, "claude.ai", "stored-login"),
        (NO_SCOPE, {}, "none", None),
        (SIGNED_IN, KEY, "api_key", "anthropic-api-key"),
        (SIGNED_IN, {"ANTHROPIC_API_KEY": "  "}, "claude.ai", "stored-login"),
        ({}, {**TOKEN, **KEY}, "oauth_token", "anthropic-auth-token"),
        ({USER_SETTINGS: HELPER}, KEY, "api_key_helper", "api-key-helper"),
        ({**SIGNED_IN, PROJECT_SETTINGS: HELPER}, {}, "api_key_helper", "api-key-helper"),
        ({**SIGNED_IN, PROJECT_SETTINGS: {"env": TOKEN}}, {}, "claude.ai", "stored-login"),
        ({**SIGNED_IN, USER_SETTINGS: {"env": TOKEN}}, {}, "oauth_token", "anthropic-auth-token"),
        (SIGNED_IN, OAUTH, "oauth_token", "claude-code-oauth-token"),
        ({**SIGNED_IN, **CONSOLE}, {}, "claude.ai", "stored-login"),
        (CONSOLE, {}, "api_key", "managed-key"),
        ({STATE: {"primaryApiKey": " "}}, {}, "api_key", "managed-key"),
        ({STATE: {"primaryApiKey": {}}}, {}, "api_key", "managed-key"),
        (CONSOLE, OAUTH, "oauth_token", "claude-code-oauth-token"),
        (SIGNED_IN, {"CLAUDE_CODE_USE_BEDROCK": "1"}, "third_party", "bedrock"),
        (
            {**SIGNED_IN, PROJECT_SETTINGS: {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}},
            {},
            "third_party",
            "bedrock",
        ),
        ({}, GATEWAY, "third_party", "anthropic-auth-token"),
        (SIGNED_IN, {"ANTHROPIC_BASE_URL": "https://gw.example"}, "claude.ai", "stored-login"),
        (SIGNED_IN, {"CLAUDE_CODE_SIMPLE": "1"}, "none", None),
        ({}, {**OAUTH, "CLAUDE_CODE_SIMPLE": "1"}, "none", None),
        ({}, {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: made-up"}, "none", None),
        (FORCED, KEY, "api_key", "anthropic-api-key"),
    ],
)
def test_what_the_official_command_says(
    files: dict[str, Any], env: dict[str, str], method: str, winner: str | None, tmp_path: Path
) -> None:
    document = look_at(tmp_path, files, env=env, client="claude-auth-status").document
    assert (document["auth_method"], document["winner"]) == (method, winner)
    assert document["wire"] is None
    assert document["usable"] is (False if winner is None else None)
    standings = {row["id"]: row["verdict"] for row in document["sources"]}
    assert [source for source, verdict in standings.items() if verdict == "winning"] == [winner] * bool(
        winner
    )
    assert "not-checked" not in {finding["id"] for finding in document["findings"]}


def test_only_that_client_has_such_a_word(tmp_path: Path) -> None:
    assert look_at(tmp_path, env=KEY).document["auth_method"] is None
