"""Copying in a real tmux, and what is said where nobody answers."""

from __future__ import annotations

import base64
import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_auth.actions.clipboard import SENT, copy
from claude_auth.security.secret import Secret
from tests.conftest import requires_system
from tests.guard import real_program

TEXT = Secret("claude-auth login --paste")


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, SENT),
        ({"TERM_PROGRAM": "vscode"}, SENT),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "select the text"),
        ({"TERM_PROGRAM": "iTerm.app"}, "Settings"),
        ({"XTERM_VERSION": "XTerm(388)"}, "disallowedWindowOps"),
        ({"VTE_VERSION": "7603"}, "select the text"),
        ({"STY": "1.pts"}, "GNU screen"),
    ],
)
def test_what_a_terminal_needs_is_said(environ: dict[str, str], words: str) -> None:
    copied = copy(TEXT, environ)
    assert words in copied.words
    assert bool(copied.sequence) == ("STY" in environ)


def test_without_tmux_on_the_path_the_terminal_is_sent_it() -> None:
    copied = copy(TEXT, {"TMUX": "/tmp/x,1,0", "PATH": "/nonexistent"})
    assert copied.sequence.startswith("\x1bPtmux;")
    assert "allow-passthrough" in copied.words


class Tmux:
    """A server of its own, with a client on a pty that takes clipboard text as a terminal does."""

    def __init__(self, directory: Path, term: str) -> None:
        program = real_program("tmux")
        assert program is not None
        self.program, self.socket = program, str(directory / "s")
        self.environment = {
            "HOME": str(directory),
            "PATH": os.path.dirname(program),
            "TERM": term,
            "LANG": "C.UTF-8",
        }
        self.master, slave = os.openpty()
        self.client = subprocess.Popen(
            [program, "-S", self.socket, "-f", os.devnull, "new-session", "-s", "x", "sleep 600"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self.environment,
            start_new_session=True,
        )
        os.close(slave)
        self.seen = b""
        self.read_until(lambda: b"sleep" in self.seen or b"[x]" in self.seen)

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, "-S", self.socket, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    def environ(self) -> dict[str, str]:
        pid = self.run("display-message", "-p", "#{pid}").strip()
        return {**self.environment, "TMUX": f"{self.socket},{pid},0"}

    def read_until(self, holds: object, seconds: float = 60.0) -> bool:
        assert callable(holds)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if holds():
                return True
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536)
        return False

    def close(self) -> None:
        subprocess.run([self.program, "-S", self.socket, "kill-server"], env=self.environment, check=False)
        self.client.wait(60)
        os.close(self.master)


@pytest.fixture
def tmux(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path, request.param)
    try:
        yield server
    finally:
        server.close()


@requires_system("tmux", "tmux")
@pytest.mark.parametrize("setting", ["external", "on", "off"])
@pytest.mark.parametrize(("tmux", "arrives"), [("xterm-256color", True), ("vt100", False)], indirect=["tmux"])
def test_tmux_hands_it_on_or_it_is_said_that_it_does_not(setting: str, arrives: bool, tmux: Tmux) -> None:
    tmux.run("set-option", "-s", "set-clipboard", setting)
    copied = copy(TEXT, tmux.environ())
    assert (copied.sequence, "buffer alone" in copied.words) == ("", not arrives)
    assert tmux.run("show-buffer") == TEXT.reveal()
    sent = base64.b64encode(TEXT.reveal().encode())
    assert tmux.read_until(lambda: sent in tmux.seen, 20.0 if arrives else 0.5) == arrives
