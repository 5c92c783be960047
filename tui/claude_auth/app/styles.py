"""Where the style sheets lie: beside the package in a wheel, at the top of a checkout; what they say of a
role, for who paints without Textual; and how the output of a program looks: the terminal's own colours stay
the terminal's."""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from claude_auth.app.themes import Palette, code_of

if TYPE_CHECKING:
    from rich.style import Style

    from claude_auth.actions.terminal import CellStyle


@cache
def _directory() -> str:
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    shipped = os.path.join(package, "styles")
    return shipped if os.path.isdir(shipped) else os.path.join(package, "..", "..", "styles")


def sheet(name: str) -> str:
    """The path of the style sheet of that name."""
    return os.path.normpath(os.path.join(_directory(), f"{name}.tcss"))


#: Bold, dim, or one of the 16 colours of letters.
_LETTERS = re.compile("[12]?|[39][0-7]")
_ATTRIBUTES = {"bold": "1", "dim": "2", "reverse": "7"}


def role_codes(palette: Palette, depth: int) -> dict[str, str]:
    """For each role of `app.tcss` its attributes and its colours as SGR has them, in the painter's order;
    under "" those of a page without a role. `depth`: how many colours the terminal shows."""
    with open(sheet("app"), encoding="utf-8") as file:
        rules = [text for text in map(str.strip, file) if text.startswith(".line--")]
    variables = {f"${name}": value for name, value in palette.variables().items()}
    found = {"": _codes("", palette.ink, palette.page, depth)}
    for text in rules:
        role, _, body = text.removeprefix(".line--").rstrip(" }").partition(" { ")
        said = dict(rule.strip().split(": ") for rule in body.split(";") if rule.strip())
        style, color = (said.get(name, "") for name in ("text-style", "color"))
        style = " ".join(variables.get(word, word) for word in style.split())
        color = variables.get(color, color) or palette.ink
        found[role] = _codes(style, color, palette.page, depth)
    return found


def _codes(style: str, color: str, page: str, depth: int) -> str:
    codes = [code for name, code in _ATTRIBUTES.items() if name in style.split()]
    if depth:
        codes += [code_of(color, depth), code_of(page, depth, background=True)]
    return ";".join(filter(None, codes))


@lru_cache(maxsize=512)
def is_bare(codes: str) -> bool:
    """Whether a blank with these attributes looks like one without any: no background, nothing reversed."""
    return all(_LETTERS.fullmatch(code) for code in codes.split(";"))


@lru_cache(maxsize=512)
def style_of(look: CellStyle) -> Style:
    """None of the attributes that a look doesn't have is switched off: they are the widget's own."""
    from rich.style import Style

    return Style(
        color=look.foreground,
        bgcolor=look.background,
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
        strike=look.strike or None,
    )
