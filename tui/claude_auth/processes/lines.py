"""A program on pipes whose lines are read as they come, ended with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from types import TracebackType

from claude_auth.processes.lifetime import ExitWatch, Program, end_session, ends_with_us

#: Of one line; a longer one is no answer.
LONGEST_LINE = 8 << 20
#: Of what it says on standard error the end is kept.
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
