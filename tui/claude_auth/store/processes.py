"""Which process is which: a process id alone is used again, with its start it isn't."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, told apart from a later one with the same number and from one on another machine (or in
    another container) that shares the home directory."""

    pid: int
    started: str
    host: str

    def __str__(self) -> str:
        return f"{self.pid}-{self.started}-{self.host}"

    @property
    def is_from_here(self) -> bool:
        return self.host == _host()

    @property
    def is_gone(self) -> bool:
        """False where it can't be known."""
        return self.is_from_here and _started(self.pid) != self.started

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        parts = text.split("-")
        if len(parts) != 3 or not (parts[0].isascii() and parts[0].isdigit() and len(parts[0]) < 12):
            return None
        if not all(part.isascii() and part.isalnum() and len(part) < 32 for part in parts[1:]):
            return None
        return cls(int(parts[0]), parts[1], parts[2])


def this_process() -> Owner:
    pid = os.getpid()  # asked each time: a fork has another one
    return Owner(pid, _started(pid) or "0", _host())


@cache
def _host() -> str:
    import hashlib
    import platform

    parts = [platform.node()]
    with (
        contextlib.suppress(OSError),
        open("/proc/sys/kernel/random/boot_id", encoding="ascii", errors="replace") as file,
    ):
        parts.append(file.read().strip())
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _started(pid: int) -> str | None:
    """When the process started, in the system's own count; None where there is no such process any more."""
    if not sys.platform.startswith("linux"):
        return _started_elsewhere(pid)
    from claude_auth.observe.running import start_of

    return start_of(pid)


def _started_elsewhere(pid: int) -> str | None:
    import psutil

    try:
        return str(round(psutil.Process(pid).create_time()))
    except psutil.Error:
        return None
