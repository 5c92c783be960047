"""Lines of a report laid out for a width: each wrapped below its own beginning. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.present.text_lines import TextLine
from claude_auth.security.sanitize import clean
from claude_auth.words import abbreviate_home

_MARKED = ("✓", "▲", "✗", "?", "–", "·")


def told_lines(told: Iterable[TextLine], home: str, width: int, *, most: int = 2000) -> list[Line]:
    found: list[Line] = []
    for one in told:
        text = clean(abbreviate_home(one.text, home), most)
        hang = one.indent + (2 if text.startswith(_MARKED) else 0)
        found += wrap(line(" " * one.indent, Span(text, one.role)), width, hang)
    return found
