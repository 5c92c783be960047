"""The texts of every finding: id, severity, title, explanation, and the symptoms that it covers.

docs/findings.md lists the ids; a test compares. The order is the rank within a severity: a cause before what
follows from it, what stops all work before what stops a part.
"""

from __future__ import annotations

from claude_auth.diagnose.catalogue import cloud, network, outcome, places, programs, settings, stores, values
from claude_auth.diagnose.catalogue.entry import Entry
from claude_auth.model import Finding, Severity

__all__ = ["BY_ID", "CHECK_FAILED", "ENTRIES", "Entry", "rank"]

#: A rule of ours that raised: told by the engine, not by a rule.
CHECK_FAILED = Entry(
    "check-failed",
    "warning",
    "One of the checks failed",
    "A check of this program stopped on something that it did not expect, so nothing is known about what it "
    "looks for. The other checks are not affected. It is a fault of claude-auth: please report it.",
)

ENTRIES: tuple[Entry, ...] = (
    *outcome.FIRST,
    *places.ENTRIES,
    *stores.ENTRIES,
    *programs.LOCKS,
    *outcome.THEN,
    *cloud.ENTRIES,
    *values.ENTRIES,
    *settings.ENTRIES,
    *network.ENTRIES,
    *programs.ENTRIES,
    *outcome.LAST,
    CHECK_FAILED,
)

BY_ID: dict[str, Entry] = {entry.id: entry for entry in ENTRIES}

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_PLACES: dict[str, int] = {entry.id: place for place, entry in enumerate(ENTRIES)}


def rank(finding: Finding) -> tuple[int, int]:
    """Findings are ranked by severity, and within it by their place in the table."""
    return _SEVERITIES.index(finding.severity), _PLACES[finding.id]
