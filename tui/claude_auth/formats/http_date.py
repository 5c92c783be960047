"""The moment that an HTTP header names; servers are compared with this machine's clock by it."""

from __future__ import annotations


def moment_of(date: object) -> float | None:
    """None for anything that is no date."""
    if not isinstance(date, str):
        return None
    from email.utils import (
        parsedate_to_datetime,  # 3 MB of the email package, only once a server has answered
    )

    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
