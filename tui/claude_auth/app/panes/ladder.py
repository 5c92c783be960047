"""Panel 1: every source in its documented order, and what this program makes of it."""

from __future__ import annotations

from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Standing
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.lines import Line, Row, Span, fit, fit_left, line, pad, plain, wrap
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID, Family
from claude_auth.words import TextStyle, short_origin, standing_word, unknown_until

_LABEL, _WORD, _MASK = 25, 12, 18

HEADINGS: tuple[tuple[Family, str], ...] = (
    ("ladder", ""),
    ("wire", "also read by Claude Code"),
    ("provider", "cloud providers, which replace all above"),
    ("other-program", "of other programs"),
)


class Ladder(RowView):
    """The sources, strongest first."""

    about = (
        "Every place a credential can come from. The number is its documented rank; the word says what "
        "the program that asks makes of it. The panel below follows the cursor."
    )

    def draw(self, scene: DashboardState) -> None:
        self.show_rows(lambda width: rows(scene, width))
        matching = len(self.choices)
        total = len(scene.resolution.standings)
        title = f"1 Priority · {matching} of {total} match “{scene.needle}”" if scene.needle else "1 Priority"
        self.entitle(title)


def rows(scene: DashboardState, width: int) -> list[Row]:
    """The ladder, by families; with a filter, the rows that match alone."""
    found: list[Row] = []
    for family, heading in HEADINGS:
        members = [
            Row(standing.reading.source, (row(standing, scene, width),))
            for standing in scene.resolution.standings
            if BY_ID[standing.reading.source].family == family
        ]
        if scene.needle:
            members = [row for row in members if scene.needle.lower() in plain(row.lines[0]).lower()]
        if members and heading and not scene.needle:
            found.append(Row(None, (line(Span(pad(f"── {heading} ".ljust(width, "─"), width), "dim")),)))
        found.extend(members)
    if not found:
        found.append(
            Row(None, wrap(line(Span("nothing matches; press Escape to see all rows", "dim")), width))
        )
    return found


def row(standing: Standing, scene: DashboardState, width: int) -> Line:
    """Rank, label, glyph and word, masked value; where there is room, fingerprint and place too."""
    source = BY_ID[standing.reading.source]
    word = standing_word(standing)
    rank = str(source.rank) if source.rank else "·"
    quiet: TextStyle = "dim" if word.role == "dim" else "plain"
    strong: TextStyle = "strong" if standing.verdict == "winning" else quiet
    head = (
        Span(pad(rank, 2), quiet),
        Span(pad(source.label, _LABEL) + " ", strong),
        Span(pad(str(word), _WORD) + " ", word.role),
    )
    room = width - 2 - _LABEL - 1 - _WORD - 1
    return (*head, *tail(standing, scene, room))


def short_mask(value: Secret, room: int) -> str:
    """The mask, without the beginning that all share and then without its end where there is no room."""
    mask = value.masked
    if len(mask) > room:
        mask = mask.removeprefix("sk-ant-")
    return mask if len(mask) <= room or "…" not in mask else mask[: mask.index("…") + 1]


def tail(standing: Standing, scene: DashboardState, room: int) -> Line:
    """The value's mask, or what there is to say instead, in `room` cells."""
    reading = standing.reading
    value = reading.tokens.access_token if reading.tokens is not None else reading.value
    where = short_origin(reading.origin, scene.home)
    if reading.state in ("unusable", "unreadable"):
        return line(Span(pad(clean(reading.reason, 200), room), "plain"))
    if reading.state == "absent" or room < 4:
        return ()
    if value is None:
        words = "press e" if "press e" in unknown_until(reading.source) else where
        return line(Span(fit_left(words, room) if reading.origin.path else fit(words, room), "dim"))
    mask = short_mask(value, room)
    if room < _MASK + 10:
        return line(pad(mask, room))
    rest = room - _MASK - 10
    place = Span(" " + fit_left(where, rest - 1), "dim") if rest > 8 else Span("")
    return line(pad(mask, _MASK), Span(" " + value.fingerprint + " ", "dim"), place)
