"""Panel 3: the request that would go out, with both of its credential headers."""

from __future__ import annotations

from claude_auth import sources
from claude_auth.app.widgets.line_view import LineView
from claude_auth.model import HeaderValue, Resolution
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Span, fact, fit, fit_left, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import (
    PROVIDERS,
    blocked_sentence,
    header_words,
    origin_words,
    payer_words,
    refresh_words,
    standing_word,
    version_words,
)

_LABEL = 15


class WirePane(LineView):
    """What leaves the machine."""

    about = (
        "The request that the program would send now: where it goes and what stands in its two credential "
        "headers. Values are masked; the 8 digits are a fingerprint to compare with."
    )

    def draw(self, scene: DashboardState) -> None:
        self.entitle("3 On the wire")
        self.show(lambda width: lines(scene, width))


def lines(scene: DashboardState, width: int) -> list[Line]:
    resolution = scene.resolution
    found: list[Line] = []
    blocked, wire = resolution.blocked, resolution.wire
    if resolution.winner is not None:
        found.append(_used(resolution, resolution.winner, width))
    if blocked is not None:
        found += wrap(line(blocked_sentence(blocked)), width)
        if wire is None:
            found += [(), *fact("x-api-key", line(Span("– no request", "dim")), width, _LABEL)]
            found += fact("authorization", line(Span("– no request", "dim")), width, _LABEL)
    if wire is not None:
        found.append(line(Span("POST ", "dim"), fit(clean(wire.url), width - 5)))
        found += header_lines("x-api-key", wire.x_api_key, scene, width)
        found += header_lines("authorization", wire.authorization, scene, width)
        if wire.beta:
            found += fact("anthropic-beta", line(clean(wire.beta, 100)), width, _LABEL)
        refresh = refresh_words(resolution)
        if refresh is not None:
            found += wrap(line(refresh), width, 2)
        found += fact("goes to", line(PROVIDERS[resolution.provider]), width, _LABEL)
        found += fact("billed", line(billed(resolution)), width, _LABEL)
    found += fact("version", line(Span(version_words(resolution.version), "dim")), width, _LABEL)
    return found


def _used(resolution: Resolution, winner: str, width: int) -> Line:
    """The winner with the word of its row; the verdict stands on top of the screen."""
    word = standing_word(resolution.standing(winner))
    return line(Span(fit(f"{word.glyph} {sources.label(winner)} {word.text}", width), word.role))


def header_lines(name: str, value: HeaderValue | None, scene: DashboardState, width: int) -> tuple[Line, ...]:
    """The header and, below it, where its value comes from."""
    word = header_words(value)
    text = word.text if value is not None and value.value is not None else str(word)
    known = value.value if value is not None else None
    mark = Span(f"  {known.fingerprint}", "dim") if known is not None else Span("")
    first = fact(name, line(Span(text, word.role), mark), width, _LABEL)
    if value is None:
        return first
    label = sources.label(value.source)
    origin = ""
    if value.source in sources.BY_ID:
        origin = origin_words(scene.resolution.standing(value.source).reading.origin, scene.home)
    where = "" if label in origin or not origin else f", {fit_left(origin, width - _LABEL - len(label) - 7)}"
    if len(where) < 12:
        where = ""
    return (*first, *fact("", line(Span(f"from {label}{where}", "dim")), width, _LABEL))


def billed(resolution: Resolution) -> str:
    """Who pays; both, where two credentials leave in one request."""
    winner = resolution.winner
    if winner is None:
        return "not known"
    words = payer_words(resolution, winner)
    also = [standing.reading.source for standing in resolution.standings if standing.verdict == "also-sent"]
    if not also:
        return words
    return f"{words}; or, by {sources.label(also[0])}: {payer_words(resolution, also[0])}: the server decides"
