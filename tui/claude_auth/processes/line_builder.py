"""Bytes of a program in a terminal → finished lines, as a log wants them.

What moves within a line is obeyed (a progress bar collapses to what stood there last, columns become
spaces); what moves between lines, and everything else that a terminal acts on, is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from claude_auth.processes.cell_styles import PLAIN, CellStyle, after_sgr
from claude_auth.processes.escapes import Tokeniser, hyperlink

#: Characters of a line that are kept; what follows is counted.
LONGEST_LINE = 4096
MOST_ADDRESSES = 50
_PARAMETER = re.compile(r"(\d{0,5})\D*\Z")


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line before redaction: for the pipeline only. `looks` None: plain; `cut`: characters left out."""

    text: str = field(repr=False)
    looks: tuple[CellStyle, ...] | None = field(default=None, repr=False)
    cut: int = 0


class LineBuilder:
    """Feed it chunks, take lines. `addresses` collects the targets of hyperlinks (OSC 8)."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._tokens = Tokeniser()
        self._longest = longest
        self._look = PLAIN
        self._cells: list[str] = []
        self._looks: list[CellStyle] | None = None
        self._column = 0
        self._cut = 0
        self.addresses: list[str] = []

    @property
    def text(self) -> str:
        """What stands in the line that isn't finished."""
        return "".join(self._cells)

    def unfinished(self) -> RawLine:
        looks = None if self._looks is None else tuple(self._looks)
        return RawLine(self.text, looks, self._cut)

    def feed(self, data: bytes, final: bool = False) -> list[RawLine]:
        lines: list[RawLine] = []
        for kind, text in self._tokens.feed(data, final):
            if kind == "text":
                self._write(text)
            elif kind == "control":
                if text in "\n\v\f\x85":
                    lines.append(self._finish())
                else:
                    self._control(text)
            elif kind == "csi":
                if text[-1] == "m" and (len(text) == 1 or text[0] in "0123456789;:"):
                    self._look = after_sgr(self._look, text[:-1])
                elif text[-1] in "JHf" and self._cells:  # the screen is painted anew
                    lines.append(self._finish())
                else:
                    self._move(text)
            elif kind == "osc" and (address := hyperlink(text)) and len(self.addresses) < MOST_ADDRESSES:
                self.addresses.append(address)
        if final and self._cells:
            lines.append(self._finish())
        return lines

    def _finish(self) -> RawLine:
        line = self.unfinished()
        self._cells, self._looks, self._column, self._cut = [], None, 0, 0
        return line

    def _write(self, text: str) -> None:
        room = self._longest - self._column
        if len(text) > room:
            self._cut += len(text) - max(room, 0)
            text = text[: max(room, 0)]
        if not text:
            return
        self._pad(self._column)
        end = self._column + len(text)
        if self._looks is None and self._look != PLAIN:
            self._looks = [PLAIN] * len(self._cells)
        if self._looks is not None:
            self._looks[self._column : end] = [self._look] * len(text)
        self._cells[self._column : end] = text
        self._column = end

    def _pad(self, column: int) -> None:
        missing = column - len(self._cells)
        if missing > 0:
            self._cells += " " * missing
            if self._looks is not None:
                self._looks += [PLAIN] * missing

    def _control(self, control: str) -> None:
        if control == "\r":
            self._column = 0
        elif control == "\b":
            self._column = max(0, self._column - 1)
        elif control == "\t":
            self._column = min(self._longest, (self._column // 8 + 1) * 8)

    def _move(self, sequence: str) -> None:
        """Within the line: to a column, forward, back, and erase."""
        match = _PARAMETER.match(sequence)
        if match is None:
            return
        number = int(match[1] or 0)
        final = sequence[-1]
        if final in "G`":
            self._column = min(self._longest, max(1, number) - 1)
        elif final in "Ca":
            self._column = min(self._longest, self._column + max(1, number))
        elif final == "D":
            self._column = max(0, self._column - max(1, number))
        elif final == "K" and number in {0, 2}:
            start = self._column if number == 0 else 0
            del self._cells[start:]
            if self._looks is not None:
                del self._looks[start:]
