"""Where the style sheets lie: beside the package in a wheel, at the top of a checkout; and how the output of
a program looks: the terminal's own colours stay the terminal's."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rich.style import Style

if TYPE_CHECKING:
    from claude_auth.actions.terminal import CellStyle


@cache
def _directory() -> Path:
    package = Path(__file__).resolve().parent.parent
    shipped = package / "styles"
    return shipped if shipped.is_dir() else package.parent.parent / "styles"


def sheet(name: str) -> Path:
    """The style sheet of that name."""
    return _directory() / f"{name}.tcss"


@lru_cache(maxsize=512)
def style_of(look: CellStyle) -> Style:
    """None of the attributes that a look doesn't have is switched off: they are the widget's own."""
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
