"""`claude-auth config`, and what the settings of the file change for the other commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claude_auth.journal import Journal
from claude_auth.model import Event
from tests.cli.command import started

FILE = ".config/claude-auth/config.toml"


def test_init_path_and_check(tmp_path: Path) -> None:
    path = tmp_path / FILE
    assert started("claude-auth config path", tmp_path).stdout.strip() == str(path)
    assert started("claude-auth config init", tmp_path).returncode == 0
    written = path.read_bytes()
    again = started("claude-auth config init", tmp_path)
    assert (again.returncode, path.read_bytes()) == (2, written)
    assert started("claude-auth config check", tmp_path).returncode == 0


def test_check_names_file_and_line_and_the_default_counts(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text('client = "netscape"\n\n[oauth]\nclient_id = "x"\n')
    checked = started("claude-auth config check --json", tmp_path)
    document = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert document["settings"]["client"] == {"value": "claude", "set_by": None}
    assert document["problems"][0]["where"] == f"{path}:1"
    assert any("CLAUDE_OAUTH_" in problem["where"] for problem in document["problems"])


@pytest.mark.parametrize(("line", "client"), [("", "claude-print"), ("--client sdk", "sdk")])
def test_the_default_client(line: str, client: str, tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text('client = "claude-print"\n')
    found = json.loads(started(f"claude-auth status --json {line}", tmp_path).stdout)
    assert found["client"] == client


def test_the_place_of_the_journal(tmp_path: Path) -> None:
    Journal(str(tmp_path / "kept")).write(Event(1.0, "refresh.wanted", "a refresh was wanted"))
    told = started("CLAUDE_AUTH_JOURNAL=$HOME/kept claude-auth log", tmp_path)
    assert "a refresh was wanted" in told.stdout
    assert "a refresh was wanted" not in started("claude-auth log", tmp_path).stdout
