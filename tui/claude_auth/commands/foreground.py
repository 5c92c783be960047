"""A program in the person's own terminal: it gets stdin, stdout and stderr as they are."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence


def run_in_terminal(
    argv: Sequence[str], *, environment: Mapping[str, str], cwd: str, keep_stdout: bool = False
) -> int | None:
    """The exit code, None where it could not be started. Ctrl-C is for the program alone meanwhile.
    `keep_stdout`: what it prints goes to our stderr, since our stdout is somebody's document."""
    output = sys.stderr.fileno() if keep_stdout else None
    try:
        process = subprocess.Popen(list(argv), env=dict(environment), cwd=cwd, stdout=output)
    except OSError:
        return None
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        with contextlib.suppress(ValueError, TypeError):
            signal.signal(signal.SIGINT, before)


def start_detached(argv: Sequence[str]) -> bool:
    """Starts a graphical program (a browser) that outlives us and can't write into our terminal."""
    try:
        subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
