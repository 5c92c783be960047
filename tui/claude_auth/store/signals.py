"""Between request and save nothing may end us: the old refresh token is spent, the new one not yet saved.

Python calls signal handlers in the main thread alone. A refresh in the main thread looks after itself; a
program that refreshes in another thread wraps its main thread in `signals_wait`.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: What is under way, in whichever thread, and what came meanwhile. No lock: its holder may be interrupted.
_under_way: list[Callable[[str], None]] = []
_waiting: list[signal.Signals] = []


def is_under_way() -> bool:
    """Whether a refresh stands between its request and its save, in whichever thread."""
    return bool(_under_way)


@contextmanager
def finishing_first(tell: Callable[[str], None]) -> Iterator[None]:
    """The block is done before a signal ends the program; `tell` hears the name of one that has to wait."""
    if threading.current_thread() is threading.main_thread():
        with signals_wait(), _section(tell):
            yield
    else:
        with _section(tell):
            yield


@contextmanager
def _section(tell: Callable[[str], None]) -> Iterator[None]:
    _under_way.append(tell)
    try:
        yield
    finally:
        _under_way.remove(tell)
        if not _under_way:
            while _waiting:
                os.kill(os.getpid(), _waiting.pop(0))


@contextmanager
def signals_wait() -> Iterator[None]:
    """For the main thread. While a refresh is between request and save, a first signal of each kind waits for
    it and then does what it would have done; a second one does it at once, and so does any at other times."""
    before: dict[signal.Signals, Callable[[int, FrameType | None], object] | int] = {}

    def later(number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number)
        if name not in _waiting:
            _waiting.append(name)
            under_way = _under_way[-1:]  # looked at after that: whoever ends now has seen it, or isn't here
            if under_way:
                under_way[0](name.name)
                return
        if name in _waiting:
            _waiting.remove(name)
        signal.signal(name, before[name])
        os.kill(os.getpid(), name)

    for name in _SIGNALS:
        handler = signal.getsignal(name)
        if handler is signal.SIG_IGN or handler is None:  # ignored, or set by C code: it stays so
            continue
        before[name] = handler
        signal.signal(name, later)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
