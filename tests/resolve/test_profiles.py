"""Which credential of an account is used: profiles and federation among the others [behaviour.md 8]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.sandbox.machines import CREDENTIALS, MANAGED_SETTINGS, STATE, USER_SETTINGS, login
from tests.conformance.layout import look_at
from tests.observe.machines import FOLDER, profile

NOW = 1_795_000_000.0
CONFIG = f"{FOLDER}/configs/default.json"
NAMED = {"ANTHROPIC_PROFILE": "default"}
FEDERATED = {
    "ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1",
    "ANTHROPIC_ORGANIZATION_ID": "o",
    "ANTHROPIC_IDENTITY_TOKEN": "made.up.jwt",
}
SIGNED_IN = {CREDENTIALS: login("sk-ant-oat01-MADEUP", "r", 3600)}
WITHOUT_SCOPE = {CREDENTIALS: login("sk-ant-oat01-MADEUP", "r", 3600, scopes=["user:profile"])}
CONSOLE = {STATE: {"primaryApiKey": "sk-ant-api03-MADEUP"}}
SPENT = profile(expires_at=1000)
WORKLOAD = {
    CONFIG: {
        "authentication": {
            "type": "oidc_federation",
            "federation_rule_id": "fdrl_9",
            "identity_token": {"source": "file", "path": "$HOME/jwt"},
        },
        "organization_id": "o",
    },
    "jwt": {"$text": "made.up.jwt"},
}


def config(**more: Any) -> dict[str, Any]:
    return {**profile(), CONFIG: {"authentication": {"type": "user_oauth"}, **more}}


def renewing(base_url: str) -> dict[str, Any]:
    authentication = {"type": "user_oauth", "client_id": "c"}
    return {**SPENT, CONFIG: {"authentication": authentication, "base_url": base_url}}


@pytest.mark.parametrize(
    ("files", "env", "winner"),
    [
        (profile(), {}, "profile"),
        (profile(), NAMED, "profile"),
        ({**profile(), **SIGNED_IN}, NAMED, "profile"),
        ({**profile(), **SIGNED_IN}, {}, "stored-login"),
        ({**profile(), **WITHOUT_SCOPE}, {}, "profile"),
        ({**profile(), **CONSOLE}, NAMED, "managed-key"),
        ({**profile(), **CONSOLE}, {}, "managed-key"),
        ({**profile(), **SIGNED_IN, **CONSOLE}, {}, "stored-login"),
        (SIGNED_IN, {"ANTHROPIC_PROFILE": "gone"}, "stored-login"),
        ({**profile(), **SIGNED_IN, CONFIG: {"$text": "garbage"}}, NAMED, "stored-login"),
        (profile(), {**NAMED, "ANTHROPIC_API_KEY": "k"}, "anthropic-api-key"),
        (profile(), {**NAMED, "ANTHROPIC_AUTH_TOKEN": "t"}, "anthropic-auth-token"),
        (profile(), {**NAMED, "CLAUDE_CODE_OAUTH_TOKEN": "t"}, "claude-code-oauth-token"),
        (profile(), {**NAMED, "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer x"}, "profile"),
        (profile(), {**NAMED, "CLAUDE_CODE_SIMPLE": "1"}, None),
        ({}, FEDERATED, "federation"),
        (SIGNED_IN, FEDERATED, "federation"),
        (CONSOLE, FEDERATED, "managed-key"),
        ({**SIGNED_IN, **CONSOLE}, FEDERATED, "managed-key"),
        (profile(), FEDERATED, "federation"),
        (profile(), {**NAMED, **FEDERATED}, "profile"),
        ({}, {"ANTHROPIC_PROFILE": "gone", **FEDERATED}, None),
        ({}, {**FEDERATED, "CLAUDE_CODE_SIMPLE": "1"}, None),
        ({}, {**FEDERATED, "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer x"}, "federation"),
        (SIGNED_IN, {**FEDERATED, "ANTHROPIC_ORGANIZATION_ID": ""}, "stored-login"),
        ({**SIGNED_IN, USER_SETTINGS: {"env": FEDERATED}}, {}, "federation"),
        ({**SIGNED_IN, MANAGED_SETTINGS: {"env": FEDERATED}}, {}, "stored-login"),
        ({**WORKLOAD, **CONSOLE}, {}, "managed-key"),
        ({**WORKLOAD, **SIGNED_IN}, {}, "profile"),
        ({MANAGED_SETTINGS: {"forceLoginMethod": "claudeai"}, **profile()}, NAMED, "profile"),
    ],
)
def test_which_one_is_used(
    files: dict[str, Any], env: dict[str, str], winner: str | None, tmp_path: Path
) -> None:
    assert look_at(tmp_path, files, env=env, client="claude-print", now=NOW).resolution.winner == winner


@pytest.mark.parametrize(
    ("files", "env"),
    [
        (SPENT, {}),
        ({**SPENT, **SIGNED_IN}, NAMED),
        (profile(expires_at=NOW + 55, refresh_token=None), NAMED),
        (profile(access_token=""), NAMED),
        ({**profile(), **SIGNED_IN, f"{FOLDER}/credentials/default.json": {"$text": "garbage"}}, NAMED),
        (renewing("http://gw.example"), NAMED),
        (config(base_url="nonsense"), NAMED),
        (config(base_url=5), NAMED),
        ({**WORKLOAD, "jwt": {"$text": ""}}, NAMED),
        (
            {CONFIG: {"authentication": {"type": "oidc_federation"}}},
            {**NAMED, "ANTHROPIC_IDENTITY_TOKEN": "t"},
        ),
        (SIGNED_IN, {**FEDERATED, "ANTHROPIC_IDENTITY_TOKEN": " "}),
        (SIGNED_IN, {**FEDERATED, "ANTHROPIC_IDENTITY_TOKEN_FILE": "/gone"}),
        ({}, {**FEDERATED, "ANTHROPIC_BASE_URL": "http://gw.example"}),
    ],
)
def test_claude_code_stops_at_one_that_gives_no_token(
    files: dict[str, Any], env: dict[str, str], tmp_path: Path
) -> None:
    found = look_at(tmp_path, files, env=env, client="claude-print", now=NOW).resolution
    assert found.blocked is not None
    assert (found.blocked.code, found.wire) == ("no-credential", None)


@pytest.mark.parametrize(
    ("files", "env"),
    [
        (renewing("http://localhost:9000"), NAMED),
        (renewing(""), NAMED),
        (WORKLOAD, {}),
        ({}, {**FEDERATED, "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}),
    ],
)
def test_what_only_the_server_tells_is_not_known(
    files: dict[str, Any], env: dict[str, str], tmp_path: Path
) -> None:
    found = look_at(tmp_path, files, env=env, client="claude-print", now=NOW)
    sent = found.document["wire"]["authorization"]
    assert (sent["scheme"], sent["fingerprint"], sent["masked"]) == ("Bearer", None, None)
    assert (found.document["usable"], sends_beta(found.resolution.wire)) == (None, True)


def sends_beta(wire: Any) -> bool:
    return wire.beta is not None


def test_tokens_of_an_earlier_exchange_are_sent(tmp_path: Path) -> None:
    files = {**profile(access_token="cached"), **WORKLOAD}
    wire = look_at(tmp_path, files, client="claude-print", now=NOW).resolution.wire
    assert wire is not None
    assert wire.authorization is not None
    assert wire.authorization.value is not None
    assert wire.authorization.value.reveal() == "cached"


@pytest.mark.parametrize(
    ("env", "host"),
    [({}, "gw.example:9000"), ({"ANTHROPIC_BASE_URL": "https://other.example"}, "other.example")],
)
def test_a_profile_leads_its_requests_unless_the_variable_does(
    env: dict[str, str], host: str, tmp_path: Path
) -> None:
    files = config(base_url="http://gw.example:9000")
    wire = look_at(tmp_path, files, env=env, client="claude-print", now=NOW).resolution.wire
    assert wire is not None
    assert wire.host == host


def test_where_it_is_not_used_its_address_does_not_count(tmp_path: Path) -> None:
    files = config(base_url="http://gw.example:9000")
    wire = look_at(tmp_path, files, env={"ANTHROPIC_API_KEY": "k"}, client="claude-print").resolution.wire
    assert wire is not None
    assert wire.host == "api.anthropic.com"


def test_beside_a_named_one_and_a_login_the_console_login_is_used(tmp_path: Path) -> None:
    found = look_at(tmp_path, {**profile(), **SIGNED_IN, **CONSOLE}, env=NAMED, now=NOW).resolution
    assert found.winner == "managed-key"


@pytest.mark.parametrize(
    ("files", "env", "state", "expiry"),
    [
        ({}, {}, "absent", None),
        ({}, NAMED, "unusable", None),
        (profile(), {}, "present", "live"),
        (SPENT, {}, "present", "expired"),
        (renewing(""), {}, "present", "stale-refreshable"),
        ({**profile(), CONFIG: {}}, {}, "unusable", None),
        ({CONFIG: profile()[CONFIG]}, {}, "unusable", None),
        (WORKLOAD, {}, "present", None),
    ],
)
def test_what_is_said_of_it(
    files: dict[str, Any], env: dict[str, str], state: str, expiry: str | None, tmp_path: Path
) -> None:
    reading = look_at(tmp_path, files, env=env, now=NOW).resolution.standing("profile").reading
    assert (reading.state, reading.expiry) == (state, expiry)
