"""Panel 4: what is worth telling, worst first."""

from __future__ import annotations

from claude_auth.app.lines import Line, Row, Span, fit, line, wrap
from claude_auth.app.scene import Scene
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Finding
from claude_auth.sanitise import clean
from claude_auth.wording import SEVERITIES, homely


class Findings(RowView):
    """What was found; Enter or d opens one."""

    about = (
        "What is worth knowing about this machine, the worst first. Enter or d opens a finding: what it "
        "means, what it was seen by, and the commands that help."
    )

    def draw(self, scene: Scene) -> None:
        self.show_rows(lambda width: rows(scene, width))
        count = len(scene.findings)
        title = f"4 Findings · {count}" if count else "4 Findings"
        self.entitle(title)


def rows(scene: Scene, width: int) -> list[Row]:
    if not scene.findings:
        if scene.resolution.usable:
            return [Row(None, (line(Span(fit("✓ nothing to worry about was found", width), "ok")),))]
        return [Row(None, (line(Span(fit("· nothing was found beyond what stands above", width), "dim")),))]
    return [
        Row(key(number, finding), row(finding, scene.home, width))
        for number, finding in enumerate(scene.findings)
    ]


def key(number: int, finding: Finding) -> str:
    """A name for the row: the id, told apart where two findings share it."""
    return f"{finding.id}#{number}" if finding.source is None else f"{finding.id}#{finding.source}#{number}"


def row(finding: Finding, home: str, width: int) -> tuple[Line, ...]:
    """Severity and title, evidence, first fix."""
    word = SEVERITIES[finding.severity]
    found = [*wrap(line(Span(f"{word}  ", word.role), Span(clean(finding.title), "strong")), width, 2)]
    if finding.evidence:
        found += wrap(line("  ", Span(clean(homely(finding.evidence, home), 160), "dim")), width, 2)
    if finding.fixes:
        first = finding.fixes[0]
        found.append(
            line("  ", Span(fit(f"→ {clean(first.command or first.title, 300)}", width - 2), "accent"))
        )
    return tuple(found)
