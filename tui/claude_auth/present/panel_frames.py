"""A panel of the dashboard: its content, its frame, and what is in sight in it. No widget here."""

from __future__ import annotations

from math import ceil

from claude_auth.named_tuples import NamedTuple
from claude_auth.present.dashboard_state import LISTS, PanelName
from claude_auth.present.lines import BLANK, Line, Row, Span, exactly, fit, line, plain, width_of
from claude_auth.words import TextStyle

_CURSOR, _NO_CURSOR = Span("▸ ", "strong"), Span("  ")
#: Corners and edges of a panel's frame, without the focus and with it.
_FRAMES = {False: tuple("╭─╮│╰╯"), True: tuple("┏━┓┃┗┛")}
_EIGHTHS = " ▁▂▃▄▅▆▇"


class Panel(NamedTuple):
    """A panel as it is laid out. `owners`: the row of each line, None for headings; `y` counts from the top
    of the body; the sizes are those of the frame. One line high it is its title alone."""

    name: PanelName
    title: str
    lines: tuple[Line, ...]
    owners: tuple[str | None, ...]
    cursor: str | None
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0
    scroll: int = 0

    @property
    def choices(self) -> list[str]:
        return list(dict.fromkeys(owner for owner in self.owners if owner is not None))

    @property
    def whole(self) -> int:
        """The height at which nothing is hidden."""
        return len(self.lines) + 2

    @property
    def room(self) -> int:
        return max(0, self.height - 2)

    @property
    def most(self) -> int:
        """How far it can be scrolled."""
        return max(0, len(self.lines) - self.room)

    @property
    def cursor_lines(self) -> tuple[int, int]:
        """The first line of the row under the cursor, and how many it has."""
        count = self.owners.count(self.cursor) if self.cursor is not None else 0
        return (self.owners.index(self.cursor) if count else 0), count

    def copied(self) -> str:
        """Of a list the row under the cursor, else all of it: never a secret, since none is on the screen."""
        if self.name not in LISTS:
            return "\n".join(plain(one).rstrip() for one in self.lines)
        first, count = self.cursor_lines
        return "\n".join(" ".join(plain(one[1:]).split()) for one in self.lines[first : first + count])


def with_cursor(rows: list[Row], cursor: str | None) -> tuple[tuple[Line, ...], tuple[str | None, ...]]:
    """The lines of the rows with a mark at the cursor's, and the row of each."""
    lines: list[Line] = []
    owners: list[str | None] = []
    for row in rows:
        for number, spans in enumerate(row.lines):
            here = number == 0 and row.id is not None and row.id == cursor
            lines.append((_CURSOR if here else _NO_CURSOR, *spans))
            owners.append(row.id)
    return tuple(lines), tuple(owners)


def in_sight(scroll: int, room: int, first: int, count: int) -> int:
    """The nearest scroll position at which these lines, or the first of them, are in sight."""
    count = min(count, room)
    if scroll <= first and first + count <= scroll + room:
        return scroll
    return min((first, first + count - room), key=lambda place: abs(place - scroll))


def painted(panel: Panel, *, focused: bool) -> list[Line]:
    """The frame and what is in sight in it, `height` lines of `width` cells."""
    width, inner = panel.width, max(0, panel.width - 2)
    left, edge, right, side, below, end = _FRAMES[focused]
    role: TextStyle = "focus" if focused else "frame"
    title = fit(panel.title, max(0, inner - 2))
    rule = max(0, inner - 3 - width_of(line(title)))
    if panel.height == 1:
        left = right = edge
    top = line(
        Span(left + edge, role),
        Span(f" {title} ", "focus-title" if focused else "title"),
        Span(edge * rule + right, role),
    )
    found = [exactly(top, width)]
    wall = Span(side, role)
    bar = _bar(panel.room, len(panel.lines), panel.scroll) if panel.most else None
    for place in range(panel.room):
        index = place + panel.scroll
        text = panel.lines[index] if index < len(panel.lines) else BLANK
        if focused and panel.cursor is not None and panel.owners[index : index + 1] == (panel.cursor,):
            text = (Span(plain(exactly(text, inner)), "cursor"),)
        body = exactly(text, inner) if bar is None else (*exactly(text, inner - 1), bar[place])
        found.append((wall, *body, wall))
    found.append(line(Span(below + edge * inner + end, role)))
    return found[: panel.height]


def _bar(room: int, total: int, scroll: int) -> list[Span]:
    """A scroll bar, one cell a line; its ends to an eighth of a line."""
    share = max(1.0, room * room / total)
    start = int((room - share) * scroll / max(1, total - room) * 8)
    end = start + ceil(share * 8)
    cells = []
    for place in range(room):
        above, covered = start - 8 * place, end - 8 * place
        if above >= 8 or covered <= 0:
            cells.append(Span(" "))
        elif above > 0:
            cells.append(Span(_EIGHTHS[8 - above], "frame"))
        elif covered < 8:
            cells.append(Span(_EIGHTHS[8 - covered], "bar"))
        else:
            cells.append(Span(" ", "bar"))
    return cells
