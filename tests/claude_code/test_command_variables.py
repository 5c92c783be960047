"""Which variables of a project's settings a configured command gets: as the client was seen to hand them over
(2.1.332, every name that it knows, in trusted and untrusted folders)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.claude_code.command_variables import reaching
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.environment import distrusted_variables
from claude_auth.resolve import resolve
from tests.conformance.layout import NEWEST, lay_out, situation

USER, PROJECT = ".claude/settings.json", "proj/.claude/settings.json"
LOCAL, MANAGED = "proj/.claude/settings.local.json", "root/etc/claude-code/managed-settings.json"
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1"}

HELPER, EXPORT, REFRESH = "apiKeyHelper", "awsCredentialExport", "awsAuthRefresh"


def view_of(home: Path, files: dict[str, Any], **environ: str) -> EffectiveConfig:
    with lay_out(situation(files, env=environ), home) as laid:
        snapshot = laid.look()
    return EffectiveConfig.of(snapshot, resolve(snapshot, "claude", NEWEST))


def given(view: EffectiveConfig, setting: str) -> set[str]:
    """The variables that the command gets from the project's settings."""
    names = view.snapshot.variables
    return {name for name in names if any(one.origin.of_project for one in reaching(view, name, setting))}


@pytest.mark.parametrize(
    ("name", "value", "counts"),
    [
        ("AWS_PROFILE", "p", True),
        ("AWS_PROFILE", "$(id)", True),
        ("aws_profile", "p", True),
        ("ANTHROPIC_FOUNDRY_API_KEY", "p", True),
        ("CLAUDE_CODE_USE_VERTEX", "1", True),
        ("VERTEX_REGION_CLAUDE_4_5_OPUS", "p", True),
        ("VERTEX_REGION_CLAUDE_NEXT", "p", False),
        ("DO_NOT_TRACK", "true", True),
        ("DO_NOT_TRACK", "no", False),
        ("ANTHROPIC_CUSTOM_HEADERS", "X-Team: blue", True),
        ("ANTHROPIC_CUSTOM_HEADERS", "X-Team: blue\nx-token: p", False),
        ("ANTHROPIC_CUSTOM_HEADERS", "a b: c", False),
        ("ANTHROPIC_CUSTOM_HEADERS", "no colon", True),
        *((name, "p", False) for name in ("PATH", "LD_PRELOAD", "BASH_ENV", "NODE_OPTIONS", "TEAM")),
        *((name, "p", False) for name in ("AWS_CONFIG_FILE", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")),
        *((name, "p", False) for name in ("HTTPS_PROXY", "GOOGLE_CLOUD_PROJECT", "OTEL_LOGS_EXPORTER")),
    ],
)
@pytest.mark.parametrize("untrusted", [True, False])
@pytest.mark.parametrize("helper_in", [USER, PROJECT, LOCAL])
def test_a_helper_gets_what_counts_at_once(
    helper_in: str, untrusted: bool, name: str, value: str, counts: bool, tmp_path: Path
) -> None:
    files: dict[str, Any] = {USER: {}, PROJECT: {"env": {name: value}}, "$untrusted": untrusted}
    files[helper_in] = {**files.get(helper_in, {}), HELPER: "x"}
    view = view_of(tmp_path, files)
    assert given(view, HELPER) == ({name} if counts else set())
    named = {found.name for found in distrusted_variables(view, HELPER)}
    assert named == (given(view, HELPER) if untrusted else set())


@pytest.mark.parametrize(
    ("environ", "settings", "gets_all"),
    [
        (BEDROCK, {}, False),
        ({**BEDROCK, "ANTHROPIC_MODEL": "opus[1m]"}, {}, False),
        ({**BEDROCK, "ANTHROPIC_MODEL": "opus", "ANTHROPIC_DEFAULT_SONNET_MODEL": "x"}, {}, False),
        ({**BEDROCK, "ANTHROPIC_MODEL": "opus", "ANTHROPIC_DEFAULT_OPUS_MODEL": "x"}, {}, True),
        ({**BEDROCK, "ANTHROPIC_MODEL": "claude-opus-4-5"}, {}, True),
        ({**BEDROCK, "ANTHROPIC_MODEL": " "}, {}, True),
        ({**BEDROCK, "ANTHROPIC_DEFAULT_MODEL": "x"}, {}, True),
        ({**BEDROCK, "ANTHROPIC_DEFAULT_MODEL": "haiku"}, {}, False),
        ({**BEDROCK, "ANTHROPIC_DEFAULT_MODEL": "x"}, {"model": "opus"}, False),
        ({**BEDROCK, "ANTHROPIC_DEFAULT_SONNET_MODEL": "x"}, {}, True),
        (BEDROCK, {"model": "claude-opus-4-5"}, True),
        (BEDROCK, {REFRESH: "true"}, True),
        (BEDROCK, {REFRESH: ""}, False),
        ({"CLAUDE_CODE_USE_MANTLE": "1"}, {}, True),
        ({"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1"}, {}, True),
    ],
)
def test_an_export_gets_all_unless_bedrock_is_asked_early_for_its_models(
    environ: dict[str, str], settings: dict[str, Any], gets_all: bool, tmp_path: Path
) -> None:
    files = {USER: settings, PROJECT: {EXPORT: "x", "env": {"TEAM": "p", "AWS_PROFILE": "p"}}}
    view = view_of(tmp_path, files, **environ)
    assert given(view, EXPORT) == ({"TEAM", "AWS_PROFILE"} if gets_all else {"AWS_PROFILE"})


@pytest.mark.parametrize("setting", [REFRESH, "gcpAuthRefresh"])
def test_a_sign_in_gets_all(setting: str, tmp_path: Path) -> None:
    files = {PROJECT: {setting: "x", "env": {"PATH": "p", "TEAM": "p"}}}
    assert given(view_of(tmp_path, files), setting) == {"PATH", "TEAM"}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("AWS_REGION", "eu-west-1", True),
        ("TEAM_NAME", "a.b-c", True),
        ("VERTEX_REGION_CLAUDE_NEXT", "p", True),
        ("CLOUDSDK_CORE_ACCOUNT", "me@example.org", True),
        ("TEAM_NAME", "me@example.org", False),
        ("TEAM", "a b", False),
        ("TEAM", "-x", False),
        ("TEAM", "", False),
        ("TEAM", "é", False),
        ("MYTEAM", "p", False),
        ("ANTHROPIC_MODEL", "p", False),
        ("PATH", "p", False),
    ],
)
def test_the_organization_s_own_command_gets_words_for_places_alone(
    name: str, value: str, kept: bool, tmp_path: Path
) -> None:
    files = {MANAGED: {REFRESH: "x"}, PROJECT: {"env": {name: value}}}
    assert given(view_of(tmp_path, files), REFRESH) == ({name} if kept else set())


def test_where_the_strongest_of_a_project_s_files_does_not_count_none_of_them_does(tmp_path: Path) -> None:
    files = {
        MANAGED: {HELPER: "x"},
        LOCAL: {"env": {"AWS_PROFILE": "a b"}},
        PROJECT: {"env": {"AWS_PROFILE": "p"}},
        USER: {"env": {"AWS_PROFILE": "mine"}},
    }
    view = view_of(tmp_path, files)
    assert [one.value.reveal() for one in reaching(view, "AWS_PROFILE", HELPER)] == ["mine"]


def test_other_layers_give_all(tmp_path: Path) -> None:
    files = {USER: {HELPER: "x", "env": {"PATH": "p"}}, MANAGED: {"env": {"TEAM": "p"}}}
    view = view_of(tmp_path, files)
    assert [reaching(view, name, HELPER)[0].layer for name in ("PATH", "TEAM")] == ["user", "managed"]
    assert given(view, HELPER) == set()
