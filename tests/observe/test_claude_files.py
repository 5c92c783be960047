"""Where Claude Code keeps things, and what is read there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.layout import look_at

STORE = ".claude/.credentials.json"
LOGIN: dict[str, Any] = {
    "claudeAiOauth": {"accessToken": "sk-ant-oat01-madeUp", "scopes": ["user:inference"], "expiresAt": None}
}


def other(token: str) -> dict[str, Any]:
    return {"claudeAiOauth": {**LOGIN["claudeAiOauth"], "accessToken": token}}


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        ({}, ".claude"),
        ({"CLAUDE_CONFIG_DIR": ""}, "proj"),
        ({"CLAUDE_CONFIG_DIR": "$HOME/cfg"}, "cfg"),
        ({"CLAUDE_CONFIG_DIR": "../cfg"}, "cfg"),
        ({"CLAUDE_SECURESTORAGE_CONFIG_DIR": "$HOME/sec"}, "sec"),
        ({"CLAUDE_SECURESTORAGE_CONFIG_DIR": "$HOME/sec", "CLAUDE_CONFIG_DIR": "$HOME/cfg"}, "sec"),
        ({"CLAUDE_SECURESTORAGE_CONFIG_DIR": "", "CLAUDE_CONFIG_DIR": "$HOME/cfg"}, ".claude"),
    ],
)
def test_where_the_login_lies(env: dict[str, str], folder: str, tmp_path: Path) -> None:
    files = {
        f"{name}/.credentials.json": other(f"token of {name}") for name in (".claude", "cfg", "sec", "proj")
    }
    login = look_at(tmp_path, files, env=env).snapshot.login
    assert login.origin.path == str(tmp_path / folder / ".credentials.json")
    assert login.tokens is not None
    assert login.tokens.access_token.reveal() == f"token of {folder}"


def test_the_state_lies_in_home_or_in_the_configured_directory_or_in_a_legacy_file(tmp_path: Path) -> None:
    key = {"primaryApiKey": "key"}
    plain = look_at(tmp_path / "a", {".claude.json": key}).snapshot.claude_json
    moved = look_at(tmp_path / "b", {".claude.json": key}, env={"CLAUDE_CONFIG_DIR": "$HOME/cfg"}).snapshot
    legacy = look_at(tmp_path / "c", {".claude.json": key, ".claude/.config.json": {}}).snapshot.claude_json
    assert plain.path == str(tmp_path / "a/.claude.json")
    assert plain.primary_api_key is not None
    assert moved.claude_json.path == str(tmp_path / "b/cfg/.claude.json")
    assert legacy.path == str(tmp_path / "c/.claude/.config.json")
    assert legacy.primary_api_key is None


def test_trust_is_that_of_the_working_directory_or_its_repository(tmp_path: Path) -> None:
    assert look_at(tmp_path / "a").snapshot.claude_json.trusted
    assert not look_at(tmp_path / "b", {"$untrusted": True}).snapshot.claude_json.trusted


@pytest.mark.parametrize(
    ("content", "state", "words"),
    [
        (None, "absent", "not signed in"),
        ("{}", "absent", "not signed in"),
        ("", "unusable", "empty"),
        ('{"claudeAiOauth": {"acc', "unusable", "ends too early (line 1)"),
        ('{\n"claudeAiOauth": {},}', "unusable", "line 2, column"),
        ("\ufeff{}", "unusable", "byte order mark"),
        ("[]", "unusable", "a list where an object belongs"),
        ('{"claudeAiOauth": "x"}', "unusable", "not an object"),
    ],
)
def test_damage_is_told_in_the_row(content: str | None, state: str, words: str, tmp_path: Path) -> None:
    raw = {} if content is None else {STORE: content}
    reading = look_at(tmp_path, raw=raw).resolution.standing("stored-login").reading
    assert reading.state == state
    assert words in reading.reason or state == "absent"


@pytest.mark.parametrize("kind", ["directory", "pipe", "link to nothing", "one gigabyte"])
def test_what_is_no_readable_file_is_unreadable(kind: str, tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    path = tmp_path / STORE
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to nothing":
        path.symlink_to("nowhere")
    else:
        with path.open("wb") as file:
            file.truncate(1 << 30)
    said = look_at(tmp_path)
    assert said.resolution.standing("stored-login").reading.state == "unreadable"
    assert said.resolution.blocked is not None
    assert said.resolution.blocked.code == "not-checked"
    assert said.resolution.usable is None


def test_mode_and_owner_are_kept(tmp_path: Path) -> None:
    file = look_at(tmp_path, {STORE: LOGIN, "$chmod": {STORE: 0o644}}).snapshot.login.origin.file
    assert file is not None
    assert (file.mode, file.owned_by_us) == (0o644, True)
