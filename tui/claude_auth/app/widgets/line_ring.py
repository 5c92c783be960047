"""The newest lines in bounded memory: which of them are shown, where the rows of each begin, and how a long
one is broken into rows. Knows no screen."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, Self, TypeVar

from rich.cells import cell_len

T = TypeVar("T")


class Piece(Protocol):
    """A part of a line: a named tuple of a text and its looks."""

    @property
    def text(self) -> str: ...

    def _replace(self, *, text: str) -> Self: ...


P = TypeVar("P", bound=Piece)


def breaks(text: str, width: int, later: int) -> list[int]:
    """Where a line is broken that is wider than `width` cells; its further rows have `later` cells each."""
    if len(text) <= width and text.isascii():
        return []
    later = max(1, later)
    if cell_len(text) == len(text):
        return list(range(width, len(text), later))
    found, room = [], width
    for position, character in enumerate(text):
        size = cell_len(character)
        if size > room:
            found.append(position)
            room = later
        room -= size
    return found


def cut(pieces: Iterable[P], start: int, end: int) -> tuple[P, ...]:
    """The characters from `start` to `end`, in their looks."""
    found = []
    for piece in pieces:
        text = piece.text[max(0, start) : max(0, end)]
        if text:
            found.append(piece._replace(text=text))
        start, end = start - len(piece.text), end - len(piece.text)
    return tuple(found)


def part_of(pieces: Sequence[P], part: int, width: int, later: int) -> tuple[P, ...]:
    """That row of a broken line, counted from 0."""
    text = "".join(piece.text for piece in pieces)
    edges = [0, *breaks(text, width, later), len(text)]
    return cut(pieces, edges[part], edges[part + 1]) if len(edges) > 2 else tuple(pieces)


class LineRing(Generic[T]):
    """Lines by number, counted from 0; those are shown that pass `keep`, each so many rows high."""

    def __init__(self, height: Callable[[T], int]) -> None:
        self.height = height
        self.keep: Callable[[T], bool] = lambda line: True
        self.lines: list[T] = []
        self.oldest = 0
        self._shown, self._ends = array("Q"), array("Q")  # numbers, and the row below each one
        self._base = 0  # rows that fell out above

    def __len__(self) -> int:
        return len(self._shown)

    def __getitem__(self, number: int) -> T:
        return self.lines[number - self.oldest]

    def at(self, place: int) -> T | None:
        """The shown line in that place, if there is one."""
        return self[self._shown[place]] if 0 <= place < len(self._shown) else None

    def find(self, wanted: Callable[[T], bool], start: int, step: int) -> int | None:
        """The next place (1) or the one before (-1) whose line is wanted, on from the other end, where it is
        counted on: -1 is the last place."""
        places = (start + step * distance for distance in range(1, len(self) + 1))
        return next((place for place in places if wanted(self[self._shown[place % len(self)]])), None)

    @property
    def shown(self) -> list[T]:
        return [self[number] for number in self._shown]

    @property
    def count(self) -> int:
        """How many there ever were."""
        return self.oldest + len(self.lines)

    @property
    def rows(self) -> int:
        return self._ends[-1] - self._base if self._ends else 0

    @property
    def numbers(self) -> Sequence[int]:
        return self._shown

    def extend(self, lines: Iterable[T]) -> int:
        """How many of them are shown."""
        before, first = len(self), self.count
        self.lines += lines
        self._show(first)
        return len(self) - before

    def _show(self, first: int) -> None:
        """Those that pass, from that number on, below the ones that stand there."""
        end = self._base + self.rows
        for number in range(max(first, self.oldest), self.count):
            line = self[number]
            if self.keep(line):
                end += self.height(line)
                self._shown.append(number)
                self._ends.append(end)

    def forget(self, count: int) -> int:
        """Drop that many of the oldest, where it is more than none; how many rows those took."""
        if count <= 0:
            return 0
        del self.lines[:count]
        self.oldest += count
        gone = self.place(self.oldest)
        rows = self.first_row(gone)
        self._base += rows
        del self._shown[:gone], self._ends[:gone]
        return rows

    def lay_out(self, first: int = 0) -> None:
        """Anew from that number on, after `keep` or `height` changed."""
        place = self.place(first)
        if not place:
            self._base = 0
        del self._shown[place:], self._ends[place:]
        self._show(first)

    def place(self, number: int) -> int:
        """The place among the shown of that line, or of the next one after it."""
        return bisect_left(self._shown, number)

    def place_at(self, row: int) -> int:
        return bisect_right(self._ends, self._base + row)

    def first_row(self, place: int) -> int:
        return (self._ends[place - 1] if place else self._base) - self._base
