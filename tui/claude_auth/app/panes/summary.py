"""The strip above everything on a small screen: winner, both headers, first finding. It never scrolls."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.app.lines import Line, Span, fit, line, pad, spread
from claude_auth.app.scene import Scene
from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import HeaderValue, Resolution
from claude_auth.security.sanitize import clean
from claude_auth.wording import EXPIRIES, SEVERITIES, expiry_words, header_words, outcome


class Summary(LineView, can_focus=False):
    """Four lines that answer the first question."""

    def draw(self, scene: Scene) -> None:
        self.show(lambda width: lines(scene, width))


def lines(scene: Scene, width: int) -> list[Line]:
    resolution = scene.resolution
    wire = resolution.wire
    return [
        headline(scene, width),
        header("x-api-key", wire.x_api_key if wire else None, resolution, width),
        header("authorization", wire.authorization if wire else None, resolution, width),
        first_finding(scene, width),
    ]


def headline(scene: Scene, width: int) -> Line:
    resolution = scene.resolution
    word = outcome(resolution)
    left = line(Span(str(word), word.role))
    if resolution.wire is None:
        return line(Span(fit(str(word), width), word.role))
    host = Span(f"→ {clean(resolution.wire.host, 80)}", "dim")
    if resolution.winner in sources.BY_ID:
        reading = resolution.standing(resolution.winner).reading
        if reading.tokens is not None and reading.tokens.expires_at is not None:
            rest = expiry_words(reading.tokens, reading.expiry, scene.now)
            # "ended 2 h ago" alone would read as signed out
            idle = reading.expiry == "stale-refreshable"
            words = EXPIRIES["stale-refreshable"].text if idle else rest.text.split(",")[0]
            longer = (*left, Span(f" · {words}", rest.role))
            if sum(len(span.text) for span in longer) + 2 + len(host.text) <= width:
                left = longer
    return spread(left, (host,), width)


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


def first_finding(scene: Scene, width: int) -> Line:
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
