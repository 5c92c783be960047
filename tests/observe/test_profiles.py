"""Anthropic profiles, federation's identity token, and what the host of a remote session lays down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.observe import profiles
from claude_auth.security.secret import Secret
from tests.conformance.layout import look_at
from tests.observe.machines import CONFIG, FOLDER, TOKENS, profile


def test_where_no_directory_stands_no_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("read_document", "read_file", "list_directory", "read_secret_file"):
        monkeypatch.delattr(profiles, name)
    seen = look_at(tmp_path).snapshot
    assert (seen.profile, seen.identity, dict(seen.remote_files)) == (None, None, {})
    assert seen.profile_tokens.damage is not None
    assert seen.profile_tokens.damage.is_missing


@pytest.mark.parametrize(
    ("files", "env", "name"),
    [
        (profile(), {}, "default"),
        (profile("work"), {"ANTHROPIC_PROFILE": " work "}, "work"),
        ({**profile(), **profile("work")}, {"ANTHROPIC_PROFILE": " "}, "default"),
        ({**profile("work"), f"{FOLDER}/active_config": {"$text": " work \n\n"}}, {}, "work"),
        ({**profile("work"), f"{FOLDER}/active_config": {"$text": "gone"}}, {}, None),
        (profile("work"), {}, None),
        (profile(folder="proj/xdg/anthropic"), {"XDG_CONFIG_HOME": "xdg"}, "default"),
        (profile(folder="elsewhere"), {"ANTHROPIC_CONFIG_DIR": "$HOME/elsewhere"}, "default"),
        (profile(), {"ANTHROPIC_CONFIG_DIR": "$HOME/elsewhere"}, None),
    ],
)
def test_which_profile_counts(
    files: dict[str, Any], env: dict[str, str], name: str | None, tmp_path: Path
) -> None:
    found = look_at(tmp_path, files, env=env).snapshot.profile
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (".claude/settings.json", "work"),
        ("proj/.claude/settings.json", "default"),
        ("root/etc/claude-code/managed-settings.json", "default"),
    ],
)
def test_the_own_settings_may_name_it_and_a_project_may_not(place: str, name: str, tmp_path: Path) -> None:
    settings = {place: {"env": {"ANTHROPIC_PROFILE": "work"}}}
    found = look_at(tmp_path, {**profile(), **profile("work"), **settings}).snapshot.profile
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (CONFIG, "user_oauth"),
        ({"authentication": {"type": "oidc_federation"}}, "oidc_federation"),
        ({"authentication": {"type": "api_key", "api_key": "k"}}, ""),
        ({"organization_id": "o"}, ""),
        ({}, ""),
        ([], ""),
        ({"$text": "garbage"}, ""),
    ],
)
def test_how_a_profile_authenticates(config: object, kind: str, tmp_path: Path) -> None:
    found = look_at(tmp_path, {**profile(), f"{FOLDER}/configs/default.json": config}).snapshot.profile
    assert found is not None
    assert (found.kind, found.unusable is None) == (kind, kind != "")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        (None, None),
        (1000, 1000.0),
        ("4e9", 4e9),
        (True, 1.0),
        ("2099-01-01T00:00:00Z", 0.0),
        ([1], 1.0),
        ("1e999", None),
    ],
)
def test_its_expiry_is_a_number_of_seconds(written: object, moment: float | None, tmp_path: Path) -> None:
    tokens = look_at(tmp_path, profile(expires_at=written)).snapshot.profile_tokens.tokens
    assert tokens is not None
    assert tokens.expires_at == moment


@pytest.mark.parametrize(
    ("told", "value"), [("$HOME/cp.json", "home"), ("cp.json", "cwd"), ("~/cp.json", None)]
)
def test_a_path_of_credentials_starts_at_the_working_directory(
    told: str, value: str | None, tmp_path: Path
) -> None:
    files = {
        f"{FOLDER}/configs/default.json": {
            "authentication": {"type": "user_oauth", "credentials_path": told}
        },
        "cp.json": {**TOKENS, "access_token": "home"},
        "proj/cp.json": {**TOKENS, "access_token": "cwd"},
    }
    tokens = look_at(tmp_path, files).snapshot.profile_tokens.tokens
    assert (tokens and tokens.access_token) == (value and Secret(value))


def test_the_identity_token_is_read_trimmed_and_kept_as_a_secret(tmp_path: Path) -> None:
    env = {"ANTHROPIC_FEDERATION_RULE_ID": "fdrl_1", "ANTHROPIC_IDENTITY_TOKEN_FILE": "$HOME/jwt"}
    found = look_at(tmp_path, {"jwt": {"$text": " made-up.jwt\n"}}, env=env).snapshot.identity
    assert found is not None
    assert found.value == Secret("made-up.jwt")
    assert "made-up" not in repr(found)


def test_the_files_of_a_remote_session_lie_below_the_root(tmp_path: Path) -> None:
    folder = "root/home/claude/.claude/remote"
    files = {f"{folder}/.oauth_token": {"$text": "made-up\n"}, f"{folder}/.api_key": {"$text": " \n"}}
    found = look_at(tmp_path, files).snapshot.remote_files
    assert {source: file.value for source, file in found.items()} == {
        "remote-oauth-token": Secret("made-up"),
        "remote-api-key": None,
    }
