"""How a program's output looks, as a style of ours: the terminal's own colours stay the terminal's."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style

from claude_auth.actions.terminal import CellStyle


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
