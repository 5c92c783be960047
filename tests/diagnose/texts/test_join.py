"""The text joined with a machine: which of its causes it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.diagnose import MachineAnswers
from claude_auth.diagnose.texts import explain
from claude_auth.model import Finding
from tests.diagnose.texts.joined import HOUR, KEY, OAT, login, machine, read

HEADLINE = (
    'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"OAuth authentication '
    'is currently not supported."}}'
)
SDK_HEADLINE = (
    "anthropic.AuthenticationError: Error code: 401 - {'type': 'error', 'error': {'type': "
    "'authentication_error', 'message': 'OAuth authentication is currently not supported.'}}"
)


def test_headline_without_a_machine() -> None:
    """The causes in the order of how usual they are, with the remedies of the seeds."""
    found = explain("401 OAuth authentication is currently not supported.")[1]
    assert [cause.id for cause in found][:2] == ["oauth-not-supported", "oauth-token-in-auth-token"]
    assert all(1 in cause.symptoms for cause in found)
    words = " ".join(f"{fix.title} {fix.command}" for fix in found[0].fixes)
    for remedy in ("API key", "Claude Code itself", "Agent SDK"):
        assert remedy in words
    gateway = next(cause for cause in found if cause.id == "gateway-drops-beta-header")
    assert "anthropic-beta" in gateway.fixes[0].title


HEADLINES: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "oauth-token-in-auth-token": (HEADLINE, {}, {"ANTHROPIC_AUTH_TOKEN": OAT}),
    "oauth-token-in-api-key": (HEADLINE, {}, {"ANTHROPIC_API_KEY": OAT}),
    "gateway-drops-beta-header": (HEADLINE, login(), {"ANTHROPIC_BASE_URL": "https://gateway.example"}),
    "scopes-written-as-text": (HEADLINE, login(scopes="user:inference user:profile"), {}),
    "oauth-not-supported": (SDK_HEADLINE, login(), {}),
}


@pytest.mark.parametrize("expected", HEADLINES)
def test_the_machine_decides_the_headline(expected: str, tmp_path: Path) -> None:
    text, files, environ = HEADLINES[expected]
    found = read(tmp_path, text, files, environ)
    assert (found[0].id, found[0].certainty) == (expected, "seen")
    assert found[0].evidence
    others = {cause.id for cause in found if not cause.ruled_out} - {expected, "client-too-old"}
    assert others <= {"oauth-not-supported"}


IN_SETTINGS = {"env": {"ANTHROPIC_AUTH_TOKEN": OAT}}


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_token_in_a_settings_file_is_mended_there(signed_in: bool, tmp_path: Path) -> None:
    """The shell doesn't hold it: nothing there can hand it on. It is taken away only where the login is used
    then."""
    files = {**(login() if signed_in else {}), ".claude/settings.json": IN_SETTINGS}
    first = read(tmp_path, HEADLINE, files)[0]
    assert first.id == "oauth-token-in-auth-token"
    assert not any("$ANTHROPIC_AUTH_TOKEN" in (fix.command or "") for fix in first.fixes)
    about = f"ANTHROPIC_AUTH_TOKEN {tmp_path}/home/.claude/settings.json"
    assert (first.fixes[0].about == about) is signed_in
    assert "CLAUDE_CODE_OAUTH_TOKEN" in first.fixes[-1].title


def test_a_token_is_not_moved_within_a_project(tmp_path: Path) -> None:
    """Claude Code reads no CLAUDE_CODE_OAUTH_TOKEN from there."""
    found = read(tmp_path, HEADLINE, {**login(), "proj/.claude/settings.json": IN_SETTINGS})[0]
    assert found.fixes
    assert not any("CLAUDE_CODE_OAUTH_TOKEN" in fix.title for fix in found.fixes)


EXPIRED = "API Error: 401 OAuth token has expired. Please obtain a new token · Please run /login"
BEARER = 'API Error: 401 {"error":{"type":"authentication_error","message":"Invalid bearer token"}}'
WIPED = {"claudeAiOauth": {"accessToken": "", "refreshToken": "", "expiresAt": 0}}
NOT_LOGGED_IN = "Not logged in · Please run /login"
CASES: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    "stale": (EXPIRED, "access-token-expired", login(-HOUR), {}),
    "deadline": (EXPIRED, "login-deadline-passed", login(-HOUR, -HOUR), {}),
    "live": (EXPIRED, "process-keeps-old-token", login(), {}),
    "wiped": (EXPIRED, "tokens-wiped", {".claude/.credentials.json": WIPED}, {}),
    "variable": (EXPIRED, "oauth-variable-stale", login(), {"CLAUDE_CODE_OAUTH_TOKEN": OAT}),
    "placeholder": (BEARER, "token-overrides-login", login(), {"ANTHROPIC_AUTH_TOKEN": "ollama"}),
    "cut token": (BEARER, "setup-token-rejected", {}, {"CLAUDE_CODE_OAUTH_TOKEN": OAT[:60]}),
    "settings": (
        BEARER,
        "settings-override-shell",
        {**login(), "proj/.claude/settings.json": {"env": {"ANTHROPIC_BASE_URL": "https://gw.example"}}},
        {},
    ),
    "key without credit": (
        "Credit balance is too low",
        "credit-balance-too-low",
        login(),
        {"ANTHROPIC_API_KEY": KEY},
    ),
    "dead organisation": (
        "API Error: 400 This organization has been disabled.",
        "organisation-disabled",
        login(),
        {"ANTHROPIC_API_KEY": KEY},
    ),
    "quotes": ("401 invalid x-api-key", "key-with-quotes", {}, {"ANTHROPIC_API_KEY": f'"{KEY}"'}),
    "token as key": ("401 invalid x-api-key", "oauth-token-in-api-key", {}, {"ANTHROPIC_API_KEY": OAT}),
    "managed": (
        "This machine's managed settings require a first-party login",
        "login-method-forced",
        {**login(), "/etc/claude-code/managed-settings.json": {"forceLoginMethod": "claudeai"}},
        {"ANTHROPIC_API_KEY": KEY},
    ),
    "truncated state": (
        "Claude configuration file at ~/.claude.json is corrupted: Unexpected end of JSON input",
        "state-file-corrupted",
        {".claude.json": '{"projects": {'},
        {},
    ),
    "broken settings": (
        "Invalid or malformed JSON",
        "json-not-strict",
        {".claude/settings.json": '{"env": {},}'},
        {},
    ),
    "nothing": (NOT_LOGGED_IN, "no-credential", {}, {}),
    "base URL alone": (
        "Invalid API key · Please run /login",
        "base-url-without-token",
        {},
        {"ANTHROPIC_BASE_URL": "http://localhost:4000"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_machine_decides(name: str, tmp_path: Path) -> None:
    text, expected, files, environ = CASES[name]
    found = read(tmp_path, text, files, environ)
    assert found[0].id == expected
    assert found[0].evidence


def test_rejected_key(tmp_path: Path) -> None:
    state = {".claude.json": {"customApiKeyResponses": {"approved": [], "rejected": [KEY[-20:]]}}}
    found = read(tmp_path, NOT_LOGGED_IN, state, {"ANTHROPIC_API_KEY": KEY}, client="claude")
    assert "key-rejected" in [cause.id for cause in found[:2]]


def test_what_a_machine_rules_out_comes_last(tmp_path: Path) -> None:
    found = read(tmp_path, BEARER, login())
    ruled_out = [cause.ruled_out for cause in found]
    assert ruled_out == sorted(ruled_out)
    assert found[0].id == "refused-right-after-login"
    assert next(cause for cause in found if cause.id == "token-overrides-login").ruled_out


def test_a_bare_machine_rules_nothing_out(tmp_path: Path) -> None:
    """The text comes from somewhere else then: the order is the one of the text."""
    plain = [cause.id for cause in explain(BEARER)[1]]
    assert [cause.id for cause in read(tmp_path, BEARER)] == plain


def test_another_platform_comes_last(tmp_path: Path) -> None:
    found = [cause.id for cause in read(tmp_path, NOT_LOGGED_IN, login(), {})]
    assert found.index("keychain-locked") > found.index("login-not-saved")
    only = read(tmp_path / "2", "macOS Keychain is not writable.")
    assert only[0].id == "keychain-not-writable"
    assert not only[0].ruled_out


DENIED = "Error: EACCES: permission denied, open '/home/ada/.claude.json'"


def test_the_text_speaks_of_the_text() -> None:
    """A finding's own words would claim of this machine what nobody looked at."""
    found = {cause.id: cause for cause in explain("API Usage Billing")[1]}
    key = found["key-overrides-login"]
    assert (key.title, key.symptoms) == ("An API key is billed instead of the subscription", (23, 25))
    assert found["managed-key-lingers"].symptoms == (30,)
    assert "Signing in with the Console option" in found["managed-key-lingers"].explanation


def test_a_finding_is_no_surer_beside_a_text(tmp_path: Path) -> None:
    finding = Finding(
        id="subscription-not-recognised",
        severity="warning",
        title="",
        explanation="",
        evidence="here",
        certainty="likely",
    )
    snapshot, resolution = machine(tmp_path, login(), {})
    text = '"hasAvailableSubscription": false in ~/.claude.json'
    told = explain(text, MachineAnswers.of(snapshot, resolution, (finding,)))[1]
    assert [(one.certainty, one.evidence) for one in told if one.id == finding.id] == [("likely", "here")]


def test_no_command_is_told_twice(tmp_path: Path) -> None:
    found = read(tmp_path, EXPIRED, {".claude/.credentials.json": WIPED})[0]
    assert [fix.command for fix in found.fixes] == ["claude-auth login"]


@pytest.mark.parametrize("client", ["claude", "sdk"])
def test_whatever_the_client(client: str, tmp_path: Path) -> None:
    """The text has come: the files are asked about, not the client that is looked at."""
    wiped = read(tmp_path / "1", EXPIRED, {".claude/.credentials.json": WIPED}, client=client)
    assert next(cause for cause in wiped if cause.id == "tokens-wiped").evidence
    snapshot, resolution = machine(tmp_path / "2", {**login(), ".claude.json": {}}, {}, client)
    state = snapshot.claude_json
    assert state.file is not None
    foreign = state._replace(file=state.file._replace(owned_by_us=False, owner="root"))
    owned = explain(DENIED, MachineAnswers.of(snapshot._replace(claude_json=foreign), resolution))[1][0]
    assert (owned.id, owned.certainty) == ("files-of-another-owner", "seen")
    assert owned.evidence is not None
    assert owned.evidence.endswith("belongs to root")


def test_no_secret_in_the_evidence(tmp_path: Path) -> None:
    for place, (text, _, files, environ) in enumerate(CASES.values()):
        told = repr(read(tmp_path / str(place), text, files, environ))
        assert "madeUpForTests" not in told
