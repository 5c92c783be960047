"""A word with its glyph; and how text gets to a terminal that is narrow, or knows plain ASCII only."""

from __future__ import annotations

import re
from typing import Literal

from claude_auth.named_tuples import NamedTuple

#: How a word is drawn: a class of the style sheet, and a colour of the text output.
TextStyle = Literal[
    "plain",
    "ok",
    "warn",
    "fail",
    "dim",
    "strong",
    "accent",
    # Parts of the screen that are no words.
    "cursor",
    "frame",
    "title",
    "focus",
    "focus-title",
    "bar",
    "key",
]


class StatusText(NamedTuple):
    glyph: str
    text: str
    role: TextStyle = "plain"

    def __str__(self) -> str:
        return f"{self.glyph} {self.text}"


_ASCII = str.maketrans(
    {
        "★": "*",
        "▲": "!",
        "✓": "+",
        "✗": "x",
        "–": "-",
        "○": "o",
        "↻": "@",
        "→": ">",
        "▸": ">",
        "▾": "v",
        "█": "#",
        "░": ".",
        "─": "-",
        "│": "|",
        "·": "-",
        "…": "~",
        "’": "'",
        "“": '"',
        "”": '"',
        "×": "x",
        "↑": "^",
        "↓": "v",
        **dict.fromkeys("╭╮╰╯┏┓┗┛", "+"),
        "━": "-",
        "┃": "|",
        **dict.fromkeys("▁▂▃▄▅▆▇", " "),
    }
)


def to_ascii(text: str) -> str:
    """`text` in plain ASCII, one character for one, so that nothing moves."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


class Exact(str):
    """What is copied or compared, so it is never broken: a command, a path, a line of a diff. `words`: its
    margin, or what it is for; below those it stands where the line has no room for both."""

    words: str
    exact: str

    def __new__(cls, exact: str, words: str = "") -> Exact:
        line = super().__new__(cls, f"{words}: {exact}" if words.strip() else f"{words}{exact}")
        line.words, line.exact = words, exact
        return line


def with_command(words: str, command: str | None) -> str:
    return Exact(command, words) if command else words


#: What the lines that follow stand below: a glyph, a number, the first column of two.
_MARK = r" *(?:[✓✗▲▸→·–?] |\d+\. |\S+(?: \S+)?  +|sk-\S+ +|\(.*?\) +)?"
_COLOUR = "\x1b\\[[0-9;]*m"


def broken(text: str, width: int | None, hang: int | None = None) -> list[str]:
    """A line broken between words, for a terminal of that width; None: there is none, and a sentence stays
    one line. A word that is too long, as an address is, stays whole, and so does what stands in backquotes.
    `hang`: the blanks before all but the first."""
    if width is None or _length(text) <= width:
        return [text]
    if hang is None:
        mark = re.match(_MARK, re.sub(_COLOUR, "", text))
        hang = mark.end() if mark else 0
    margin = " " * (hang if 3 * hang <= width else min(hang, 4))
    if isinstance(text, Exact):
        words = f"{text.words}:" if text.words.strip() else ""
        return [*broken(words, width, hang), f"{margin}{text.exact}"] if words else [text]
    lines = [""]
    for piece in re.findall(" *(?:`[^`]{1,80}`|[^ ])+", text):
        if lines[-1] and _length(lines[-1] + piece) > width:
            lines.append(f"{margin}{piece.lstrip(' ')}")
        else:
            lines[-1] += piece
    return lines


def _length(text: str) -> int:
    return len(re.sub(_COLOUR, "", text) if "\x1b" in text else text)


#: The console of Linux has a small font; a VT and whoever says that he is one has none of it.
_WITHOUT_GLYPHS = frozenset({"linux", "dumb", "ansi", "vt100", "vt102", "vt220"})


def speaks_unicode(encoding: str | None, term: str) -> bool:
    """Whether the glyphs arrive: a UTF-8 locale and a terminal whose font has them."""
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    return name == "utf8" and term not in _WITHOUT_GLYPHS
