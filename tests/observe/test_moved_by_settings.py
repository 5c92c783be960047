"""A configuration directory that settings name: what moves there, and what stays [seen, 2.1.332]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.model import Snapshot
from tests.conformance.layout import look_at

CONFIG, SECURE = "CLAUDE_CONFIG_DIR", "CLAUDE_SECURESTORAGE_CONFIG_DIR"
USER, MOVED, STATE = ".claude/settings.json", "cfg/settings.json", ".claude.json"
MANAGED = "root/etc/claude-code/managed-settings.json"


def env(**variables: str) -> dict[str, Any]:
    return {"env": variables}


def store(home: Path, snapshot: Snapshot) -> str:
    return str(Path(snapshot.places.secure_dir).relative_to(home))


def values(snapshot: Snapshot, name: str = "FOO") -> list[str]:
    return [found.value.reveal() for found in snapshot.variables.get(name, ())]


@pytest.mark.parametrize(
    ("files", "shell", "folder"),
    [
        ({USER: env(**{CONFIG: "$HOME/cfg"})}, {}, "cfg"),
        ({USER: env(**{CONFIG: "../cfg"})}, {}, "cfg"),
        ({USER: env(**{CONFIG: "~/cfg"})}, {}, "proj/~/cfg"),
        ({USER: env(**{CONFIG: ""})}, {}, "proj"),
        ({USER: env(**{SECURE: "$HOME/cfg"})}, {}, "cfg"),
        ({USER: env(**{SECURE: "$HOME/sec", CONFIG: "$HOME/cfg"})}, {}, "sec"),
        ({USER: env(**{CONFIG: "$HOME/cfg"})}, {SECURE: "$HOME/sec"}, "sec"),
        ({MOVED: env(**{SECURE: ""})}, {CONFIG: "$HOME/cfg"}, ".claude"),
        ({MOVED: env(**{CONFIG: ""})}, {CONFIG: "$HOME/cfg"}, "proj"),
        ({USER: env(**{CONFIG: "$HOME/cfg"}), MOVED: env(**{CONFIG: "$HOME/third"})}, {}, "third"),
        ({MANAGED: env(**{CONFIG: "$HOME/cfg"}), USER: env(**{CONFIG: "$HOME/other"})}, {}, "cfg"),
        ({STATE: env(**{CONFIG: "$HOME/cfg"}), USER: env(**{CONFIG: "$HOME/other"})}, {}, "cfg"),
        ({"proj/.claude/settings.json": env(**{CONFIG: "$HOME/cfg"})}, {}, ".claude"),
        ({"proj/.claude/settings.local.json": env(**{SECURE: "$HOME/cfg"})}, {}, ".claude"),
    ],
)
def test_where_the_login_lies(
    files: dict[str, Any], shell: dict[str, str], folder: str, tmp_path: Path
) -> None:
    assert store(tmp_path, look_at(tmp_path, files, env=shell).snapshot) == folder


def test_settings_are_read_there_and_the_variables_of_the_first_file_stay(tmp_path: Path) -> None:
    files = {
        USER: {"env": {CONFIG: "$HOME/cfg", "FOO": "first", "BAR": "first"}, "apiKeyHelper": "first"},
        MOVED: {"env": {"FOO": "second"}},
    }
    snapshot = look_at(tmp_path, files).snapshot
    assert values(snapshot) == ["second", "first"]
    assert values(snapshot, "BAR") == ["first"]
    assert "apiKeyHelper" not in snapshot.settings


def test_the_helper_there_is_the_one(tmp_path: Path) -> None:
    files = {
        USER: {"env": {CONFIG: "$HOME/cfg"}, "apiKeyHelper": "first"},
        MOVED: {"env": {CONFIG: "$HOME/third"}, "apiKeyHelper": "second"},
        "third/settings.json": {"apiKeyHelper": "third"},
    }
    helpers = look_at(tmp_path, files).snapshot.settings["apiKeyHelper"]
    assert [found.value.reveal() for found in helpers] == ["second"]


def test_the_state_file_stays(tmp_path: Path) -> None:
    files = {USER: env(**{CONFIG: "$HOME/cfg"}), STATE: {"primaryApiKey": "here"}}
    state = look_at(tmp_path, {**files, "cfg/.claude.json": {"primaryApiKey": "there"}}).snapshot.claude_json
    assert state.path == str(tmp_path / STATE)
    assert state.primary_api_key is not None
    assert state.primary_api_key.reveal() == "here"


@pytest.mark.parametrize(("named", "distrusted"), [("", True), ("cfg", True), ("$HOME/proj/cfg", False)])
def test_settings_of_the_working_directory_are_trusted_with_it(
    named: str, distrusted: bool, tmp_path: Path
) -> None:
    folder = "proj" if named == "" else "proj/cfg"
    files = {f"{folder}/settings.json": {"apiKeyHelper": "x"}, "$untrusted": True}
    snapshot = look_at(tmp_path, files, env={CONFIG: named}).snapshot
    assert snapshot.distrusts(snapshot.settings["apiKeyHelper"][0].origin) == distrusted
