"""Settings where Claude Code does not read them: found by name and line, and what is read is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.diagnose.machines import STATE, USER
from tests.observe.machines import surroundings

URL = {"env": {"ANTHROPIC_BASE_URL": "https://gw.example", "DEBUG": "1"}}
VSCODE = ".config/Code/User/settings.json"
EDITOR = """{
  // what the extension gets
  "claudeCode.environmentVariables": [
    {"name": "ANTHROPIC_AUTH_TOKEN", "value": "made-up"},
    // {"name": "ANTHROPIC_API_KEY", "value": "made-up"},
    {"name": "EDITOR_ONLY", "value": "1"},
  ],
}"""


@pytest.mark.parametrize(
    ("path", "content", "kind", "names", "line"),
    [
        (".claude/settings.local.json", URL, "user-local", ("ANTHROPIC_BASE_URL",), 3),
        (".claude/config.json", {"apiKey": "made-up"}, "config", ("apiKey",), 2),
        (".claude/managed-settings.json", {"apiKeyHelper": "x"}, "user-managed", ("apiKeyHelper",), 2),
        (USER, {"apiKey": "made-up"}, "top-level", ("apiKey",), 2),
        (USER, {"ANTHROPIC_API_KEY": "made-up"}, "top-level", ("ANTHROPIC_API_KEY",), 2),
        (USER, {"anthropic-base-url": "x"}, "top-level", ("anthropic-base-url",), 2),
        (STATE, {"apiKeyHelper": "x"}, "state", ("apiKeyHelper",), None),
        (".config/claude/settings.json", URL, "elsewhere", ("ANTHROPIC_BASE_URL",), 3),
        (".claude/.env", {"$text": "A=1\nANTHROPIC_API_KEY=made-up"}, "elsewhere", ("ANTHROPIC_API_KEY",), 2),
        (VSCODE, {"$text": EDITOR}, "editor", ("ANTHROPIC_AUTH_TOKEN",), 3),
    ],
)
def test_what_is_found(
    path: str, content: Any, kind: str, names: tuple[str, ...], line: int | None, tmp_path: Path
) -> None:
    (found,) = surroundings(tmp_path, {path: content}).misplaced
    assert (found.kind, found.names, found.place.path) == (kind, names, str(tmp_path / path))
    assert line is None or found.place.line == line
    assert "made-up" not in repr(found)


@pytest.mark.parametrize(
    "files",
    [
        {USER: {**URL, "apiKeyHelper": "x", "model": "opus"}},
        {"proj/.claude/settings.local.json": URL},
        {".claude/settings.local.json": {"permissions": {"allow": ["Bash(ls)"]}}},
        {STATE: {**URL, "primaryApiKey": "made-up"}},
        {VSCODE: {"editor.fontSize": 14, "claudeCode.environmentVariables": []}},
        {".claude/settings.local.json": {"$text": "{"}},
    ],
)
def test_what_is_left_alone(files: dict[str, Any], tmp_path: Path) -> None:
    assert surroundings(tmp_path, files).misplaced == ()


def test_in_the_home_directory_the_local_file_is_read(tmp_path: Path) -> None:
    assert surroundings(tmp_path, {".claude/settings.local.json": URL}, cwd="").misplaced == ()


def test_the_settings_of_a_repository_are_read_in_its_root_alone(tmp_path: Path) -> None:
    files = {"proj/.claude/settings.json": URL, "proj/.git/HEAD": {"$text": ""}}
    (found,) = surroundings(tmp_path, {**files, "proj/src/a.txt": {"$text": ""}}, cwd="proj/src").misplaced
    assert (found.kind, found.names) == ("repository", ("ANTHROPIC_BASE_URL",))
