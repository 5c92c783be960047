"""One sentence for each source: why it is used, or why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.layout import look_at

STORE, USER, PROJECT = ".claude/.credentials.json", ".claude/settings.json", "proj/.claude/settings.json"
LOGIN = {STORE: {"claudeAiOauth": {"accessToken": "sk-ant-oat01-madeUp", "scopes": ["user:inference"]}}}
KEY = "sk-ant-api03-madeUpForTests"
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_BEARER_TOKEN_BEDROCK": "made-up"}

#: Machine, source, verdict, words.
SAID: list[tuple[dict[str, Any], str, str, str]] = [
    ({"files": LOGIN}, "stored-login", "winning", "goes out in Authorization"),
    ({}, "stored-login", "unused", "not signed in"),
    (
        {"files": LOGIN, "env": {"ANTHROPIC_API_KEY": KEY}, "approved": [KEY[-20:]]},
        "anthropic-api-key",
        "winning",
        "switches the login off",
    ),
    (
        {"files": LOGIN, "env": {"ANTHROPIC_API_KEY": KEY}, "approved": [KEY[-20:]]},
        "stored-login",
        "shadowed",
        "an API key comes first",
    ),
    (
        {"files": LOGIN, "env": {"ANTHROPIC_API_KEY": KEY}, "rejected": [KEY[-20:]]},
        "anthropic-api-key",
        "unused",
        "rejected in Claude Code's approval question",
    ),
    ({"env": {"ANTHROPIC_API_KEY": KEY}}, "anthropic-api-key", "unused", "not approved yet"),
    (
        {"env": {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_AUTH_TOKEN": "made-up"}, "client": "claude-print"},
        "anthropic-api-key",
        "also-sent",
        "sent as well, in x-api-key",
    ),
    (
        {"files": {**LOGIN, USER: {"apiKeyHelper": "echo"}}},
        "stored-login",
        "shadowed",
        "apiKeyHelper comes first",
    ),
    ({"env": {"ANTHROPIC_API_KEY": ""}}, "anthropic-api-key", "unused", "set but empty in the environment"),
    (
        {"env": {"ANTHROPIC_API_KEY": KEY}, "files": {USER: {"env": {"ANTHROPIC_API_KEY": ""}}}},
        "anthropic-api-key",
        "unused",
        "set but empty in user settings, which cancels the value below it",
    ),
    (
        {"files": {**LOGIN, PROJECT: {"env": {"CLAUDE_CODE_OAUTH_TOKEN": "made-up"}}}},
        "claude-code-oauth-token",
        "unused",
        "from where Claude Code takes no OAuth token",
    ),
    ({"files": LOGIN, "env": BEDROCK}, "stored-login", "shadowed", "Amazon Bedrock is on and replaces this"),
    ({"env": BEDROCK}, "bedrock-api-key", "winning", "Amazon Bedrock is on and replaces all others"),
    ({"files": LOGIN, "client": "claw"}, "stored-login", "unused", "claw does not look here"),
    (
        {"files": {USER: {"env": {"ANTHROPIC_API_KEY": KEY}}}, "client": "claw"},
        "anthropic-api-key",
        "unused",
        "which claw does not read",
    ),
    (
        {"files": LOGIN, "env": {"CLAUDE_CODE_SIMPLE": "1"}},
        "stored-login",
        "unused",
        "CLAUDE_CODE_SIMPLE is on",
    ),
    (
        {"files": {**LOGIN, ".claude.json": {"primaryApiKey": KEY}}},
        "managed-key",
        "shadowed",
        "an OAuth token is there",
    ),
    (
        {"env": {"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR": "987"}},
        "api-key-file-descriptor",
        "unused",
        "descriptor 987 is not open here",
    ),
]


@pytest.mark.parametrize(("machine", "source", "verdict", "words"), SAID)
def test_why(machine: dict[str, Any], source: str, verdict: str, words: str, tmp_path: Path) -> None:
    standing = look_at(tmp_path, **machine).resolution.standing(source)
    assert standing.verdict == verdict
    assert words in standing.reason
