"""The shape of a row of the catalogue."""

from __future__ import annotations

from typing import NamedTuple

from claude_auth.model import Certainty, Severity


class Entry(NamedTuple):
    """What one finding says. `symptoms` are entry numbers of the catalogue of causes (docs/symptoms.md)."""

    id: str
    severity: Severity
    title: str
    explanation: str
    symptoms: tuple[int, ...] = ()
    certainty: Certainty = "seen"
