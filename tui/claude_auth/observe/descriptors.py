"""File descriptors that hand a credential over. Looked at first of all: later the number may be ours."""

from __future__ import annotations

import os
import select
import stat
import time
from collections.abc import Mapping

from claude_auth.claude_code.variables import DESCRIPTORS
from claude_auth.model import DescriptorReading
from claude_auth.security.secret import Secret

_LIMIT = 1 << 16


def look(environ: Mapping[str, str]) -> dict[str, DescriptorReading]:
    """What each variable's descriptor is. A regular file is read in place, its offset untouched; a pipe
    is left alone, since reading it would take the token away from Claude Code."""
    return {name: _look(name, environ[name]) for name in DESCRIPTORS if environ.get(name)}


def _look(variable: str, text: str) -> DescriptorReading:
    number = _number(text)
    if number is None:
        return DescriptorReading(variable, None, "not-a-number", damage="the variable does not hold a number")
    try:
        mode = os.fstat(number).st_mode
    except (OSError, OverflowError):
        return DescriptorReading(variable, number, "closed", damage=f"descriptor {number} is not open here")
    if stat.S_ISFIFO(mode):
        return DescriptorReading(variable, number, "pipe")
    if not stat.S_ISREG(mode):
        return DescriptorReading(
            variable, number, "other", damage=f"descriptor {number} is neither a file nor a pipe"
        )
    try:
        content = os.pread(number, _LIMIT, 0)
    except OSError:
        return DescriptorReading(variable, number, "file", damage=f"descriptor {number} can't be read")
    return _with_content(DescriptorReading(variable, number, "file"), content)


def _number(text: str) -> int | None:
    stripped = text.strip()
    return int(stripped) if stripped.isascii() and stripped.isdigit() and len(stripped) < 10 else None


def _with_content(reading: DescriptorReading, content: bytes) -> DescriptorReading:
    text = content.decode("utf-8", "surrogateescape").strip()
    damage = None if text else f"descriptor {reading.number} gives nothing"
    value = Secret(text) if text else None
    return DescriptorReading(reading.variable, reading.number, reading.kind, value, damage)


def read_pipe(reading: DescriptorReading, seconds: float = 5.0) -> DescriptorReading:
    """Takes what a pipe holds, up to its end or the time-out. Only on consent: it is gone afterwards."""
    if reading.kind != "pipe" or reading.number is None or reading.value is not None:
        return reading
    deadline = time.monotonic() + seconds
    content = b""
    try:
        while len(content) < _LIMIT:
            ready, _, _ = select.select([reading.number], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                break
            chunk = os.read(reading.number, 4096)
            if not chunk:
                break
            content += chunk
    except (OSError, ValueError):
        if not content:
            return DescriptorReading(
                reading.variable, reading.number, "pipe", damage=f"descriptor {reading.number} can't be read"
            )
    return _with_content(reading, content)
