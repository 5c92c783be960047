"""Where the style sheets lie: beside the package in a wheel, at the top of a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def _directory() -> Path:
    package = Path(__file__).resolve().parent.parent
    shipped = package / "styles"
    return shipped if shipped.is_dir() else package.parent.parent / "styles"


def sheet(name: str) -> Path:
    """The style sheet of that name."""
    return _directory() / f"{name}.tcss"
