"""What Claude Code's background service leaves in its configuration directory: a status while it runs, a
note that it wants a sign-in, a log. File names and shapes as in the program text of 2.1.332. Pure.
"""

from __future__ import annotations

import re
from datetime import datetime

from claude_auth.claude_code.process import json_object
from claude_auth.named_tuples import NamedTuple

STATUS, SIGN_IN_WANTED, LOG = "daemon.status.json", "daemon-auth-status.json", "daemon.log"
#: Of the log the end is read.
LOG_END = 64 << 10
_LINE = rb"\[(\d{4}-\d\d-\d\dT[\d:.]+Z)\] \[[^\]\n]*\] (auth: [^\n]{1,300})"


class Status(NamedTuple):
    """`started`: of the process, as the register of running clients has it."""

    written_at: float
    pid: int
    started: str | None
    workers: int


def parse_status(content: bytes) -> Status | None:
    fields = json_object(content)
    at, pid, workers = _seconds(fields.get("writtenAt")), fields.get("supervisorPid"), fields.get("workers")
    if at is None or not isinstance(pid, int) or not 0 < pid < 1 << 31 or not isinstance(workers, dict):
        return None
    started = fields.get("supervisorProcStart")
    return Status(at, pid, started if isinstance(started, str) else None, len(workers))


def sign_in_wanted_since(content: bytes) -> float | None:
    """The note is not taken away by a sign-in: it counts until the login was written after it."""
    fields = json_object(content)
    return _seconds(fields.get("since")) if fields.get("status") == "auth_required" else None


def _seconds(milliseconds: object) -> float | None:
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool):
        return None
    return milliseconds / 1000 if 0 < milliseconds < 1e15 else None


def last_about_login(log: bytes) -> tuple[float, str] | None:
    """The moment and the words of the last line about the login."""
    lines = list(re.finditer(_LINE, log))
    if not lines:
        return None
    try:
        moment = datetime.fromisoformat(lines[-1][1].decode("ascii")).timestamp()
    except (ValueError, OverflowError):
        return None
    return moment, lines[-1][2].decode("utf-8", "replace")
