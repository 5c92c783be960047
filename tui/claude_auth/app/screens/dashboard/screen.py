"""The one screen: what present lays out, and the keys that change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from claude_auth.app.eyes import Eyes
from claude_auth.app.screens.dashboard.bindings import BINDINGS
from claude_auth.app.screens.dashboard.diagnosing import Diagnosing
from claude_auth.app.widgets.dashboard_view import DashboardView
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.present.dashboard_state import PANELS, DashboardState, PanelName

if TYPE_CHECKING:
    from claude_auth.app.widgets.filter_line import FilterLine


class Dashboard(Diagnosing, inherit_bindings=False):
    AUTO_FOCUS = "#view"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    BINDINGS = BINDINGS

    def __init__(self, eyes: Eyes, scene: DashboardState, version: str | None) -> None:
        super().__init__()
        self.eyes, self.version = eyes, version
        self.set_reactive(Dashboard.scene, scene)

    def compose(self) -> ComposeResult:
        yield DashboardView(self.scene, self.change, id="view")
        yield Hints(id="hints")

    @property
    def view(self) -> DashboardView:
        return self.query_one(DashboardView)

    def on_mount(self) -> None:
        self.call_after_refresh(self.start_watching)

    def change(self, state: DashboardState) -> None:
        self.scene = state

    def validate_scene(self, scene: DashboardState) -> DashboardState:
        """As it is possible on a screen of this size, which is what stands there from now on."""
        return self.view.paint(scene) if self.query(DashboardView) else scene

    # ── what was done in a panel ─────────────────────────────────────────────────────────────────

    @on(DashboardView.Chosen)
    def row_chosen(self, event: DashboardView.Chosen) -> None:
        if event.panel == "findings":
            self.open_diagnosis(event.row)
        elif event.panel == "ladder":
            self.scene = self.scene._replace(focused="source", zoomed=True)
        else:
            source = self.scene.log[int(event.row)].source
            if source is None:
                self.say("this change is about no source")
            else:
                self.scene = self.scene._replace(zoomed=False)
                self.show_source(source)

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        if self.scene.focused == "log":
            self.scene = self.scene._replace(needle_log=event.needle)
        else:
            self.scene = self.scene._replace(needle=event.needle)

    async def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        await self.query("#filter").remove()
        self.scene = self.scene._replace(typing=False)
        self.view.focus()

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def show_source(self, source: str) -> None:
        """Put the ladder's cursor on a source and show its panel."""
        self.scene = self.scene._replace(needle="").with_cursor("ladder", source)
        self.action_panel("source")

    def action_panel(self, name: PanelName) -> None:
        self.scene = self.view.layout_now.on_panel(name)

    def action_next_panel(self, steps: int) -> None:
        self.action_panel(PANELS[(PANELS.index(self.scene.focused) + steps) % len(PANELS)])

    async def action_filter(self) -> None:
        """Of the log where it has the keys, else of the ladder."""
        from claude_auth.app.widgets.filter_line import FilterLine

        focused: PanelName = "log" if self.scene.focused == "log" else "ladder"
        self.scene = self.scene._replace(focused=focused, typing=True)
        line = FilterLine(id="filter")
        line.needle = self.scene.needle_log if self.scene.focused == "log" else self.scene.needle
        await self.mount(line, before="#hints")
        line.focus()

    def action_zoom(self) -> None:
        self.scene = self.scene._replace(zoomed=not self.scene.zoomed)

    def action_back(self) -> None:
        """One thing at a time: the zoom, then the filters."""
        if self.scene.zoomed:
            self.scene = self.scene._replace(zoomed=False)
        elif self.scene.needle or self.scene.needle_log:
            self.scene = self.scene._replace(needle="", needle_log="")

    def action_copy(self) -> None:
        self.send_to_clipboard(self.view.copied())
