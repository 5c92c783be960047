"""For every finding a machine that has it and a neighbour, one step away, that does not."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from claude_auth.diagnose import diagnose
from claude_auth.diagnose.catalogue import ENTRIES
from claude_auth.model import Finding
from claude_auth.resolve import resolve
from tests.conformance.layout import NEWEST, answer, lay_out, situation

STORE, STATE = ".claude/.credentials.json", ".claude.json"
USER, PROJECT = ".claude/settings.json", "proj/.claude/settings.json"
MANAGED = "root/etc/claude-code/managed-settings.json"
KEY = "sk-ant-api03-madeUpForTests"
SUFFIX = KEY[-20:]
OAUTH = "sk-ant-oat01-madeUpForTests"
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}
AWS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAMADEUP", "AWS_SECRET_ACCESS_KEY": "s"}
AWS_FILE = "[work]\naws_access_key_id=AKIAWORK\naws_secret_access_key=s\n"
HOUR = 3_600_000


def login(**fields: Any) -> dict[str, Any]:
    entry = {
        "accessToken": OAUTH,
        "refreshToken": "sk-ant-ort01-madeUpForTests",
        "expiresAt": {"$now_ms": HOUR},
        "scopes": ["user:inference", "user:profile"],
        **fields,
    }
    return {"claudeAiOauth": entry}


SIGNED_IN = {STORE: login()}


@dataclass(frozen=True)
class On:
    """A machine, and who asks on it."""

    files: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    fd: dict[str, str] = field(default_factory=dict)
    approved: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    client: str = "claude"
    version: str = NEWEST
    evaluated: bool = False
    #: A lock directory, and how old it is.
    lock: tuple[str, float] | None = None


def findings(machine: On, home: Path) -> tuple[Finding, ...]:
    case = situation(
        machine.files,
        env=machine.env,
        raw=machine.raw,
        fd=machine.fd,
        approved=list(machine.approved),
        rejected=list(machine.rejected),
    )
    with lay_out(case, home) as laid:
        if machine.lock is not None:
            name, age = machine.lock
            (home / name).mkdir()
            os.utime(home / name, (time.time() - age,) * 2)
        return answer(laid, machine.client, machine.version, evaluated=machine.evaluated).findings


PROJECT_TOKEN = {PROJECT: {"env": {"ANTHROPIC_AUTH_TOKEN": "made-up"}}}
LOCK = ".claude/.oauth_refresh.lock"
WITH_KEY = {"ANTHROPIC_API_KEY": KEY}

#: id → a machine that has it, a neighbour that has not.
TABLE: dict[str, tuple[On, On]] = {
    "managed-policy": (
        On({MANAGED: {"forceLoginMethod": "claudeai"}}, WITH_KEY, approved=(SUFFIX,)),
        On({USER: {"forceLoginMethod": "claudeai"}}, WITH_KEY, approved=(SUFFIX,)),
    ),
    "approval-pending": (On(env=WITH_KEY), On(env=WITH_KEY, client="claude-print")),
    "key-rejected": (On(env=WITH_KEY, rejected=(SUFFIX,)), On(env=WITH_KEY, approved=(SUFFIX,))),
    "store-unusable": (On(raw={STORE: '{"claudeAiOauth": {"acc'}), On({STORE: {}})),
    "store-unreadable": (On({f"{STORE}/x": {}}), On(SIGNED_IN)),
    "state-file-damaged": (On(raw={STATE: "{,"}), On({STATE: {}})),
    "no-credential": (On(), On(SIGNED_IN)),
    "not-checked": (
        On(SIGNED_IN, {"ANTHROPIC_PROFILE": "work"}),
        On(SIGNED_IN, {"ANTHROPIC_ORGANIZATION_ID": "o"}),
    ),
    "no-cloud-credential": (On(env=BEDROCK), On(env={**BEDROCK, **AWS_KEYS})),
    "empty-credential-sent": (
        On({USER: {"apiKeyHelper": "exit 1"}}, evaluated=True),
        On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    ),
    "login-expired": (
        On({STORE: login(expiresAt={"$now_ms": -HOUR}, refreshToken=None)}),
        On({STORE: login(expiresAt={"$now_ms": -HOUR})}),
    ),
    "login-deadline": (
        On({STORE: login(refreshTokenExpiresAt={"$now_ms": 30 * HOUR})}),
        On({STORE: login(refreshTokenExpiresAt={"$now_ms": 500 * HOUR})}),
    ),
    "two-credentials-sent": (
        On(env={**WITH_KEY, "ANTHROPIC_AUTH_TOKEN": "made-up"}, client="claude-print"),
        On(env={**WITH_KEY, "ANTHROPIC_AUTH_TOKEN": ""}, client="claude-print"),
    ),
    "key-overrides-login": (
        On(SIGNED_IN, WITH_KEY, approved=(SUFFIX,)),
        On(SIGNED_IN, WITH_KEY, rejected=(SUFFIX,)),
    ),
    "token-overrides-login": (
        On(SIGNED_IN, {"CLAUDE_CODE_OAUTH_TOKEN": OAUTH + "2"}),
        On({}, {"CLAUDE_CODE_OAUTH_TOKEN": OAUTH + "2"}),
    ),
    "wrong-kind": (On(env={"ANTHROPIC_AUTH_TOKEN": OAUTH}), On(env={"CLAUDE_CODE_OAUTH_TOKEN": OAUTH})),
    "bearer-twice": (
        On(env={"ANTHROPIC_AUTH_TOKEN": "Bearer made-up"}),
        On(env={"ANTHROPIC_AUTH_TOKEN": "Bearer-made-up"}),
    ),
    "quotes-in-value": (
        On(env={"ANTHROPIC_AUTH_TOKEN": '"made-up"'}),
        On(env={"ANTHROPIC_AUTH_TOKEN": 'made"up'}),
    ),
    "login-sent-to-gateway": (
        On(SIGNED_IN, {"ANTHROPIC_BASE_URL": "https://gw.example"}),
        On(SIGNED_IN, {"ANTHROPIC_BASE_URL": "https://api.anthropic.com"}),
    ),
    "lock-from-the-future": (On(SIGNED_IN, lock=(LOCK, -600)), On(SIGNED_IN, lock=(LOCK, 1))),
    "lock-left-behind": (On(SIGNED_IN, lock=(LOCK, 600)), On(SIGNED_IN, lock=(LOCK, 30))),
    "settings-file-ignored": (On(raw={USER: "{,"}), On(raw={USER: ""})),
    "project-settings-override": (
        On(PROJECT_TOKEN),
        On({PROJECT: {"env": {"FOO": "x", "CLAUDE_CODE_OAUTH_TOKEN": OAUTH}}}),
    ),
    "key-sent-to-aws": (
        On(env={**BEDROCK, **AWS_KEYS, **WITH_KEY}, client="claude-print", version="2.1.206"),
        On(env={**BEDROCK, **AWS_KEYS, **WITH_KEY}, client="claude-print", version="2.1.207"),
    ),
    "aws-profile-before-keys": (
        On(env={**BEDROCK, **AWS_KEYS, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
        On(env={**BEDROCK, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
    ),
    "store-readable-by-others": (
        On({**SIGNED_IN, "$chmod": {STORE: 0o644}}),
        On({**SIGNED_IN, "$chmod": {STORE: 0o600}}),
    ),
    "value-set-but-empty": (On(SIGNED_IN, {"ANTHROPIC_API_KEY": ""}), On(SIGNED_IN)),
    "helper-not-run": (
        On({USER: {"apiKeyHelper": "echo key"}}),
        On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    ),
    "folder-not-trusted": (On({**PROJECT_TOKEN, "$untrusted": True}), On(PROJECT_TOKEN)),
    "provider-replaces-ladder": (
        On(SIGNED_IN, {**BEDROCK, **AWS_KEYS}),
        On({}, {**BEDROCK, **AWS_KEYS}),
    ),
    "login-idle": (On({STORE: login(expiresAt={"$now_ms": -HOUR})}), On(SIGNED_IN)),
    "version-not-observed": (On(SIGNED_IN, version="2.1.198"), On(SIGNED_IN, version="2.1.199")),
}


def test_every_finding_of_the_catalogue_is_in_the_table() -> None:
    assert set(TABLE) == {entry.id for entry in ENTRIES}


@pytest.mark.parametrize("name", TABLE)
def test_a_machine_that_has_it(name: str, tmp_path: Path) -> None:
    found = {finding.id: finding for finding in findings(TABLE[name][0], tmp_path)}
    assert name in found
    assert found[name].evidence
    assert all(fix.title for fix in found[name].fixes)


@pytest.mark.parametrize("name", TABLE)
def test_its_neighbour_has_not(name: str, tmp_path: Path) -> None:
    assert name not in {finding.id for finding in findings(TABLE[name][1], tmp_path)}


@pytest.mark.parametrize("name", TABLE)
def test_evidence_and_fixes_tell_places_and_never_a_value(name: str, tmp_path: Path) -> None:
    for finding in findings(TABLE[name][0], tmp_path):
        words = [finding.title, finding.evidence, *(f"{fix.title} {fix.command}" for fix in finding.fixes)]
        assert not [text for text in words if "madeUpForTests" in text or "made-up" in text]


# ── what each one says ───────────────────────────────────────────────────────────────────────────


def one(name: str, home: Path, machine: On | None = None) -> Finding:
    return next(finding for finding in findings(machine or TABLE[name][0], home) if finding.id == name)


def test_both_credentials_are_named_with_their_headers_and_a_way_to_keep_either(tmp_path: Path) -> None:
    found = one("two-credentials-sent", tmp_path)
    assert found.evidence == "x-api-key: ANTHROPIC_API_KEY and Authorization: ANTHROPIC_AUTH_TOKEN"
    assert [fix.command for fix in found.fixes] == ["unset ANTHROPIC_API_KEY", "unset ANTHROPIC_AUTH_TOKEN"]
    assert [fix.title.split(":")[0] for fix in found.fixes] == [
        "to keep ANTHROPIC_AUTH_TOKEN",
        "to keep ANTHROPIC_API_KEY",
    ]


def test_a_value_from_settings_is_removed_where_it_stands(tmp_path: Path) -> None:
    machine = On({**SIGNED_IN, USER: {"env": WITH_KEY}}, approved=(SUFFIX,))
    found = one("key-overrides-login", tmp_path, machine)
    assert [fix.title for fix in found.fixes] == [f"take ANTHROPIC_API_KEY out of {tmp_path / USER}:1"]


def test_a_value_from_the_shell_is_removed_at_the_line_that_probably_sets_it(tmp_path: Path) -> None:
    zshrc = {"$text": "\n\nexport ANTHROPIC_API_KEY=x\n"}
    machine = On({**SIGNED_IN, ".zshrc": zshrc}, WITH_KEY, approved=(SUFFIX,))
    found = one("key-overrides-login", tmp_path, machine)
    assert [(fix.title, fix.command) for fix in found.fixes] == [
        ("unset it in this shell, then start claude again", "unset ANTHROPIC_API_KEY"),
        (f"remove the line that sets it: {tmp_path}/.zshrc:3", None),
    ]


def test_the_errors_come_first(tmp_path: Path) -> None:
    machine = replace(TABLE["store-unusable"][0], env={"ANTHROPIC_API_KEY": ""}, lock=(LOCK, 600))
    severities = [finding.severity for finding in findings(machine, tmp_path)]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert set(severities) == {"error", "warning", "info"}


# ── precision: nothing is wrong ──────────────────────────────────────────────────────────────────

ADC = ".config/gcloud/application_default_credentials.json"
HEALTHY: dict[str, On] = {
    "subscription": On(SIGNED_IN),
    "stale login": On({STORE: login(expiresAt={"$now_ms": -9 * HOUR})}),
    "approved key alone": On(env=WITH_KEY, approved=(SUFFIX,)),
    "key with -p": On(env=WITH_KEY, client="claude-print"),
    "key in the user's own settings": On({USER: {"env": WITH_KEY}}, approved=(SUFFIX,)),
    "gateway with its own token": On(
        env={"ANTHROPIC_BASE_URL": "https://gw.example", "ANTHROPIC_AUTH_TOKEN": "made-up"}
    ),
    "Console login": On({STATE: {"primaryApiKey": KEY}}),
    "Bedrock with keys": On(env={**BEDROCK, **AWS_KEYS}),
    "Bedrock with a profile": On(env={**BEDROCK, "AWS_PROFILE": "work"}, raw={".aws/credentials": AWS_FILE}),
    "Bedrock beside a login": On(SIGNED_IN, {**BEDROCK, **AWS_KEYS}),
    "Vertex with default credentials": On(
        {ADC: {"type": "authorized_user"}},
        {"CLAUDE_CODE_USE_VERTEX": "1", "ANTHROPIC_VERTEX_PROJECT_ID": "p", "CLOUD_ML_REGION": "global"},
    ),
    "Foundry with a key": On(
        env={
            "CLAUDE_CODE_USE_FOUNDRY": "1",
            "ANTHROPIC_FOUNDRY_RESOURCE": "r",
            "ANTHROPIC_FOUNDRY_API_KEY": "made-up",
        }
    ),
    "CI with a setup token": On(env={"CLAUDE_CODE_OAUTH_TOKEN": OAUTH, "CI": "true"}, client="claude-print"),
    "token from a descriptor": On(fd={"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": OAUTH}, evaluated=True),
    "container": On({**SIGNED_IN, "root/.dockerenv": {"$text": ""}}),
    "over SSH in tmux": On(SIGNED_IN, {"SSH_CONNECTION": "1", "TMUX": "1"}),
    "helper": On({USER: {"apiKeyHelper": "echo key"}}),
    "helper, run": On({USER: {"apiKeyHelper": "echo key"}}, evaluated=True),
    "a project that sets nothing of ours": On({**SIGNED_IN, PROJECT: {"env": {"FOO": "x"}}}),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_an_ordinary_healthy_machine_has_no_warning(name: str, tmp_path: Path) -> None:
    assert [f.id for f in findings(HEALTHY[name], tmp_path) if f.severity != "info"] == []


def test_rules_look_at_the_answer_alone(tmp_path: Path) -> None:
    """The same snapshot and resolution give the same findings: no clock, no look of their own."""
    with lay_out(situation(SIGNED_IN), tmp_path) as laid:
        snapshot = answer(laid, now=1.0).snapshot
    (tmp_path / STORE).unlink()
    resolution = resolve(snapshot, "claude", NEWEST)
    assert diagnose(snapshot, resolution) == diagnose(snapshot, resolution)
