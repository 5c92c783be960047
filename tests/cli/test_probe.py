"""`claude-auth probe` as people run it, on loopback."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from claude_auth.cli import probe as cli_probe
from claude_auth.network.checks import check_network
from tests.network.lines import talking, unused_port
from tests.oauth.servers import http, saying
from tests.promises import kept

KEY = "sk-ant-api03-" + "madeUpForTests00Key0" * 4 + "k3y9"
OAT = "sk-ant-oat01-" + "C4naryForTests0AbC" * 5


@pytest.fixture
def home(tmp_path: Path, nothing_set: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="claude-auth")
    cli_probe.add_parser(parser.add_subparsers(dest="command", required=True))
    return cli_probe.run(parser.parse_args(["probe", *words]), {})


def test_shown_before_it_is_sent(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[bytes] = []
    with talking(saying(http(b'{"data": []}'), asked)) as port:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{port}")
        assert run() == 2
        told = capsys.readouterr()
        assert asked == []
        assert "Cost: nothing" in told.err
        assert "sk-ant-api03-…k3y9" in told.err
        assert "Nothing was sent" in told.err
        assert run("--yes") == 0
        assert len(asked) == 1
        assert "accepted (200)" in capsys.readouterr().out
        assert run("--yes", "--json") == 0
        document = kept("probe", json.loads(capsys.readouterr().out))
    assert document["answer"]["ok"] is True
    assert document["plan"]["kind"] == "request"
    journal = (home / "state/claude-auth/journal.jsonl").read_text()
    assert "probe.answered" in journal
    assert "madeUpForTests" not in journal + json.dumps(document) + told.err


def test_a_refusal_is_explained(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'
    with talking(saying(http(body, status="401 Unauthorized"))) as port:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{port}")
        assert run("--yes") == 1
    text = capsys.readouterr().out
    assert "401" in text
    assert "→" in text


def test_an_answer_that_does_not_tell_is_not_known(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with talking(saying(http(b"{}", status="503 Service Unavailable"))) as port:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{port}")
        assert run("--yes") == 3


SIGNED_IN = {"claudeAiOauth": {"accessToken": OAT, "scopes": ["user:inference"], "expiresAt": None}}
#: Says with what it was started.
STAND_IN = '#!/bin/sh\necho "$@" > "$HOME/started"\necho ok\n'


@pytest.fixture
def signed_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    (home / ".claude").mkdir()
    (home / ".claude/.credentials.json").write_text(json.dumps(SIGNED_IN))
    (home / "bin").mkdir()
    (home / "bin/claude").write_text(STAND_IN)
    (home / "bin/claude").chmod(0o755)
    (home / "flag.json").write_text("{}")
    return home


def test_claude_is_started_with_the_same_options(signed_in: Path) -> None:
    assert run("--yes", "--settings", "flag.json", "--setting-sources", "user") == 0
    started = (signed_in / "started").read_text().split()
    assert started[:5] == ["--settings", f"{signed_in}/flag.json", "--setting-sources", "user", "-p"]


def test_a_text_of_settings_stands_in_no_command_line(
    signed_in: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--yes", "--settings", '{"model": "made-up"}') == 2
    assert "name a file" in capsys.readouterr().err
    assert not (signed_in / "started").exists()


def test_nothing_to_probe(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", OAT)
    assert run("--yes", "--client", "anthropic-sdk") == 2
    assert "never sent by us" in capsys.readouterr().err


def test_the_way_to_each_host(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def here(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    monkeypatch.setattr(
        "claude_auth.actions.network.check_network",
        lambda hosts, environ, cwd: check_network(
            [host for host in hosts if host.id == "gateway"], environ, cwd=cwd, resolver=here, seconds=3
        ),
    )
    with talking(saying(http(b"{}", status="401 No"))) as port:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{port}")
        assert run("--network") == 0
        assert "Everything that is needed can be reached." in capsys.readouterr().out
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{unused_port()}")
    assert run("--network", "--json") == 1
    report = kept("probe", json.loads(capsys.readouterr().out))
    assert report["hosts"][0]["state"] == "fail"
