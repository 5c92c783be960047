"""Rules over a snapshot: what is worth telling, ranked by what would unblock the user first."""

from __future__ import annotations

from claude_auth.model import Finding, Resolution, Snapshot

__all__ = ["diagnose"]


def diagnose(snapshot: Snapshot, resolution: Resolution) -> tuple[Finding, ...]:
    return ()
