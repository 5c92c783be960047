"""The real program on a real pty, running commands: nothing of them outlives it, and the real terminal."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import psutil
import pytest

from claude_auth.sandbox import scenes
from tests.app.terminal import START, Terminal
from tests.waiting import is_gone, wait_at_most, wait_until

#: What is waited for is spelt otherwise in the command, which stands on the screen as well.
STUBBORN = "trap '' TERM HUP INT; echo pi''d $$ is the''irs >&2; sleep 98; sleep 98; sleep 98"
CRASH = f"""
import claude_auth.app.screens.run as run
def fail(self, minutes):
    raise RuntimeError("made up")
run.RunScreen.action_limit = fail
{START}
"""


def terminal(
    directory: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], start: str = START
) -> Terminal:
    laid = scenes.Scene({".claude.json": scenes.ACCOUNT, ".claude/settings.json": settings})
    monkeypatch.setitem(scenes.SCENES, "runs", laid)
    places = {"XDG_STATE_HOME": str(directory / "state"), "AWS_EC2_METADATA_DISABLED": "true"}
    return Terminal("runs", directory, (120, 40), start=start, **places)


def start_stubborn(program: Terminal) -> list[int]:
    """The command and its children, which ignore every polite request."""
    program.until("1 Credentials")
    program.send(b"x")
    program.until("Run which command?")
    program.send(b"\r")
    program.until("Run this command?")
    program.send(b"Y")
    told = re.search(r"pid (\d+) is", program.until(" is theirs"))
    assert told is not None
    pid = int(told[1])
    wait_until(lambda: bool(psutil.Process(pid).children()))
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


@pytest.mark.parametrize("end", ["hang-up", "SIGTERM", "SIGHUP", "crash"])
def test_nothing_outlives_the_program(end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = CRASH if end == "crash" else START
    with terminal(tmp_path, monkeypatch, {"apiKeyHelper": STUBBORN}, start) as program:
        pids = start_stubborn(program)
        if end == "hang-up":
            program.hang_up()
        elif end == "crash":
            program.send(b"+")
        else:
            os.kill(program.process, getattr(signal, end))
        wait_at_most(5.0, lambda: is_gone(program.process), program.process)
        wait_at_most(3.0, lambda: all(map(is_gone, pids)), *pids)


def test_a_command_in_the_real_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"awsAuthRefresh": "printf 'Your na''me: '; read name; echo hello $name; sleep 0.2; exit 4"}
    with terminal(tmp_path, monkeypatch, settings) as program:
        program.until("step 1 of 4")  # without a credential set-up opens by itself; here it is left
        program.send(b"q")
        program.until("1 Credentials")
        program.send(b"x")
        program.until("Run which command?")
        program.send(b"\r")
        program.until("Run this command?")
        program.send(b"T")
        program.until("Your name:")
        program.send(b"ada\r")
        text = program.until("What it came to", "exit code 4")
        assert "awsAuthRefresh" in text
        program.send(b"q")
        program.until("1 Credentials")
        program.send(b"q")
        assert program.ends() == 0
    journal = "".join(path.read_text() for path in (tmp_path / "state").rglob("journal*.jsonl"))
    assert "in the real terminal" in journal
    assert "hello ada" not in journal
