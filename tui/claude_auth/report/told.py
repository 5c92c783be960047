"""A line of a report, before anybody knows whether a terminal's width or a pipe will lay it out. Pure."""

from __future__ import annotations

from typing import NamedTuple

from claude_auth.wording import Role


class Told(NamedTuple):
    """`indent`: blanks before it."""

    indent: int
    text: str
    role: Role = "plain"

    def __str__(self) -> str:
        return " " * self.indent + self.text
