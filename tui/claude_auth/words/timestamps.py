"""Moments as text."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def iso(seconds: float | None) -> str | None:
    """`2026-11-20T12:03:04Z`; None where there is no moment or no calendar holds it."""
    if seconds is None or not math.isfinite(seconds):
        return None
    try:
        moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=0, tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    return f"{moment.isoformat()}Z"
