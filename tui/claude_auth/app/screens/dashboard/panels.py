"""The widgets of the dashboard's panels."""

from __future__ import annotations

from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.findings import findings_rows
from claude_auth.present.panels import (
    ladder_rows,
    log_rows,
    source_lines,
    summary_lines,
    title_line,
    verdict_lines,
    wire_lines,
)
from claude_auth.sources import BY_ID


class Ladder(RowView):
    """The sources, strongest first."""

    about = (
        "Every place a credential can come from. The number is its documented rank; the word says what "
        "the program that asks makes of it. The panel below follows the cursor."
    )

    def draw(self, scene: DashboardState) -> None:
        self.show_rows(lambda width: ladder_rows(scene, width))
        matching = len(self.choices)
        total = len(scene.resolution.standings)
        title = f"1 Priority · {matching} of {total} match “{scene.needle}”" if scene.needle else "1 Priority"
        self.entitle(title)


class SourcePane(LineView):
    """One source: what it holds, how long, from where, what it costs, how to be rid of it."""

    about = (
        "The source under the cursor of the priority list: its token, how long it lasts, where it was found, "
        "why it is used or not, what a request by it costs, and how to remove it."
    )
    _source = ""

    def draw(self, scene: DashboardState) -> None:
        self.entitle(f"2 {BY_ID[scene.chosen].label}")
        self.show(lambda width: source_lines(scene, width))
        if scene.chosen != self._source:
            self._source = scene.chosen
            self.scroll_home(animate=False)


class WirePane(LineView):
    """What leaves the machine."""

    about = (
        "The request that the program would send now: where it goes and what stands in its two credential "
        "headers. Values are masked; the 8 digits are a fingerprint to compare with."
    )

    def draw(self, scene: DashboardState) -> None:
        self.entitle("3 On the wire")
        self.show(lambda width: wire_lines(scene, width))


class LogPane(RowView):
    """Changes of the machine, seen while watching."""

    about = (
        "What changed on this machine while the dashboard was open, newest first: sources, the winner, "
        "settings files, locks. Secrets are named by their fingerprints."
    )

    def draw(self, scene: DashboardState) -> None:
        self.show_rows(lambda width: log_rows(scene, width))
        title = f"5 Log · matching “{scene.needle_log}”" if scene.needle_log else "5 Log"
        self.entitle(title)


class VerdictLine(LineView, can_focus=False):
    """The answer, at every size."""

    def draw(self, scene: DashboardState) -> None:
        self.show(lambda width: verdict_lines(scene, width))


class Summary(LineView, can_focus=False):
    """Three lines of what a small screen has no panel in sight for."""

    def draw(self, scene: DashboardState) -> None:
        self.show(lambda width: summary_lines(scene, width))


class TitleLine(LineView, can_focus=False):
    def draw(self, scene: DashboardState) -> None:
        self.show(lambda width: [title_line(scene, width)])


class Findings(RowView):
    """What was found; Enter or d opens one."""

    about = (
        "What is worth knowing about this machine, the worst first. Enter opens a finding: what it means, "
        "what it was seen by, and what helps. f shows how it can be fixed before anything is changed."
    )

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(worst_first=True, id=id, classes=classes)

    def draw(self, scene: DashboardState) -> None:
        self.show_rows(lambda width: findings_rows(scene, width))
        count = len(scene.findings)
        title = f"4 Findings · {count}" if count else "4 Findings"
        self.entitle(title)
