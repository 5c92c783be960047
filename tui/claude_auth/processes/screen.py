"""A terminal's screen in memory: bytes of a program in, rows of styled cells out.

The model is pyte's; ours is what stands before it: sequences that it doesn't know, or knows with another
number of parameters, never reach it, nor does text that a reader could be fooled by.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from claude_auth.processes.ansi import (
    COLOURS,
    PLAIN,
    CellSpan,
    CellStyle,
    Tokeniser,
    hyperlink,
    sgr_numbers,
    spans_of,
)

if TYPE_CHECKING:
    import pyte
    from pyte.screens import Char


def _methods(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


#: Final character → method of pyte's screen. Each takes a number at most; `_TAKES_TWO` take two.
_SEQUENCES = _methods(
    "@=insert_characters A=cursor_up B=cursor_down C=cursor_forward D=cursor_back E=cursor_down1 "
    "F=cursor_up1 G=cursor_to_column H=cursor_position J=erase_in_display K=erase_in_line L=insert_lines "
    "M=delete_lines P=delete_characters X=erase_characters a=cursor_forward d=cursor_to_line "
    "e=cursor_down f=cursor_position g=clear_tab_stop r=set_margins `=cursor_to_column"
)
_TAKES_TWO = {"cursor_position", "set_margins"}
_ESCAPES = _methods(
    "c=reset D=index E=linefeed M=reverse_index H=set_tab_stop 7=save_cursor 8=restore_cursor"
)
_CONTROLS = {
    **dict.fromkeys("\n\v\f", "linefeed"),
    "\b": "backspace",
    "\t": "tab",
    "\r": "carriage_return",
    "\x84": "index",
    "\x8d": "reverse_index",
}
#: Modes of ECMA-48 and of DEC that the model knows; all others change nothing that we show.
_MODES = {4, 20}
_PRIVATE_MODES = {5, 6, 7, 25}
_MOST_SAVED = 8
_LONGEST_CELL = 8


class ScreenModel:
    """`cursor` is column and row, None where it is hidden. `application_keys` and `bracketed_paste` tell the
    widget how arrow keys and pastes are to be written."""

    def __init__(
        self, columns: int, rows: int, on_hyperlink: Callable[[str], None] = lambda address: None
    ) -> None:
        import pyte

        self._screen: pyte.Screen = pyte.Screen(columns, rows)
        self._tokens = Tokeniser()
        self._on_hyperlink = on_hyperlink
        self._replies = b""
        self.application_keys = False
        self.bracketed_paste = False

    # ── in ───────────────────────────────────────────────────────────────────────────────────────

    def feed(self, data: bytes) -> bytes:
        """What the program asked the terminal about itself is answered by the bytes returned."""
        self._replies = b""
        screen = self._screen
        for kind, text in self._tokens.feed(data):
            if kind == "text":
                screen.draw(text)
            elif kind == "control":
                if text in _CONTROLS:
                    getattr(screen, _CONTROLS[text])()
            elif kind == "csi":
                self._sequence(text[:-1], text[-1])
            elif kind == "escape":
                if text in _ESCAPES:
                    getattr(screen, _ESCAPES[text])()
                    del screen.savepoints[:-_MOST_SAVED]
            elif address := hyperlink(text):
                self._on_hyperlink(address)
        return self._replies

    def _sequence(self, parameters: str, final: str) -> None:
        screen = self._screen
        if final == "m" and (not parameters or parameters[0] in "0123456789;:"):
            screen.select_graphic_rendition(*sgr_numbers(parameters))
        elif final in "hl":
            self._mode(parameters, final == "h")
        elif final == "c" and parameters in {"", "0"}:
            self._replies += b"\x1b[?6c"
        elif final == "n" and parameters in {"5", "6"}:
            row, column = screen.cursor.y + 1, min(screen.cursor.x, screen.columns - 1) + 1
            self._replies += b"\x1b[0n" if parameters == "5" else f"\x1b[{row};{column}R".encode()
        elif final in _SEQUENCES and all(character in "0123456789;" for character in parameters):
            name = _SEQUENCES[final]
            given = parameters.split(";")[: 2 if name in _TAKES_TWO else 1]
            numbers = [min(int(part or 0), 9999) for part in given]
            if name == "set_margins" and numbers == [0]:
                numbers = []
            if final in "JK" and numbers[0] > 2:
                return  # lines that have scrolled away: we keep none
            getattr(screen, name)(*numbers)

    def _mode(self, parameters: str, on: bool) -> None:
        private = parameters.startswith("?")
        for part in parameters.removeprefix("?").split(";")[:16]:
            if not part.isdecimal() or len(part) > 4:
                continue
            number = int(part)
            if private and number == 1:
                self.application_keys = on
            elif private and number == 2004:
                self.bracketed_paste = on
            elif private and number in {47, 1047, 1049}:
                self._screen.erase_in_display(2)  # another screen, or back: the program paints what it needs
                if on:
                    self._screen.cursor_position()
            elif number in (_PRIVATE_MODES if private else _MODES):
                (self._screen.set_mode if on else self._screen.reset_mode)(number, private=private)

    def resize(self, columns: int, rows: int) -> None:
        """Lines are lost at the bottom, unless the cursor would be: pyte takes them all from the top."""
        screen, rows = self._screen, max(1, rows)
        column, row = screen.cursor.x, screen.cursor.y
        surplus = screen.lines - rows
        scrolled = max(0, row - rows + 1)
        if surplus > 0:
            screen.set_margins()
            screen.cursor_position()
            screen.insert_lines(surplus - scrolled)
        screen.resize(rows, max(1, columns))
        screen.cursor.x, screen.cursor.y = min(column, screen.columns), row - scrolled
        screen.dirty.update(range(rows))
        screen.dirty.intersection_update(range(rows))

    # ── out ──────────────────────────────────────────────────────────────────────────────────────

    @property
    def columns(self) -> int:
        return self._screen.columns

    @property
    def rows(self) -> int:
        return self._screen.lines

    @property
    def cursor(self) -> tuple[int, int] | None:
        cursor = self._screen.cursor
        return None if cursor.hidden else (min(cursor.x, self._screen.columns - 1), cursor.y)

    def row(self, y: int) -> tuple[CellSpan, ...]:
        """A row from edge to edge."""
        line = self._screen.buffer[y]
        cells: list[str] = []
        looks: list[CellStyle] = []
        for x in range(self._screen.columns):
            cell = line[x]
            text = cell.data[:_LONGEST_CELL]  # empty: the right half of a wide character
            cells.append(text)
            looks += [_look(cell)] * len(text)
        return spans_of("".join(cells), None if all(look is PLAIN for look in looks) else looks)

    def take_changed(self) -> frozenset[int]:
        """The rows that are different since the last call."""
        changed = frozenset(self._screen.dirty)
        self._screen.dirty.clear()
        return changed

    def text(self) -> str:
        """What stands there, without looks and without the blanks at the ends."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()


def _look(cell: Char) -> CellStyle:
    return _look_of(
        cell.fg, cell.bg, cell.bold, cell.italics, cell.underscore, cell.reverse, cell.strikethrough
    )


@lru_cache(maxsize=512)
def _look_of(
    front: str, back: str, bold: bool, italic: bool, underline: bool, reverse: bool, strike: bool
) -> CellStyle:
    look = CellStyle(_colour(front), _colour(back), bold, False, italic, underline, reverse, strike)
    return PLAIN if look == PLAIN else look


def _colour(name: str) -> str | None:
    """pyte's names in ours: `brown` is yellow, `brightblack` has a line in it, six digits are a colour."""
    bright = name.startswith("bright")
    stem = name.removeprefix("bright").replace("brown", "yellow").replace("bfightmagenta", "magenta")
    if stem in COLOURS:
        return f"bright_{stem}" if bright else stem
    if len(name) == 6 and all(character in "0123456789abcdef" for character in name):
        return f"#{name}"
    return None
