"""A program in a pseudo-terminal of its own: its own session and process group, driven by the event loop.

No thread and no fork of ours: `/bin/sh` starts as the leader of a new session, opens the terminal, which
thereby becomes the session's, and gives way to the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from claude_auth.preferences import COMMAND_SECONDS
from claude_auth.processes.lifetime import (
    NO_STREAMS,
    Cause,
    CouldNotStart,
    Ended,
    ExitWatch,
    Program,
    end_session,
    ends_with_us,
)

DEFAULT_LIMIT = float(COMMAND_SECONDS)
_CHUNK = 1 << 16
#: What the program's children still say after its end is heard for so long at most.
_AFTER_EXIT = 0.3
_QUIET = 0.03
#: A terminal holds less than this, in bytes.
_MOST_LEFT = 1 << 18
#: What took longer than this to take in is followed by a rest.
_LONG = 0.004
#: More input than this doesn't wait for a program that reads nothing.
_MOST_WAITING = 1 << 20
_OPEN_AND_RUN = 'exec "$@" 0<>"$0" 1>&0 2>&0'


class Terminal(Program):
    """`receive` gets each chunk as it comes. `echo` False: what is written isn't shown back by the terminal.

    `limit` counts from the start, None for no limit. `spared`: whether our own end must not kill it now; it
    loses its terminal then, and hears of that.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: str,
        receive: Callable[[bytes], None],
        columns: int = 80,
        rows: int = 24,
        echo: bool = True,
        limit: float | None = DEFAULT_LIMIT,
        spared: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(argv, environment, cwd, TERM="xterm-256color")
        self.spared = spared
        self.columns, self.rows = columns, rows
        self.limit = limit
        self._receive, self._echo = receive, echo
        self._master = self._slave = -1
        self._started = 0.0
        self._last_output = 0.0
        self._waiting = bytearray()
        self._cause: Cause = "exited"
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._with_us = contextlib.ExitStack()

    async def start(self) -> None:
        """Raises `CouldNotStart`."""
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ended] = self._loop.create_future()
        try:
            self._master, self._slave = os.openpty()
            os.set_blocking(self._master, False)
            self._set_up()
            self._started = self._last_output = time.monotonic()
            opened = ("/bin/sh", "-c", _OPEN_AND_RUN, os.ttyname(self._slave))
            self._start(through=opened, **NO_STREAMS)
        except BaseException as error:
            self._close()
            if isinstance(error, OSError):
                raise CouldNotStart(f"it could not be started: {error.strerror}") from None
            raise
        self._loop.add_reader(self._master, self._read)
        self._watch = ExitWatch(self.pid, self._exited)
        self._with_us.enter_context(ends_with_us(self.end_now))
        self.set_limit(self.limit)

    def _set_up(self) -> None:
        self._tell_size()
        if not self._echo:
            import termios

            attributes = termios.tcgetattr(self._slave)
            attributes[3] &= ~(termios.ECHO | termios.ECHOCTL)
            termios.tcsetattr(self._slave, termios.TCSANOW, attributes)

    # ── what it is doing ─────────────────────────────────────────────────────────────────────────

    @property
    def running(self) -> bool:
        return self._process is not None and not self._ended.done()

    @property
    def elapsed(self) -> float:
        if self._process is not None and self._ended.done():
            return self._ended.result().seconds
        return time.monotonic() - self._started if self._started else 0.0

    def set_limit(self, seconds: float | None) -> None:
        """Counted from the start, also where that has passed already."""
        self.limit = seconds
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None and self.running:
            rest = max(0.0, seconds - self.elapsed)
            self._timer = self._loop.call_later(rest, self._begin_to_end, "limit", 2.0)

    # ── to it ────────────────────────────────────────────────────────────────────────────────────

    def write(self, data: bytes) -> bool:
        """Hands the bytes on untouched, as fast as the program takes them; False if it takes no more."""
        if not self.running or self._master < 0 or len(self._waiting) + len(data) > _MOST_WAITING:
            return False
        if not self._waiting:
            self._loop.add_writer(self._master, self._write_waiting)
        self._waiting += data
        return True

    def _write_waiting(self) -> None:
        try:
            written = os.write(self._master, self._waiting)
        except BlockingIOError:
            return
        except OSError:
            written = len(self._waiting)
        del self._waiting[:written]
        if not self._waiting:
            self._loop.remove_writer(self._master)

    def resize(self, columns: int, rows: int) -> None:
        self.columns, self.rows = max(1, columns), max(1, rows)
        if self._master >= 0:
            self._tell_size()

    def _tell_size(self) -> None:
        import fcntl
        import struct
        import termios

        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    # ── from it ──────────────────────────────────────────────────────────────────────────────────

    def _read(self) -> int:
        """How many bytes there were."""
        try:
            data = os.read(self._master, _CHUNK)
        except OSError:  # nothing there yet, or nothing any more: its exit says which
            return 0
        if data:
            self._last_output = time.monotonic()
            self._receive(data)
            self._rest(time.monotonic() - self._last_output)
        return len(data)

    def _rest(self, seconds: float) -> None:
        """However fast the program writes, the loop's other business gets as much time as it takes."""
        if seconds > _LONG:
            self._loop.remove_reader(self._master)
            self._loop.call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        if self._master >= 0:
            self._loop.add_reader(self._master, self._read)

    # ── its end ──────────────────────────────────────────────────────────────────────────────────

    async def wait(self) -> Ended:
        return await asyncio.shield(self._ended)

    async def cancel(self, patience: float = 2.0) -> Ended:
        """Asks the whole group to end, and makes it after `patience` seconds."""
        self._begin_to_end("cancelled", patience)
        return await self.wait()

    def _begin_to_end(self, cause: Cause, patience: float) -> None:
        if self.running and self._ending is None:
            self._cause = cause
            self._ending = self._loop.create_task(self._end(patience))

    async def _end(self, patience: float) -> None:
        end_session(self.pid, self._master, signal.SIGTERM)
        if not await self._watch.wait(patience):
            end_session(self.pid, self._master, signal.SIGKILL)
            if not await self._watch.wait(2.0):  # it hangs in the kernel
                self._finish()

    def _exited(self) -> None:
        """It has ended and isn't reaped yet: its number still stands for its group."""
        if self._cause != "exited":
            end_session(self.pid, self._master, signal.SIGKILL)
        self._exit_at = time.monotonic()
        self._loop.call_soon(self._drain, _MOST_LEFT)

    def _drain(self, most: int) -> None:
        """What a flood left in the terminal's own buffer is read whole, however busy the machine is, but no
        more than `most` bytes: a program that was left behind may go on writing for ever."""
        count, now = self._read(), time.monotonic()
        if 0 < count < most:
            self._loop.call_soon(self._drain, most - count)
        elif not count and now - self._last_output < _QUIET and now - self._exit_at < _AFTER_EXIT:
            self._loop.call_later(_QUIET / 2, self._drain, most)
        else:
            self._finish()

    def _finish(self) -> None:
        if self._ended.done():
            return
        code = self.process.poll()
        killed_by = None
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                killed_by = signal.Signals(-code).name
            killed_by = killed_by or f"signal {-code}"
        seconds = time.monotonic() - self._started
        self._close()
        exit_code = code if code is not None and code >= 0 else None
        self._ended.set_result(Ended(exit_code, killed_by, seconds, self._cause))

    def _close(self) -> None:
        self._with_us.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._process is not None and self._master >= 0:
            self._loop.remove_reader(self._master)
            self._loop.remove_writer(self._master)
            self._watch.close()
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._master = self._slave = -1
        self._waiting.clear()

    def end_now(self) -> None:
        """For the way out of the whole program: no patience, no waiting."""
        if self.running and not self.spared():
            self._cause = "cancelled"
            end_session(self.pid, self._master, signal.SIGTERM)
            end_session(self.pid, self._master, signal.SIGKILL)
