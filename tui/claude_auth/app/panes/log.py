"""Panel 5: what changed since the dashboard was started, newest first."""

from __future__ import annotations

from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Row, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import clock


class LogPane(RowView):
    """Changes of the machine, seen while watching."""

    about = (
        "What changed on this machine while the dashboard was open, newest first: sources, the winner, "
        "settings files, locks. Secrets are named by their fingerprints."
    )

    def draw(self, scene: DashboardState) -> None:
        self.show_rows(lambda width: rows(scene, width))
        title = f"5 Log · matching “{scene.needle_log}”" if scene.needle_log else "5 Log"
        self.entitle(title)


def rows(scene: DashboardState, width: int) -> list[Row]:
    needle = scene.needle_log.lower()
    found = [
        Row(
            str(number),
            wrap(line(Span(f"{clock(entry.at)} ", "dim"), Span(clean(entry.text), entry.role)), width, 6),
        )
        for number, entry in sorted(enumerate(scene.log), key=lambda numbered: -numbered[1].at)
        if needle in entry.text.lower()
    ]
    if found:
        return found
    words = (
        "nothing matches" if needle and scene.log else f"nothing has changed since {clock(scene.started_at)}"
    )
    return [Row(None, wrap(line(Span(words, "dim")), width))]
