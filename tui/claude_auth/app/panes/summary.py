"""The verdict above everything; below it, on a small screen, both headers and the first finding."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import HeaderValue, Resolution
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Span, fit, line, pad, plain, spread, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import SEVERITIES, header_words


class VerdictLine(LineView, can_focus=False):
    """The answer, at every size."""

    def draw(self, scene: DashboardState) -> None:
        self.show(lambda width: verdict_lines(scene, width))


class Summary(LineView, can_focus=False):
    """Three lines of what a small screen has no panel in sight for."""

    def draw(self, scene: DashboardState) -> None:
        self.show(lambda width: lines(scene, width))


def lines(scene: DashboardState, width: int) -> list[Line]:
    resolution = scene.resolution
    wire = resolution.wire
    return [
        header("x-api-key", wire.x_api_key if wire else None, resolution, width),
        header("authorization", wire.authorization if wire else None, resolution, width),
        first_finding(scene, width),
    ]


#: Of the verdict; what goes beyond is cut, and `claude-auth status` has it whole.
MOST_LINES = 2


def verdict_lines(scene: DashboardState, width: int) -> list[Line]:
    """The verdict's sentence, as every face of the program says it."""
    word = scene.first_line
    whole = wrap(line(word), width, 2)
    if len(whole) <= MOST_LINES:
        return list(whole)
    rest = plain(whole[MOST_LINES - 1]) + " " + " ".join(plain(more).strip() for more in whole[MOST_LINES:])
    return [*whole[: MOST_LINES - 1], line(Span(fit(rest, width), word.role))]


def header(name: str, value: HeaderValue | None, resolution: Resolution, width: int) -> Line:
    label = Span(pad(name, 15), "dim")
    if resolution.wire is None:
        return (label, Span("– no request", "dim"))
    word = header_words(value)
    text = word.text if value is not None and value.value is not None else str(word)
    first = Span(fit(text, width - 15), word.role)
    if value is None:
        return (label, first)
    return spread((label, first), (Span(sources.label(value.source), "dim"),), width)


def first_finding(scene: DashboardState, width: int) -> Line:
    if not scene.findings:
        if scene.resolution.usable:
            return line(Span(fit("✓ nothing to worry about was found", width), "ok"))
        return line(Span(fit("· no finding", width), "dim"))
    first = scene.findings[0]
    word = SEVERITIES[first.severity]
    more = len(scene.findings) - 1
    end = (Span(f" +{more} more", "dim"),) if more else ()
    room = width - sum(len(span.text) for span in end) - (1 if end else 0)
    return spread(line(Span(fit(f"{word}: {clean(first.title)}", room), word.role)), end, width)
