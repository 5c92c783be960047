"""A program in the person's own terminal: it gets stdin, stdout and stderr as they are."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType

from claude_auth.processes import crash_guard
from claude_auth.processes.environment import child_environment
from claude_auth.processes.lifetime import NO_STREAMS, CouldNotStart, start


def run_in_terminal(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: str,
    keep_stdout: bool = False,
    heard: Callable[[int], None] = lambda number: None,
) -> int | None:
    """The exit code (negative: a signal), None where it could not be started. Ctrl-C is for the program alone
    meanwhile; SIGTERM and SIGHUP are passed on to it and told to `heard`, and we wait for its end. After it
    the terminal's modes are as before. `keep_stdout`: what it prints goes to our stderr, since our stdout is
    somebody's document."""
    output = sys.stderr.fileno() if keep_stdout else None
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        heard(number)
        if process is None:
            early.append(number)
        else:
            process.send_signal(number)

    # Handlers before the start: a program inherits what is ignored, and no handler.
    with _terminal_as_before(), _handling(pass_on):
        try:
            process = start(argv, environment=environment, cwd=cwd, own_session=False, stdout=output)
        except CouldNotStart:
            return None
        for number in early:
            process.send_signal(number)
        return _ended(process, heard)


def _ended(process: subprocess.Popen[bytes], heard: Callable[[int], None]) -> int:
    """Its exit code. Once the terminal is gone nobody can use it any more, and nobody may have told it: it
    hears what the kernel would say, and is not left behind if it doesn't listen."""
    terminals = crash_guard.terminals()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(crash_guard.LOOKS_EVERY)
        if any(map(crash_guard.has_gone, terminals)):
            heard(signal.SIGHUP)
            return _end(process)


def _end(process: subprocess.Popen[bytes]) -> int:
    """With what it started, which is found by descent: all of it shares our own process group."""
    import psutil

    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(process.pid)
        family = [*parent.children(recursive=True), parent]
    for sign, patience in ((signal.SIGHUP, 0.4), (signal.SIGTERM, 0.4), (signal.SIGKILL, 0.4)):
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.send_signal(sign)
                member.send_signal(signal.SIGCONT)  # one that was stopped can't end
        _, family = psutil.wait_procs(family, patience)
    return process.wait()


@contextlib.contextmanager
def _handling(pass_on: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """In the main thread alone: elsewhere Python knows no handlers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {signal.SIGINT: lambda number, frame: None, signal.SIGTERM: pass_on, signal.SIGHUP: pass_on}
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if signal.getsignal(number) not in {signal.SIG_IGN, None}
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _terminal_as_before() -> Iterator[None]:
    """A program that crashes may leave the terminal without echo."""
    import termios

    try:
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
    except (AttributeError, ValueError, OSError, termios.error):
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(OSError, termios.error):  # the terminal may be gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def start_detached(argv: Sequence[str]) -> bool:
    """Starts a graphical program (a browser) that outlives us, can't write into our terminal, and gets no
    secret of our environment."""
    try:
        process = start(argv, environment=child_environment(os.environ, "browser"), cwd=None, **NO_STREAMS)
    except CouldNotStart:
        return False
    # Should it end before us, nothing of it is left behind.
    threading.Thread(target=process.wait, name="browser", daemon=True).start()
    return True
