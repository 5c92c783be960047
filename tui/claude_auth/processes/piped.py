"""A program on pipes that is ended with all that it started: one whose lines are read as they come, and one
for a process that does nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from types import TracebackType

from claude_auth.processes.lifetime import (
    ExitWatch,
    Program,
    end_session,
    ends_with_us,
    groups_of_session,
    has_ended,
)

#: Of one line; a longer one is no answer.
LONGEST_LINE = 8 << 20
#: Of what only tells why it failed the end is kept.
_KEPT = 16 << 10
#: Asked to end, it has so long.
_PATIENCE = 2.0
_LOOKS_EVERY = 0.1


class LineProgram(Program):
    """`async with LineProgram(…) as program: async for line in program.lines(): …`. `given` stands on its
    standard input, which then ends. Leaving ends its whole session; while `spared` says so it is let go on
    first, `spared_seconds` at most. Raises `CouldNotStart` on entering."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: str,
        given: bytes = b"",
        spared: Callable[[], bool] = lambda: False,
        spared_seconds: float = 60.0,
    ) -> None:
        super().__init__(argv, environment, cwd)
        self._given, self._spared, self._spared_seconds = given, spared, spared_seconds
        self._errors = bytearray()
        self._closing = contextlib.ExitStack()

    async def __aenter__(self) -> LineProgram:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._start(**pipes)
        loop = asyncio.get_running_loop()
        self._watch = ExitWatch(self.pid, lambda: None)
        self._closing.enter_context(ends_with_us(self._end_now))
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._reader = asyncio.StreamReader(limit=LONGEST_LINE)
        protocol = asyncio.StreamReaderProtocol(self._reader)
        out, _ = await loop.connect_read_pipe(lambda: protocol, self.process.stdout)
        err, _ = await loop.connect_read_pipe(lambda: _Keeping(self._errors), self.process.stderr)
        into, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, self.process.stdin)
        for transport in (out, err, into):
            self._closing.callback(transport.close)
        into.write(self._given)
        into.write_eof()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ending = asyncio.ensure_future(self._end())
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:  # once more: it is not left running all the same
            await ending
            raise

    async def lines(self) -> AsyncGenerator[bytes]:
        """Each without its end; the last one may have had none. A line beyond the bound ends them."""
        with contextlib.suppress(ValueError):
            while line := await self._reader.readline():
                yield line.rstrip(b"\r\n")

    async def wait(self, seconds: float) -> bool:
        """Whether it has ended, after so long at most. Its exit code is there once it was left."""
        return await self._watch.wait(seconds)

    @property
    def errors(self) -> bytes:
        """The end of what it said on standard error. Unredacted."""
        return bytes(self._errors)

    async def _end(self) -> None:
        """Only while it isn't reaped its number stands for its session, so it is reaped last."""
        try:
            loop = asyncio.get_running_loop()
            until = loop.time() + self._spared_seconds
            over = await self._watch.wait(0)
            while not over and self._spared() and loop.time() < until:
                over = await self._watch.wait(_LOOKS_EVERY)
            if not over:
                end_session(self.pid, -1, signal.SIGTERM)
                await self._watch.wait(_PATIENCE)
            end_session(self.pid, -1, signal.SIGKILL)
            await self._watch.wait(_PATIENCE)
        finally:
            self._closing.close()
            self._watch.close()
            self.process.poll()

    def _end_now(self) -> None:
        if not self._spared():
            end_session(self.pid, -1, signal.SIGKILL)


class _Keeping(asyncio.Protocol):
    """Keeps the end of what comes."""

    def __init__(self, kept: bytearray) -> None:
        self._kept = kept

    def data_received(self, data: bytes) -> None:
        self._kept += data
        del self._kept[:-_KEPT]


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
