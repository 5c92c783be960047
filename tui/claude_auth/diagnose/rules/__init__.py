"""The rules: each a small pure function that says what it saw, or nothing.

A rule gives evidence (files, lines, variables, fingerprints: never a value) and fixes; texts stand in the
catalogue. One rule, one id, at most one finding.
"""

from __future__ import annotations

from claude_auth.diagnose.rules import notes, outcome, settings, stores, wire
from claude_auth.diagnose.rules.seen import Rule

RULES: dict[str, Rule] = {
    **outcome.RULES,
    **wire.RULES,
    **stores.RULES,
    **settings.RULES,
    **notes.RULES,
}
