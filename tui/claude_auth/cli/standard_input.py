"""What is typed, pasted or piped into `claude-auth login`. It holds codes, so a terminal does not echo it;
nor, while `HeldEcho` is held, what is typed a moment too early."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any

from claude_auth.actions.oauth import PasteProblem

#: A line break ends a paste once nothing has followed it for so long: a copied address may be wrapped.
QUIET = 0.15
#: A regular file tells nobody that it has grown.
LOOKS_AGAIN = 0.2
_LONGEST = 64 << 10


class Feeder:
    """Hands texts to a sign-in, each when it takes one. `ready` is set while it does."""

    def __init__(self, paste: Callable[[str], PasteProblem | None], say: Callable[[str], None]) -> None:
        self.ready = asyncio.Event()
        self._paste, self._say = paste, say

    async def feed(self, standard_input: StandardInput) -> None:
        """Until the input ends, and the last text has been refused or there was none."""
        async for text in standard_input.texts():
            for piece in standard_input.pieces(text):
                await self.ready.wait()
                problem = self._paste(piece)
                if problem is None:
                    self.ready.clear()  # until the server has judged it
                elif problem.kind in {"used", "over"}:
                    self._say(problem.text)  # the others come as events
        await self.ready.wait()


class StandardInput:
    """`usable` is False where there is nothing to read from: closed, or a terminal that another job has."""

    def __init__(self) -> None:
        self._descriptor, self._mode = _descriptor()
        self.is_terminal = self._descriptor >= 0 and os.isatty(self._descriptor)
        self.usable = self._descriptor >= 0 and not (self.is_terminal and _is_another_job(self._descriptor))
        self._pending = bytearray()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._quiet: asyncio.TimerHandle | None = None
        self._ended = False

    def pieces(self, text: str) -> tuple[str, ...]:
        """Several lines are one wrapped paste; out of a pipe they may also be several answers."""
        lines = tuple(line for line in text.splitlines() if line.strip())
        return (text, *lines) if len(lines) > 1 and not self.is_terminal else (text,)

    async def texts(self) -> AsyncIterator[str]:
        """Each paste as it comes, until the end of the input."""
        if not self.usable:
            return
        loop = asyncio.get_running_loop()
        polling: asyncio.Task[None] | None = None
        with _without_echo(self._descriptor, self.is_terminal):
            try:
                if stat.S_ISREG(self._mode):
                    polling = loop.create_task(self._poll())
                else:
                    try:
                        loop.add_reader(self._descriptor, self._readable)
                    except PermissionError:  # /dev/null is never waited for
                        self._readable()
                while (text := await self._queue.get()) is not None:
                    yield text
            finally:
                if polling is not None:
                    polling.cancel()
                if self._quiet is not None:
                    self._quiet.cancel()
                loop.remove_reader(self._descriptor)

    async def _poll(self) -> None:
        while True:
            if not self._read():
                await asyncio.sleep(LOOKS_AGAIN)

    def _readable(self) -> None:
        if not self._read() and not self._ended:
            self._end()

    def _read(self) -> bool:
        """Whether there was something, or will be."""
        try:
            chunk = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return True
        except OSError:  # the terminal is gone
            return False
        if chunk:
            self._take(chunk)
        return bool(chunk)

    def _take(self, chunk: bytes) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        for octet in chunk:
            if self.is_terminal and octet in b"\x08\x7f":
                del self._pending[-1:]
            elif self.is_terminal and octet == 0x15:
                self._pending.clear()
            elif self.is_terminal and octet == 0x04:
                self._end()
                return
            elif len(self._pending) < _LONGEST:
                self._pending.append(octet)
        if self._pending.endswith((b"\n", b"\r")):
            self._quiet = asyncio.get_running_loop().call_later(QUIET, self._flush)

    def _flush(self) -> None:
        text = self._pending.decode("utf-8", "replace")
        self._pending.clear()
        if text.strip():
            self._queue.put_nowait(text)

    def _end(self) -> None:
        self._ended = True
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self._flush()
        self._queue.put_nowait(None)


def _descriptor() -> tuple[int, int]:
    """Of standard input, and what kind of thing it is; -1 where it is closed."""
    try:
        descriptor = sys.stdin.fileno()
        return descriptor, os.fstat(descriptor).st_mode
    except (AttributeError, ValueError, OSError):
        return -1, 0


def _is_another_job(descriptor: int) -> bool:
    """Reading or changing the terminal from the background would stop us."""
    try:
        return os.tcgetpgrp(descriptor) != os.getpgrp()
    except OSError:
        return False


@contextlib.contextmanager
def _without_echo(descriptor: int, is_terminal: bool) -> Iterator[None]:
    """Nor line by line: a terminal cuts long addresses off, and holds back the rest of a wrapped one."""
    if not is_terminal:
        yield
        return
    import termios

    before = termios.tcgetattr(descriptor)
    quiet = [*before]
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    quiet[6] = [*before[6]]
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # it may be gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


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
