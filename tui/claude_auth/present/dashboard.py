"""The dashboard as lines of a width and a height: which panels stand where, how tall, and what is in sight.

The verdict stands on top at every size. Below 90 cells the panels stand in one column, from there on in two.
A panel that has no room is its title alone and opens with its number; one that has the keys comes first.
Zoomed, one panel is all of the body. No widget is needed.
"""

from __future__ import annotations

from itertools import zip_longest

from claude_auth.model import Resolution
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.dashboard_state import LISTS, PANELS, DashboardState, PanelName, step_words
from claude_auth.present.lines import BLANK, Line, Span, exactly, fit, joined, line, plain, width_of, wrap
from claude_auth.present.panel_frames import Panel, in_sight, painted, with_cursor
from claude_auth.present.panels import panel_rows, panel_title, title_line
from claude_auth.words import abbreviate_home, unknown_until

#: From so many cells on there are two columns; from so many lines on every panel shows its title at least.
WIDE, TITLED = 90, 12
_LEFT: tuple[PanelName, ...] = ("ladder", "findings", "log")
_RIGHT: tuple[PanelName, ...] = ("wire", "source")
#: What gets room before the rest.
_ANSWERS: tuple[PanelName, ...] = ("ladder", "findings", "wire")
#: The least height of a frame with something in it, and what a panel gets before another one gets all.
_LEAST, _FAIR = 3, 5


class Layout(NamedTuple):
    """`state` is what was asked for with the cursors and scroll positions that are possible. `top`: the first
    line of the body."""

    state: DashboardState
    lines: tuple[Line, ...]
    panels: dict[PanelName, Panel]
    shown: tuple[PanelName, ...]
    top: int
    body: int

    @property
    def focused(self) -> Panel:
        return self.panels[self.state.focused]

    def at(self, x: int, y: int) -> tuple[Panel, int] | None:
        """The panel at a cell of the picture, and the line of its frame there."""
        for name in self.shown:
            panel = self.panels[name]
            inside = y - self.top - panel.y
            if panel.x <= x < panel.x + panel.width and 0 <= inside < panel.height:
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
            return self.state._replace(change=None, reveal=True)  # it follows the newest again
        return self.state.with_cursor(self.state.focused, row)._replace(reveal=True)

    def scrolled(self, name: PanelName, steps: int) -> DashboardState:
        panel = self.panels[name]
        to = min(panel.most, max(0, panel.scroll + steps))
        follows = name != "log" or to == panel.most
        state = self.state if follows else self.state._replace(change=panel.cursor)
        return state.scrolled(name, to)


def dashboard(state: DashboardState, width: int, height: int, footer: int = 1) -> tuple[Line, ...]:
    """The lines above the footer, each exactly `width` cells."""
    return lay_out(state, width, height, footer).lines


def lay_out(state: DashboardState, width: int, height: int, footer: int = 1) -> Layout:
    """`height`: of the whole screen, `footer` of which are somebody else's."""
    rows = max(0, height - footer)
    head = [title_line(state, width), *verdict_lines(state, width, rows)][:rows]
    room = rows - len(head)
    state, panels = _contents(state, width)
    placed = _placed(panels, _columns(state, width), state.focused, room)
    state = _settled(state, placed)
    placed = {name: panel._replace(scroll=state.scrolls.get(name, 0)) for name, panel in placed.items()}
    body = _painted(placed, None if state.typing else state.focused)[:room]
    lines = [joined(exactly(one, width)) for one in (*head, *body)]
    lines += [exactly(BLANK, width)] * (rows - len(lines))
    shown = tuple(name for name in PANELS if name in placed)
    state = state._replace(reveal=False)
    return Layout(state, tuple(lines[:rows]), {**panels, **placed}, shown, len(head), room)


# ── what stands in a panel ───────────────────────────────────────────────────────────────────────


def _contents(state: DashboardState, width: int) -> tuple[DashboardState, dict[PanelName, Panel]]:
    """The lists first: what they choose is what the other panels tell of."""
    widths = {name: wide for _, wide, names in _columns(state, width) for name in names}
    found: dict[PanelName, Panel] = {}
    for name in (*LISTS, "wire", "source"):
        panel = found[name] = _panel(state, name, widths.get(name, width))
        state = _with_choice(state, panel)
    return state, found


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
    lines, owners = with_cursor(rows, cursor)
    return Panel(name, panel_title(state, name, len(choices)), lines, owners, cursor, width=width)


def _with_choice(state: DashboardState, panel: Panel) -> DashboardState:
    """Where the cursor's row is gone the cursor goes to the first; nobody moved it by that."""
    follows = panel.name == "log" and state.change is None
    if panel.cursor is None or panel.cursor == state.cursor(panel.name) or follows:
        return state
    moved, seen = state.moved, state.focused == panel.name and not state.typing
    state = state.with_cursor(panel.name, panel.cursor)._replace(moved=moved)
    return state._replace(reveal=True) if seen else state


# ── which panels stand where, and how tall ───────────────────────────────────────────────────────

Column = tuple[int, int, tuple[PanelName, ...]]


def _columns(state: DashboardState, width: int) -> tuple[Column, ...]:
    """Where each column begins, how wide it is, and its panels from the top."""
    if state.zoomed:
        return ((0, width, (state.focused,)),)
    if width < WIDE:
        return ((0, width, PANELS),)
    left = width * 6 // 11
    return ((0, left, _LEFT), (left, width - left, _RIGHT))


def _placed(
    panels: dict[PanelName, Panel], columns: tuple[Column, ...], focused: PanelName, room: int
) -> dict[PanelName, Panel]:
    """The panels that are shown, in their places."""
    placed: dict[PanelName, Panel] = {}
    for x, width, names in columns:
        y = 0
        for name, height in _heights([panels[name] for name in names], focused, room).items():
            if height:
                placed[name] = panels[name]._replace(x=x, y=y, width=width, height=height)
            y += height
    return placed


def _heights(panels: list[Panel], focused: PanelName, room: int) -> dict[PanelName, int]:
    """Of the panels of one column, together `room`. 0: not shown, 1: the title alone."""
    heights = dict.fromkeys((panel.name for panel in panels), 0)
    here = [panel for panel in panels if panel.name == focused]
    first = [panel for panel in panels if panel.name == "ladder"]
    left = room

    def give(panel: Panel, wanted: int) -> None:
        """So much, or what is left; but no frame without anything in it."""
        nonlocal left
        now = heights[panel.name]
        height = min(wanted, now + left)
        if height > now and (height >= _LEAST or height == 1):
            heights[panel.name], left = height, left - (height - now)

    for panel in [*first, *here, *(panels if room >= TITLED else [])]:
        give(panel, 1)
    for panel in [*here, *first]:
        give(panel, min(panel.whole, room if panel in here else max(_LEAST, room // 2)))
    for panel in panels:
        if panel.name in _ANSWERS and heights[panel.name] + left >= min(panel.whole, _FAIR):
            give(panel, min(panel.whole, _FAIR))
    for panel in panels:
        give(panel, panel.whole)
    for panel in reversed(panels):  # what is left over is the last one's that is open
        if heights[panel.name] >= _LEAST:
            give(panel, room)
    return heights


def _settled(state: DashboardState, panels: dict[PanelName, Panel]) -> DashboardState:
    """With the scroll positions that are possible, and the cursor in sight where it is to be."""
    for name, panel in panels.items():
        scroll = state.scrolls.get(name, 0)
        if name == "log" and state.change is None:
            scroll = panel.most
        if name == state.focused and state.reveal and panel.most:
            scroll = in_sight(scroll, panel.room, *panel.cursor_lines)
        state = state.scrolled(name, min(panel.most, max(0, scroll)))
    return state


def _painted(panels: dict[PanelName, Panel], focused: PanelName | None) -> list[Line]:
    """The body, the columns beside one another."""
    columns: dict[int, list[Line]] = {}
    for name, panel in panels.items():
        columns.setdefault(panel.x, []).extend(painted(panel, focused=name == focused))
    first, second = [*columns.values(), [], []][:2]
    blank = exactly(BLANK, next((panel.width for panel in panels.values()), 0))
    return [(*(one or blank), *(other or ())) for one, other in zip_longest(first, second)]


# ── the verdict on top: the sentence that `claude-auth status` begins with ────────────────────────

#: Of all lines of the screen, so many may be the sentence's: one in five, but two at least.
_SENTENCE_SHARE, _SENTENCE_LEAST = 5, 2


class HelpingKey(NamedTuple):
    """What to press, and what it does."""

    key: str
    text: str


def verdict_lines(state: DashboardState, width: int, rows: int) -> list[Line]:
    """`rows`: of the whole screen."""
    return _with_key(sentence_lines(state, width, rows), helping_key(state), width)


def sentence_lines(state: DashboardState, width: int, rows: int) -> list[Line]:
    """What goes beyond the share of the screen is cut, and `claude-auth status` has it whole."""
    answer = state.answer
    word = Span(f" {answer.word.glyph} {answer.word.text.upper()}", answer.word.role)
    sentence = (Span(f"  {answer.sentence}"),) if answer.sentence else ()
    found = list(wrap((word, *sentence), max(1, width - 1), 3))
    most = max(_SENTENCE_LEAST, rows // _SENTENCE_SHARE)
    if len(found) > most:
        rest = " ".join(plain(more).strip() for more in found[most - 1 :])
        found[most - 1 :] = [line("   ", fit(rest, width - 4))]
    return found


def _with_key(found: list[Line], helping: HelpingKey | None, width: int) -> list[Line]:
    """The key at the end of the last line, where it has room there, else on one of its own."""
    if helping is None:
        return found
    key = line(Span(f" {helping.key} ", "key"), " ", helping.text)
    gap = width - 1 - width_of(found[-1]) - width_of(key)
    if len(found) > 1 and gap >= 3:
        return [*found[:-1], (*found[-1], Span(" " * gap), *key)]
    told = line("   ", Span(f" {helping.key} ", "key"), " ", helping.text)
    return [*found, *wrap(told, max(1, width - 1), 7)[:_SENTENCE_LEAST]]


def helping_key(state: DashboardState) -> HelpingKey | None:
    """The one that helps most; None where nothing has to be done."""
    resolution = state.resolution
    if resolution.usable and not state.verdict.because:
        return None
    if resolution.usable is None and _waits_for_a_run(resolution):
        if any(run.problem for run in state.snapshot.runs.values()):
            return HelpingKey("x", "runs it again, after asking, and shows what it says")
        return HelpingKey("e", "runs it, after asking, and shows what it gives")
    if resolution.usable is None and resolution.wire is not None:
        return HelpingKey("s", "sends one live request, shown first: only that tells")
    if state.findings and state.findings[0].severity != "info":
        first = state.findings[0]
        if first.fixes:
            return HelpingKey("f", abbreviate_home(step_words(first, state.snapshot), state.home))
        return HelpingKey("d", "says what it means and what helps")
    return HelpingKey("d", "says what was looked at")


def _waits_for_a_run(resolution: Resolution) -> bool:
    """Whether a header's value is known once something was run."""
    wire = resolution.wire
    headers = () if wire is None else (wire.x_api_key, wire.authorization)
    return any(
        header is not None and header.value is None and "press e" in unknown_until(header.source)
        for header in headers
    )
