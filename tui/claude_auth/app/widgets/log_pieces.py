"""Long lines broken into rows, and what was searched for found in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len

from claude_auth.present.lines import Line, Span

INDENT = 4


@lru_cache(4096)
def narrow_cells(text: str) -> int:
    """The length of a text whose characters take one cell each, -1 for any other."""
    return len(text) if cell_len(text) == len(text) else -1


def breaks(text: str, width: int) -> list[int]:
    """Where a line is broken that is wider than the view; further rows are indented."""
    later = max(1, width - INDENT)
    if len(text) <= width and text.isascii():
        return []
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


def cut(spans: Line, start: int, end: int) -> Line:
    found = []
    for text, role in spans:
        piece = text[max(0, start) : max(0, end)]
        if piece:
            found.append(Span(piece, role))
        start, end = start - len(text), end - len(text)
    return tuple(found)


def pieces(text: str, needle: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and whether each is what was searched for."""
    lower = text.lower()
    if not needle or len(lower) != len(text):
        yield text, False
        return
    start = 0
    while (found := lower.find(needle, start)) >= 0:
        yield text[start:found], False
        yield text[found : found + len(needle)], True
        start = found + len(needle)
    yield text[start:], False
