"""The first frame, drawn before Textual is there: the dashboard is known long before that is imported. The
app takes the screen over as it stands; until then every way out gives it back.

The modes are those that Textual's driver sets. What is typed meanwhile waits in the terminal's queue.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import termios
import threading
from collections import defaultdict
from collections.abc import Iterable
from types import FrameType
from typing import Any

from rich.cells import cell_len

from claude_auth.actions.program import by_signal
from claude_auth.app.themes import Palette, is_bare, role_codes
from claude_auth.present.lines import Line
from claude_auth.security.sanitize import printable
from claude_auth.words import to_ascii

#: The alternate screen, without a cursor.
ENTER = ("\x1b[?1049h", "\x1b[?25l")
#: Said besides, since the console of Linux has no other screen.
_CLEAR = "\x1b[0m\x1b[2J"
#: Also what Textual may have begun to set when it is broken off.
LEAVE = "\x1b[0m\x1b[?2004l\x1b[?1000l\x1b[?1006l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
_INPUT = termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR
_LOCAL = termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG
#: So long a terminal that takes nothing is waited for on the way out, in seconds.
_PATIENCE = 1.0


def terminal_size() -> tuple[int, int]:
    """Columns and rows, as Textual finds them; 80 × 25 where the terminal doesn't know."""
    try:
        real = os.get_terminal_size(sys.stdin.fileno())
    except OSError:
        real = os.terminal_size((0, 0))
    given = (os.environ.get(name, "") for name in ("COLUMNS", "LINES"))
    told = [int(text) if text.isdecimal() else 0 for text in given]
    return told[0] or real.columns or 80, told[1] or real.lines or 25


#: What says nothing that can be read.
_FRAMES = frozenset({"frame", "focus"})
#: Words with few blanks between them: to go over a longer gap costs less than to send it.
_WORDS = re.compile(r"\S+(?: {1,4}\S+)*")


def frame_text(lines: Iterable[Line], palette: Palette, depth: int, *, ascii_only: bool) -> str:
    """What paints these lines on an empty screen: style after style, and all that can be read before the
    frames around it, which are a third of the bytes. `depth`: how many colours the terminal shows."""
    codes = role_codes(palette, depth)
    passes: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for row, spans in enumerate(lines, 1):
        column = 1
        for text, role in spans:
            code = codes.get(role, codes[""])
            shown = to_ascii(printable(text)) if ascii_only else printable(text)
            sent = passes[role in _FRAMES, code]
            for start, part in _parts(shown, code):
                sent.append(f"\x1b[{row};{column + cell_len(shown[:start])}H{part}")
            column += cell_len(shown)
    painted = (f"\x1b[0;{code}m{''.join(sent)}" for (_, code), sent in sorted(passes.items()))
    return "".join((*painted, "\x1b[0m\x1b[H"))


def _parts(text: str, code: str) -> list[tuple[int, str]]:
    """What has to be sent of a text in that style, and at which of its characters it begins."""
    if not is_bare(code):
        return [(0, text)]
    return [(found.start(), found[0]) for found in _WORDS.finditer(text)]


class FirstFrame:
    """On the terminal from `show` on, until the app has taken it over or `close` gives it back. `attributes`:
    the terminal's own modes."""

    def __init__(self, text: str, size: tuple[int, int]) -> None:
        self.text, self.size = text, size
        self.attributes: list[Any] | None = None
        self._is_ours = False
        self._drawing = threading.Thread(target=self._draw, name="first-frame", daemon=True)

    def show(self) -> None:
        """In a thread of its own, so that a slow line doesn't hold Textual's import up."""
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGHUP, self._end)
        signal.signal(signal.SIGTSTP, self.suspend)
        self._enter()
        self._drawing.start()

    def _enter(self) -> None:
        self._is_ours = True
        with contextlib.suppress(termios.error):
            self.attributes = termios.tcgetattr(sys.stdin.fileno())
            raw = termios.tcgetattr(sys.stdin.fileno())
            raw[0] &= ~_INPUT
            raw[3] &= ~_LOCAL
            raw[6][termios.VMIN] = 1
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, raw)

    def _draw(self) -> None:
        """At once: whoever writes gets his turn back only between two steps of the import."""
        self._send(("".join((*ENTER, _CLEAR, self.text))).encode("utf-8", "replace"))

    def _send(self, data: bytes) -> bool:
        """Whether the terminal took it."""
        try:
            while data:
                data = data[os.write(sys.stderr.fileno(), data) :]
        except OSError:
            return False
        return True

    # ── the ways out ─────────────────────────────────────────────────────────────────────────────

    def take_over(self) -> None:
        """All of it is sent; from now on the screen is the caller's to give back."""
        self._drawing.join()
        self._is_ours = False

    def close(self) -> None:
        """Unless somebody has taken it over."""
        if self._is_ours:
            self._give_back()

    def _give_back(self) -> None:
        self._is_ours = False
        if self._drawing.is_alive():
            self._drawing.join(_PATIENCE / 2)
        if self.attributes is not None:
            with contextlib.suppress(termios.error):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self.attributes)
        self._send(LEAVE.encode())

    def _end(self, number: int, _: FrameType | None) -> None:
        """Asked to go. Until the app hears these signals itself it may be anywhere in its beginning."""
        leaving = threading.Thread(target=self._give_back, daemon=True)
        leaving.start()
        leaving.join(_PATIENCE)
        os._exit(by_signal(number))

    def suspend(self, _: int, __: FrameType | None) -> None:
        """Stopped from outside: the shell gets its terminal, and afterwards the frame stands there again."""
        self._give_back()
        stop()
        self._enter()
        self._draw()


def stop() -> None:
    """The whole job, `make` above us too, until somebody continues it: a shell sees only that one. The
    terminal is given back before, since then it is the shell's. Where no shell leads the session nobody would
    continue us: there the kernel, other than with SIGSTOP, stops nothing, and this returns at once."""
    handlers = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTSTP, signal.SIGCONT)}
    os.killpg(0, signal.SIGTSTP)
    for number, handler in handlers.items():
        signal.signal(number, handler)
