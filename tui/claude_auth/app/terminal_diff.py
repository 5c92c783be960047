"""Remembers what stands on the terminal, so that it isn't sent again. Pure: text in, shorter text out.

Textual sends the whole region of every widget that changed. What comes here is a small language: cursor
moves, colours, text. Cells that already stand there are dropped; all else goes through as it is, and
whatever could have changed the screen in another way makes us forget it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len

from claude_auth.app.themes import is_bare

_TOKENS = re.compile(
    r"\x1b\[(?P<move>\d*;?\d*)H"
    r"|\x1b\[(?P<style>[\d;]*)m"
    r"|(?P<newline>\n)"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]|[\x00-\x1f\x7f])"
)

#: What leaves every cell as it is: synchronised output, the cursor's look, reports of mouse, focus, paste.
_HARMLESS = re.compile(
    r"\x1b\[\?(?:2026|2048|2004|25|100[0-6]|1015|1016|7)(?:[hl]|\$p)|\x1b\](?:52|22);|\x1b\[[<>=]"
)
#: One of the 16 colours of letters.
_FOREGROUND = re.compile("[39][0-7]")
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
_UNKNOWN = "\0"
#: Shorter than this it is no paint of a whole screen.
_A_PAINT = 1000


class ScreenMemory:
    """The cells as they were last sent. `filter` is called with everything that goes out, in order."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._characters: list[list[str]] = []
        self._styles: list[list[str]] = []
        self._style = ""
        self._x = self._y = 0
        self._blank = True
        self._unread: list[str] = []
        self._held = ""

    def forget(self) -> None:
        """Nothing is known: the next paint is sent whole."""
        width, height = self._size
        self._characters = [[_UNKNOWN] * width for _ in range(height)]
        self._styles = [[_UNKNOWN] * width for _ in range(height)]
        self._blank = True

    def adopt(self, frame: str, size: tuple[int, int]) -> None:
        """`frame` was sent already, to an empty screen of that size, by somebody else."""
        self._size = width, height = size
        self._characters = [[" "] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]
        self._unread, self._blank = [frame], False

    def filter(self, text: str, size: tuple[int, int]) -> str:
        """What of `text` has to be sent to a terminal of `size` (columns, rows)."""
        if size != self._size:
            self._size = size
            self._unread.clear()
            self.forget()
        if text == _BEGIN:  # held back until there is something between it and its end
            self._held = text
            return ""
        if text == _END and self._held:
            self._held = ""
            return ""
        sent = self._shortened(text)
        if sent:
            sent, self._held = self._held + sent, ""
        return sent

    def _shortened(self, text: str) -> str:
        if self._blank:
            # Nothing can be spared of a first paint: it goes at once, and is read when the next one comes.
            self._unread.append(text)
            self._blank = len(text) < _A_PAINT
            return text
        if self._unread:
            earlier, self._unread = "".join(self._unread), []
            self._read(earlier)
            self._blank = False
        return self._read(text)

    def _read(self, text: str) -> str:
        sent: list[str] = []
        actual: tuple[int, int] | None = None  # where the terminal's cursor is, as far as we moved it
        sent_style = ""
        for token in _TOKENS.finditer(text):
            kind = token.lastgroup
            if kind == "text":
                for x, run in self._changed(token["text"]):
                    if actual != (x, self._y):
                        sent.append(_move(actual, x, self._y))
                    if sent_style != self._style:
                        sent.append(_restyle(sent_style, self._style))
                        sent_style = self._style
                    sent.append(run)
                    actual = (x + cell_len(run), self._y)
            elif kind == "style":
                self._style = _styled(self._style, token["style"])
            elif kind == "move":
                row, _, column = token["move"].partition(";")
                self._x, self._y = int(column or 1) - 1, int(row or 1) - 1
            elif kind == "newline":
                self._x, self._y = 0, self._y + 1
            else:
                sent.append(token["other"])
                if not _HARMLESS.match(token["other"]):
                    self.forget()
        if sent_style:
            sent.append(_restyle(sent_style, ""))
        return "".join(sent)

    def _changed(self, text: str) -> list[tuple[int, str]]:
        """The parts of a run of text that don't stand there yet, with their columns; they stand there now."""
        width, height = self._size
        x, y = self._x, self._y
        plain = text.isascii() or all(cell_len(character) == 1 for character in set(text))
        cells = list(text) if plain else _cells(text)
        self._x = x + len(cells)
        if not 0 <= y < height or x < 0 or x + len(cells) > width:
            return [(x, text)]  # outside of what we keep: as it is
        characters, styles, style = self._characters[y], self._styles[y], self._style
        end = x + len(cells)
        bare = is_bare(style)
        changed = [
            place
            for place, (old, new) in enumerate(zip(characters[x:end], cells, strict=True), x)
            if old != new or (styles[place] != style and not (bare and new == " " and is_bare(styles[place])))
        ]
        if not changed:
            return []
        characters[x:end] = cells
        styles[x:end] = [style] * len(cells)
        if not plain:  # a wide character can't be cut: the run goes whole
            return [(x, text)]
        parts: list[tuple[int, str]] = []
        start = before = changed[0]
        for place in [*changed[1:], -1]:
            if place == -1 or place > before + 6:  # a gap shorter than a cursor move is sent along
                parts.append((start, text[start - x : before - x + 1]))
                start = place
            before = place
        return parts


def _move(before: tuple[int, int] | None, x: int, y: int) -> str:
    """To column x and row y, both from 0. Never by so many columns: terminals differ in what is wide."""
    if before is not None and before[1] == y:
        return f"\x1b[{x + 1}G"
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


@lru_cache(maxsize=512)  # a program in a pane may have thousands of colours
def _restyle(before: str, style: str) -> str:
    """From one style to the other in as few bytes as go."""
    if not style:
        return "\x1b[m"
    if not before:
        return f"\x1b[{style}m"
    if style.startswith(f"{before};"):
        return f"\x1b[{style[len(before) + 1 :]}m"
    if _FOREGROUND.fullmatch(before) and _FOREGROUND.fullmatch(style):
        return f"\x1b[{style}m"
    return f"\x1b[0;{style}m"


def _styled(before: str, codes: str) -> str:
    """The style after these codes: what says "as at first" to what is as at first says nothing."""
    if codes in ("", "0") or codes.startswith("0;"):
        before, codes = "", codes[2:]
    if not before:
        codes = codes.removesuffix("39;49").removesuffix(";49").rstrip(";")
    return f"{before};{codes}" if before and codes else before or codes


def _cells(text: str) -> list[str]:
    """One entry a cell; a wide character's second half is empty, what takes no cell joins the one before."""
    cells: list[str] = []
    for character in text:
        size = cell_len(character)
        if size == 0 and cells:
            cells[-1] += character
        else:
            cells += [character, *([""] * (size - 1))]
    return cells
