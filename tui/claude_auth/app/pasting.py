"""Pasted text is never played as keys.

Inside a bracketed paste Textual's parser takes an escape character for the beginning of a key, and hands the
letters behind it on as key presses: a log in colour that is pasted would quit, or answer a question. Most
terminals take escapes out of a paste; tmux and some others don't.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.message import Message

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
