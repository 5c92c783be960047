"""Themes: contrast, colours that a colour-blind person tells apart, the first frame, and a picture each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.color import Color, ColorSystem

from claude_auth.actions.preferences import load_preferences
from claude_auth.app.app import DashboardApp
from claude_auth.app.services import Services
from claude_auth.app.themes import OWN, PALETTES, Palette, code_of, theme_for
from claude_auth.preferences import THEMES
from claude_auth.sandbox import scenes
from tests.app.driving import eyes
from tests.app.frames import compared, taken_over, terminal_of
from tests.app.terminal import Terminal

__all__ = ["terminal_of"]  # a fixture is found by its name

FIXED = [name for name in PALETTES if name != OWN]
ROLES = ("ink", "good", "careful", "bad", "mark", "muted", "faint")

RGB = tuple[float, float, float]


def linear(colour: str) -> RGB:
    """sRGB, 0 to 1, without its gamma (IEC 61966-2-1)."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return red, green, blue


def luminance(colour: RGB) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.1."""
    low, high = sorted((luminance(linear(one)), luminance(linear(other))))
    return (high + 0.05) / (low + 0.05)


def test_there_is_a_palette_for_each_theme_that_can_be_wished_for() -> None:
    assert tuple(PALETTES) == THEMES


@pytest.mark.parametrize("name", FIXED)
def test_contrast(name: str) -> None:
    palette = PALETTES[name]
    for role in ROLES:
        assert contrast(getattr(palette, role), palette.page) >= 4.5, role


#: Viénot, Brettel and Mollon 1999: what is left of red, green and blue without one kind of cones.
_BLIND = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


def lab(colour: RGB) -> RGB:
    """CIELAB under D65."""
    red, green, blue = (max(0.0, part) for part in colour)
    white = (0.95047, 1.0, 1.08883)
    xyz = (
        0.4124 * red + 0.3576 * green + 0.1805 * blue,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        0.0193 * red + 0.1192 * green + 0.9505 * blue,
    )
    x, y, z = (
        (part / of) ** (1 / 3) if part / of > 0.008856 else 7.787 * part / of + 16 / 116
        for part, of in zip(xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str, kind: str) -> float:
    seen = []
    for colour in (one, other):
        parts = linear(colour)
        matrix = _BLIND[kind]
        red, green, blue = (sum(a * b for a, b in zip(row, parts, strict=True)) for row in matrix)
        seen.append(lab((red, green, blue)))
    return math.dist(*seen)


@pytest.mark.parametrize("kind", _BLIND)
@pytest.mark.parametrize("name", [name for name in FIXED if name.endswith("colour-blind")])
def test_a_colour_blind_person_tells_good_careful_and_bad_apart(name: str, kind: str) -> None:
    palette = PALETTES[name]
    for one, other in itertools.combinations(("good", "careful", "bad"), 2):
        assert distance(getattr(palette, one), getattr(palette, other), kind) > 20, (one, other)


@pytest.mark.parametrize("name", FIXED)
def test_with_256_colours_each_is_the_one_that_the_painter_takes(name: str) -> None:
    palette = PALETTES[name]
    for role in (*ROLES, "page"):
        colour = getattr(palette, role)
        painted = Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT)
        assert code_of(colour, 256) == f"38;5;{painted.number}", role


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-256color"}, "light"),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, "light"),
        ({"TERM": "xterm"}, OWN),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, OWN),
        ({}, OWN),
    ],
)
def test_a_terminal_with_too_few_colours_keeps_its_own(environ: dict[str, str], expected: str) -> None:
    wanted = load_preferences({"CLAUDE_AUTH_THEME": "light"}, "/nonexistent")
    assert theme_for(wanted, environ) == expected


def test_the_terminals_own_theme_takes_no_colour_for_a_meaning() -> None:
    palette: Palette = PALETTES[OWN]
    assert {palette.good, palette.careful, palette.bad, palette.ink, palette.page} == {"ansi_default"}
    assert (palette.careful_style, palette.bad_style) == ("bold", "bold reverse")


@pytest.mark.parametrize("name", FIXED)
def test_the_first_frame_is_what_the_app_paints(
    name: str, terminal_of: Callable[..., None], tmp_path: Path
) -> None:
    terminal_of((120, 40))
    compared("two-sent", tmp_path, (120, 40), theme=name)


@pytest.mark.parametrize("name", ["dark", "light-colour-blind"])
def test_with_all_colours_the_app_takes_over_without_painting_again(name: str, tmp_path: Path) -> None:
    with Terminal("two-sent", tmp_path, COLORTERM="truecolor", CLAUDE_AUTH_THEME=name) as terminal:
        terminal.until("Quit")
        taken_over(terminal)
        terminal.settle(1.0)
        frame, mark, rest = terminal.output().partition(b"\x1b[?1000h")
        assert b";48;2;" in frame
        assert len(mark + rest) <= 1000


@pytest.mark.parametrize("name", PALETTES)
def test_picture_theme(name: str, snap_compare: Any, tmp_path: Path) -> None:
    state = scenes.state_of("two-sent", tmp_path)
    services = Services(eyes("two-sent", tmp_path), state.home)
    assert snap_compare(DashboardApp(services, state, theme=name), terminal_size=(120, 40))
