"""`claude-auth report` as people run it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from claude_auth.cli import report as cli_report
from tests.canary_machine import lay_out, leaks
from tests.promises import kept


@pytest.fixture
def home(tmp_path: Path, nothing_set: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "grace-hopper"
    for name, value in lay_out(found).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(found / ".local/state"))
    monkeypatch.chdir(found / "proj")
    return found


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="claude-auth")
    cli_report.add_parser(parser.add_subparsers(dest="command", required=True))
    return cli_report.run(parser.parse_args(["report", *words]), {})


def test_markdown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    text = capsys.readouterr().out
    assert text.startswith("# claude-auth report\n")
    assert "## Findings" in text
    assert leaks(text) == []
    assert "grace-hopper" not in text


def test_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from claude_auth.journal import Journal
    from claude_auth.model import Event

    Journal().write(Event(1_790_000_000.0, "refresh.saved", f"saved {home}/.claude_code/tokens.json"))
    assert run("--json", "--client", "claude-print") == 0
    text = capsys.readouterr().out
    found = kept("report", json.loads(text))
    assert found["status"]["client"] == "claude-print"
    assert found["journal"][0]["text"] == "saved ~/.claude_code/tokens.json"
    assert {"claude-auth", "Python"} <= set(found["versions"])
    assert leaks(text) == []
    assert "grace-hopper" not in text
