"""The one screen: panes that draw a scene, and the keys that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widget import Widget

from claude_auth.app.actions import PANELS, bindings
from claude_auth.app.screens.dashboard.diagnosing import Diagnosing
from claude_auth.app.screens.dashboard.panels import (
    Findings,
    Ladder,
    LogPane,
    SourcePane,
    Summary,
    TitleLine,
    VerdictLine,
    WirePane,
)
from claude_auth.app.services import Services
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.present.dashboard_state import DashboardState

if TYPE_CHECKING:
    from claude_auth.app.widgets.filter_line import FilterLine


class Column(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Panels below one another. Only panels take the focus."""


class Dashboard(Diagnosing, inherit_bindings=False):
    AUTO_FOCUS = "#ladder"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal"), (90, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (28, "-tall")]
    BINDINGS = bindings("dashboard")

    #: The list that `/` filters.
    filtered: type[RowView] = Ladder

    def __init__(self, services: Services, scene: DashboardState) -> None:
        super().__init__()
        self.services, self.version = services, services.version
        services.on_event = self.told
        self.set_reactive(Dashboard.scene, scene)

    def compose(self) -> ComposeResult:
        # Now, so that the first frame has its layout; Textual sets these after it.
        width, height = self.app.size
        self.set_classes(
            self._get_breakpoint_classes(width, self.HORIZONTAL_BREAKPOINTS)
            | self._get_breakpoint_classes(height, self.VERTICAL_BREAKPOINTS)
        )
        yield TitleLine(id="title")
        yield VerdictLine(id="first-line")
        yield Summary(id="summary")
        with Column(id="body"):
            with Column(id="left", classes="column"):
                yield Ladder(id="ladder", classes="panel")
                yield SourcePane(id="source", classes="panel")
            with Column(id="right", classes="column"):
                yield WirePane(id="wire", classes="panel")
                yield Findings(id="findings", classes="panel")
                yield LogPane(id="log", classes="panel")
        yield Hints(id="hints")

    def on_mount(self) -> None:
        self.query_one(Ladder).cursor = self.scene.chosen
        self.draw()
        self.call_after_refresh(self.start_watching)

    def draw(self) -> None:
        """Every pane lays the scene out; each sends only what differs from what stands there."""
        scene = self.scene
        self.query_one(TitleLine).draw(scene)
        self.query_one(VerdictLine).draw(scene)
        self.query_one(Summary).draw(scene)
        self.query_one(Ladder).draw(scene)
        self.query_one(SourcePane).draw(scene)
        self.query_one(WirePane).draw(scene)
        self.query_one(Findings).draw(scene)
        self.query_one(LogPane).draw(scene)

    # ── what was done in a pane ──────────────────────────────────────────────────────────────────

    @on(RowView.Highlighted, "#ladder")
    def source_highlighted(self, event: RowView.Highlighted) -> None:
        self.scene = self.scene._replace(chosen=event.row)
        self.wait_for_next_change()

    @on(RowView.Chosen, "#ladder")
    def source_chosen(self) -> None:
        self.zoom(self.query_one(SourcePane))

    @on(RowView.Chosen, "#findings")
    def finding_chosen(self, event: RowView.Chosen) -> None:
        self.open_diagnosis(event.row)

    @on(RowView.Chosen, "#log")
    def change_chosen(self, event: RowView.Chosen) -> None:
        source = self.scene.log[int(event.row)].source
        if source is None:
            self.say("this change is about no source")
            return
        self.unzoom()
        self.show_source(source)

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        if self.filtered is LogPane:
            self.scene = self.scene._replace(needle_log=event.needle)
        else:
            self.scene = self.scene._replace(needle=event.needle)

    async def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        await self.query("#filter").remove()
        self.query_one(self.filtered).focus()

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def show_source(self, source: str) -> None:
        """Put the ladder's cursor on a source and show its panel."""
        self.scene = self.scene._replace(needle="")
        self.query_one(Ladder).go_to(source)
        self.action_panel("source")

    def action_panel(self, name: str) -> None:
        """Go to a panel; zoomed, or where it has no room of its own, it takes the whole screen."""
        pane = self.query_one(f"#{name}", LineView)
        if self.has_class("-zoomed") or not pane.display:
            self.zoom(pane)
        pane.focus(scroll_visible=False)
        pane.scroll_visible(animate=False, top=pane.size.height > 6)

    def action_next_panel(self, steps: int) -> None:
        here = self.focused.id if self.focused is not None else None
        place = PANELS.index(here) if here in PANELS else 0
        self.action_panel(PANELS[(place + steps) % len(PANELS)])

    async def action_filter(self) -> None:
        from claude_auth.app.widgets.filter_line import FilterLine

        self.filtered = LogPane if isinstance(self.focused, LogPane) else Ladder
        line = FilterLine(id="filter")
        line.needle = self.scene.needle_log if self.filtered is LogPane else self.scene.needle
        await self.mount(line, before="#hints")
        line.focus()

    def action_zoom(self) -> None:
        if self.has_class("-zoomed"):
            self.unzoom()
        elif isinstance(self.focused, LineView):
            self.zoom(self.focused)

    def zoom(self, pane: Widget) -> None:
        self.unzoom()
        self.add_class("-zoomed")
        for widget in (pane, pane.parent):
            if isinstance(widget, Widget):
                widget.add_class("-zoom")
        pane.focus()

    def unzoom(self) -> None:
        self.remove_class("-zoomed")
        self.query(".-zoom").remove_class("-zoom")

    def action_back(self) -> None:
        """One thing at a time: the zoom, then the filters."""
        if self.has_class("-zoomed"):
            self.unzoom()
        elif self.scene.needle or self.scene.needle_log:
            self.scene = self.scene._replace(needle="", needle_log="")

    def action_copy(self) -> None:
        pane = self.focused
        self.send_to_clipboard(pane.copied() if isinstance(pane, LineView) else "")
