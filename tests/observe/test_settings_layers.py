"""Settings: which files count, in which order, and that every overridden value stays visible."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claude_auth.model import Snapshot
from claude_auth.observe.claude_files import candidate_files, find_places
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.machine import find_repository_root
from tests.conformance.layout import look_at

MANAGED = "root/etc/claude-code/managed-settings.json"
DROP_INS = "root/etc/claude-code/managed-settings.d"
USER, PROJECT, LOCAL = (
    ".claude/settings.json",
    "proj/.claude/settings.json",
    "proj/.claude/settings.local.json",
)


def env(value: str) -> dict[str, Any]:
    return {"env": {"FOO": value}}


def values(snapshot: Snapshot, name: str = "FOO") -> list[tuple[str | None, str]]:
    return [(a.layer, a.value.reveal()) for a in snapshot.variables.get(name, ())]


def test_every_layer_is_kept_strongest_first(tmp_path: Path) -> None:
    files = {
        f"{DROP_INS}/10-a.json": env("drop-in 10"),
        f"{DROP_INS}/20-b.json": env("drop-in 20"),
        f"{DROP_INS}/.hidden.json": env("hidden"),
        f"{DROP_INS}/notes.txt": env("another ending"),
        MANAGED: env("managed"),
        "flag.json": env("flag"),
        LOCAL: env("local"),
        PROJECT: env("project"),
        USER: env("user"),
        ".claude.json": env("legacy"),
    }
    snapshot = look_at(tmp_path, files, settings="flag.json").snapshot
    assert values(snapshot) == [
        ("managed", "drop-in 20"),
        ("managed", "drop-in 10"),
        ("managed", "managed"),
        ("flag", "flag"),
        ("local", "local"),
        ("project", "project"),
        ("user", "user"),
        ("user", "legacy"),
    ]


def test_a_value_tells_its_file_and_line(tmp_path: Path) -> None:
    text = '{\n  "apiKeyHelper": "h",\n  "env": {\n    "ANTHROPIC_API_KEY": "key"\n  }\n}'
    snapshot = look_at(tmp_path, {USER: {"$text": text}}).snapshot
    origin = snapshot.variables["ANTHROPIC_API_KEY"][0].origin
    path = str(tmp_path / USER)
    assert (origin.kind, origin.layer, origin.path, origin.line) == ("settings", "user", path, 4)
    assert snapshot.settings["apiKeyHelper"][0].origin.line == 2


def test_the_shell_comes_last_and_only_watched_variables_are_taken_from_it(tmp_path: Path) -> None:
    files = {USER: {"env": {"ANTHROPIC_API_KEY": "", "FOO": "x"}}}
    snapshot = look_at(tmp_path, files, env={"ANTHROPIC_API_KEY": "shell", "FOO": "y"}).snapshot
    assert values(snapshot, "ANTHROPIC_API_KEY") == [("user", ""), (None, "shell")]
    assert values(snapshot) == [("user", "x")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty"),
        ('{"env": {"FOO": "x"},}', "not-json"),
        ('{"env": {"FOO": "x"}', "truncated"),
        ("[]", "wrong-type"),
        ('{"env": []}', "wrong-type"),
    ],
)
def test_a_damaged_file_sets_nothing_and_is_told(content: str, code: str, tmp_path: Path) -> None:
    snapshot = look_at(tmp_path, {USER: {"$text": content}}).snapshot
    file = next(file for file in snapshot.settings_files if file.layer == "user")
    assert values(snapshot) == []
    assert file.damage is not None
    assert file.damage.code == code


def test_missing_files_are_listed_as_missing(tmp_path: Path) -> None:
    snapshot = look_at(tmp_path).snapshot
    assert [file.layer for file in snapshot.settings_files] == ["managed", "local", "project", "user"]
    assert all(file.damage is not None and file.damage.is_missing for file in snapshot.settings_files)


def test_in_a_repository_there_are_two_local_files_the_root_s_first(tmp_path: Path) -> None:
    files = {
        "repo/.git/HEAD": {"$text": "ref: refs/heads/main"},
        "repo/.claude/settings.local.json": env("root"),
        "repo/sub/.claude/settings.local.json": env("sub"),
        "repo/.claude/settings.json": env("not read: settings.json belongs to the working directory"),
    }
    snapshot = look_at(tmp_path, files, cwd="repo/sub").snapshot
    assert values(snapshot) == [("local", "root"), ("local", "sub")]
    assert [f.at_repository_root for f in snapshot.settings_files if f.layer == "local"] == [True, False]


def test_in_the_home_directory_project_and_user_are_one_file(tmp_path: Path) -> None:
    assert values(look_at(tmp_path, {USER: env("both")}, cwd=".").snapshot) == [("user", "both")]


def test_a_repository_is_found_without_git(tmp_path: Path) -> None:
    (tmp_path / "repo/.git").mkdir(parents=True)
    (tmp_path / "repo/a/b").mkdir(parents=True)
    assert find_repository_root(str(tmp_path / "repo/a/b")) == str(tmp_path / "repo")
    assert find_repository_root("/") is None


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/etc/claude-code"),
        ("darwin", "/Library/Application Support/ClaudeCode"),
        ("win32", "C:/Program Files/ClaudeCode"),
    ],
)
def test_managed_settings_lie_where_the_system_keeps_them(platform: str, folder: str) -> None:
    view = ObservationContext("/home/ada", "/home/ada/proj", platform=platform)
    assert candidate_files(view, find_places(view))[0] == ("managed", f"{folder}/managed-settings.json")
