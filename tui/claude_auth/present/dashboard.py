"""The dashboard as lines of a width and a height: which panels stand where, how tall, and what is in sight.

One column below 90 cells: the body scrolls as a whole, and both headers and the first finding stand above it.
Two from there on: each panel scrolls by itself. Zoomed, one panel is all of the body. No widget is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from math import ceil

from claude_auth.present.dashboard_state import LISTS, PANELS, DashboardState, PanelName
from claude_auth.present.lines import BLANK, Line, Row, Span, exactly, fit, joined, line, plain, width_of
from claude_auth.present.panels import panel_rows, panel_title, summary_lines, title_line, verdict_lines
from claude_auth.words import TextStyle

#: From so many cells on there are two columns; from so many lines on the log has room in them.
WIDE, TALL = 90, 28
_LOG_LINES = 8
_CURSOR, _NO_CURSOR = Span("▸ ", "strong"), Span("  ")
#: Corners and edges of a panel's frame, without the focus and with it.
_FRAMES = {False: tuple("╭─╮│╰╯"), True: tuple("┏━┓┃┗┛")}
_EIGHTHS = " ▁▂▃▄▅▆▇"


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel as it is laid out. `owners`: the row of each line, None for headings; `y` counts from the top
    of the body, unscrolled; the sizes are those of the frame."""

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


@dataclass(frozen=True, slots=True)
class Layout:
    """`state` is what was asked for with the cursors and scroll positions that are possible. `top`: the first
    line of the body; `rest`: how far one column can be scrolled."""

    state: DashboardState
    lines: tuple[Line, ...]
    panels: dict[PanelName, Panel]
    shown: tuple[PanelName, ...]
    top: int
    body: int
    rest: int

    @property
    def focused(self) -> Panel:
        return self.panels[self.state.focused]

    def at(self, x: int, y: int) -> tuple[Panel, int] | None:
        """The panel at a cell of the picture, and the line of its frame there."""
        for name in self.shown:
            panel = self.panels[name]
            inside = y - self.top + (self.state.scrolls.get("body", 0) if self.rest else 0) - panel.y
            if y >= self.top and panel.x <= x < panel.x + panel.width and 0 <= inside < panel.height:
                return panel, inside
        return None

    # ── what keys and the mouse do ───────────────────────────────────────────────────────────────

    def moved(self, steps: int) -> DashboardState:
        """The cursor of the focused list, so many rows on."""
        choices, here = self.focused.choices, self.focused.cursor
        if not choices:
            return self.state
        place = steps + (choices.index(here) if here in choices else 0)
        return self.gone_to(choices[min(len(choices) - 1, max(0, place))])

    def gone_to(self, row: str) -> DashboardState:
        if self.state.focused == "log" and [row] == self.focused.choices[-1:]:
            return self.state._replace(change=None, reveal="row")  # it follows the newest again
        return self.state.with_cursor(self.state.focused, row)._replace(reveal="row")

    def scrolled(self, name: PanelName, steps: int) -> DashboardState:
        """That panel, where it has more than it shows; else the body that it is part of."""
        panel = self.panels[name]
        if panel.most or not self.rest:
            to = min(panel.most, max(0, panel.scroll + steps))
            follows = name != "log" or to == panel.most
            state = self.state if follows else self.state._replace(change=panel.cursor)
            return state.scrolled(name, to)
        return self.state.scrolled("body", min(self.rest, max(0, self.state.scrolls.get("body", 0) + steps)))

    def on_panel(self, name: PanelName) -> DashboardState:
        """That panel has the keys; zoomed, or where it has no room of its own, it takes the whole body."""
        zoomed = self.state.zoomed or name not in self.shown
        return self.state.on_panel(name)._replace(zoomed=zoomed)


def dashboard(state: DashboardState, width: int, height: int, footer: int = 1) -> tuple[Line, ...]:
    """The lines above the footer, each exactly `width` cells."""
    return lay_out(state, width, height, footer).lines


def lay_out(state: DashboardState, width: int, height: int, footer: int = 1) -> Layout:
    """`height`: of the whole screen, `footer` of which are somebody else's."""
    two_columns = width >= WIDE
    head = [title_line(state, width), *_indented(verdict_lines(state, width - 2))]
    if not two_columns:
        head += [*_indented(summary_lines(state, width - 2)), line(Span("─" * width, "frame"))]
    room = max(0, height - footer - len(head))
    if state.zoomed:
        panel = _panel(state, state.focused, width)
        state = _with_choice(state, panel)
        placed = {panel.name: replace(panel, width=width, height=room)}
        picture = _Picture(state, placed, (panel.name,), room)
    elif two_columns:
        picture = _two_columns(state, width, room, short=height < TALL)
    else:
        picture = _one_column(state, width, room)
    state = picture.state
    panels = {
        **{name: _panel(state, name, width) for name in PANELS if name not in picture.panels},
        **picture.panels,
    }
    lines = [joined(exactly(one, width)) for one in (*head, *picture.paint(width))]
    lines = (lines + [exactly(BLANK, width)] * room)[: max(0, height - footer)]
    return Layout(
        state._replace(reveal="nothing"), tuple(lines), panels, picture.shown, len(head), room, picture.rest
    )


def _indented(lines: list[Line]) -> list[Line]:
    return [(Span(" "), *one) for one in lines]


# ── what stands in a panel ───────────────────────────────────────────────────────────────────────


def _panel(state: DashboardState, name: PanelName, width: int) -> Panel:
    """Its content, for a frame of that width; the last cell inside is the scroll bar's, there or not, so that
    nothing moves when it appears."""
    inner = max(0, width - 3)
    if name not in LISTS:
        rows = panel_rows(state, name, inner)
        lines = tuple(one for row in rows for one in row.lines)
        return Panel(name, panel_title(state, name, 0), lines, (None,) * len(lines), None, width=width)
    rows = panel_rows(state, name, max(0, inner - 2))
    choices = [row.id for row in rows if row.id is not None]
    cursor = state.cursor(name)
    if cursor not in choices or (name == "findings" and not state.moved):
        at = -1 if name == "log" else 0  # the newest stands last
        cursor = choices[at] if choices else None
    lines, owners = _with_cursor(rows, cursor)
    return Panel(name, panel_title(state, name, len(choices)), lines, owners, cursor, width=width)


def _with_cursor(rows: list[Row], cursor: str | None) -> tuple[tuple[Line, ...], tuple[str | None, ...]]:
    lines: list[Line] = []
    owners: list[str | None] = []
    for row in rows:
        for number, spans in enumerate(row.lines):
            here = number == 0 and row.id is not None and row.id == cursor
            lines.append((_CURSOR if here else _NO_CURSOR, *spans))
            owners.append(row.id)
    return tuple(lines), tuple(owners)


def _with_choice(state: DashboardState, panel: Panel) -> DashboardState:
    """Where the cursor's row is gone the cursor goes to the first; nobody moved it by that."""
    follows = panel.name == "log" and state.change is None
    if panel.cursor is None or panel.cursor == state.cursor(panel.name) or follows:
        return state
    moved = state.moved
    state = state.with_cursor(panel.name, panel.cursor)._replace(moved=moved)
    return (
        state._replace(reveal="row")
        if state.focused == panel.name and not state.typing and state.reveal == "nothing"
        else state
    )


# ── which panels stand where ─────────────────────────────────────────────────────────────────────


def _contents(
    state: DashboardState, widths: dict[PanelName, int]
) -> tuple[DashboardState, dict[PanelName, Panel]]:
    """The lists first: what they choose is what the other panels tell of."""
    found: dict[PanelName, Panel] = {}
    for name in (*LISTS, "source", "wire"):
        if name in widths:
            panel = found[name] = _panel(state, name, widths[name])
            state = _with_choice(state, panel)
    return state, found


def _two_columns(state: DashboardState, width: int, room: int, *, short: bool) -> _Picture:
    left = width * 6 // 11
    widths = dict.fromkeys(PANELS, width - left) | {"ladder": left, "source": left}
    if short:
        del widths["log"]
    if state.focused not in widths:  # the keys go where they are seen
        state = state._replace(focused="wire")
    state, found = _contents(state, widths)
    ladder = min(_whole(found["ladder"]), room * 64 // 100)
    wire = min(_whole(found["wire"]), room * (58 if short else 50) // 100)
    findings = max(2, room - wire) if short else min(_whole(found["findings"]), room // 2)
    heights: dict[PanelName, tuple[int, int]] = {
        "ladder": (0, ladder),
        "source": (ladder, max(2, room - ladder)),
        "wire": (0, wire),
        "findings": (wire, findings),
        "log": (wire + findings, max(2, room - wire - findings)),
    }
    placed = {}
    for name, panel in found.items():
        y, height = heights[name]
        placed[name] = replace(
            panel, x=0 if widths[name] == left and name in ("ladder", "source") else left, y=y, height=height
        )
    return _Picture(state, placed, tuple(name for name in PANELS if name in placed), room)


def _whole(panel: Panel) -> int:
    return len(panel.lines) + 2


def _one_column(state: DashboardState, width: int, room: int) -> _Picture:
    """With a scroll bar of its own at the edge where it is taller than its room."""
    for wide in (width, width - 1):
        settled, found = _contents(state, dict.fromkeys(PANELS, wide))
        y, placed = 0, {}
        for name in PANELS:
            height = _LOG_LINES if name == "log" else _whole(found[name])
            placed[name] = replace(found[name], y=y, height=height)
            y += height
        if y <= room:
            break
    return _Picture(settled, placed, PANELS, room, y)


# ── painting ─────────────────────────────────────────────────────────────────────────────────────


class _Picture:
    """The body: panels in their places, scrolled to what is asked for. `height`: of one column as a whole."""

    def __init__(
        self,
        state: DashboardState,
        panels: dict[PanelName, Panel],
        shown: tuple[PanelName, ...],
        room: int,
        height: int = 0,
    ) -> None:
        self.room, self.shown, self.height = room, shown, height
        self.rest = max(0, height - room)
        self.state = self._settled(state, panels)
        self.panels = {
            name: replace(panel, scroll=self.state.scrolls.get(name, 0)) for name, panel in panels.items()
        }

    def _settled(self, state: DashboardState, panels: dict[PanelName, Panel]) -> DashboardState:
        """With the scroll positions that are possible, and what is to be seen in sight."""
        for name, panel in panels.items():
            scroll = state.scrolls.get(name, 0)
            if name == "log" and state.change is None:
                scroll = panel.most
            if name == state.focused and state.reveal == "row" and panel.most:
                scroll = _in_sight(scroll, panel.room, *panel.cursor_lines)
            state = state.scrolled(name, min(panel.most, max(0, scroll)))
        body, here = state.scrolls.get("body", 0), panels.get(state.focused)
        if self.rest and here is not None:
            first, count = here.cursor_lines
            if state.reveal == "row" and not here.most:
                body = _in_sight(body, self.room, here.y + 1 + first, count)
            elif state.reveal == "panel":
                by_its_top = here.room > 6 or here.height >= self.room
                body = here.y if by_its_top else _in_sight(body, self.room, here.y, here.height)
        return state.scrolled("body", min(self.rest, max(0, body)))

    def paint(self, width: int) -> list[Line]:
        here = None if self.state.typing else self.state.focused
        columns: dict[int, list[Line]] = {}
        for name in self.shown:
            panel = self.panels[name]
            columns.setdefault(panel.x, []).extend(_painted(panel, focused=name == here))
        first, *others = columns.values()
        if not self.height:
            return [
                (*one, *(second or BLANK))
                for one, second in zip_longest(
                    first[: self.room], (others[0] if others else [])[: self.room], fillvalue=BLANK
                )
            ]
        scroll = self.state.scrolls.get("body", 0)
        seen = first[scroll : scroll + self.room]
        if not self.rest:
            return seen
        bar = _bar(self.room, self.height, scroll)
        return [(*exactly(one, width - 1), mark) for one, mark in zip(seen, bar, strict=True)]


def _in_sight(scroll: int, room: int, first: int, count: int) -> int:
    """The nearest scroll position at which these lines, or the first of them, are in sight."""
    count = min(count, room)
    if scroll <= first and first + count <= scroll + room:
        return scroll
    return min((first, first + count - room), key=lambda place: abs(place - scroll))


def _painted(panel: Panel, *, focused: bool) -> list[Line]:
    """The frame and what is in sight in it."""
    width, inner = panel.width, max(0, panel.width - 2)
    left, edge, right, side, below, end = _FRAMES[focused]
    role: TextStyle = "focus" if focused else "frame"
    title = fit(panel.title, max(0, inner - 2))
    rule = max(0, inner - 3 - width_of(line(title)))
    top = line(
        Span(left + edge, role),
        Span(f" {title} ", "focus-title" if focused else "title"),
        Span(edge * rule + right, role),
    )
    wall = Span(side, role)
    found = [exactly(top, width)]
    bar = _bar(panel.room, len(panel.lines), panel.scroll) if panel.most else None
    for place in range(panel.room):
        index = place + panel.scroll
        text = panel.lines[index] if index < len(panel.lines) else BLANK
        if (
            focused
            and panel.cursor is not None
            and index < len(panel.owners)
            and panel.owners[index] == panel.cursor
        ):
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
