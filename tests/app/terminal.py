"""The dashboard in a terminal of any size: its bytes, and the screen that they paint."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pyte

from bench.terminal import Screen, Session
from claude_auth.sandbox import scenes
from tests.waiting import Stopwatch, Work

REPOSITORY = Path(__file__).resolve().parent.parent.parent
START = "import sys; from claude_auth.app import main; sys.exit(main())"
CRASH = """
import sys
import claude_auth.app.screens.dashboard as dashboard
def fail(self):
    token = "sk-ant-api03-localVariable"
    raise RuntimeError("made up, near sk-ant-api03-inTheMessage0123456789")
dashboard.Dashboard.action_look = fail
from claude_auth.app import main
sys.exit(main())
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PYTHONPATH": str(REPOSITORY / "tui"),
        "TERM": "xterm-256color",
        "TZ": "UTC",
        **more,
    }


class ReadSession(Session):
    """A program on a pty, whose screen is read while it runs."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], directory: str) -> None:
        self.screen = Screen()
        super().__init__(command, environment, directory)

    def _begin(self, columns: int, rows: int) -> None:
        """For one that starts its program otherwise."""
        self.screen = Screen(columns, rows)
        self.chunks = []
        self._tail = b""
        self._start = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def read_until(self, holds: Callable[[], bool], timeout: float = 60.0) -> None:
        """A program that writes is held up by a terminal that nobody reads."""
        deadline = time.perf_counter() + timeout
        while not holds():
            assert time.perf_counter() < deadline, f"it never came to that:\n{self.screen.text}"
            chunk = self.read(0.05)
            if chunk is None:
                time.sleep(0.01)  # it has ended, and what is waited for may be what comes behind it
            else:
                self.screen.feed(chunk)

    def until(self, *markers: str, timeout: float = 60.0) -> str:
        """Reads until every marker stands on the screen; the screen's text."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            if all(marker in self.screen.text for marker in markers):
                return self.screen.text
            chunk = self.read(0.1)
            if chunk is None:
                break
            self.screen.feed(chunk)
        raise AssertionError(f"never showed {markers}:\n{self.screen.text}")

    def ends(self, within: float = 5.0) -> int:
        """The exit status, once all that it wrote is read. It was told to leave, which takes it no longer."""
        watch = Stopwatch(self.process)
        while (code := self.wait(0.1)) is None:
            assert watch.seconds < within, f"it is still there:\n{self.screen.text}"
        return code

    def paint_anew(self) -> None:
        """Has every cell sent again, and reads it to its end."""
        before = len(self.output())
        self.send(b"\x0c")
        whole = re.compile(rb"\x1b\[\?2026h\x1b\[1;1H.{2000,}\x1b\[1;1H\x1b\[\?2026l", re.DOTALL)
        self.read_until(lambda: whole.search(self.output()[before:]) is not None)

    def settle(self, silence: float = 0.5, timeout: float = 60.0) -> int:
        """Reads until nothing has come, and the program has had nothing to do, for a while; how many bytes
        did."""
        work, count, quiet = Work(*self.busy()), 0, 0.0
        last = start = time.perf_counter()
        while quiet < silence:
            assert last - start < timeout, f"never quiet: {count} bytes in {timeout} seconds"
            chunk = self.read(0.05)
            if chunk is None:
                break
            self.screen.feed(chunk)
            count += len(chunk)
            now, is_over = time.perf_counter(), work.is_over()
            # Who looks at something now and then may just be waiting for its turn to do so.
            quiet = 0.0 if chunk else max(0.0, quiet + (now - last if is_over else last - now))
            last = now
        return count

    def busy(self) -> list[int]:
        """The processes that what is shown comes from; and what they started."""
        return [self.process]

    def press(self, keys: str) -> int:
        """Sends keys; how many bytes came back."""
        self.send(keys.encode())
        return self.settle(0.3)

    def hang_up(self) -> None:
        """The connection is gone: what a lost SSH session looks like from inside."""
        os.close(self._terminal)
        self._terminal = os.open(os.devnull, os.O_RDWR)

    def output(self) -> bytes:
        return b"".join(chunk for _, chunk in self.chunks)


class Terminal(ReadSession):
    """`claude-auth-tui` on a pty of `size`, looking at one of the machines."""

    def __init__(
        self,
        scene: str | scenes.Scene,
        directory: Path,
        size: tuple[int, int] = (120, 40),
        *arguments: str,
        start: str = START,
        **more: str,
    ) -> None:
        laid = scenes.SCENES[scene] if isinstance(scene, str) else scene
        view = scenes.lay_out(laid, directory, now=time.time())
        self.home = view.home
        self._size, self._cwd = size, view.cwd
        self._environ = environment(self.home, **laid.environ, **more)
        self._command = self.started_by([sys.executable, "-c", start, "--root", str(view.root), *arguments])
        self.start_again()

    def start_again(self) -> None:
        """On the machine as it is now; the one before has ended."""
        self._begin(*self._size)
        columns, rows = self._size
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.chdir(self._cwd)
                os.execvpe(self._command[0], self._command, self._environ)
            finally:
                os._exit(127)

    def started_by(self, command: list[str]) -> list[str]:
        """What leads the session: the program itself, or a parent that a test puts there."""
        return command


def looks(screen: pyte.Screen) -> list[Any]:
    """What can be seen of every cell: of a blank no colour of letters, only what lies behind it."""
    seen: list[Any] = []
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            hidden = cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough)
            seen.append(cell._replace(fg="default", bold=False, blink=False) if hidden else cell)
    return seen
