"""What is typed is not shown while this is held, so that a secret which is pasted a moment too early, or
twice, stands on no screen."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

_ENDS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class HeldEcho:
    """Of the terminal on standard input. However the program ends meanwhile, the terminal is left as it was
    found; also while it is stopped. SIGKILL alone can't be helped."""

    def __init__(self) -> None:
        self._before: list[Any] | None = None
        self._handlers: dict[int, Any] = {}

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        self._hold()
        try:
            yield
        finally:
            self._release()

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """While a line is typed that may be seen, or another program has the terminal; where it is held."""
        was_held = self._before is not None
        self._release()
        try:
            yield
        finally:
            if was_held:
                self._hold()

    def _hold(self) -> None:
        import termios

        descriptor = sys.stdin.fileno()
        with contextlib.suppress(termios.error):  # it may be gone
            self._before = termios.tcgetattr(descriptor)
            self._handlers = {
                number: signal.signal(number, self._stopped if number == signal.SIGTSTP else self._ended)
                for number in (*_ENDS, signal.SIGTSTP)
                if signal.getsignal(number) is not signal.SIG_IGN
            }
            _set(_quiet(self._before))

    def _release(self) -> None:
        if self._before is not None:
            _set(self._before)
            for number, handler in self._handlers.items():
                signal.signal(number, handler)
        self._before, self._handlers = None, {}

    def _ended(self, number: int, frame: FrameType | None) -> None:
        """As the signal would have done it, but for the terminal."""
        self._release()
        os.kill(os.getpid(), number)

    def _stopped(self, number: int, frame: FrameType | None) -> None:
        self._release()
        os.kill(os.getpid(), number)
        self._hold()  # it goes on


def _quiet(attributes: list[Any]) -> list[Any]:
    import termios

    return [*attributes[:3], attributes[3] & ~termios.ECHO, *attributes[4:]]


def _set(attributes: list[Any]) -> None:
    import termios

    with contextlib.suppress(termios.error):
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, attributes)
