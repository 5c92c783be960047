"""The verdict: one answer for a resolution and its findings, the same in every face of the program. Pure.

Decided here alone [conformance README]. How it is worded stands in `words/verdict.py`; what a command ends
with follows from it in `cli/signals.py`.
"""

from __future__ import annotations

from claude_auth.model import Finding, Resolution, Standing, Verdict
from claude_auth.sources import owner


def verdict(resolution: Resolution, findings: tuple[Finding, ...]) -> Verdict:
    """`usable` decides; what works is not as expected where a finding is about what is sent, or about
    something that is there and that this shadows. `findings`: the most urgent first."""
    telling = [finding for finding in findings if _tells(finding, resolution)]
    if resolution.usable is None:
        return Verdict("not-known")
    if resolution.usable:
        return Verdict("works-not-as-expected", telling[0]) if telling else Verdict("works")
    failing = {s.reading.source for s in resolution.standings if s.hindrance == "fails"}
    provider = resolution.provider
    if resolution.blocked is not None and resolution.blocked.code == "no-credential":
        # What is there and not read tells more than that nothing was found.
        failing = {s.reading.source for s in resolution.standings if s.reading.state != "absent"}
        telling = [finding for finding in findings if not finding.from_second_look]
    errors = [f for f in telling if f.severity == "error" and owner(f.source or "", provider) in failing]
    return Verdict("does-not-work", errors[0] if errors else None)


def _tells(finding: Finding, resolution: Resolution) -> bool:
    if finding.severity == "info" or finding.source is None or finding.from_second_look:
        return False
    source = owner(finding.source, resolution.provider)
    return any(
        standing.reading.source == source and _takes_part(standing) for standing in resolution.standings
    )


def _takes_part(standing: Standing) -> bool:
    """Sent, or there and beaten by what is sent."""
    if standing.verdict == "shadowed":
        return standing.reading.state == "present"
    return standing.verdict in {"winning", "also-sent"}
