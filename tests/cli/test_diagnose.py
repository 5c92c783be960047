"""`claude-auth diagnose` as people and programs run it."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from claude_auth.cli import diagnose as cli_diagnose
from claude_auth.model import DescriptorReading
from claude_auth.network.results import NetworkCheck, NetworkReport
from tests import disguises
from tests.disguises import DISGUISES, needs_linux
from tests.promises import kept

OAT = "sk-ant-oat01-" + "C4naryForTests0AbC" * 5
KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
HEADLINE = (
    'Traceback (most recent call last):\n  File "ask.py", line 4, in <module>\n'
    "anthropic.AuthenticationError: Error code: 401 - {'type': 'error', 'error': {'type': "
    "'authentication_error', 'message': 'OAuth authentication is currently not supported.'}}\n"
)
NO_DESCRIPTORS: Mapping[str, DescriptorReading] = {}


class _Input:
    """Standard input with these bytes."""

    def __init__(self, data: bytes, *, terminal: bool = False) -> None:
        self.buffer = io.BytesIO(data)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def home(tmp_path: Path, nothing_set: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with a good login and nothing else."""
    store = tmp_path / "home" / ".claude"
    store.mkdir(parents=True)
    grant = {"accessToken": OAT, "expiresAt": 4_102_444_800_000, "scopes": ["user:inference", "user:profile"]}
    (store / ".credentials.json").write_text(json.dumps({"claudeAiOauth": grant}))
    (store / ".credentials.json").chmod(0o600)
    (tmp_path / "home" / ".claude.json").write_text('{"hasCompletedOnboarding": true}')
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "home")
    return tmp_path / "home"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="claude-auth")
    cli_diagnose.add_parser(parser.add_subparsers(dest="command", required=True))
    return cli_diagnose.run(parser.parse_args(["diagnose", *words]), NO_DESCRIPTORS)


def give(monkeypatch: pytest.MonkeyPatch, text: str | bytes, *, terminal: bool = False) -> None:
    data = text.encode() if isinstance(text, str) else text
    monkeypatch.setattr("sys.stdin", _Input(data, terminal=terminal))


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return kept("diagnose", found)


def test_nothing_wrong(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the machine that runs the tests: notes on it at the most (it may be a container)."""
    assert run() == 0
    assert "error:" not in capsys.readouterr().out
    assert run("--json") == 0
    found = document(capsys)
    assert found["recognised"] == []
    assert {finding["severity"] for finding in found["findings"]} <= {"info"}


def test_an_error_on_the_machine(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".claude" / ".credentials.json").unlink()
    assert run("--json") == 1
    assert document(capsys)["findings"][0]["id"] == "no-credential"
    assert run() == 1
    assert "What this machine shows" in capsys.readouterr().out


def test_a_text_on_standard_input(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, HEADLINE)
    assert run("--json", "-") == 1
    found = document(capsys)["recognised"]
    assert (found[0]["id"], found[0]["symptoms"], found[0]["certainty"]) == (
        "oauth-not-supported",
        [1],
        "seen",
    )
    give(monkeypatch, HEADLINE)
    assert run("-") == 1
    told = capsys.readouterr().out
    for words in ("What the text means", "Kinds of tokens", "sk-ant-api03-", "CLAUDE_CODE_OAUTH_TOKEN"):
        assert words in told


def test_a_text_in_a_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "run.log").write_bytes(HEADLINE.encode("utf-16"))
    assert run("--json", "--error", str(home / "run.log")) == 1
    assert document(capsys)["recognised"][0]["symptoms"] == [1]


def test_the_machine_is_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", OAT)
    give(monkeypatch, "401 OAuth authentication is currently not supported.")
    assert run("--json", "--client", "claude-print", "-") == 1
    first = document(capsys)["recognised"][0]
    assert first["id"] == "oauth-token-in-auth-token"
    assert "ANTHROPIC_AUTH_TOKEN" in first["explanation"]


def test_an_unknown_text_is_not_nothing_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '418 {"error":{"type":"teapot_error","message":"I am a teapot."}}'
    give(monkeypatch, text)
    assert run("-") == 3
    told = capsys.readouterr().out
    assert "not recognised" in told
    assert "status 418, type teapot_error, message “I am a teapot.”" in told
    give(monkeypatch, text)
    assert run("--json", "-") == 3
    streams = capsys.readouterr()
    found = kept("diagnose", json.loads(streams.out))
    assert found["recognised"] == []
    assert found["parsed"] == {"status": 418, "type": "teapot_error", "message": "I am a teapot."}
    assert "teapot_error" in streams.err


def test_with_a_text_the_machine_has_no_say_in_the_exit_status(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / ".claude" / ".credentials.json").unlink()
    give(monkeypatch, "418 I am a teapot.")
    assert run("--json", "-") == 3
    found = document(capsys)
    assert (found["verdict"], found["findings"][0]["severity"]) == ("does-not-work", "error")


def test_the_verdict_comes_first(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run()
    assert capsys.readouterr().out.startswith("✓ works: claude.ai login from ~/.claude/.credentials.json, ")
    run("--json")
    assert document(capsys)["verdict"] == "works"
    give(monkeypatch, HEADLINE)
    run("-")
    told = capsys.readouterr().out
    assert told.startswith("What the text means")
    assert told.index("Kinds of tokens") < told.index("✓ works: claude.ai login from")


def test_an_empty_text_is_no_answer(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a pipe gives whose program failed."""
    give(monkeypatch, " \n")
    assert run("-") == 2
    assert "the text is empty" in capsys.readouterr().err


@pytest.mark.parametrize("reachable", [True, False])
def test_the_network_is_part_of_the_document(
    reachable: bool, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def look(hosts: object, environ: object, cwd: str) -> NetworkReport:
        proxy = NetworkCheck("proxy", "ok" if reachable else "fail", "a proxy is set")
        return NetworkReport(1_795_176_184.0, (proxy,), (), ("what it means",))

    monkeypatch.setattr("claude_auth.actions.network.check_network", look)
    assert run("--network", "--json") == (0 if reachable else 1)
    found = document(capsys)
    assert kept("probe", found["network"])["fine"] is reachable
    assert all(finding["explanation"] and finding["certainty"] for finding in found["findings"])
    assert run("--network") == (0 if reachable else 1)
    assert found["network"]["conclusions"][0] in capsys.readouterr().out
    run("--json")
    assert document(capsys)["network"] is None


@pytest.mark.parametrize("json_flag", [[], ["--json"]])
def test_a_token_in_the_text_is_not_told(
    json_flag: list[str], home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in (
        f"{HEADLINE} {KEY}",
        f'499 {{"message":"strange: {KEY}"}}',
        f"Illegal header value b'Bearer {KEY}\\n'",
    ):
        give(monkeypatch, text)
        run(*json_flag, "-")
        streams = capsys.readouterr()
        assert "madeUpForTests" not in streams.out + streams.err
        assert "C4nary" not in streams.out + streams.err


def test_a_value_that_is_set_here_is_not_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its shape: a gateway's token may look like a word."""
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "correcthorse")
    give(monkeypatch, '499 {"message":"who is correcthorse"}')
    run("-")
    assert "correcthorse" not in capsys.readouterr().out


def test_a_terminal_is_told_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, "Credit balance is too low", terminal=True)
    assert run("-") == 1
    assert "Ctrl+D" in capsys.readouterr().err


def test_wrong_usage(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--error", str(home / "missing")) == 2
    assert "can't be read" in capsys.readouterr().err
    assert run("--error", str(home)) == 2
    assert run("--error", str(home / "run.log"), "-") == 2
    monkeypatch.setattr("sys.stdin", None)
    assert run("-") == 2
    for words in (["--client", "nobody"], ["other"], ["--unknown"]):
        with pytest.raises(SystemExit) as stopped:
            run(*words)
        assert stopped.value.code == 2


def test_every_question_is_listed_on_request(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run()
    assert "What was asked of this machine" not in capsys.readouterr().out
    run("--all")
    told = capsys.readouterr().out
    run("--all", "--json")
    checks = document(capsys)["checks"]
    for state, words in (("found", "found"), ("fine", "fine"), ("not-checked", "not checked")):
        count = sum(check["state"] == state for check in checks)
        assert f"{count} {words}" in told
    assert all(f"[{check['id']}]" in told for check in checks)
    assert all(check["reason"] for check in checks if check["state"] == "not-checked")
    run("--json")
    assert document(capsys)["checks"] is None


# ── what else runs ───────────────────────────────────────────────────────────────────────────────


@needs_linux
def test_a_claude_of_another_home_is_no_finding_and_one_of_this_home_is(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real processes, each with another environment than this one."""
    other = {"HOME": str(tmp_path / "other"), "ANTHROPIC_API_KEY": KEY, "AWS_REGION": "eu-west-9"}
    with disguises.running(DISGUISES["claude"], tmp_path / "p", other) as stranger:
        run()
        assert str(stranger.pid) not in capsys.readouterr().out
        mine = {"HOME": str(home), "AWS_REGION": "eu-west-9"}
        with disguises.running(DISGUISES["bun-run"], tmp_path / "p", mine) as session:
            run("--json")
    findings = {found["id"]: found for found in json.loads(capsys.readouterr().out)["findings"]}
    assert str(stranger.pid) not in json.dumps(findings)
    found = findings["running-environment-differs"]
    assert found["severity"] == "info"
    assert f"process {session.pid}: AWS_REGION is set there only (eu-west-9)" in found["evidence"]


def test_commands_name_the_home_that_is_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The shell that a command is pasted into knows another `~`; a blank in the name is quoted."""
    other = tmp_path / "an other"
    home.rename(other)
    home.mkdir()
    (other / ".claude.json").write_text('{"half')
    monkeypatch.setattr("sys.stdin", _Input(b"Error: OAuth token revoked"))
    run("--json", "--home", str(other), "-")
    told = json.loads(capsys.readouterr().out)
    fixes = [fix for one in (*told["findings"], *told["recognised"]) for fix in one["fixes"]]
    commands = [fix["command"] or "" for fix in fixes]
    assert not [command for command in commands if "~/" in command]
    assert any(f"'{other}'/" in command for command in commands), commands
