"""Rules over a snapshot: what is worth telling, ranked by what would unblock the user first. Pure."""

from __future__ import annotations

from claude_auth.diagnose.catalogue import BY_ID, rank
from claude_auth.diagnose.rules import RULES
from claude_auth.diagnose.situation import Situation
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.secret import without_locals

__all__ = ["diagnose"]


@without_locals
def diagnose(snapshot: Snapshot, resolution: Resolution) -> tuple[Finding, ...]:
    """Everything worth telling about this resolution, the most urgent first."""
    situation = Situation(snapshot, resolution)
    findings = []
    for name, rule in RULES.items():
        seen = rule(situation)
        if seen is None:
            continue
        entry = BY_ID[name]
        findings.append(
            Finding(
                id=name,
                severity=seen.severity or entry.severity,
                title=seen.title or entry.title,
                explanation=entry.explanation,
                evidence=seen.evidence,
                symptoms=entry.symptoms,
                fixes=seen.fixes,
                source=seen.source,
            )
        )
    return tuple(sorted(findings, key=rank))
