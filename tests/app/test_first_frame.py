"""The frame that stands before Textual does: the same cells, every way out, and what is typed meanwhile."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte
import pytest

from claude_auth.app.launch import first_frame
from claude_auth.present.demo import DemoMenu
from claude_auth.sandbox import scenes
from claude_auth.sandbox.demo import SCENES
from claude_auth.sandbox.demo_scenes import BY_NAME
from tests.app.driving import eyes
from tests.app.frames import HELD, compared, taken_over, terminal_of
from tests.app.terminal import START, Terminal

__all__ = ["terminal_of"]  # a fixture is found by its name

SIZES = ((120, 40), (80, 24))
NO_FRAMES = dict.fromkeys(map(ord, "─━│┃╭╮╰╯┏┓┗┛"), " ")


# ── the same cells ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", list(scenes.SCENES))
def test_the_app_paints_the_same_cells(
    name: str, size: tuple[int, int], terminal_of: Callable[..., None], tmp_path: Path
) -> None:
    terminal_of(size)
    compared(name, tmp_path, size)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", BY_NAME)
def test_of_a_demo_too(
    name: str, size: tuple[int, int], terminal_of: Callable[..., None], tmp_path: Path
) -> None:
    terminal_of(size)
    compared(name, tmp_path, size, demo=DemoMenu(SCENES, name, ""))


@pytest.mark.parametrize("name", list(scenes.SCENES))
def test_all_that_can_be_read_comes_before_the_frames(
    name: str, terminal_of: Callable[..., None], tmp_path: Path
) -> None:
    """So on a slow line it is read in half of the time."""
    terminal_of((120, 40))
    state = scenes.state_of(name, tmp_path)
    text = first_frame(state, None, eyes(name, tmp_path).ours, ascii_only=False).text
    begun = text[: min(text.index(corner) for corner in "╭┏")]
    shown = []
    for part in (begun, text):
        screen = pyte.Screen(120, 40)
        pyte.Stream(screen).feed(part)
        shown.append([line.translate(NO_FRAMES).split() for line in screen.display])
    assert shown[0] == shown[1]
    assert len(begun.encode()) < len(text.encode()) * 0.7


@pytest.mark.parametrize(
    "more",
    [
        {"NO_COLOR": "1"},
        {"TERM": "unknown"},
        {"TERM": "xterm"},
        {"TERM": "linux"},
        {"COLORTERM": "truecolor"},
    ],
    ids=str,
)
def test_on_every_kind_of_terminal(
    more: dict[str, str], terminal_of: Callable[..., None], tmp_path: Path
) -> None:
    terminal_of((120, 40), **more)
    compared("two-sent", tmp_path, (120, 40), ascii_only=more.get("TERM") == "linux")


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (89, 30), (300, 100)], ids=str)
def test_at_every_size(size: tuple[int, int], terminal_of: Callable[..., None], tmp_path: Path) -> None:
    terminal_of(size)
    compared("key-over-login", tmp_path, size)


# ── taking over ──────────────────────────────────────────────────────────────────────────────────


def test_the_app_takes_over_without_painting_again(tmp_path: Path) -> None:
    with Terminal("key-over-login", tmp_path) as terminal:
        terminal.until("1 Credentials")
        taken_over(terminal)
        terminal.until("live, changed")  # which the first look brings
        terminal.settle(1.0)
        frame, mark, rest = terminal.output().partition(b"\x1b[?1000h")
        assert b"\x1b[?2026$p" in mark + rest
        assert len(mark + rest) <= 1000
        assert terminal.output().count(b"\x1b[?1049h") == terminal.output().count(b"\x1b[?25l") == 1
        assert "Quit" in frame.decode()
        before = terminal.screen.text
        terminal.paint_anew()
        assert terminal.screen.text == before


def test_what_is_typed_at_once_reaches_the_app(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path) as terminal:
        terminal.send(b"?")
        terminal.until("Help · ", "Close")


def test_a_q_typed_at_once_leaves(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path) as terminal:
        modes = termios.tcgetattr(terminal._terminal)
        terminal.send(b"q")
        assert terminal.wait(60.0) == 0
        assert is_given_back(terminal, modes)


def test_the_terminal_has_the_modes_that_textual_sets(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path, start=HELD + START) as terminal:
        terminal.until("Quit")
        held = termios.tcgetattr(terminal._terminal)
        (terminal.home / "go").touch()
        taken_over(terminal)
        assert termios.tcgetattr(terminal._terminal) == held


def test_nothing_heavy_is_imported_before_it(tmp_path: Path) -> None:
    with Terminal("key-over-login", tmp_path, start=HELD + START) as terminal:
        terminal.until("Quit")
        (terminal.home / "go").touch()
        taken_over(terminal)
        modules = (terminal.home / "modules").read_text().split()
        assert "claude_auth.app.first_frame" in modules
        heavy = {"textual", "asyncio", "psutil", "dataclasses", "inspect", "logging", "pathlib", "socket"}
        assert not heavy & set(modules)


def test_another_size_meanwhile(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path, start=HELD + START) as terminal:
        terminal.until("Quit")
        fcntl.ioctl(terminal._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        terminal.screen._screen.resize(24, 80)
        (terminal.home / "go").touch()
        taken_over(terminal)
        terminal.until("live, changed")
        terminal.settle(1.0)
        assert "Quit" in terminal.screen.lines[23]
        before = terminal.screen.text
        terminal.paint_anew()
        assert terminal.screen.text == before


# ── every way out before that ────────────────────────────────────────────────────────────────────


def is_given_back(terminal: Terminal, modes: list[Any]) -> bool:
    while terminal.read(0.1):  # what it sent last may not be read yet
        pass
    sent = terminal.output()
    left = sent.rfind(b"\x1b[?1049l") > sent.rfind(b"\x1b[?1049h")
    shown = sent.rfind(b"\x1b[?25h") > sent.rfind(b"\x1b[?25l")
    return left and shown and termios.tcgetattr(terminal._terminal) == modes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_before_textual_is_there(number: signal.Signals, tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path, start=HELD + START) as terminal:
        modes = termios.tcgetattr(terminal._terminal)
        terminal.until("Quit")
        assert termios.tcgetattr(terminal._terminal) != modes
        os.kill(terminal.process, number)
        assert terminal.ends() == 128 + number
        assert is_given_back(terminal, modes)


def test_a_crash_before_textual_is_there(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path, start=HELD + START, BREAK="1") as terminal:
        modes = termios.tcgetattr(terminal._terminal)
        assert terminal.wait(60.0) == 1
        assert is_given_back(terminal, modes)
        end = terminal.output().rpartition(b"\x1b[?1049l")[2]
        assert b"claude-auth-tui stopped: RuntimeError: made up" in end


def test_a_terminal_that_goes_before_textual_is_there(tmp_path: Path) -> None:
    with Terminal("healthy", tmp_path, start=HELD + START) as terminal:
        terminal.until("Quit")
        terminal.hang_up()
        _, status = os.waitpid(terminal.process, 0)
        terminal.process = 0
        assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP


# ── how often Textual paints ─────────────────────────────────────────────────────────────────────

OFTEN = """
import os
from claude_auth.app.launch import paint_often
paint_often()
from textual import constants
print(constants.MAX_FPS, os.environ.get("TEXTUAL_FPS"))
"""


@pytest.mark.parametrize(("wanted", "found"), [("", "120 None"), ("30", "30 30")])
def test_a_key_waits_half_as_long_for_its_paint(wanted: str, found: str) -> None:
    """Unless somebody wants something else; no program that the dashboard starts is told."""
    environment = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"}
    if wanted:
        environment["TEXTUAL_FPS"] = wanted
    run = subprocess.run(
        [sys.executable, "-c", OFTEN], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == found
