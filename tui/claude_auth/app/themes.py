"""The colours of every theme, as one table: what `$name` in the style sheets and the first frame stand for;
where the style sheets lie, and what they say of a role, for who paints without Textual.

Of the terminal's own colours nobody knows what they look like: there meaning is the default foreground, bold
and reverse. The other themes have colours of their own, all among the 256 that most terminals know, so that
they are the same where there are no more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.style import Style
    from textual.theme import Theme

    from claude_auth.actions.preferences import Preferences
    from claude_auth.actions.terminal import CellStyle


class Palette(NamedTuple):
    """Colours as style sheets write them; the styles go with the roles of the same name."""

    page: str
    ink: str
    good: str
    careful: str
    bad: str
    mark: str
    muted: str
    faint: str
    careful_style: str = "none"
    bad_style: str = "bold"
    faint_style: str = "none"
    dark: bool = True

    def variables(self) -> dict[str, str]:
        """By the names that the style sheets use."""
        found = self._asdict()
        return {name.replace("_", "-"): value for name, value in found.items() if name != "dark"}


OWN = "terminal"
PALETTES: dict[str, Palette] = {
    OWN: Palette(
        page="ansi_default",
        ink="ansi_default",
        good="ansi_default",
        careful="ansi_default",
        bad="ansi_default",
        mark="ansi_cyan",
        muted="ansi_bright_black",
        faint="ansi_default",
        careful_style="bold",
        bad_style="bold reverse",
        faint_style="dim",
    ),
    "dark": Palette("#121212", "#d7d7d7", "#87d787", "#ffd75f", "#ff8787", "#5fd7ff", "#949494", "#949494"),
    "light": Palette(
        "#ffffff", "#1c1c1c", "#005f00", "#875f00", "#af0000", "#005faf", "#626262", "#626262", dark=False
    ),
    "dark-colour-blind": Palette(
        "#121212", "#d7d7d7", "#5fafff", "#ffff87", "#ff8700", "#d7afff", "#949494", "#949494"
    ),
    "light-colour-blind": Palette(
        "#ffffff", "#1c1c1c", "#0000ff", "#5f005f", "#af5f00", "#875faf", "#626262", "#626262", dark=False
    ),
}


def colours(environ: Mapping[str, str]) -> int:
    """How many the terminal shows: 0 (nobody wants any), 16, 256, or 1 << 24. As Textual tells it."""
    if "NO_COLOR" in environ:
        return 0
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return 1 << 24
    kind = environ.get("TERM", "").strip().lower().rpartition("-")[2]
    return 256 if kind in {"256color", "kitty"} else 16


def theme_for(preferences: Preferences, environ: Mapping[str, str]) -> str:
    """The one that the person wants, where the terminal can show it."""
    wanted = preferences.text("screen.theme")
    return wanted if colours(environ) >= 256 else OWN


def themes() -> list[Theme]:
    """For Textual, all of them; what its own widgets need beside is that of its theme for terminals."""
    from textual.theme import BUILTIN_THEMES, Theme

    base = BUILTIN_THEMES["ansi-dark"]
    return [
        Theme(
            name,
            primary=palette.mark,
            warning=palette.careful,
            error=palette.bad,
            success=palette.good,
            accent=palette.mark,
            foreground=palette.ink,
            background=palette.page,
            surface=palette.page,
            panel=palette.page,
            boost=palette.page,
            dark=palette.dark,
            ansi=name == OWN,
            variables={**base.variables, **palette.variables()},
        )
        for name, palette in PALETTES.items()
    ]


def code_of(colour: str, depth: int, *, background: bool = False) -> str:
    """The colour as SGR has it; empty for the terminal's default. `depth`: as `colours` tells it."""
    if colour == "ansi_default":
        return ""
    if colour.startswith("ansi_"):
        name = colour.removeprefix("ansi_")
        first = (90 if name.startswith("bright_") else 30) + (10 if background else 0)
        return str(first + _NAMES.index(name.removeprefix("bright_")))
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    kind = 48 if background else 38
    if depth > 256:
        return f"{kind};2;{red};{green};{blue}"
    return f"{kind};5;{_index(red, green, blue)}"


_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def _index(red: int, green: int, blue: int) -> int:
    """Among 256 colours: 24 greys, white and black, or a cube of 6 by 6 by 6."""
    if red == green == blue:
        grey = round(red / 255 * 25)
        return {0: 16, 25: 231}.get(grey, 231 + grey)
    steps = [round(part / 95) if part < 95 else round(1 + (part - 95) / 40) for part in (red, green, blue)]
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]


# ── style sheets: beside the package in a wheel, at the top of a checkout ────────────────────────


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


# ── the output of a program: the terminal's own colours stay the terminal's ──────────────────────


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
