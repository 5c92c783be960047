"""A line of a report, before anybody knows whether a terminal's width or a pipe will lay it out. Pure."""

from __future__ import annotations

from typing import NamedTuple

from claude_auth.words import TextStyle


class TextLine(NamedTuple):
    """`indent`: blanks before it."""

    indent: int
    text: str
    role: TextStyle = "plain"

    def __str__(self) -> str:
        return " " * self.indent + self.text
