"""Whether a terminal is gone, or whoever read our output: no signal need tell.

When a terminal vanishes the kernel sends SIGHUP to the session's leader alone. A leader that lives on and
passes nothing on (`make`, `trap '' HUP`, `setsid --wait`) leaves its children without a word, on a terminal
that can be read for ever and gives nothing; so does SIGHUP where it is ignored. So the terminal is asked.
"""

from __future__ import annotations

import errno
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable

#: Two seconds are what a program has that lost its terminal; this leaves most of them for its end.
LOOKS_EVERY = 0.25
_GONE = {errno.EIO, errno.ENXIO}


def has_gone(descriptor: int) -> bool:
    """Whether the other side is gone for good: a terminal hung up, the reader of a pipe ended. A regular file
    never is, nor what can't be asked."""
    try:
        poll = select.poll()
        poll.register(descriptor, 0)  # a hang-up and an error are told unasked
        masks = [mask for _, mask in poll.poll(0)]
    except (AttributeError, OSError, ValueError):
        masks = []
    return any(mask & (select.POLLHUP | select.POLLERR) for mask in masks) or _refuses(descriptor)


def _refuses(descriptor: int) -> bool:
    """Where poll knows no terminals (macOS), one that hung up refuses to tell its modes."""
    import termios

    try:
        termios.tcgetattr(descriptor)
    except termios.error as error:
        return error.args[0] in _GONE
    except (OSError, ValueError):
        return False
    return False


def terminals() -> tuple[int, ...]:
    """Those of standard input, output and error that are a terminal now."""
    found = []
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None and stream.isatty():
                found.append(stream.fileno())
        except (OSError, ValueError):  # closed
            continue
    return tuple(found)


def let_go() -> None:
    """Of standard output and error, once they are gone: Python would fail to flush into them at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)


class HangUpWatch(threading.Thread):
    """Calls `heard` once, in its own thread, when one of `descriptors` is gone."""

    def __init__(self, descriptors: Iterable[int], heard: Callable[[], None]) -> None:
        super().__init__(name="hang-up", daemon=True)
        self._descriptors, self._heard = tuple(descriptors), heard

    def run(self) -> None:
        while not any(map(has_gone, self._descriptors)):
            time.sleep(LOOKS_EVERY)
        self._heard()
