"""A word with its glyph; and how text gets to a terminal that is narrow, or knows plain ASCII only."""

from __future__ import annotations

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


def broken(text: str, width: int | None, hang: int = 0) -> list[str]:
    """One line of text broken between words; `hang` blanks stand before all but the first. A word that is too
    long, as an address is, stays whole. `width` None: there is no terminal."""
    if width is None or len(text) <= width or width < 2 * hang:
        return [text]
    from textwrap import wrap

    return wrap(text, width, subsequent_indent=" " * hang, break_on_hyphens=False, break_long_words=False)


#: The console of Linux has a small font; a VT and whoever says that he is one has none of it.
_WITHOUT_GLYPHS = frozenset({"linux", "dumb", "ansi", "vt100", "vt102", "vt220"})


def speaks_unicode(encoding: str | None, term: str) -> bool:
    """Whether the glyphs arrive: a UTF-8 locale and a terminal whose font has them."""
    name = (encoding or "").lower().replace("-", "").replace("_", "")
    return name == "utf8" and term not in _WITHOUT_GLYPHS
