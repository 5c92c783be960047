"""The first line: the program, who asks, where is looked, and that it watches."""

from __future__ import annotations

from claude_auth.app.widgets.line_view import LineView
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Span, fit_line, line, spread, width_of
from claude_auth.words import client_label, clock, format_path, machine_marks


class TitleLine(LineView, can_focus=False):
    def draw(self, scene: DashboardState) -> None:
        self.show(lambda width: [title(scene, width)])


def title(scene: DashboardState, width: int) -> Line:
    """Marks give way from the right where there is no room."""
    places = scene.snapshot.places
    asked = client_label(scene.resolution.client)
    right = line(Span(status(scene), "dim"), " ")
    marks = [format_path(places.config_dir, places.home), *machine_marks(scene.snapshot.machine)]
    if places.root != "/":
        marks.insert(1, f"root {format_path(places.root, places.home)}")
    lead = line(" ", Span("claude-auth", "strong"), Span(" · asked by ", "dim"), Span(f"{asked} ▾", "accent"))
    while marks:
        left = (*lead, *(Span(f" · {mark}", "dim") for mark in marks))
        if width_of(left) + width_of(right) < width:
            return spread(left, right, width)
        marks.pop()
    if width_of(lead) + width_of(right) < width:
        return spread(lead, right, width)
    return fit_line(lead, width)


def status(scene: DashboardState) -> str:
    if scene.changed_at is None:
        return scene.watching
    return f"{scene.watching} · changed {clock(scene.changed_at)}"
