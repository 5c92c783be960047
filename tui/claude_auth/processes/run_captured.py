"""Programs on pipes, without a terminal, each in a session of its own: a command whose output is captured,
and a program that may outlive us."""

from __future__ import annotations

import asyncio
import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any

from claude_auth.processes.lifetime import CouldNotStart, ExitWatch, Program, ends_with_us, start

_LIMIT = 1 << 20
_AFTER_EXIT = 0.2
#: What every pipe holds.
MOST_INPUT = 64 << 10
_STREAMS: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@dataclass(frozen=True, slots=True)
class Captured:
    """`exit_code` is None where the command did not end in time (`timed_out`) or could not be started;
    `problem` says which. Output beyond 1 MiB is dropped. The `repr` shows no output: it may be a credential.
    """

    exit_code: int | None
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    problem: str | None = None
    timed_out: bool = False


#: What runs a command: it comes behind these.
SHELL = ("/bin/sh", "-c")


def run_program(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: str,
    seconds: float,
    stop: threading.Event | None = None,
    to_its_end: bool = False,
    content: bytes = b"",
) -> Captured:
    """With `content` on stdin, at most `MOST_INPUT` bytes; bounded in time and size, its whole group ended in
    the end. A background child that keeps the pipe open does not hold us up, and is left alone after a normal
    end: it may be an agent the user wants. `to_its_end`: such a child's output counts too, and standard input
    is an open pipe on which nothing comes. `stop`, set by another thread, ends it before its time."""
    started = time.monotonic()
    try:
        with _streams(content, open_stdin=to_its_end) as streams:
            process = start(argv, environment=environment, cwd=cwd, **streams)
    except CouldNotStart as problem:
        return Captured(None, problem=problem.sentence)
    try:
        with ends_with_us(partial(_signal, process, signal.SIGTERM, signal.SIGKILL)):
            output = _read(process, started + seconds, stop, None if to_its_end else _AFTER_EXIT)
        elapsed = time.monotonic() - started
        is_running = process.poll() is None
        if is_running:
            _end_group(process)
        timed_out = is_running or (to_its_end and elapsed >= seconds)
    except BaseException:  # Ctrl+C is not for its session, so it would go on without anybody
        _end_group(process)
        raise
    finally:  # not before: a closed pipe ends a flooding command, as if it had ended by itself
        for pipe in (*_pipes(process), process.stdin):
            if pipe is not None:
                pipe.close()
    if not timed_out:
        return Captured(process.returncode, *output, seconds=elapsed)
    cancelled = _is_set(stop)
    why = "it was cancelled" if cancelled else f"it gave no answer within {seconds:.0f} s"
    return Captured(None, *output, elapsed, f"{why} and was ended", timed_out=not cancelled)


@contextlib.contextmanager
def _streams(content: bytes, *, open_stdin: bool) -> Iterator[dict[str, Any]]:
    """Standard input gives `content` where there is some, else nothing, or stays open."""
    if not content:
        yield {**_STREAMS, "stdin": subprocess.PIPE} if open_stdin else _STREAMS
        return
    reader = _filled(content)
    try:
        yield {**_STREAMS, "stdin": reader}
    finally:
        os.close(reader)


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _read(
    process: subprocess.Popen[bytes], deadline: float, stop: threading.Event | None, after_exit: float | None
) -> tuple[bytes, bytes]:
    """Both pipes until they end, the deadline passes, it is to stop, or `after_exit` seconds after the
    command itself has ended."""
    pipes = _pipes(process)
    collected = {pipe.fileno(): bytearray() for pipe in pipes}
    ended_at: float | None = None
    with selectors.DefaultSelector() as selector:
        for descriptor in collected:
            os.set_blocking(descriptor, False)
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            now = time.monotonic()
            if ended_at is None and process.poll() is not None:
                ended_at = now
            until = deadline
            if ended_at is not None and after_exit is not None:
                until = min(deadline, ended_at + after_exit)
            if now >= until or _is_set(stop):
                break
            for key, _ in selector.select(min(until - now, 0.05)):
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fd)
                collected[key.fd] += chunk[: _LIMIT - len(collected[key.fd])]
    while not _is_set(stop) and (rest := deadline - time.monotonic()) > 0:
        with contextlib.suppress(subprocess.TimeoutExpired):  # it may have closed its pipes and gone on
            process.wait(min(rest, 0.1))
            break
    out, err = collected.values()
    return bytes(out), bytes(err)


def _pipes(process: subprocess.Popen[bytes]) -> list[IO[bytes]]:
    return [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]


def _signal(process: subprocess.Popen[bytes], *signs: signal.Signals) -> None:
    """To its group."""
    for sign in signs:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.0)
    # Whatever is left of its group must not outlive it.
    _signal(process, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.0)


_MOST_OUTPUT = 1 << 18
_PIPE_SIZE = 1 << 20


class Detached(Program):
    """May outlive us and is never signalled by us: it holds the reading end of its pipe too, so that its
    writes can't fail once we are gone. `start`, `wait`, and `leave` if it is to go on alone. The output is
    kept up to 256 KiB. `given`: what stands on its standard input, which then ends; at most what a pipe
    holds (64 KiB)."""

    def __init__(
        self, argv: Sequence[str], *, environment: Mapping[str, str], cwd: str, given: bytes = b""
    ) -> None:
        super().__init__(argv, environment, cwd)
        self._given = given
        self._output = bytearray()
        self._reader = -1
        self._started = 0.0

    def start(self) -> None:
        """In a running event loop. Raises `CouldNotStart`."""
        self._loop = asyncio.get_running_loop()
        self._reader, writer = os.pipe()
        given = _filled(self._given)
        try:
            os.set_blocking(self._reader, False)
            _enlarge(writer)
            self._start(stdin=given, stdout=writer, stderr=writer, pass_fds=(self._reader,))
        except CouldNotStart:
            os.close(self._reader)
            raise
        finally:
            os.close(writer)
            os.close(given)
        self._started = time.monotonic()
        self._loop.add_reader(self._reader, self._read)
        self._watch = ExitWatch(self.pid, self._exited)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._started

    @property
    def output(self) -> bytes:
        """Unredacted: for recognising, not for showing."""
        return bytes(self._output)

    async def wait(self, seconds: float | None) -> int | None:
        """Its exit code (negative: a signal), None if it is still running after so long."""
        return self.process.returncode if await self._watch.wait(seconds) else None

    def leave(self) -> None:
        """We stop listening; it goes on. Should it end before us, nothing of it is left behind."""
        self._stop_reading()
        if self.running:
            self._watch.close()
            threading.Thread(target=self.process.wait, name="left alone", daemon=True).start()

    def _read(self) -> bool:
        try:
            chunk = os.read(self._reader, 65536)
        except OSError:
            return False
        self._output += chunk[: _MOST_OUTPUT - len(self._output)]
        return bool(chunk)

    def _exited(self) -> None:
        for _ in range(_MOST_OUTPUT // 65536):
            if not self._read():
                break
        self._stop_reading()
        self.process.poll()

    def _stop_reading(self) -> None:
        if self._reader >= 0:
            self._loop.remove_reader(self._reader)
            os.close(self._reader)
            self._reader = -1


def _filled(content: bytes) -> int:
    """A descriptor that gives `content` and then its end."""
    if not content:
        return os.open(os.devnull, os.O_RDONLY)
    reader, writer = os.pipe()
    try:
        os.set_blocking(writer, False)
        if os.write(writer, content) != len(content):
            raise ValueError("more than a pipe holds")
    finally:
        os.close(writer)
    return reader


def _enlarge(pipe: int) -> None:
    import fcntl

    with contextlib.suppress(OSError, AttributeError):  # Linux only, and bounded there
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
