"""Files of Claude Code's own that keep it from starting, and those that it passes over [seen, 2.1.332]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.files import USUAL_LIMIT
from tests.conformance.layout import Answer, look_at

MAIN = "root/etc/claude-code/managed-settings.json"
DROP_IN = "root/etc/claude-code/managed-settings.d/10-a.json"
BEDROCK = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_BEARER_TOKEN_BEDROCK": "made-up"}
TOKEN = {"ANTHROPIC_AUTH_TOKEN": "made-up"}


def blocked(said: Answer) -> str | None:
    return None if said.resolution.blocked is None else said.resolution.blocked.code


@pytest.mark.parametrize("path", [MAIN, DROP_IN])
@pytest.mark.parametrize("text", ["null", "[]", "{", '"x"', "{} // note"])
def test_managed_settings_that_are_no_object_stop_it(path: str, text: str, tmp_path: Path) -> None:
    assert blocked(look_at(tmp_path, {path: {"$text": text}}, env=BEDROCK)) == "managed-policy"


@pytest.mark.parametrize("path", [MAIN, DROP_IN])
@pytest.mark.parametrize("text", ["", " \n", '\ufeff{"model": 5}'])
def test_managed_settings_that_are_empty_are_passed_over(path: str, text: str, tmp_path: Path) -> None:
    assert blocked(look_at(tmp_path, {path: {"$text": text}}, env=TOKEN)) is None


def test_the_oldest_client_goes_on(tmp_path: Path) -> None:
    assert blocked(look_at(tmp_path, {MAIN: {"$text": "null"}}, env=TOKEN, version="2.1.197")) is None


@pytest.mark.parametrize(("path", "code"), [(MAIN, "managed-policy"), (DROP_IN, None)])
def test_a_directory_where_a_managed_file_belongs(path: str, code: str | None, tmp_path: Path) -> None:
    (tmp_path / path).mkdir(parents=True)
    said = look_at(tmp_path, env=TOKEN)
    assert blocked(said) == code
    assert "settings-file-ignored" in [finding.id for finding in said.findings]


@pytest.mark.parametrize("path", [MAIN, DROP_IN])
def test_a_link_to_nothing_is_passed_over(path: str, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).symlink_to("/nowhere")
    assert blocked(look_at(tmp_path, env=TOKEN)) is None


def test_the_finding_names_the_line_of_the_wrong_value(tmp_path: Path) -> None:
    text = '{"env": {"A": "1"},\n"permissions": {\n"allow": "x"}}'
    said = look_at(tmp_path, {".claude/settings.json": {"$text": text}}, env=TOKEN)
    told = next(finding for finding in said.findings if finding.id == "settings-file-ignored")
    assert "settings.json:3: permissions.allow is not a list" in told.evidence


@pytest.mark.parametrize("up", ["", "../../..", "../../../../../.."])
def test_a_link_below_another_root_stays_below_it(up: str, tmp_path: Path) -> None:
    (tmp_path / DROP_IN).parent.mkdir(parents=True)
    (tmp_path / DROP_IN).symlink_to(f"{up}/etc/claude-code/other")
    files: dict[str, Any] = {"root/etc/claude-code/other": {"env": {"FOO": "linked"}}}
    assignments = look_at(tmp_path, files).snapshot.variables["FOO"]
    assert [(a.value.reveal(), a.origin.path) for a in assignments] == [("linked", str(tmp_path / DROP_IN))]


@pytest.mark.parametrize("env", [TOKEN, BEDROCK])
@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_a_state_file_that_is_no_json_stops_every_credential(
    env: dict[str, str], client: str, tmp_path: Path
) -> None:
    raw = {".claude.json": '{"a": 1,}'}
    assert blocked(look_at(tmp_path, env=env, raw=raw, client=client)) == "no-credential"


def test_a_state_file_is_nothing_to_another_program(tmp_path: Path) -> None:
    raw = {".claude.json": '{"a": 1,}'}
    assert blocked(look_at(tmp_path, env=TOKEN, raw=raw, client="anthropic-sdk")) is None


@pytest.mark.parametrize("text", ["", " ", "null", "[]", '"x"', "5"])
def test_a_state_file_that_is_no_object_stops_nothing(text: str, tmp_path: Path) -> None:
    assert blocked(look_at(tmp_path, env=TOKEN, raw={".claude.json": text})) is None


def test_settings_that_are_too_large_for_us_are_not_called_ignored(tmp_path: Path) -> None:
    """Claude Code has no such bound: what they say counts."""
    settings = {"env": {"ANTHROPIC_BASE_URL": "https://gateway.example.com"}, "x": "a" * (USUAL_LIMIT + 1)}
    said = look_at(tmp_path, {".claude/settings.json": settings}, env=TOKEN)
    assert blocked(said) == "not-checked"
    assert "settings-file-ignored" not in [finding.id for finding in said.findings]
