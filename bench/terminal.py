"""A pretend terminal: a program on a pty, near or behind a slow line, its bytes with their times, and the
screen that they paint."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyte

COLUMNS, ROWS = 120, 40

# What pyte takes for text: string sequences, and private CSI sequences other than plain modes.
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b[P_^X\]].*?(?:\x07|\x1b\\)|\x1b\[[<>=][0-9;:]*[ -/]*[@-~]|\x1b\[\?[0-9;]*\$p", re.S
)
_SEQUENCE = re.compile(rb"\x1b(?:[P_^X\]].*?(?:\x07|\x1b\\)|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-OQ-WYZ\\`-~])", re.S)
_QUERIES: tuple[tuple[re.Pattern[bytes], bytes], ...] = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
)


class Screen:
    """A screen that is fed bytes as they come, cut anywhere."""

    def __init__(self, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        data = self._rest + chunk
        start = data.rfind(b"\x1b")
        half = start >= 0 and not _SEQUENCE.match(data, start)
        data, self._rest = (data[:start], data[start:]) if half else (data, b"")
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def backgrounds(self) -> set[str]:
        """The background colours on the screen."""
        cells = (self._screen.buffer[row][column] for row in range(ROWS) for column in range(COLUMNS))
        return {cell.bg for cell in cells}


class Connection(NamedTuple):
    """What lies between a program and who sits before it: seconds there and back, bytes a second (0: any)."""

    round_trip: float = 0.0
    rate: float = 0.0


#: So many bytes a slow line brings at once, as TCP does.
_SEGMENT = 1460
HERE = Connection()
#: As over a mobile phone.
SLOW = Connection(0.15, 64_000)


class Session:
    """A program on a pty of its own. `chunks` holds (seconds since the start, bytes), as they arrive."""

    connection = HERE

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        directory: str,
        connection: Connection = HERE,
    ) -> None:
        self.connection = connection
        self.chunks: list[tuple[float, bytes]] = []
        self._tail = b""
        self._start = time.perf_counter()
        self.process, self._terminal = pty.fork()
        if self.process == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
                os.chdir(directory)
                os.execvpe(command[0], list(command), dict(environment))
            finally:
                os._exit(127)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, timeout: float) -> bytes | None:
        """The next bytes; empty after `timeout` seconds of silence, None at the end."""
        if not select.select([self._terminal], [], [], timeout)[0]:
            return b""
        try:
            chunk = os.read(self._terminal, _SEGMENT if self.connection.rate else 65536)
        except OSError:  # how Linux tells that the other side is closed
            return None
        if not chunk:
            return None
        if self.connection.rate:
            time.sleep(len(chunk) / self.connection.rate)  # meanwhile the program finds the line full
        arrived = time.perf_counter() + self.connection.round_trip / 2
        self.chunks.append((arrived - self._start, chunk))
        data = self._tail + chunk
        for query, answer in _QUERIES:
            if any(match.end() > len(self._tail) for match in query.finditer(data)):
                self._send_after(self.connection.round_trip, answer)
        self._tail = data[-16:]
        return chunk

    def send(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._terminal, data)

    def _send_after(self, seconds: float, data: bytes) -> None:
        if not seconds:
            self.send(data)
            return
        later = threading.Timer(seconds, self.send, [data])
        later.daemon = True
        later.start()

    def wait(self, timeout: float) -> int | None:
        """The exit status, once all that it wrote is read; None where it still runs after so many seconds."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                self.process = 0
                deadline = time.perf_counter() + 1.0  # who was started by it may write for ever
                while time.perf_counter() < deadline and self.read(0):
                    pass
                return os.waitstatus_to_exitcode(status)
            if self.read(0.02) is None:
                time.sleep(0.01)
        return None

    def close(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self.process = 0
        os.close(self._terminal)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def first_paint(
    command: Sequence[str],
    environment: Mapping[str, str],
    directory: str,
    markers: Sequence[str],
    timeout: float = 30.0,
    connection: Connection = HERE,
) -> float:
    """Seconds from the start until every marker can be read on the screen.

    While the program runs only the raw bytes are searched: painting the screen would compete with it for
    the processor. The screen is painted afterwards, to find the chunk that completed it.
    """
    with Session(command, environment, directory, connection) as session:
        seen = b""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            chunk = session.read(0.2)
            if chunk is None:
                break
            seen += chunk
            if chunk and all(marker.encode() in _SEQUENCE.sub(b"", seen) for marker in markers):
                break
        screen = Screen()
        for moment, chunk in session.chunks:
            screen.feed(chunk)
            if all(marker in screen.text for marker in markers):
                return moment
    raise RuntimeError(f"{command[0]} never showed {', '.join(markers)}:\n{screen.text}")


#: Textual sets this mode once it reads keys.
_READS_KEYS = b"\x1b[?2004h"


def first_answer(
    command: Sequence[str],
    environment: Mapping[str, str],
    directory: str,
    key: bytes,
    timeout: float = 30.0,
    connection: Connection = HERE,
) -> float:
    """Seconds from the start until a key that was typed at once changes the screen. For a program that paints
    nothing else once it reads keys."""
    with Session(command, environment, directory, connection) as session:
        session.send(key)
        seen = b""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline and (chunk := session.read(0.2)) is not None:
            seen += chunk
            if _SEQUENCE.sub(b"", seen.partition(_READS_KEYS)[2]).strip():
                return session.chunks[-1][0]
    raise RuntimeError(f"{command[0]} never answered the key")
