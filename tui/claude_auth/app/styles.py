"""Where the style sheets lie: beside the package in a wheel, at the top of a checkout; what they say of a
role, for who paints without Textual; and how the output of a program looks: the terminal's own colours stay
the terminal's."""

from __future__ import annotations

import os
from functools import cache, lru_cache
from typing import TYPE_CHECKING

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


_ATTRIBUTES = {"bold": "1", "dim": "2", "reverse": "7"}
_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def role_codes(*, colored: bool) -> dict[str, str]:
    """For each role of `app.tcss` its attributes and its colour as SGR has them, in the painter's order."""
    with open(sheet("app"), encoding="utf-8") as file:
        lines = [text for text in map(str.strip, file) if text.startswith(("$", ".line--"))]
    variables = {name: value.strip(" ;") for name, _, value in (one.partition(":") for one in lines)}
    found = {}
    for text in lines:
        if not text.startswith(".line--"):
            continue
        role, _, rules = text.removeprefix(".line--").rstrip(" }").partition(" { ")
        said = dict(rule.strip().split(": ") for rule in rules.split(";") if rule.strip())
        codes = [code for name, code in _ATTRIBUTES.items() if name in said.get("text-style", "").split()]
        color = variables.get(said.get("color", ""), said.get("color", "")).removeprefix("ansi_")
        if color and colored:
            bright = color.startswith("bright_")
            codes.append(str((90 if bright else 30) + _COLORS.index(color.removeprefix("bright_"))))
        found[role] = ";".join(codes)
    return found


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
