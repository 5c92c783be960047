"""Panel 4: what is worth telling, worst first. The diagnosis lists findings by the same rows."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.model import Finding
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Row, Span, fit, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import SEVERITIES, abbreviate_home


def findings_rows(scene: DashboardState, width: int) -> list[Row]:
    if not scene.findings:
        beyond = "beyond what stands above"
        return [Row(None, (nothing_found(bool(scene.resolution.usable), width, beyond),))]
    return finding_rows(scene.findings, scene.home, width)


def nothing_found(usable: bool, width: int, beyond: str = "") -> Line:
    if usable:
        return line(Span(fit("✓ nothing to worry about was found", width), "ok"))
    return line(Span(fit(f"· nothing was found {beyond}".rstrip(), width), "dim"))


def named(findings: Sequence[Finding]) -> dict[str, Finding]:
    """A name for the row of each: the id, told apart where two findings share it."""
    found: dict[str, Finding] = {}
    for finding in findings:
        name = finding.id if finding.source is None else f"{finding.id}#{finding.source}"
        number = 2
        while name in found:
            name, number = f"{finding.id}#{number}", number + 1
        found[name] = finding
    return found


def finding_rows(
    findings: Sequence[Finding], home: str, width: int, *, fixable: frozenset[str] | None = None
) -> list[Row]:
    """Severity and title, evidence, first fix. `fixable`, for a list beside which the rest stands: no more
    than a mark at those that one key fixes."""
    return [
        Row(
            name,
            _finding_in_list(finding, home, width) if fixable is None else _brief(finding, width, fixable),
        )
        for name, finding in named(findings).items()
    ]


def _finding_head(finding: Finding, width: int) -> tuple[Line, ...]:
    word = SEVERITIES[finding.severity]
    return wrap(line(Span(f"{word}  ", word.role), Span(clean(finding.title), "strong")), width, 2)


def _finding_in_list(finding: Finding, home: str, width: int) -> tuple[Line, ...]:
    found = [*_finding_head(finding, width)]
    if finding.evidence:
        evidence = finding.evidence.replace("\n", "; ")
        found += wrap(line("  ", Span(clean(abbreviate_home(evidence, home), 160), "dim")), width, 2)
    if finding.fixes:
        first = finding.fixes[0]
        found.append(
            line("  ", Span(fit(f"→ {clean(first.command or first.title, 300)}", width - 2), "accent"))
        )
    return tuple(found)


def _brief(finding: Finding, width: int, fixable: frozenset[str]) -> tuple[Line, ...]:
    head = _finding_head(finding, width)
    if finding.id not in fixable:
        return head
    return (*head, line("  ", Span("→ f fixes it", "accent")))
