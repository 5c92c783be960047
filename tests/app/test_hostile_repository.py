"""The dashboard in a repository that tries everything its settings can: no key runs what was not agreed to
twice."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from bench.terminal import Screen
from tests.app.terminal import START, ReadSession
from tests.hostile_repository import Hostile, bedrock, hostile

#: Keys of the dashboard that look, ask or offer; each is followed by what closes it without a yes.
HARMLESS = (
    "e",
    "\r",
    "e",
    "n",
    "x",
    "\x1b",
    "x",
    "\r",
    "\r",
    "d",
    "\x1b",
    "f",
    "\x1b",
    "\x1b",
    "w",
    "i",
    "\r",
    "\x1b",
)


class Dashboard(ReadSession):
    """The real program on a pty, in the repository."""

    def __init__(self, machine: Hostile, client: str, **environ: str) -> None:
        command = [sys.executable, "-P", "-c", START, "--client", client]
        super().__init__(command, {**machine.environ, **environ}, str(machine.repository))
        self.screen = Screen(120, 50)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))

    def until(self, *markers: str, timeout: float = 60.0) -> str:
        """Reads until every one stands on the screen; what stands there then."""
        limit = time.monotonic() + timeout
        while time.monotonic() < limit:
            text = " ".join(self.screen.text.replace("┃", " ").replace("│", " ").split())
            if all(marker in text for marker in markers):
                return text
            chunk = self.read(0.2)
            assert chunk is not None, "it ended"
            self.screen.feed(chunk)
        raise AssertionError(f"never showed {markers}:\n{self.screen.text}")


@pytest.mark.parametrize("client", ["claude", "claude-print"])
def test_no_key_runs_what_a_repository_brings_unasked(client: str, tmp_path: Path) -> None:
    machine = hostile(tmp_path, commands=True)
    with Dashboard(machine, client, **bedrock()) as dashboard:
        dashboard.until("2 What to do")
        for key in HARMLESS:
            dashboard.press(key)
            assert machine.sprung == [], f"{key!r}:\n{dashboard.screen.text}"
        dashboard.press("q")


@pytest.mark.parametrize(("last", "runs"), [("\r", False), ("Y", True)])
def test_the_question_names_its_command_and_its_variables_and_is_asked_twice(
    last: str, runs: bool, tmp_path: Path
) -> None:
    """Those that Claude Code would hand over: of all that stand there AWS_PROFILE alone, which the question
    once said of PATH, LD_PRELOAD and the like, too [seen, 2.1.332]."""
    machine = hostile(tmp_path, commands=True)
    with Dashboard(machine, "claude-print") as dashboard:
        dashboard.until("2 What to do")
        dashboard.press("e")
        shown = dashboard.until("go on to a second question", "apiKeyHelper")
        assert "touch" in shown
        assert "it gets AWS_PROFILE, set by" in shown
        assert "this folder is not trusted" in shown
        dashboard.press("Y")
        dashboard.until("It is not trusted. Really run this?")
        assert machine.sprung == [], "one yes ran it"
        dashboard.press(last)
        dashboard.until("it was run, and what it gave counts" if runs else "nothing was run")
        assert ("apiKeyHelper" in machine.sprung) is runs


@pytest.mark.parametrize(("last", "given"), [("\r", False), ("Y", True)])
def test_the_person_s_own_helper_gets_their_variables_only_with_a_second_yes(
    last: str, given: bool, tmp_path: Path
) -> None:
    """And no others: BASH_ENV would run their code, and Claude Code doesn't hand it over [seen, 2.1.332]."""
    helper = "/bin/bash -c true; echo ${AWS_PROFILE-none} ${BASH_ENV-none} > $HOME/seen; echo key-of-mine"
    machine = hostile(tmp_path, commands=False, own_helper=helper)
    with Dashboard(machine, "claude-print") as dashboard:
        dashboard.until("2 What to do")
        dashboard.press("e")
        dashboard.until("it runs without AWS_PROFILE, set by", "go on to a second question")
        dashboard.press("Y")
        dashboard.until("It is not trusted. Really run this?", "it gets AWS_PROFILE")
        dashboard.press(last)
        dashboard.until("it was run, and what it gave counts")
        assert (tmp_path / "seen").read_text() == ("hostile none\n" if given else "none none\n")
        assert machine.sprung == []
