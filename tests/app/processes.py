"""Processes of the dashboard's tests: when they are gone, and what they write down of themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil

#: Two seconds are the promise; so long a machine under load may take.
PATIENCE = 60.0


def is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def written(path: Path) -> int:
    """A process id that a program writes down of itself."""
    until(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())
