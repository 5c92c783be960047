"""`claude-auth fix` as people run it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from claude_auth.cli import fix as cli_fix
from tests import disguises
from tests.cli.command import COMMAND
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


@pytest.mark.parametrize(
    "words", [["nothing-like-it"], ["x", "--undo", "1"], ["--list", "--undo", "1"], ["--undo"]]
)
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


# ── where nothing may be changed ─────────────────────────────────────────────────────────────────


@pytest.fixture
def expired(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bedrock by single sign-on, whose sign-in has expired; the settings file."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(
        "[profile work]\nsso_start_url=https://example.awsapps.com/start\nsso_account_id=1\n"
    )
    settings = home / ".claude/settings.json"
    env = {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-west-1", "AWS_PROFILE": "work"}
    settings.write_text(json.dumps({"awsAuthRefresh": "aws sso login --profile work", "env": env}, indent=2))
    return settings


@pytest.mark.parametrize("words", [["aws-sso-expired", "--yes"], ["aws-sso-expired"]])
def test_an_expired_sign_in_switches_no_provider_off(
    words: list[str], expired: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = expired.read_bytes()
    assert run(*words) == 1
    said = capsys.readouterr().err
    assert "claude-auth run aws-refresh" in said
    assert "aws sso login --profile work" in said
    assert expired.read_bytes() == before
    assert run("--list") == 0
    assert "→ aws-sso-expired" not in capsys.readouterr().out


def test_a_finding_without_a_command_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "Bearer made-up")
    assert run("bearer-twice", "--yes") == 1
    assert "without the word Bearer" in capsys.readouterr().err


# ── hostile content ──────────────────────────────────────────────────────────────────────────────


def test_a_key_with_bytes_that_are_no_text_is_no_exception(tmp_path: Path, home: Path) -> None:
    """As a process of its own, whose environment really holds these bytes."""
    environment = {
        b"HOME": os.fsencode(home),
        b"PATH": b"/usr/bin:/bin",
        b"XDG_STATE_HOME": os.fsencode(tmp_path / "state"),
        b"ANTHROPIC_API_KEY": b"sk-ant-api03-" + b"a" * 40 + b"\xff\xfebbbbbbbb",
    }
    for words in (["--list"], ["approval-pending", "--yes"]):
        ran = subprocess.run(
            [sys.executable, "-m", "claude_auth", "fix", *words],
            env=environment,
            capture_output=True,
            check=False,
            timeout=120,
            cwd=home,
        )
        assert b"Traceback" not in ran.stderr, ran.stderr
        assert ran.returncode == (0 if words == ["--list"] else 1), ran.stderr
    assert answers(home)["approved"] == []


def test_a_note_that_is_nested_too_deeply_is_left_out_and_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "state/claude-auth/fixes"
    folder.mkdir(parents=True, mode=0o700)
    folder.parent.chmod(0o700)
    (folder / "fix-0001.json").write_text('{"a":' * 100_000)
    (folder / "fix-0001.json").chmod(0o600)
    assert run("--list") == 0
    assert "fix-0001.json" in capsys.readouterr().out
    assert run("key-rejected/approve-key", "--yes") == 0
    assert run("--undo", "2") == 0
    assert run("--undo", "1") == 1


# ── the line of a helper ─────────────────────────────────────────────────────────────────────────


def test_the_helper_that_is_written_runs_whatever_path_it_has(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claude Code may be started where `claude-auth` is not on the PATH."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    token = "own-" + "made0up" * 6
    (home / ".claude_code").mkdir(mode=0o700)
    store = home / ".claude_code/tokens.json"
    store.write_text(json.dumps({"access_token": token, "expires_at": 4e9}))
    store.chmod(0o600)
    done = subprocess.run(
        [COMMAND, "fix", "own-login-not-connected", "--yes"], capture_output=True, text=True, check=False
    )
    line = json.loads((home / ".claude/settings.json").read_text())["apiKeyHelper"]
    assert line.startswith("/")
    assert f'"apiKeyHelper": "{line}"' in done.stderr
    told = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False, cwd="/")
    assert told.stdout.strip() == token, told.stderr
