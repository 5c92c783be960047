"""`claude-auth fix` as people run it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from claude_auth.cli import fix as cli_fix
from tests import disguises
from tests.disguises import DISGUISES, needs_linux

KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"


@pytest.fixture
def home(tmp_path: Path, nothing_set: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose key was rejected, and whose SHELL is bash."""
    found = tmp_path / "home"
    (found / ".claude").mkdir(parents=True)
    answers = {"approved": [], "rejected": [KEY[-20:]]}
    (found / ".claude.json").write_text(json.dumps({"customApiKeyResponses": answers}, indent=2))
    (found / ".claude.json").chmod(0o600)
    monkeypatch.setenv("HOME", str(found))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("SHELL", "/bin/bash")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.chdir(found)
    return found


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="claude-auth")
    cli_fix.add_parser(parser.add_subparsers(dest="command", required=True))
    return cli_fix.run(parser.parse_args(["fix", *words]), {})


def answers(home: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((home / ".claude.json").read_text())["customApiKeyResponses"]
    return found


def test_the_list(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    first = capsys.readouterr().out
    assert "→ key-rejected/approve-key" in first
    assert "→ key-rejected/unreject-key" in first
    assert run("--list") == 0
    assert capsys.readouterr().out == first
    assert "madeUpForTests" not in first


def test_shown_applied_listed_taken_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("key-rejected/approve-key", "--yes") == 0
    said = capsys.readouterr().err
    assert '-    "rejected": [' in said
    assert "key-rejected is gone" in said
    assert answers(home) == {"approved": [KEY[-20:]], "rejected": []}
    assert run("--list") == 0
    assert "What was fixed" in capsys.readouterr().out
    assert run("--undo", "1") == 0
    assert answers(home) == {"approved": [], "rejected": [KEY[-20:]]}
    assert run("--undo", "1") == 1
    assert "taken back" in capsys.readouterr().err
    journal = (home.parent / "state/claude-auth/journal.jsonl").read_text()
    assert "fix.applied" in journal
    assert "fix.undone" in journal
    assert KEY[-20:] not in journal + said


def test_nothing_without_consent(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (home / ".claude.json").read_bytes()
    assert run("key-rejected/approve-key") == 2
    assert "Nothing was changed" in capsys.readouterr().err
    assert (home / ".claude.json").read_bytes() == before


def test_asked_on_a_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def __init__(self, answer: str) -> None:
            self.answer = answer

        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return self.answer

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert run("key-rejected/unreject-key") == 2
    assert answers(home)["rejected"]
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert run("key-rejected/unreject-key") == 0
    assert answers(home) == {"approved": [], "rejected": []}


def test_a_finding_with_several_fixes_wants_a_choice(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("key-rejected", "--yes") == 2
    assert "key-rejected/unreject-key" in capsys.readouterr().err
    assert answers(home)["rejected"]


@pytest.mark.parametrize("words", [["nothing-like-it"], ["x", "--undo", "1"], ["--list", "--undo", "1"]])
def test_wrong_usage(home: Path, words: list[str]) -> None:
    assert run(*words) == 2


def test_no_such_number(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--undo", "9") == 1
    assert "no fix 9" in capsys.readouterr().err


@needs_linux
@pytest.mark.parametrize("name", ["node-flag", "bun-run", "version"])
def test_nothing_while_a_claude_runs_here(
    name: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (home / ".claude.json").read_bytes()
    with disguises.running(DISGUISES[name], tmp_path / "p", {"HOME": str(home)}) as child:
        assert run("key-rejected/unreject-key", "--yes") == 1
        assert f"process {child.pid}" in capsys.readouterr().err
        assert (home / ".claude.json").read_bytes() == before
    assert run("key-rejected/unreject-key", "--yes") == 0
    with disguises.running(DISGUISES[name], tmp_path / "p", {"HOME": str(home)}):
        after = (home / ".claude.json").read_bytes()
        assert run("--undo", "1") == 1
        assert (home / ".claude.json").read_bytes() == after
