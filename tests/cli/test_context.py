"""The options that say from where is looked and for whom: on every command where they mean something."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claude_auth.cli import main

WRONG_USAGE = 2
KEY = "sk-ant-api03-madeUpForTests-madeUpForTests-k3y9"
LOOKING = ("status", "diagnose", "report", "fix", "probe", "accounts", "run api-key-helper")
OPTIONS = {
    *("--client", "--client-version", "--home", "--cwd", "--root", "--no-env"),
    *("--settings", "--setting-sources", "--restricted", "--bare"),
}


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nothing_set: None) -> Path:
    """Another home than this process's, with a helper and a login in it."""
    home, found = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    (found / ".claude").mkdir(parents=True)
    settings = {"apiKeyHelper": f"echo ran > {tmp_path}/ran; echo {KEY}"}
    (found / ".claude/settings.json").write_text(json.dumps(settings))
    login = {"accessToken": "sk-ant-oat01-madeUp", "scopes": ["user:inference"], "subscriptionType": "max"}
    (found / ".claude/.credentials.json").write_text(json.dumps({"claudeAiOauth": login}))
    (found / ".claude/.credentials.json").chmod(0o644)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(home)
    return found


@pytest.mark.parametrize("command", LOOKING)
@pytest.mark.parametrize("option", ["--home", "--cwd", "--root"])
def test_a_place_that_is_none_is_refused(
    command: str, option: str, other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), option, str(other / "nowhere")]) == WRONG_USAGE
    assert option in capsys.readouterr().err


@pytest.mark.parametrize("command", LOOKING)
def test_each_that_looks_has_the_same_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*command.split()[:1], "--help"])
    words = capsys.readouterr().out.replace("[", " ").replace("]", " ").split()
    assert set(words) >= OPTIONS


@pytest.mark.parametrize("command", LOOKING)
def test_a_version_that_is_none_is_refused(
    command: str, other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), "--client-version", "two"]) == WRONG_USAGE
    assert "not a version" in capsys.readouterr().err


def test_a_home_as_the_container_names_it_is_told_as_this_machine_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = tmp_path / "home" / "runner-of-a-test"
    inside.mkdir(parents=True)
    assert main(["status", "--root", str(tmp_path), "--home", f"/home/{inside.name}"]) == WRONG_USAGE
    assert f"--home {str(inside)!r}" in capsys.readouterr().err
    assert main(["status", "--root", str(tmp_path), "--home", "/nowhere-of-a-test"]) == WRONG_USAGE
    assert str(tmp_path) not in capsys.readouterr().err


def test_every_command_looks_at_the_other_home(other: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--home", str(other))

    def told(*words: str) -> str:
        main([*words, *place])
        return capsys.readouterr().out

    assert json.loads(told("status", "--json"))["sources"]
    assert {account["store"] for account in json.loads(told("accounts", "--json"))["accounts"]} == {
        "claude-code"
    }
    assert "store-readable-by-others" in told("diagnose", "--json")
    assert "store-readable-by-others" in told("report", "--json")
    assert "store-readable-by-others/chmod" in told("fix", "--list")
    main(["accounts", "--json"])
    assert json.loads(capsys.readouterr().out)["accounts"] == []


def test_a_probe_that_would_read_one_s_own_files_is_refused(
    other: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["probe", "--json", "--yes", "--client", "claude", "--home", str(other)])
    assert code == WRONG_USAGE
    assert json.loads(capsys.readouterr().out)["answer"] is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: gives a directory to another user")
@pytest.mark.parametrize(
    "command",
    [
        ("run", "api-key-helper", "--yes", "--yes"),
        ("probe", "--yes", "--evaluate"),
        ("fix", "store-readable-by-others/chmod", "--yes"),
        ("accounts", "--switch", "work"),
        ("status", "--evaluate"),
    ],
    ids=lambda command: command[0],
)
def test_what_belongs_to_somebody_else_is_looked_at_alone(
    command: tuple[str, ...], other: Path, tmp_path: Path
) -> None:
    os.chown(other, 12345, 12345)
    assert main([*command, "--home", str(other)]) == WRONG_USAGE
    assert not (tmp_path / "ran").exists()
    assert (other / ".claude/.credentials.json").stat().st_mode & 0o777 == 0o644
