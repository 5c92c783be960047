"""The terminal, told less: what stands there already, and mouse motion, are not sent. Its end is heard, and
then nothing holds the way out up: no screen that is slow to go, no busy loop.

Pasted text is never played as keys. Inside a bracketed paste Textual's parser takes an escape character for
the beginning of a key, and hands the letters behind it on as key presses: a log in colour that is pasted
would quit, or answer a question. Most terminals take escapes out of a paste; tmux and some others don't.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from claude_auth.actions.program import HangUpWatch, by_signal, has_gone
from claude_auth.app.first_frame import ENTER, FirstFrame, stop
from claude_auth.app.terminal_diff import ScreenMemory

#: So many empty reads, a tenth of a second apart, are an end of the input that nobody else tells.
_MOST_EMPTY = 5


class HangsUp(Protocol):
    """The app, as far as it is told that its terminal is gone: in any thread. `first_frame`: what stands on
    the terminal before anything is painted."""

    first_frame: FirstFrame | None

    def hung_up(self) -> None: ...

    def action_repaint(self) -> None: ...


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
        self._frame = cast("HangsUp", self._app).first_frame
        if self._frame is not None:  # until it is taken over, it knows what to give back
            signal.signal(signal.SIGTSTP, self._frame.suspend)
            signal.signal(signal.SIGCONT, signal.SIG_DFL)

    # ── the terminal is gone ─────────────────────────────────────────────────────────────────────

    def start_application_mode(self) -> None:
        """Also after another program had the terminal, which may be gone by then."""
        if self._watch is None:
            # A thread of its own: the input thread rests while another program has the terminal.
            self._watch = HangUpWatch(self._descriptors, self.hang_up)
            self._watch.start()
        frame = self._frame
        if frame is not None:
            frame.take_over()
            self.memory.adopt(frame.text, frame.size)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if frame is not None:
            self.attrs_before, self._frame = frame.attributes, None
            signal.signal(signal.SIGTSTP, self._sigtstp_application)
            signal.signal(signal.SIGCONT, self._sigcont_application)
        if has_gone(self.fileno):
            self.hang_up()

    # ── stopped, and continued ───────────────────────────────────────────────────────────────────

    def _sigtstp_application(self, *_: object) -> None:
        """Between two steps of the loop, since this may be in the middle of a write. But where another
        program has the terminal the loop may be waiting for that one, and the job stops as a whole."""
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self.step_aside)
        else:
            stop()

    def _sigcont_application(self, *_: object) -> None:
        if self._auto_restart:
            self._loop.call_soon_threadsafe(self._begin_again)

    def step_aside(self) -> None:
        """The terminal is the shell's until it continues us."""
        self.suspend_application_mode()
        stop()
        self.start_application_mode()
        cast("HangsUp", self._app).action_repaint()

    def _begin_again(self) -> None:
        """After SIGSTOP, which nobody hears: a shell has written over the screen and set other modes, which
        are not the ones to be given back."""
        before = self.attrs_before
        if self._writer_thread is not None and self._writer_thread.is_alive():
            self.suspend_application_mode()
        self.start_application_mode()
        self.attrs_before = before
        cast("HangsUp", self._app).action_repaint()

    def hang_up(self) -> None:
        """In any thread, as often as it is noticed."""
        if not self.gone.is_set():
            self.gone.set()
            cast("HangsUp", self._app).hung_up()

    def write(self, data: str) -> None:
        if self.gone.is_set():
            return  # nobody takes it out of the queue, or nobody reads it
        if self._frame is not None and data in ENTER:
            return  # the first frame did
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


# ── pasting ──────────────────────────────────────────────────────────────────────────────────────

ESCAPE, START, END = "\x1b", "\x1b[200~", "\x1b[201~"


class PasteParser(XTermParser):
    """Textual's, fed without the escape characters that stand between the two marks of a paste."""

    def __init__(self, debug: bool = False) -> None:
        self._pasting = False
        #: The end of what was fed: the mark may come in two pieces.
        self._fed = ""
        #: What may be the beginning of the end mark.
        self._held = ""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        if not data:  # the end of the input
            return super().feed(data)
        tamed = self.tame(data)
        return super().feed(tamed) if tamed else ()

    def tame(self, data: str) -> str:
        parts: list[str] = []
        data, self._held = self._held + data, ""
        while data:
            if self._pasting:
                inside, mark, data = data.partition(END)
                if not mark:
                    kept = next((n for n in range(len(END) - 1, 0, -1) if inside.endswith(END[:n])), 0)
                    inside, self._held = inside[: len(inside) - kept], inside[len(inside) - kept :]
                parts += [inside.replace(ESCAPE, ""), mark]
                self._pasting = not mark
            else:
                seen = self._fed + data
                place = seen.find(START)
                self._pasting = place >= 0
                until = place + len(START) - len(self._fed) if self._pasting else len(data)
                parts.append(data[:until])
                self._fed = "" if self._pasting else seen[1 - len(START) :]
                data = data[until:]
        return "".join(parts)


# ── the way out ──────────────────────────────────────────────────────────────────────────────────

#: Two seconds from the signal, or from the end of the terminal, which takes a moment to be noticed.
PATIENCE = 1.7

_on_the_way = threading.Event()


def make_sure_to_leave(number: int) -> None:
    """In any thread: whatever happens, this process ends soon, as one that signal `number` ended."""
    if not _on_the_way.is_set():
        _on_the_way.set()
        threading.Thread(target=_leave, args=(number,), name="leaving", daemon=True).start()


def _leave(number: int) -> None:
    until = time.monotonic() + PATIENCE
    while (now := time.monotonic()) < until:
        if refreshes():
            until = now + PATIENCE
        time.sleep(0.05)
    end_programs()
    os._exit(by_signal(number))


def refreshes() -> bool:
    """Whether a refresh of ours has sent its token and has not saved the answer."""
    own_refresh = sys.modules.get("claude_auth.actions.oauth")
    return own_refresh is not None and bool(own_refresh.is_under_way())


def end_programs() -> None:
    """Whatever we started that is not meant to outlive us."""
    if "claude_auth.processes.lifetime" in sys.modules:
        from claude_auth.actions.terminal import end_programs

        end_programs()
