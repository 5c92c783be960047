"""Bytes of a terminal program → text, controls and sequences, chunk by chunk, in bounded memory.

Nothing here acts on a sequence: whoever reads the tokens picks the few that it knows, all else is gone.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any, Literal

from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import UNSEEN

#: `text`: printable runs; `control`: one C0 or C1 character; `csi`: parameters and final character;
#: `osc`: the body of an operating system command; `escape`: what follows a lone escape.
Kind = Literal["text", "control", "csi", "osc", "escape"]
Token = tuple[Kind, str]

#: A sequence longer than this is no sequence.
LONGEST_SEQUENCE = 256
#: Of an operating system command so much is kept: enough for a hyperlink's address.
LONGEST_COMMAND = 8192
#: A string that isn't ended by then swallows no more.
LONGEST_STRING = 1 << 16

MOST_MARKS = 3


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    token = re.compile(
        r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
        r"|(?:\x1b\[|\x9b)(?P<csi>[0-?]*[ -/]*[@-~])"
        r"|(?P<string>\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])"
        r"|\x1b(?P<escape>[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
        r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f-\x8f\x91-\x97\x99\x9a\x9c])"
    )
    unfinished = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*\Z|\x1b[ -/]*\Z")
    string_end = re.compile(r"\x07|\x9c|\x18|\x1a|\x1b\\?")
    return token, unfinished, string_end, re.compile(f"[{UNSEEN}]")


def visible(text: str) -> str:
    """A run of text without bidirectional, invisible and private characters; at most three accents on one
    letter. Terminals disagree about all of these, and a reader can be fooled by them."""
    if text.isascii():
        return text
    text = _patterns()[3].sub("", text)
    if text.isprintable() and not _has_marks(text):
        return text
    kept: list[str] = []
    marks = MOST_MARKS  # none at the start of a run: there is no letter that they belong to
    for character in text:
        if not character.isprintable():
            if unicodedata.category(character) == "Zs":
                kept.append(" ")
            continue
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _has_marks(text: str) -> bool:
    return any(unicodedata.category(character) in {"Mn", "Me"} for character in text)


def hyperlink(command: str) -> str:
    """The address that an operating system command (OSC 8) links to; empty where it links to none."""
    parts = command.split(";", 2)
    return parts[2] if len(parts) == 3 and parts[0] == "8" else ""


def without_escapes(text: str) -> str:
    """The text and its control characters alone."""
    tokens = Tokeniser().feed(text.encode("utf-8", "ignore"), final=True)
    return "".join(part for kind, part in tokens if kind in {"text", "control"})


class Tokeniser:
    """Keeps what a chunk leaves unfinished: part of a character, of a sequence, of a string."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._string: list[str] | None = None
        self._string_length = 0
        self._is_command = False

    def feed(self, data: bytes, final: bool = False) -> Iterator[Token]:
        token, unfinished, _, _ = _patterns()
        text = self._rest + self._decoder.decode(data, final)
        self._rest = ""
        position, end = 0, len(text)
        while position < end:
            if self._string is not None:
                position, command = self._in_string(text, position)
                if command is not None:
                    yield "osc", command
                continue
            match = token.match(text, position)
            if match is None:
                if unfinished.match(text, position) and end - position <= LONGEST_SEQUENCE and not final:
                    self._rest = text[position:]
                    return
                position += 1  # an introducer that introduces nothing
                continue
            position = match.end()
            kind = match.lastgroup
            if kind == "text":
                if seen := visible(match[0]):
                    yield "text", seen
            elif kind == "csi":
                yield "csi", match["csi"]
            elif kind == "escape":
                yield "escape", match["escape"]
            elif kind == "control":
                yield "control", match[0]
            else:
                self._string, self._string_length = [], 0
                self._is_command = match[0] in {"\x1b]", "\x9d"}

    def _in_string(self, text: str, position: int) -> tuple[int, str | None]:
        """Skips to the end of the string; its body where it is a command of bearable length."""
        assert self._string is not None
        match = _patterns()[2].search(text, position)
        if match is not None and match[0] == "\x1b" and match.end() == len(text):
            self._keep(text[position : match.start()])
            self._rest = "\x1b"  # the next chunk tells what it is
            return len(text), None
        stop = len(text) if match is None else match.start()
        self._keep(text[position:stop])
        if match is None:
            if self._string_length > LONGEST_STRING:
                self._string = None
            return stop, None
        ended_well = match[0] in {"\x07", "\x9c", "\x1b\\"}
        wanted = ended_well and self._is_command and self._string_length <= LONGEST_COMMAND
        command = "".join(self._string) if wanted else None
        self._string = None
        return (match.start() if match[0] == "\x1b" else match.end()), command

    def _keep(self, part: str) -> None:
        assert self._string is not None
        self._string_length += len(part)
        if self._is_command and self._string_length <= LONGEST_COMMAND:
            self._string.append(part)


COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_CUBE = (0, 95, 135, 175, 215, 255)


@dataclass(frozen=True, slots=True)
class CellStyle:
    """`foreground` and `background`: None for the terminal's own, one of `COLOURS`, `bright_` and one of
    them, or `#rrggbb`."""

    foreground: str | None = None
    background: str | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = CellStyle()


class CellSpan(NamedTuple):
    """Text in one look. It holds nothing that a terminal acts on, and is never markup."""

    text: str
    look: CellStyle = PLAIN


def plain(spans: Iterable[CellSpan]) -> str:
    return "".join(span.text for span in spans)


def spans_of(text: str, looks: Sequence[CellStyle] | None) -> tuple[CellSpan, ...]:
    """One span for each run of the same look; `looks` None: all of it is plain."""
    if not text:
        return ()
    if looks is None:
        return (CellSpan(text),)
    found: list[CellSpan] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or looks[index] != looks[start]:
            found.append(CellSpan(text[start:index], looks[start]))
            start = index
    return tuple(found)


_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}


@lru_cache(maxsize=512)
def after_sgr(look: CellStyle, parameters: str) -> CellStyle:
    """The look after `CSI parameters m`. Unknown numbers change nothing; blinking is left out on purpose."""
    numbers = sgr_numbers(parameters)
    index = 0
    while index < len(numbers):
        number = numbers[index]
        index += 1
        if number == 0:
            look = PLAIN
        elif number in _ON:
            look = _flagged(look, (_ON[number],), True)
        elif number in _OFF:
            look = _flagged(look, _OFF[number], False)
        elif number in {38, 48}:
            colour, used = _extended(numbers[index:])
            index += used
            if colour is not None:
                look = _coloured(look, colour, number == 38)
        elif 30 <= number <= 37 or 40 <= number <= 47:
            look = _coloured(look, COLOURS[number % 10], number < 40)
        elif 90 <= number <= 97 or 100 <= number <= 107:
            look = _coloured(look, f"bright_{COLOURS[number % 10]}", number < 100)
        elif number in {39, 49}:
            look = _coloured(look, None, number == 39)
    return look


def sgr_numbers(parameters: str) -> list[int]:
    """`1;38:5:9` → 1, 38, 5, 9: colons are told in semicolons, an underline's shape is left out."""
    numbers: list[int] = []
    for part in parameters.split(";")[:32]:
        pieces = part.split(":")
        if pieces[0] == "4" and len(pieces) > 1:
            pieces = ["24" if pieces[1] == "0" else "4"]
        elif pieces[0] in {"38", "48"} and len(pieces) == 6:  # with a colour space in the third place
            del pieces[2]
        numbers += [int(piece) if piece.isdecimal() and len(piece) < 5 else 0 for piece in pieces]
    return numbers


def _flagged(look: CellStyle, names: Iterable[str], on: bool) -> CellStyle:
    changes: dict[str, Any] = dict.fromkeys(names, on)
    return replace(look, **changes)


def _coloured(look: CellStyle, colour: str | None, in_front: bool) -> CellStyle:
    return replace(look, foreground=colour) if in_front else replace(look, background=colour)


def _extended(rest: Sequence[int]) -> tuple[str | None, int]:
    """The colour behind 38 or 48, and how many numbers it took."""
    if len(rest) >= 2 and rest[0] == 5:
        return indexed(rest[1]), 2
    if len(rest) >= 4 and rest[0] == 2:
        return "#{:02x}{:02x}{:02x}".format(*(min(number, 255) for number in rest[1:4])), 4
    return None, len(rest)


def indexed(number: int) -> str | None:
    """The colour of that number in the palette of 256."""
    if number < 8:
        return COLOURS[number]
    if number < 16:
        return f"bright_{COLOURS[number - 8]}"
    if number < 232:
        number -= 16
        return f"#{_CUBE[number // 36]:02x}{_CUBE[number // 6 % 6]:02x}{_CUBE[number % 6]:02x}"
    if number < 256:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    return None


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
    """Finished lines, as a log wants them. What moves within a line is obeyed (a progress bar collapses to
    what stood there last, columns become spaces); what moves between lines, and everything else that a
    terminal acts on, is left out. Feed it chunks, take lines; `addresses` collects the targets of hyperlinks
    (OSC 8)."""

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
