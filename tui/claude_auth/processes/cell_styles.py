"""How a cell of a terminal looks: colour and weight, in names that any screen can turn into its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

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


class Span(NamedTuple):
    """Text in one look. It holds nothing that a terminal acts on, and is never markup."""

    text: str
    look: CellStyle = PLAIN


def plain(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)


def spans_of(text: str, looks: Sequence[CellStyle] | None) -> tuple[Span, ...]:
    """One span for each run of the same look; `looks` None: all of it is plain."""
    if not text:
        return ()
    if looks is None:
        return (Span(text),)
    found: list[Span] = []
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or looks[index] != looks[start]:
            found.append(Span(text[start:index], looks[start]))
            start = index
    return tuple(found)


_ON: dict[int, str] = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "underline",
    7: "reverse",
    9: "strike",
    21: "underline",
}
_OFF: dict[int, tuple[str, ...]] = {
    22: ("bold", "dim"),
    23: ("italic",),
    24: ("underline",),
    27: ("reverse",),
    29: ("strike",),
}


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
