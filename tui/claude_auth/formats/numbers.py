"""Numbers as Claude Code's JavaScript reads them."""

from __future__ import annotations

import math


def javascript_number(value: object) -> float:
    """`Number(value)`: NaN where it is no number; booleans count, text is trimmed, null and [] are 0."""
    if value is None or value == []:
        return 0.0
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return 0.0
        if "_" in text or len(text) > 400:  # Python would take 1_000
            return math.nan
        try:
            return float(text)
        except ValueError:
            return math.nan
    return math.nan


def moment(milliseconds: object) -> float | None:
    """Seconds since the epoch from a field of milliseconds; None where it says no moment."""
    number = javascript_number(milliseconds)
    return number / 1000 if math.isfinite(number) else None
