"""What the program that started Claude Code changes [behaviour.md 8; seen, 2.1.332]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.machines import (
    CREDENTIALS,
    MANAGED_SETTINGS,
    PROJECT_SETTINGS,
    STATE,
    USER_SETTINGS,
    login,
)
from tests.conformance.layout import look_at
from tests.observe.machines import profile

SIGNED_IN = {CREDENTIALS: login("sk-ant-oat01-MADEUP", "r", 3600)}
WITHOUT_SCOPE = {CREDENTIALS: login("sk-ant-oat01-MADEUP", "r", 3600, scopes=["user:profile"])}
CONSOLE = {STATE: {"primaryApiKey": "sk-ant-api03-MADEUP"}}
HELPER = {USER_SETTINGS: {"apiKeyHelper": "echo made-up"}}
FORCED = {MANAGED_SETTINGS: {"forceLoginMethod": "claudeai"}}
REMOTE_TOKEN = {"root/home/claude/.claude/remote/.oauth_token": {"$text": "sk-ant-oat01-REMOTE\n"}}
REMOTE_KEY = {"root/home/claude/.claude/remote/.api_key": {"$text": "sk-ant-api03-REMOTE"}}
KEY = {"ANTHROPIC_API_KEY": "sk-ant-api03-MADEUP"}
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up"}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-MADEUP"}
NARROW = {**OAUTH, "CLAUDE_CODE_OAUTH_SCOPES": "user:profile,user:inference"}
DESKTOP = {"CLAUDE_CODE_ENTRYPOINT": "claude-desktop"}
EDITOR = {"CLAUDE_CODE_ENTRYPOINT": "claude-vscode"}
OTHER_DESKTOP = {"CLAUDE_CODE_ENTRYPOINT": "claude-desktop-3p"}
AGENT = {"CLAUDE_CODE_ENTRYPOINT": "local-agent"}
FORCED_GATEWAY = {MANAGED_SETTINGS: {"forceLoginMethod": "gateway"}}
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_BEARER_TOKEN_BEDROCK": "made-up"}
CLOSED = {"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR": "97"}
GATEWAY_MODE = {**TOKEN, "CLAUDE_CODE_USE_GATEWAY": "1", "ANTHROPIC_BASE_URL": "https://gw.example"}
FEDERATION = {
    "ANTHROPIC_FEDERATION_RULE_ID": "r",
    "ANTHROPIC_ORGANIZATION_ID": "o",
    "ANTHROPIC_IDENTITY_TOKEN": "made.up.token",
}
HOSTED = {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}


def settings(layer: str, **variables: str) -> dict[str, Any]:
    return {layer: {"env": variables}}


@pytest.mark.parametrize(
    ("files", "env", "sent"),
    [
        # the desktop program, its agents, remote sessions: an OAuth token comes first
        (SIGNED_IN, {**DESKTOP, **KEY, **TOKEN}, {"stored-login"}),
        (SIGNED_IN, {"CLAUDE_CODE_ENTRYPOINT": "local_agent", **KEY}, {"stored-login"}),
        (SIGNED_IN, {"CLAUDE_CODE_REMOTE": "true", **TOKEN}, {"stored-login"}),
        ({**SIGNED_IN, **HELPER}, DESKTOP, {"stored-login"}),
        ({**SIGNED_IN, **FORCED}, {**DESKTOP, **KEY}, {"stored-login"}),
        ({**SIGNED_IN, **REMOTE_KEY}, DESKTOP, {"stored-login"}),
        ({**SIGNED_IN, **profile()}, {**DESKTOP, "ANTHROPIC_PROFILE": "default"}, {"stored-login"}),
        (
            SIGNED_IN,
            {**DESKTOP, "ANTHROPIC_CUSTOM_HEADERS": "x-api-key: k"},
            {"custom-headers", "stored-login"},
        ),
        ({}, {**DESKTOP, **OAUTH, **KEY}, {"claude-code-oauth-token"}),
        ({}, {**DESKTOP, **KEY, **TOKEN}, {"anthropic-api-key", "anthropic-auth-token"}),
        ({}, {**DESKTOP, **KEY, **NARROW}, {"anthropic-api-key"}),
        (WITHOUT_SCOPE, {**DESKTOP, **KEY}, {"anthropic-api-key"}),
        (CONSOLE, DESKTOP, {"managed-key"}),
        (profile(), {**DESKTOP, "ANTHROPIC_PROFILE": "default"}, set()),
        # it takes other layers' credentials and switches for another's, headers and flags of modes not
        (settings(MANAGED_SETTINGS, ANTHROPIC_AUTH_TOKEN="m"), {**DESKTOP, **KEY}, {"anthropic-api-key"}),
        (settings(PROJECT_SETTINGS, CLAUDE_CODE_USE_BEDROCK="1"), {**AGENT, **KEY}, {"anthropic-api-key"}),
        (settings(USER_SETTINGS, ANTHROPIC_AUTH_TOKEN="u"), DESKTOP, {"anthropic-auth-token"}),
        (settings(MANAGED_SETTINGS, ANTHROPIC_CUSTOM_HEADERS="x-api-key: h"), DESKTOP, {"custom-headers"}),
        (settings(MANAGED_SETTINGS, ANTHROPIC_AUTH_TOKEN="m"), OTHER_DESKTOP, set()),
        (settings(MANAGED_SETTINGS, **TOKEN), {"CLAUDE_CODE_REMOTE": "1"}, {"anthropic-auth-token"}),
        (settings(MANAGED_SETTINGS, **GATEWAY_MODE), DESKTOP, set()),
        (profile(), OTHER_DESKTOP, set()),
        (
            settings(MANAGED_SETTINGS, CLAUDE_CODE_SKIP_BEDROCK_AUTH="1"),
            {**DESKTOP, **BEDROCK},
            {"bedrock-api-key"},
        ),
        # and answers for the forced sign-in; one of another company and the simple mode do not
        (FORCED, {**DESKTOP, **KEY}, {"anthropic-api-key"}),
        (FORCED, {"CLAUDE_CODE_REMOTE": "1", **TOKEN}, {"anthropic-auth-token"}),
        (FORCED, {**DESKTOP, **BEDROCK, **KEY}, set()),
        (FORCED, {**DESKTOP, **KEY, "CLAUDE_CODE_SIMPLE": "1"}, set()),
        ({MANAGED_SETTINGS: {"forceLoginOrgUUID": "o"}}, {**DESKTOP, **KEY}, {"anthropic-api-key"}),
        (FORCED, {**OTHER_DESKTOP, **KEY}, set()),
        (FORCED, {**HOSTED, **KEY}, {"anthropic-api-key"}),
        (FORCED_GATEWAY, {**HOSTED, **TOKEN}, {"anthropic-auth-token"}),
        (FORCED_GATEWAY, {**DESKTOP, **TOKEN}, set()),
        (FORCED, {"CLAUDE_CODE_SIMPLE": "1", "ANTHROPIC_CUSTOM_HEADERS": "x-api-key: h"}, set()),
        ({**FORCED, **CONSOLE}, {}, {"managed-key"}),
        ({**FORCED, **CONSOLE}, BEDROCK, set()),
        (FORCED, {**BEDROCK, **CLOSED}, set()),
        # a descriptor that gives no key leaves out OAuth, and what a login hides; no profile, no federation
        (profile(), CLOSED, {"profile"}),
        ({}, {**CLOSED, **FEDERATION}, {"federation"}),
        ({**SIGNED_IN, **profile()}, CLOSED, set()),
        ({**CONSOLE, **profile()}, CLOSED, {"managed-key"}),
        # without effect
        (SIGNED_IN, {"CLAUDE_CODE_ENTRYPOINT": "Claude-Desktop", **KEY}, {"anthropic-api-key"}),
        (SIGNED_IN, {"CLAUDE_CODE_ENTRYPOINT": "sdk-ts", **KEY}, {"anthropic-api-key"}),
        ({**SIGNED_IN, **settings(USER_SETTINGS, CLAUDE_CODE_REMOTE="1")}, KEY, {"anthropic-api-key"}),
        # an editor: a key counts once approved
        (SIGNED_IN, {**EDITOR, **KEY}, {"stored-login"}),
        ({}, {**EDITOR, **KEY}, set()),
        # a host that manages the provider
        (SIGNED_IN, HOSTED, set()),
        (CONSOLE, HOSTED, set()),
        (HELPER, HOSTED, set()),
        (HELPER, {**HOSTED, **OAUTH}, set()),
        (profile(), {**HOSTED, "ANTHROPIC_PROFILE": "default"}, set()),
        ({}, {**HOSTED, **OAUTH}, {"claude-code-oauth-token"}),
        (settings(USER_SETTINGS, ANTHROPIC_AUTH_TOKEN="u"), {**HOSTED, **KEY}, {"anthropic-api-key"}),
        (settings(MANAGED_SETTINGS, CLAUDE_CODE_USE_BEDROCK="1"), {**HOSTED, **KEY}, {"anthropic-api-key"}),
        (REMOTE_TOKEN, HOSTED, {"remote-oauth-token"}),
        # what the host of a remote session lays down, at every start
        ({**REMOTE_TOKEN, **SIGNED_IN, **CONSOLE}, {}, {"remote-oauth-token"}),
        (REMOTE_TOKEN, OAUTH, {"claude-code-oauth-token"}),
        (REMOTE_TOKEN, {"CLAUDE_CODE_OAUTH_SCOPES": "user:profile"}, set()),
        (REMOTE_TOKEN, {"CLAUDE_CODE_SIMPLE": "1"}, set()),
        ({**REMOTE_TOKEN, **REMOTE_KEY, **SIGNED_IN}, {}, {"remote-api-key"}),
        ({**REMOTE_KEY, **HELPER}, {}, {"remote-api-key", "api-key-helper"}),
        (REMOTE_KEY, KEY, {"anthropic-api-key"}),
        ({**REMOTE_KEY, **SIGNED_IN, **FORCED}, {}, set()),
        # the scopes of a token that was handed over
        (SIGNED_IN, NARROW, set()),
        ({**SIGNED_IN, **profile()}, {**NARROW, "ANTHROPIC_PROFILE": "default"}, set()),
        (CONSOLE, NARROW, {"managed-key"}),
        ({}, {**OAUTH, "CLAUDE_CODE_OAUTH_SCOPES": "a user:inference"}, {"claude-code-oauth-token"}),
        ({}, {**OAUTH, "CLAUDE_CODE_OAUTH_SCOPES": " "}, {"claude-code-oauth-token"}),
        (settings(USER_SETTINGS, CLAUDE_CODE_OAUTH_SCOPES="a"), OAUTH, set()),
        (settings(PROJECT_SETTINGS, CLAUDE_CODE_OAUTH_SCOPES="a"), OAUTH, {"claude-code-oauth-token"}),
        (SIGNED_IN, {"CLAUDE_CODE_OAUTH_SCOPES": "a"}, {"stored-login"}),
        # a socket, and another server for sign-ins
        (SIGNED_IN, {"ANTHROPIC_UNIX_SOCKET": "/s"}, set()),
        (SIGNED_IN, {"CLAUDE_CODE_CUSTOM_OAUTH_URL": "https://claude.fedstart.com/"}, {"stored-login"}),
        (SIGNED_IN, {"CLAUDE_CODE_CUSTOM_OAUTH_URL": " https://claude.fedstart.com"}, set()),
        ({}, {"CLAUDE_CODE_CUSTOM_OAUTH_URL": "https://evil.example", **KEY}, set()),
        (
            SIGNED_IN,
            {
                "CLAUDE_CODE_CUSTOM_OAUTH_URL": "https://evil.example",
                "ANTHROPIC_BASE_URL": "https://gw.example",
            },
            {"stored-login"},
        ),
    ],
)
def test_what_is_sent(files: dict[str, Any], env: dict[str, str], sent: set[str], tmp_path: Path) -> None:
    found = look_at(tmp_path, files, env=env, client="claude-print", evaluated=True).resolution
    assert (found.blocked is None) == bool(sent)
    assert {row.reading.source for row in found.standings if row.verdict in {"winning", "also-sent"}} == sent


@pytest.mark.parametrize(
    ("headers", "env", "goes_out"),
    [
        ("x-api-key:", KEY, False),
        ("x-api-key:", {}, False),
        ("x-api-key:", TOKEN, True),
        ("x-api-key:\nAuthorization: Bearer b", {}, True),
        ("Authorization:", KEY, True),
        ("Authorization:", OAUTH, False),
    ],
)
def test_an_empty_header_goes_out_beside_the_other(
    headers: str, env: dict[str, str], goes_out: bool, tmp_path: Path
) -> None:
    env = {**env, "ANTHROPIC_CUSTOM_HEADERS": headers}
    found = look_at(tmp_path, env=env, client="claude-print").resolution
    assert (found.blocked is None) == goes_out
    assert goes_out or (found.blocked is not None and found.blocked.code == "blank-credential")


def test_a_way_to_sign_in_that_there_is_not_leaves_the_other_files(tmp_path: Path) -> None:
    drop_in = f"{Path(MANAGED_SETTINGS).parent}/managed-settings.d/a.json"
    files = {**FORCED, drop_in: {"forceLoginMethod": "sso"}}
    found = look_at(tmp_path, files, env=KEY, client="claude-print").resolution
    assert found.blocked is not None
    assert found.blocked.code == "managed-policy"


def test_in_an_editor_a_key_that_was_approved_counts(tmp_path: Path) -> None:
    found = look_at(
        tmp_path, SIGNED_IN, env={**EDITOR, **KEY}, client="claude-print", approved=["sk-ant-api03-MADEUP"]
    )
    assert found.resolution.winner == "anthropic-api-key"


def test_other_programs_do_not_ask_what_started_claude_code(tmp_path: Path) -> None:
    found = look_at(tmp_path, SIGNED_IN, env={**DESKTOP, **KEY}, client="anthropic-sdk").resolution
    assert found.winner == "anthropic-api-key"


def test_what_is_left_alone_says_so(tmp_path: Path) -> None:
    row = look_at(tmp_path, SIGNED_IN, env={**DESKTOP, **TOKEN}).resolution.standing("anthropic-auth-token")
    assert row.verdict == "shadowed"
    assert row.reason.startswith("left alone")


@pytest.mark.parametrize(
    ("files", "env", "words"),
    [
        (SIGNED_IN, CLOSED, "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR"),
        (HELPER, {**HOSTED, **OAUTH}, "apiKeyHelper"),
        ({}, CLOSED, "no credential"),
    ],
)
def test_what_takes_the_login_away_is_named(
    files: dict[str, Any], env: dict[str, str], words: str, tmp_path: Path
) -> None:
    blocked = look_at(tmp_path, files, env=env, client="claude-print").resolution.blocked
    assert blocked is not None
    assert words in blocked.reason


def test_to_a_gateway_nobody_signs_in_with_auth_login(tmp_path: Path) -> None:
    found = look_at(tmp_path, {**SIGNED_IN, **FORCED_GATEWAY}, client="claude-print")
    stopped = next(finding for finding in found.findings if finding.id == "managed-policy")
    assert "claude auth login" not in {fix.command for fix in stopped.fixes}


def test_an_empty_header_is_no_second_credential(tmp_path: Path) -> None:
    env = {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key:"}
    ids = {finding.id for finding in look_at(tmp_path, SIGNED_IN, env=env, client="claude-print").findings}
    assert "empty-credential-sent" in ids
    assert "two-credentials-sent" not in ids


@pytest.mark.parametrize(
    ("files", "env", "name"),
    [
        (SIGNED_IN, {"CLAUDE_CODE_SIMPLE": "1"}, "CLAUDE_CODE_SIMPLE"),
        ({**SIGNED_IN, USER_SETTINGS: {"env": {"CLAUDE_CODE_SIMPLE": "1"}}}, {}, "CLAUDE_CODE_SIMPLE"),
        ({}, {**OAUTH, "CLAUDE_CODE_OAUTH_SCOPES": "user:profile"}, "CLAUDE_CODE_OAUTH_SCOPES"),
        (SIGNED_IN, {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}, "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST"),
        ({}, {"CLAUDE_CODE_SIMPLE": "1"}, None),
    ],
)
def test_what_takes_the_only_credential_away_is_named_and_told_how_it_goes(
    files: dict[str, Any], env: dict[str, str], name: str | None, tmp_path: Path
) -> None:
    said = look_at(tmp_path, files, env=env)
    blocked = said.resolution.blocked
    assert blocked is not None
    assert (blocked.problem and blocked.problem.variable) == name
    finding = next(found for found in said.findings if found.id == "no-credential")
    first = finding.fixes[0]
    if name is None:
        assert "unset" not in (first.command or "")
    elif env.get(name):
        assert first.command == f"unset {name}"
    else:
        assert name in first.title
        assert ".claude/settings.json" in first.title
