"""Running a command quietly: captured, bounded in time and size, the whole process group ended in the end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import IO

from claude_auth.processes.lifetime import CouldNotStart, ends_with_us, start

_LIMIT = 1 << 20
_AFTER_EXIT = 0.2


@dataclass(frozen=True, slots=True)
class Captured:
    """`exit_code` is None where the command did not end in time or could not be started (`problem` says
    which). Output beyond 1 MiB is dropped. The `repr` shows no output: it may be a credential."""

    exit_code: int | None
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    problem: str | None = None


def run_shell(
    command: str,
    *,
    environment: Mapping[str, str],
    cwd: str,
    seconds: float,
    stop: threading.Event | None = None,
) -> Captured:
    """`/bin/sh -c command` in a session of its own, without stdin. A background child that keeps the pipe
    open does not hold us up, and is left alone after a normal end: it may be an agent the user wants.
    `stop`, set by another thread, ends it before its time."""
    started = time.monotonic()
    try:
        process = start(
            ("/bin/sh", "-c", command),
            environment=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except CouldNotStart as problem:
        return Captured(None, problem=problem.sentence)
    try:
        with ends_with_us(partial(_signal, process, signal.SIGTERM, signal.SIGKILL)):
            output = _read(process, started + seconds, stop)
        elapsed = time.monotonic() - started
        timed_out = process.poll() is None
        if timed_out:
            _end_group(process)
    except BaseException:  # Ctrl+C is not for its session, so it would go on without anybody
        _end_group(process)
        raise
    finally:  # not before: a closed pipe ends a flooding command, as if it had ended by itself
        for pipe in _pipes(process):
            pipe.close()
    if timed_out:
        why = f"it gave no answer within {seconds:.0f} s" if not _is_set(stop) else "it was cancelled"
        return Captured(None, *output, seconds=elapsed, problem=f"{why} and was ended")
    return Captured(process.returncode, *output, seconds=elapsed)


def _is_set(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _read(
    process: subprocess.Popen[bytes], deadline: float, stop: threading.Event | None
) -> tuple[bytes, bytes]:
    """Both pipes until they end, the deadline passes, it is to stop, or a moment after the command itself has
    ended."""
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
            until = deadline if ended_at is None else min(deadline, ended_at + _AFTER_EXIT)
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
