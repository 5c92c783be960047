"""A program in a session of its own whose standard input is ours to close and whose group is ours to end.
Without an event loop: for a process that does nothing else."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

from claude_auth.processes.environment import as_given
from claude_auth.processes.lifetime import CouldNotStart, end_session, groups_of_session, has_ended
from claude_auth.processes.which import which

#: Of its output the end is kept.
_KEPT = 16 << 10


class Supervised:
    """`start`, then `close_input` and `signal` as needed, and `finish` in the end."""

    def __init__(
        self, argv: Sequence[str], *, environment: Mapping[str, str], cwd: str, hold_input: bool
    ) -> None:
        """`hold_input`: its standard input stays open until `close_input`; else it has none."""
        self.argv = tuple(argv)
        self._environment, self._cwd, self._hold_input = as_given(environment), cwd, hold_input
        self._process: subprocess.Popen[bytes] | None = None
        self._kept = bytearray()
        self._reader: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<Supervised {os.path.basename(self.argv[0])}>"

    def start(self) -> None:
        """Raises `CouldNotStart`."""
        program = which(self.argv[0], self._environment.get("PATH"))
        if program is None:
            raise CouldNotStart(f"{os.path.basename(self.argv[0])} is not there or not executable")
        try:
            self._process = subprocess.Popen(
                (program, *self.argv[1:]),
                stdin=subprocess.PIPE if self._hold_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self._cwd,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or "it holds a character that no command can hold"
            raise CouldNotStart(f"it could not be started: {words}") from None
        self._reader = threading.Thread(target=self._read, name="output", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._started.pid

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
        pipe = self._started.stdin
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
        if not self._reader.is_alive() and self._started.stdout is not None:
            self._started.stdout.close()
        return self._started.wait()

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _read(self) -> None:
        pipe = self._started.stdout
        assert pipe is not None
        while chunk := os.read(pipe.fileno(), 65536):
            self._kept += chunk
            del self._kept[:-_KEPT]
