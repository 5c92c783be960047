"""A program on pipes that is ended with all that it started, for a process that does nothing else."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from claude_auth.processes.lifetime import Program, end_session, groups_of_session, has_ended

#: Of its output the end is kept.
_KEPT = 16 << 10


class Supervised(Program):
    """Its standard input is ours to close, its group ours to end; without an event loop, for a process that
    does nothing else. `start`, then `close_input` and `signal` as needed, and `finish` in the end."""

    def __init__(
        self, argv: Sequence[str], *, environment: Mapping[str, str], cwd: str, hold_input: bool
    ) -> None:
        """`hold_input`: its standard input stays open until `close_input`; else it has none."""
        super().__init__(argv, environment, cwd)
        self._hold_input = hold_input
        self._kept = bytearray()
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Raises `CouldNotStart`."""
        given = subprocess.PIPE if self._hold_input else subprocess.DEVNULL
        self._start(stdin=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._reader = threading.Thread(target=self._read, name="output", daemon=True)
        self._reader.start()

    @property
    def has_ended(self) -> bool:
        """The program itself; it isn't reaped before `finish`, so its number stays its own."""
        return has_ended(self.pid)

    @property
    def has_left_others(self) -> bool:
        """Something that it started still runs in its session; False where that can't be told."""
        return bool(groups_of_session(self.pid, but=self.pid))

    @property
    def output(self) -> bytes:
        """Its last words. Unredacted."""
        return bytes(self._kept)

    def close_input(self) -> None:
        pipe = self.process.stdin
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()

    def signal(self, sign: signal.Signals) -> None:
        """To all of its session."""
        end_session(self.pid, -1, sign)

    def finish(self) -> int:
        """Once it has ended: its exit code, negative for a signal."""
        assert self._reader is not None
        self.close_input()
        self._reader.join(0.5)  # a daemon that it left behind may hold the pipe
        if not self._reader.is_alive() and self.process.stdout is not None:
            self.process.stdout.close()
        return self.process.wait()

    def _read(self) -> None:
        pipe = self.process.stdout
        assert pipe is not None
        while chunk := os.read(pipe.fileno(), 65536):
            self._kept += chunk
            del self._kept[:-_KEPT]
