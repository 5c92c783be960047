"""TOML of ours: the tables, and for each key the line that a person has to look at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """`where`: the variable, or the file and its line."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where} {self.text}"


@dataclass(frozen=True, slots=True)
class TomlDocument:
    """`problem` says why nothing could be read; then `table` is empty."""

    table: Mapping[str, object]
    text: str
    path: str
    problem: Problem | None = None

    def place(self, key: str, table: str = "") -> str:
        """`path:line` where `key` is assigned last, or its table. `table`: the one that it stands in."""
        begin, end = self._span(table)
        found = _assignments(key, self.text, begin, end)
        if table and not found:
            found = _assignments(f"{table}.{key}", self.text, 0, len(self.text))
        if not found:
            return self.path
        return f"{self.path}:{self.text.count(chr(10), 0, found[-1]) + 1}"

    def _span(self, table: str) -> tuple[int, int]:
        """From where to where the lines of a table stand, the whole text for the topmost one."""
        if not table:
            return 0, len(self.text)
        header = re.search(rf"(?m)^[ \t]*\[[ \t]*{re.escape(table)}[ \t]*\].*$", self.text)
        if header is None:
            return 0, 0
        after = re.compile(r"(?m)^[ \t]*\[").search(self.text, header.end())
        return header.end(), after.start() if after else len(self.text)


def _assignments(key: str, text: str, begin: int, end: int) -> list[int]:
    quoted = re.escape(key)
    pattern = re.compile(
        rf"""^[ \t]*(?:["']?{quoted}["']?[ \t]*[=.]|\[[ \t]*["']?{quoted}["']?[ \t]*\])""", re.MULTILINE
    )
    return [match.start() for match in pattern.finditer(text, begin, end)]


def parse_toml(content: bytes, path: str) -> TomlDocument:
    """Never raises. The words hold nothing of the content, which may be a secret."""
    import tomllib

    try:
        text = content.decode("utf-8-sig")
        return TomlDocument(tomllib.loads(text), text, path)
    except UnicodeDecodeError:
        return TomlDocument({}, "", path, Problem(path, "is not UTF-8"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # The message quotes single characters at most; the position at its end is what helps.
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        if place:
            problem = Problem(f"{path}:{place[1]}", f"is not valid TOML (column {place[2]})")
        else:
            problem = Problem(path, "is not valid TOML")
        return TomlDocument({}, "", path, problem)
