"""`claude-auth run`: told first, asked, run, and told again, for people and for programs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from claude_auth.actions.run_command import Line, RunResult
from claude_auth.cli import run as cli_run
from claude_auth.processes.ansi import CellSpan
from claude_auth.sandbox.cloud_endpoints import AWS_STAND_IN, CloudEndpoints
from claude_auth.security.sanitize import printable
from tests.cloud.aws_accounts import CORP, signed_in
from tests.cloud.conftest import cloud  # noqa: F401
from tests.cloud.machines import SECRET, SESSION, CloudMachine, iso, machine
from tests.promises import kept
from tests.waiting import is_gone, wait_until

KEY = "sk-ant-api03-canaryCanaryCanaryCanaryCanary7890"

#: What the command line does with the two functions.
PROGRAM = """
import argparse, os, sys
from claude_auth.cli import run as cli_run
from claude_auth.observe.context import read_descriptors
descriptors = read_descriptors(os.environ)
parser = argparse.ArgumentParser(prog="claude-auth")
cli_run.add_parser(parser.add_subparsers(dest="command", required=True))
sys.exit(cli_run.run(parser.parse_args(["run", *sys.argv[1:]]), descriptors))
"""


@dataclass(frozen=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return kept("run", found)


def environment(made: CloudMachine, more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **made.environ, **more}


def run(made: CloudMachine, *arguments: str, **more: str) -> Told:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment(made, more),
        cwd=made.cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    for canary in (KEY, SECRET, SESSION):
        assert canary not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return Told(done.returncode, done.stdout, done.stderr)


def answered(
    made: CloudMachine, answers: list[str], *arguments: str, then: tuple[str, Path] | None = None
) -> tuple[int, str]:
    """In a terminal; each answer is typed once its question stands there. `then`: the file that is made once
    that text does."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment(made, {}),
        cwd=made.cwd,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    seen, waiting = "", list(answers)
    decode = getincrementaldecoder("utf-8")().decode  # a letter may come in two pieces
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            chunk = os.read(master, 4096)
        except OSError:  # the other side is gone
            break
        if not chunk:
            break
        seen += decode(chunk)
        if then is not None and then[0] in seen:
            then[1].touch()
        if waiting and seen.count("[y/N]") == len(answers) - len(waiting) + 1:
            os.write(master, f"{waiting.pop(0)}\n".encode())
    os.close(master)
    return process.wait(60), seen


def helper(tmp_path: Path, command: str = f"echo 'asking the vault' >&2; echo {KEY}") -> CloudMachine:
    return machine(tmp_path, settings={"apiKeyHelper": command})


def repository(made: CloudMachine, command: str) -> None:
    (made.cwd / ".claude").mkdir(exist_ok=True)
    (made.cwd / ".claude/settings.json").write_text(json.dumps({"apiKeyHelper": command}))


def test_for_people(tmp_path: Path) -> None:
    told = run(helper(tmp_path), "api-key-helper", "--yes")
    assert told.code == 0
    assert "Command  echo 'asking the vault'" in told.err
    assert "From     apiKeyHelper, your settings: ~/.claude/settings.json:2" in told.err
    assert "│ asking the vault" in told.err
    assert "it printed a key (exit code 0" in told.out
    assert "sk-ant-api03-…7890" in told.out or "sk-ant-api03-~7890" in told.out


def test_for_programs(tmp_path: Path) -> None:
    told = run(helper(tmp_path), "api-key-helper", "--yes", "--json")
    assert told.code == 0
    document = told.document
    assert (document["schema"], document["command"], document["ok"]) == (1, "api-key-helper", True)
    assert (document["exit_code"], document["from_repository"]) == (0, False)
    assert document["facts"]["key"] == "sk-ant-api03-…7890"  # type: ignore[index]
    assert str(document["path"]).endswith("/.claude/settings.json")


def test_what_is_named_there_is_clean(tmp_path: Path) -> None:
    """A folder, and a variable that a repository's settings set."""
    hidden = "\x1b]0;owned\x07\u202e"
    home = tmp_path / f"home{hidden}"
    home.mkdir()
    made = machine(home, settings={"awsAuthRefresh": "true"})
    (made.cwd / ".claude").mkdir(exist_ok=True)
    (made.cwd / ".claude/settings.json").write_text(json.dumps({"env": {f"AWS_{hidden}": "made-up"}}))
    document = run(made, "aws-refresh", "--yes", "--json").document
    told = (document["path"], *document["withheld"])  # type: ignore[misc]
    assert len(told) == 2
    for text in told:
        assert "owned" in text
        assert printable(text) == text


def test_an_address_that_holds_a_credential_is_shown_redacted_only(tmp_path: Path) -> None:
    token = "correct-horse-battery-staple"
    made = machine(tmp_path, {"ANTHROPIC_AUTH_TOKEN": token}, settings={"awsAuthRefresh": "cat ~/said"})
    made.write(
        "said",
        f"see https://h.example/x?token={token} and https://h.example/y?k={KEY} .\n"
        f"\033]8;;https://h.example/z?t={token}\033\\here\n"
        "https://h.example/fine?user_code=WXYZ-BCDF .\n",
    )
    told = run(made, "aws-refresh", "--yes")
    assert token not in told.err + told.out
    assert told.err.count("▸ an address that is not shown whole: https://h.example/") == 3
    assert "▸ open: https://h.example/fine?user_code=WXYZ-BCDF" in told.err


def test_failure(tmp_path: Path) -> None:
    told = run(helper(tmp_path, "echo no vault >&2; exit 4"), "api-key-helper", "--yes", "--json")
    assert told.code == 1
    assert told.document["exit_code"] == 4
    assert "│ no vault" in told.err


def test_nobody_can_be_asked(tmp_path: Path) -> None:
    told = run(helper(tmp_path, f"touch {tmp_path}/ran"), "api-key-helper")
    assert told.code == 2
    assert "Nothing was run" in told.err
    assert not (tmp_path / "ran").exists()


def test_not_configured(tmp_path: Path) -> None:
    told = run(machine(tmp_path), "api-key-helper", "--yes")
    assert (told.code, told.out) == (2, "")
    assert "apiKeyHelper is not configured" in told.err


def test_missing_program_is_told_before(tmp_path: Path) -> None:
    told = run(helper(tmp_path, "nosuch-program get"), "api-key-helper")
    assert told.code == 2
    assert "Missing  nosuch-program" in told.err


@pytest.mark.parametrize(("given", "runs"), [((), False), (("--yes",), False), (("--yes", "--yes"), True)])
def test_a_repositorys_command_needs_more(tmp_path: Path, given: tuple[str, ...], runs: bool) -> None:
    made = machine(tmp_path)
    repository(made, f"touch {tmp_path}/ran; echo {KEY}")
    told = run(made, "api-key-helper", *given)
    assert (tmp_path / "ran").exists() == runs
    assert told.code == (0 if runs else 2)
    assert "this comes from a repository's own files, and this folder is not trusted" in told.err


@pytest.mark.parametrize(
    ("answers", "runs"),
    [([""], False), (["n"], False), (["y", ""], False), (["y", "no"], False), (["y", "yes"], True)],
)
def test_asked_in_a_terminal(tmp_path: Path, answers: list[str], runs: bool) -> None:
    made = machine(tmp_path)
    repository(made, f"touch {tmp_path}/ran; echo {KEY}")
    code, seen = answered(made, answers, "api-key-helper")
    assert (tmp_path / "ran").exists() == runs
    assert code == (0 if runs else 2)
    assert KEY not in seen
    assert ("Really run it?" in seen) == (answers[0] == "y")


def test_sign_in_again(cloud: CloudEndpoints, tmp_path: Path) -> None:  # noqa: F811
    """Nothing is configured, so `aws sso login` is suggested; here a stand-in of that name does it."""
    made = machine(tmp_path, {**cloud.environment(), "AWS_PROFILE": "sso"}, config=CORP)
    program = made.write("bin/aws", f"#!{sys.executable} -E\n{AWS_STAND_IN}")
    program.chmod(0o755)
    signed_in(made, f"old-{SESSION}", expiresAt=iso(-60))
    path = f"{program.parent}:{made.environ['PATH']}"
    told = run(made, "aws-refresh", "--yes", "--json", PATH=path)
    assert told.code == 0, told.err
    assert "From     suggested by this program" in told.err
    assert "▸ code: WXYZ-BCDF" in told.err or "> code: WXYZ-BCDF" in told.err
    identity = told.document["identity"]
    assert isinstance(identity, dict)
    assert identity["arn"].endswith("assumed-role/Developer/person")
    assert str(told.document["change"]).startswith("now arn:aws")


def test_what_is_typed_for_a_secret_is_hidden_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who types as soon as the question stands there is not overtaken by the terminal's echo."""
    shows: list[bool] = []
    master, slave = os.openpty()

    async def prints() -> AsyncIterator[object]:
        for prompt in ("Name: ", "Passphrase: "):
            yield Line((CellSpan(prompt),), unfinished=True)
        yield object.__new__(RunResult)

    with os.fdopen(slave) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        monkeypatch.setattr(
            cli_run._Teller, "tell", lambda *_: shows.append(bool(termios.tcgetattr(slave)[3] & termios.ECHO))
        )
        asyncio.run(cli_run._follow(SimpleNamespace(run=prints)))  # type: ignore[arg-type]
        shows.append(bool(termios.tcgetattr(slave)[3] & termios.ECHO))
    os.close(master)
    assert shows == [True, False, True]


def test_time_limit(tmp_path: Path) -> None:
    told = run(helper(tmp_path, "sleep 30"), "api-key-helper", "--yes", "--json", "--seconds", "0.5")
    assert told.code == 1
    assert told.document["cause"] == "limit"
    told = run(helper(tmp_path, "sleep 30"), "api-key-helper", "--yes", "--seconds", "0.5")
    assert told.out.count("that was its limit") == 1


def test_a_progress_bar_leaves_nothing_behind(tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    bar = "for n in 1 2 3; do printf '\\rprogress %d of 3' $n >&2; done"
    last = f"until [ -e {shown} ]; do sleep 0.05; done; printf '\\rdone\\033[K\\n' >&2; echo {KEY}"
    made = helper(tmp_path, f"{bar}; {last}")
    code, seen = answered(made, ["y"], "api-key-helper", then=("progress 3 of 3", shown))
    assert code == 0
    assert f"│ progress 3 of 3\r│ {'done'.ljust(15)}\r\n" in seen
    told = run(made, "api-key-helper", "--yes")
    assert [line for line in told.err.splitlines() if "│" in line] == ["│ done"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_that_it_started_and_is_told(tmp_path: Path, sign: signal.Signals) -> None:
    """Also a command that wants to go on: the connection that is gone must not leave it behind."""
    pids = tmp_path / "pids"
    made = helper(
        tmp_path, f"trap '' TERM HUP INT; sleep 99 & echo $$ $! >{pids}.new; mv {pids}.new {pids}; wait"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "api-key-helper", "--yes", "--json"],
        env=environment(made, {"XDG_STATE_HOME": str(tmp_path / "state")}),
        cwd=made.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(pids.exists)
    process.send_signal(sign)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + sign
    assert "Traceback" not in err
    assert kept("run", json.loads(out))["cause"] == "cancelled"
    wait_until(lambda: all(is_gone(int(pid)) for pid in pids.read_text().split()))
    assert "run.ended" in (tmp_path / "state/claude-auth/journal.jsonl").read_text()


def test_wrong_usage(tmp_path: Path) -> None:
    assert run(machine(tmp_path), "nonsense").code == 2
    assert run(machine(tmp_path), "api-key-helper", "--seconds", "-1").code == 2
    assert run(machine(tmp_path), "api-key-helper", "--settings", "/nowhere").code == 2


def test_it_is_journalled(tmp_path: Path) -> None:
    made = helper(tmp_path)
    run(made, "api-key-helper", "--yes", XDG_STATE_HOME=str(tmp_path / "state"))
    lines = (tmp_path / "state/claude-auth/journal.jsonl").read_text()
    assert "run.started" in lines
    assert "run.understood" in lines
    assert KEY not in lines
