"""Gateway mode, the policy that demands a gateway, and headers of one's own: as 2.1.332 was seen to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.machines import CREDENTIALS, MANAGED_SETTINGS, PROJECT_SETTINGS, USER_SETTINGS
from tests.conformance.layout import look_at

ADDRESS = "https://gw.example"
MODE = {
    "CLAUDE_CODE_USE_GATEWAY": "1",
    "ANTHROPIC_BASE_URL": ADDRESS,
    "ANTHROPIC_AUTH_TOKEN": "made-up-token",
    "ANTHROPIC_API_KEY": "made-up-key",
}
VERTEX = {
    "CLAUDE_CODE_USE_VERTEX": "1",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH": "1",
    "ANTHROPIC_VERTEX_PROJECT_ID": "p",
}
OAUTH = {"CLAUDE_CODE_OAUTH_TOKEN": "made-up-oauth"}
KEY = {"ANTHROPIC_API_KEY": "made-up-key"}


def sent(tmp_path: Path, env: dict[str, str], files: dict[str, Any] | None = None) -> tuple[str | None, ...]:
    """Host, x-api-key and Authorization by their sources; or nothing and the code of what blocks."""
    resolution = look_at(tmp_path, files or {}, env=env, client="claude-print").resolution
    if resolution.wire is None:
        assert resolution.blocked is not None
        return (resolution.blocked.code,)
    slots = (resolution.wire.x_api_key, resolution.wire.authorization)
    return (resolution.wire.host, *(None if slot is None else slot.source for slot in slots))


BOTH = ("gw.example", "anthropic-api-key", "anthropic-auth-token")
ALONE = ("gw.example", None, "anthropic-auth-token")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ALONE),
        ({"CLAUDE_CODE_USE_GATEWAY": "0"}, BOTH),
        ({"ANTHROPIC_AUTH_TOKEN": " "}, ("gw.example", "anthropic-api-key", None)),
        ({"ANTHROPIC_BASE_URL": ""}, ("api.anthropic.com", "anthropic-api-key", "anthropic-auth-token")),
        (VERTEX, ALONE),
        ({"CLAUDE_CODE_SIMPLE": "1"}, ALONE),
        ({"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: c"}, ("gw.example", "custom-headers", ALONE[2])),
        ({"ANTHROPIC_BASE_URL": "gw.example:99"}, ("gw.example:99", None, ALONE[2])),
        ({"ANTHROPIC_BASE_URL": "http://gw.example"}, ("no-credential",)),
        ({"ANTHROPIC_BASE_URL": "http://localhost:9"}, ("localhost:9", None, ALONE[2])),
        ({"ANTHROPIC_BASE_URL": "http://[::1]"}, ("[::1]", None, ALONE[2])),
        ({"ANTHROPIC_BASE_URL": "http://a.localhost"}, ("no-credential",)),
    ],
)
def test_gateway_mode(changed: dict[str, str], expected: tuple[str | None, ...], tmp_path: Path) -> None:
    assert sent(tmp_path, {**MODE, **changed}) == expected


@pytest.mark.parametrize(
    ("file", "env", "expected"),
    [
        (USER_SETTINGS, MODE, ("gw.example", None, "anthropic-auth-token")),
        (PROJECT_SETTINGS, MODE, BOTH),
        (
            PROJECT_SETTINGS,
            {"CLAUDE_CODE_USE_GATEWAY": "1"},
            ("api.anthropic.com", "anthropic-api-key", None),
        ),
    ],
)
def test_a_project_gives_neither_token_nor_address_to_it(
    file: str, env: dict[str, str], expected: tuple[str | None, ...], tmp_path: Path
) -> None:
    assert sent(tmp_path, KEY, {file: {"env": env}}) == expected


def test_a_project_changes_neither_token_nor_address_of_it(tmp_path: Path) -> None:
    project = {"ANTHROPIC_BASE_URL": "http://other.example", "ANTHROPIC_AUTH_TOKEN": ""}
    assert sent(tmp_path, MODE, {PROJECT_SETTINGS: {"env": project}}) == ALONE
    off = {PROJECT_SETTINGS: {"env": {"CLAUDE_CODE_USE_GATEWAY": ""}}}
    assert sent(tmp_path, MODE, off) == BOTH


METHOD = {"forceLoginMethod": "gateway"}
URL = {"forceLoginGatewayUrl": ADDRESS}
REFUSED = ("managed-policy",)
ON_VERTEX = ("us-east5-aiplatform.googleapis.com", None, None)


@pytest.mark.parametrize(
    ("policy", "env", "expected"),
    [
        (METHOD, {}, REFUSED),
        (METHOD, KEY, REFUSED),
        (METHOD, OAUTH, REFUSED),
        (METHOD, {**KEY, "CLAUDE_CODE_SIMPLE": "1"}, REFUSED),
        (METHOD, VERTEX, ON_VERTEX),
        (METHOD, {**VERTEX, **KEY}, REFUSED),
        (METHOD, MODE, REFUSED),
        (URL, KEY, REFUSED),
        (URL, OAUTH, REFUSED),
        (URL, {**VERTEX, **KEY}, (ON_VERTEX[0], "anthropic-api-key", None)),
        (URL, MODE, ALONE),
        ({**URL, "forceLoginMethod": "claudeai"}, OAUTH, REFUSED),
        ({"forceLoginGatewayUrl": ""}, KEY, ("api.anthropic.com", "anthropic-api-key", None)),
        ({"forceLoginMethod": "Gateway"}, KEY, ("api.anthropic.com", "anthropic-api-key", None)),
    ],
)
def test_a_policy_that_demands_a_gateway(
    policy: dict[str, str], env: dict[str, str], expected: tuple[str | None, ...], tmp_path: Path
) -> None:
    assert sent(tmp_path, env, {MANAGED_SETTINGS: policy}) == expected
    if policy is METHOD and env is KEY:
        alone = ("api.anthropic.com", "anthropic-api-key", None)
        assert sent(tmp_path / "of the user", env, {USER_SETTINGS: policy}) == alone


def test_a_console_login_is_refused_by_it_too(tmp_path: Path) -> None:
    files = {MANAGED_SETTINGS: METHOD, ".claude.json": {"primaryApiKey": "made-up"}}
    assert sent(tmp_path, {}, files) == REFUSED


@pytest.mark.parametrize("policy", [{}, URL])
def test_where_a_gateway_sign_in_is_stored_nothing_is_known(policy: dict[str, str], tmp_path: Path) -> None:
    files = {CREDENTIALS: {"enterpriseGateway": {"jwt": "made-up"}}, MANAGED_SETTINGS: policy}
    seen = look_at(tmp_path, files, env=OAUTH)
    assert seen.resolution.standing("gateway-session").reading.state == "present"
    assert seen.resolution.blocked is not None
    assert seen.resolution.blocked.code == "not-checked"
    assert "made-up" not in repr(seen.document)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (": v", ("no-credential",)),
        ("x y: v", ("no-credential",)),
        ('"x-api-key": v', ("no-credential",)),
        ("x-foo: \u2192", ("no-credential",)),
        ("x-foo: a\rb", ("no-credential",)),
        ("x-foo: \u00e9", ("api.anthropic.com", "anthropic-api-key", None)),
        ("no colon\n\nx-foo:", ("api.anthropic.com", "anthropic-api-key", None)),
        ("Host: other.example", ("api.anthropic.com", "anthropic-api-key", None)),
        ("Authorization: Bearer", ("api.anthropic.com", "anthropic-api-key", "custom-headers")),
        ("Authorization:", ("api.anthropic.com", "anthropic-api-key", "custom-headers")),
        ("x-api-key:", ("blank-credential",)),
    ],
)
def test_headers_of_ones_own(headers: str, expected: tuple[str | None, ...], tmp_path: Path) -> None:
    assert sent(tmp_path, {**KEY, "ANTHROPIC_CUSTOM_HEADERS": headers}) == expected


def test_a_header_that_cannot_be_sent_stops_a_cloud_provider_too(tmp_path: Path) -> None:
    assert sent(tmp_path, {**VERTEX, "ANTHROPIC_CUSTOM_HEADERS": ": v"}) == ("no-credential",)


def test_a_credential_header_that_is_not_used_may_hold_anything(tmp_path: Path) -> None:
    env = {"ANTHROPIC_AUTH_TOKEN": "made-up", "ANTHROPIC_CUSTOM_HEADERS": "Authorization: \u2192"}
    assert sent(tmp_path, env) == ("api.anthropic.com", None, "anthropic-auth-token")


def test_the_word_bearer_alone_is_an_empty_bearer(tmp_path: Path) -> None:
    env = {"ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer"}
    document = look_at(tmp_path, env=env, client="claude-print").document
    assert document["wire"]["authorization"]["scheme"] == "Bearer"
    assert document["wire"]["authorization"]["fingerprint"] == "e3b0c442"
    assert document["usable"] is False
