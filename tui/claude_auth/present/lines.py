"""Lines of styled text: the panes are functions from facts and a width to these. No widget here.

A span names a role, never a colour; the style sheet decides what a role looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from claude_auth.named_tuples import NamedTuple
from claude_auth.words import Exact, StatusText, TextStyle, abbreviate_home


class Span(NamedTuple):
    text: str
    role: TextStyle = "plain"


Line = tuple[Span, ...]
#: Lays text out for a width.
Maker = Callable[[int], Sequence[Line]]

BLANK: Line = ()


class Row(NamedTuple):
    """One thing in a list, on one or more lines. Headings have no id and take no cursor."""

    id: str | None
    lines: tuple[Line, ...]


RowMaker = Callable[[int], Sequence[Row]]


def line(*parts: str | Span | StatusText) -> Line:
    """Spans from plain text, spans and words (glyph and text in the word's role)."""
    return tuple(_span(part) for part in parts)


def _span(part: str | Span | StatusText) -> Span:
    if isinstance(part, Span):
        return part
    return Span(str(part), part.role) if isinstance(part, StatusText) else Span(part)


def plain(spans: Line) -> str:
    return "".join(span.text for span in spans)


def width_of(spans: Line) -> int:
    return sum(cell_len(span.text) for span in spans)


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis where something is missing."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def fit_left(text: str, width: int) -> str:
    """The end of `text`, for paths, whose end says more than their beginning."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) >= width:
        text = text[1:]
    return "…" + text if width > 0 else ""


def pad(text: str, width: int) -> str:
    """`text` in exactly `width` cells."""
    return set_cell_size(fit(text, width), width)


def fit_line(spans: Line, width: int) -> Line:
    """The line in at most `width` cells."""
    kept: list[Span] = []
    room = width
    for span in spans:
        size = cell_len(span.text)
        if size > room:
            kept.append(Span(fit(span.text, room), span.role))
            break
        kept.append(span)
        room -= size
    return tuple(kept)


def exactly(spans: Line, width: int) -> Line:
    """The line in exactly `width` cells: what is too much is cut off, without a mark."""
    kept: list[Span] = []
    room = width
    for span in spans:
        size = cell_len(span.text)
        kept.append(span if size <= room else Span(set_cell_size(span.text, room), span.role))
        room -= min(size, room)
        if not room:
            return tuple(kept)
    return (*kept, Span(" " * room)) if room else tuple(kept)


def spread(left: Line, right: Line, width: int) -> Line:
    """`left` and, as far right as it goes, `right`; the right part gives way."""
    gap = width - width_of(left) - width_of(right)
    if gap < 1:
        return fit_line(left, width)
    return (*left, Span(" " * gap), *right)


_WORDS = re.compile(r" +|[^ ]+")
#: A word longer than a line begins where so much of it fits, rather than below.
_LEAST_PIECE = 16


def wrap(spans: Line, width: int, indent: int = 0) -> tuple[Line, ...]:
    """The line broken between words; `indent` cells stand before every line but the first."""
    width = max(width, indent + 4)
    if width_of(spans) <= width:  # as most do
        return (_without_trailing_space(spans),)
    lines: list[Line] = []
    current: list[Span] = []
    room = width
    fresh = True
    for word, role in _words(spans):
        size = cell_len(word)
        if size > room and not fresh and (size <= width - indent or room < _LEAST_PIECE):
            lines.append(_joined(current))
            current, room, fresh = [Span(" " * indent)] if indent else [], width - indent, True
            if word.isspace():
                continue
        while size > room:  # a word longer than any line: broken where it stands
            head, word = _split(word, room)
            lines.append(_joined([*current, Span(head, role)]))
            current, room = [Span(" " * indent)] if indent else [], width - indent
            size = cell_len(word)
        if word:
            current.append(Span(word, role))
            room -= size
            fresh = fresh and word.isspace()
    lines.append(_joined(current))
    return tuple(lines)


def _words(spans: Line) -> Iterable[tuple[str, TextStyle]]:
    return ((word, role) for text, role in spans for word in _WORDS.findall(text))


def _split(text: str, width: int) -> tuple[str, str]:
    for position in range(len(text), 0, -1):
        if cell_len(text[:position]) <= width:
            return text[:position], text[position:]
    return text[:1], text[1:]


def _without_trailing_space(spans: Line) -> Line:
    found = list(joined(spans))
    while found:
        text, role = found.pop()
        if text.rstrip():
            return (*found, Span(text.rstrip(), role))
    return ()


def _joined(spans: list[Span]) -> Line:
    """Without trailing space."""
    while spans and spans[-1].text.isspace():
        spans = spans[:-1]
    return joined(spans)


def joined(spans: Iterable[Span]) -> Line:
    """With neighbours of one role as one span: fewer bytes on the way."""
    found: list[Span] = []
    for span in spans:
        if found and found[-1].role == span.role:
            found[-1] = Span(found[-1].text + span.text, span.role)
        elif span.text:
            found.append(span)
    return tuple(found)


def fact(label: str, value: Line, width: int, label_width: int = 10) -> tuple[Line, ...]:
    """A name and its value, the value's further lines below its first."""
    head = Span(pad(label, label_width) if label else " " * label_width, "dim")
    return wrap((head, *value), width, label_width)


class TextLine(NamedTuple):
    """`indent`: blanks before it."""

    indent: int
    text: str
    role: TextStyle = "plain"

    def __str__(self) -> str:
        return " " * self.indent + self.text


def told_text(told: Iterable[TextLine]) -> Iterator[str]:
    """Line by line, for the command line."""
    for one in told:
        margin, text = " " * one.indent, one.text
        yield Exact(text.exact, margin + text.words) if isinstance(text, Exact) else margin + text


_MARKED = ("✓", "▲", "✗", "?", "–", "·")


def told_lines(told: Iterable[TextLine], home: str, width: int) -> list[Line]:
    found: list[Line] = []
    for one in told:
        text = abbreviate_home(one.text, home)
        hang = one.indent + (2 if text.startswith(_MARKED) else 0)
        found += wrap(line(" " * one.indent, Span(text, one.role)), width, hang)
    return found
