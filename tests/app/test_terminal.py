"""The real program on a real pty: three sizes, leaving, crashing, hanging up, and no secret on the way."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from claude_auth.sandbox.scenes import SECRETS
from tests.app.frames import taken_over
from tests.app.terminal import CRASH, START, Terminal, environment

SIZES = [(120, 40), (80, 24), (60, 20)]
PRESSES = (
    "?",
    "q",
    "c",
    "q",
    "d",
    "q",
    "e",
    "n",
    "g",
    "g",
    "v",
    "v",
    "y",
    "/a",
    "\r",
    "2",
    "3",
    "4",
    "5",
    "1",
    "u",
)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["key-over-login", "two-sent", "stale", "unapproved"])
def test_the_answer_stands_on_the_first_screen(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    sentences = {
        "key-over-login": ("▲ WORKS, BUT NOT AS YOU MAY THINK", "An API key overrides your"),
        "two-sent": ("▲ WORKS, BUT NOT AS YOU MAY THINK", "Two different credentials"),
        "stale": ("✓ WORKS  claude.ai login from", "The login is idle"),
        "unapproved": ("DOESN'T WORK  ANTHROPIC_API_KEY is new", "Claude Code waits for you"),
    }
    with Terminal(name, tmp_path, size) as terminal:
        headers = ("x-api-key", "authorization") if size[0] >= 90 else ()
        told = sentences[name] if size[0] >= 80 else sentences[name][:1]
        text = terminal.until(*told, "1 Credentials", *headers)
        terminal.settle()
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert len(terminal.screen.lines) == size[1]
        terminal.send(b"q")
        assert terminal.ends() == 0


@pytest.mark.parametrize(
    ("name", "size"),
    [("key-over-login", (120, 40)), ("two-sent", (80, 24)), ("bedrock", (60, 20)), ("foundry", (120, 40))],
)
def test_no_secret_in_any_byte(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    with Terminal(name, tmp_path, size) as terminal:
        terminal.until("claude-auth   for")
        for keys in PRESSES:
            terminal.press(keys)
        terminal.send(b"\x03")
        assert terminal.ends() == 0
        sent = terminal.output().decode("utf-8", "replace")
        assert not [secret for secret in SECRETS if secret in sent or secret[20:52] in sent]


def test_the_terminal_is_given_back(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("1 Credentials")
        terminal.send(b"\x03")
        assert terminal.ends() == 0
        end = terminal.output()
        assert end.rfind(b"\x1b[?1049l") > end.rfind(b"\x1b[?1049h")
        assert end.rfind(b"\x1b[?25h") > end.rfind(b"\x1b[?25l")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_properly(number: signal.Signals, tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("1 Credentials")
        taken_over(terminal)
        terminal.settle()
        os.kill(terminal.process, number)
        assert terminal.ends() == 128 + number
        end = terminal.output()
        assert end.rfind(b"\x1b[?1049l") > end.rfind(b"\x1b[?1049h")


def test_a_lost_connection_ends_the_program(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("1 Credentials")
        taken_over(terminal)
        terminal.settle()
        terminal.hang_up()
        _, status = os.waitpid(terminal.process, 0)
        terminal.process = 0
        assert os.waitstatus_to_exitcode(status) in (128 + signal.SIGHUP, -signal.SIGHUP)


def test_a_crash_says_what_and_where_and_no_more(tmp_path: Path) -> None:
    with Terminal("key-over-login", tmp_path, start=CRASH) as terminal:
        terminal.until("1 Credentials")
        taken_over(terminal)
        terminal.settle()
        seen = len(terminal.output())
        terminal.send(b"u")
        assert terminal.ends() == 1
        text = terminal.output()[seen:].decode()
        end = text[text.rindex("\x1b[?1049l") :]
        assert "claude-auth-tui stopped: RuntimeError: made up, near" in end
        assert "Traceback" not in end
        assert "localVariable" not in text
        assert "inTheMessage" not in text
        assert not [secret for secret in SECRETS if secret in text]


def test_no_colour_when_asked(tmp_path: Path) -> None:
    for arguments, more in ((("--no-color",), {}), ((), {"NO_COLOR": "1"})):
        with Terminal("two-sent", tmp_path, (120, 40), *arguments, **more) as terminal:
            terminal.until("1 Credentials", "★ USED       ANTHROPIC_AUTH_TOKEN")
            taken_over(terminal)
            terminal.settle()
            codes = {
                code
                for found in re.findall(rb"\x1b\[([\d;]*)m", terminal.output())
                for code in found.split(b";")
            }
            assert codes <= {b"", b"0", b"1", b"2", b"7", b"39", b"49"}
            assert b"7" in codes  # the cursor shows without colour


@pytest.mark.parametrize(
    ("arguments", "more"),
    [((), {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}), ((), {"TERM": "linux"}), (("--ascii",), {})],
)
def test_plain_characters_where_the_terminal_has_no_others(
    arguments: tuple[str, ...], more: dict[str, str], tmp_path: Path
) -> None:
    with Terminal("two-sent", tmp_path, (120, 40), *arguments, **more) as terminal:
        first = terminal.until("1 Credentials", "* USED       ANTHROPIC_AUTH_TOKEN")
        taken_over(terminal)
        terminal.settle()
        assert (first + terminal.screen.text).isascii()


def test_mouse_is_off_over_ssh_and_reports_clicks_only_elsewhere(tmp_path: Path) -> None:
    for more, on in (({"SSH_CONNECTION": "10.0.0.1 22 10.0.0.2 22"}, False), ({}, True)):
        with Terminal("healthy", tmp_path, (120, 40), **more) as terminal:
            taken_over(terminal)
            sent = terminal.output()
            assert (b"\x1b[?1000h" in sent) is on
            assert b"\x1b[?1003h" not in sent


def test_a_change_of_a_file_is_shown(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path) as terminal:
        terminal.until("✓ WORKS  claude.ai login from")
        terminal.settle(1.0)
        store = terminal.home / ".claude" / ".credentials.json"
        store.write_text("{", encoding="utf-8")
        terminal.until("no request would go out", "the file ends too early")
        store.unlink()
        terminal.until("no credential is found")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_without_a_terminal_a_hint_and_exit_2(term: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START],
        env=environment(tmp_path, TERM=term),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "claude-auth-tui needs a terminal; for plain text use: claude-auth status\n"


def test_a_terminal_that_moves_no_cursor_gets_a_hint(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path, TERM="dumb") as terminal:
        assert terminal.wait(60.0) == 2
        while terminal.read(0.1):
            pass
        assert terminal.output().endswith(b"use: claude-auth status\r\n")
        assert b"\x1b" not in terminal.output()


def test_version_and_wrong_usage(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", START, *arguments]
        return subprocess.run(
            command, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=60
        )

    assert run("--version").stdout.startswith("claude-auth-tui ")
    assert run("--client", "nobody").returncode == 2


def test_a_closed_standard_input_is_no_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-c", START],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "claude-auth-tui needs a terminal; for plain text use: claude-auth status\n"


def test_leaving_waits_for_no_helper(tmp_path: Path) -> None:
    """It may take as long as it is allowed to, which is twenty seconds."""
    with Terminal("healthy", tmp_path) as terminal:
        settings = terminal.home / ".claude" / "settings.json"
        settings.write_text('{"apiKeyHelper": "touch $HOME/runs; sleep 60"}', encoding="utf-8")
        terminal.until("apiKeyHelper was not run")
        terminal.send(b"e")
        terminal.until("Run this to learn what it gives?")
        terminal.send(b"Y")
        terminal.read_until((terminal.home / "runs").exists)
        terminal.send(b"q")
        assert terminal.ends() == 0
