"""The terminal, told less: what stands there already, and mouse motion, are not sent. Its end is heard."""

from __future__ import annotations

import os
import selectors
import threading
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Any, Protocol, cast

from textual.drivers.linux_driver import LinuxDriver

from claude_auth.actions.program import HangUpWatch, has_gone
from claude_auth.app.pasting import PasteParser
from claude_auth.app.terminal_diff import ScreenMemory

#: So many empty reads, a tenth of a second apart, are an end of the input that nobody else tells.
_MOST_EMPTY = 5


class HangsUp(Protocol):
    """The app, as far as it is told that its terminal is gone: in any thread."""

    def hung_up(self) -> None: ...


class QuietDriver(LinuxDriver):
    """Over a slow line every kilobyte is felt: a key press takes a tenth of what Textual would send."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.memory = ScreenMemory()
        self.gone = threading.Event()
        output = _Output(self._file, self.hang_up)
        self._descriptors = (self.fileno, output.fileno())
        self._file = cast("Any", output)
        self._watch: HangUpWatch | None = None

    # ── the terminal is gone ─────────────────────────────────────────────────────────────────────

    def start_application_mode(self) -> None:
        """Also after another program had the terminal, which may be gone by then."""
        if self._watch is None:
            # A thread of its own: the input thread rests while another program has the terminal.
            self._watch = HangUpWatch(self._descriptors, self.hang_up)
            self._watch.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if has_gone(self.fileno):
            self.hang_up()

    def hang_up(self) -> None:
        """In any thread, as often as it is noticed."""
        if not self.gone.is_set():
            self.gone.set()
            cast("HangsUp", self._app).hung_up()

    def write(self, data: str) -> None:
        if self.gone.is_set():
            return  # nobody takes it out of the queue, or nobody reads it
        width, height = self._app.size
        shorter = self.memory.filter(data, (width, height))
        if shorter:
            super().write(shorter)

    def run_input_thread(self) -> None:
        """Textual's own takes an empty read for a pipe and goes round at once: for ever, once it hung up."""
        parser = PasteParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        empty = 0
        with selectors.SelectSelector() as selector:  # macOS knows no other for a terminal
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    data = _read(self.fileno)
                    empty = 0 if data else empty + 1
                    if not data and (has_gone(self.fileno) or data is None or empty >= _MOST_EMPTY):
                        self.hang_up()
                        return
                    if not data:  # ^D, where another program has set the modes that it knows
                        self.exit_event.wait(0.1)
                    text = decode(data or b"")
                    for event in parser.feed(text) if text else ():  # nothing would be the end of the input
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    def _enable_mouse_support(self) -> None:
        """Clicks and the wheel only: motion over a table would send 1 kB for every report."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1006h")
            self.flush()


def _read(descriptor: int) -> bytes | None:
    """What was typed; None where the terminal refuses (EIO, ENXIO)."""
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""
    except OSError:
        return None


class _Output:
    """As much of the terminal's file as Textual's writing thread uses. That thread must not die of a terminal
    that is gone: its queue would fill, and the app wait for room in it for ever."""

    def __init__(self, file: Any, gone: Callable[[], None]) -> None:
        self._file, self._gone = file, gone

    def write(self, text: str) -> None:
        self._do(self._file.write, text)

    def flush(self) -> None:
        self._do(self._file.flush)

    def fileno(self) -> int:
        return int(self._file.fileno())

    def _do(self, call: Any, *arguments: str) -> None:
        try:
            call(*arguments)
        except OSError:
            if not has_gone(self.fileno()):
                raise
            self._gone()
