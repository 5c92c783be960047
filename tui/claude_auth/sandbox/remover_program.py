"""Removes a demo's directory once whoever holds its standard input is gone, however it went: nothing but the
standard library, so that it starts at once. What still runs on that home is ended first."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path


def left_behind(directory: str) -> Iterator[int]:
    """Processes whose home lies in the directory (Linux; elsewhere they end with their input)."""
    home = f"HOME={directory}/".encode()
    for place in Path("/proc").glob("[0-9]*/environ"):
        number = int(place.parent.name)
        with contextlib.suppress(OSError):
            variables = place.read_bytes().split(b"\0")
            if number != os.getpid() and any(variable.startswith(home) for variable in variables):
                yield number


def main(directory: str, seconds: float = 10.0) -> int:
    while os.read(0, 4096):
        pass
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        running = list(left_behind(directory))
        for number in running:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        shutil.rmtree(directory, ignore_errors=True)
        if not running and not os.path.lexists(directory):
            return 0
        time.sleep(0.02)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
