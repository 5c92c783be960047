"""The one screen: it paints what `present.dashboard` lays out, and keeps that true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cached_cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.reactive import var

from claude_auth.actions.look import advised
from claude_auth.app.actions import bindings
from claude_auth.app.key_hints import dashboard_refusal
from claude_auth.app.openings import Openings
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.watcher import HostWatcher
from claude_auth.app.widgets.dashboard_view import DashboardView
from claude_auth.app.widgets.hints import Hints
from claude_auth.model import Event
from claude_auth.present.consent import CANCELLED, RUNS, UNDER_WAY
from claude_auth.present.dashboard_state import PANELS, DashboardState, PanelName, turned_between
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID
from claude_auth.words import client_label

if TYPE_CHECKING:
    from claude_auth.actions.run_command import RunResult
    from claude_auth.app.widgets.fields import FilterLine

#: After so many events what rich remembers of texts and their width is mostly of texts that are gone: up to
#: 4,096 of them, 1 MB.
FORGETS_AFTER = 100


class Dashboard(BaseScreen[None], inherit_bindings=False):
    """`scene` is what stands on the screen."""

    AUTO_FOCUS = "#view"
    BINDINGS = bindings("dashboard")

    scene: var[DashboardState] = var(None, init=False)  # type: ignore[arg-type]

    def __init__(self, services: Services, scene: DashboardState) -> None:
        super().__init__()
        self.services = services
        self.watcher, self._told, self._helper = HostWatcher(self, services), 0, ""
        self.openings = Openings(self, self, services)
        services.on_event, services.client = self.told, scene.resolution.client
        self.set_reactive(Dashboard.scene, scene)

    def compose(self) -> ComposeResult:
        others = 1 if self.services.demo is None else 2
        yield DashboardView(self.scene, self.change, id="view", others=others)
        yield Hints(id="hints")

    @property
    def view(self) -> DashboardView:
        return self.query_one(DashboardView)

    def on_mount(self) -> None:
        self.call_after_refresh(lambda: self.watcher.start(self.scene))
        if self.scene.resolution.finds_nothing and self.services.host.context is not None:
            work = self.openings.set_up(by_itself=True)  # what is typed meanwhile is for this screen
            self.run_worker(work, exclusive=True, exit_on_error=False, group="set-up")

    def on_unmount(self) -> None:
        self.watcher.end_evaluation()
        self.services.activity.close()

    def change(self, scene: DashboardState) -> None:
        self.scene = scene

    def validate_scene(self, scene: DashboardState) -> DashboardState:
        """As it is possible on a screen of this size, which is what stands there from now on."""
        return self.view.paint(scene) if self.query(DashboardView) else scene

    def watch_scene(self, before: DashboardState, scene: DashboardState) -> None:
        if before.chosen != scene.chosen:
            self.watcher.wait_for_next_turn(scene)
        self.services.client = scene.resolution.client
        self.refresh_bindings()

    # ── keeping it true ──────────────────────────────────────────────────────────────────────────

    def look(self, notice: str = "") -> None:
        self.watcher.look(self.scene, notice)

    @on(HostWatcher.FilesChanged)
    def files_changed(self) -> None:
        self.watcher.look_after_change(self.scene)

    @on(HostWatcher.WholeLookDue)
    def whole_look_due(self) -> None:
        self.look()

    @on(HostWatcher.Observed)
    def observed(self, event: HostWatcher.Observed) -> None:
        if self.watcher.is_forgotten(event):  # all but what has happened
            self.scene = self.scene.with_events(event.news)
            return
        old, resolution, findings = self.scene, event.resolution, event.findings
        if resolution.client != old.resolution.client:  # the client was switched while we looked
            resolution, findings = advised(event.snapshot, old.resolution.client, self.services.version)
        self.scene = old.with_events(event.news)._replace(
            snapshot=event.snapshot,
            resolution=resolution,
            findings=findings,
            now=self.services.host.clock(),
            changed_at=event.snapshot.observed_at if event.news else old.changed_at,
        )
        if event.notice:
            self.show_notice(event.notice)
        self.watcher.seen(self.scene)
        self._told += len(event.news)
        if self._told >= FORGETS_AFTER:
            self._told = 0
            cached_cell_len.cache_clear()

    @on(HostWatcher.Evaluated)
    def evaluated(self, event: HostWatcher.Evaluated) -> None:
        if self.watcher.is_evaluating:  # what was cancelled while this was on its way gave nothing
            self.no_more_running()
            self.watcher.evaluated(self.scene, event)

    @on(HostWatcher.Written)
    def written(self, event: HostWatcher.Written) -> None:
        self.scene = self.scene.with_events(event.news)._replace(journal_read=True)

    @on(HostWatcher.TimePassed)
    def time_passed(self) -> None:
        before, now = self.scene, self.services.host.clock()
        self.scene = before.at(now)
        self.watcher.wait_for_next_turn(self.scene)
        due = self.services.activity.next_look
        if turned_between(before, now):
            self.look()
        elif due is not None and due <= now:
            self.watcher.look_after_change(self.scene)

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if error is not None and group == "evaluate":
            self.no_more_running()
        if error is not None and group == "watch":
            self.scene = self.scene._replace(watching="not watching: press u")
        elif error is not None and group not in ("observe", "evaluate", "ready"):
            super().after_worker(group, error)
        elif error is not None:
            self.watcher.failed()
            self.show_notice(f"that look failed ({type(error).__name__}); what stands here is from before")

    def told(self, event: Event) -> None:
        """What an action did stands in the log with what changed by it."""
        self.scene = self.scene.with_events([event])

    # ── what was done in a panel ─────────────────────────────────────────────────────────────────

    @on(DashboardView.Chosen)
    def row_chosen(self, event: DashboardView.Chosen) -> None:
        if event.panel == "findings":
            self.openings.begin(self.openings.diagnosis_at(event.row))
        elif event.panel == "ladder":
            self.scene = self.scene._replace(focused="source", zoomed=True)
        else:
            self.open_event(self.scene.log[int(event.row)])

    def open_event(self, event: Event) -> None:
        """What happened to a source leads to that source, anything else is told in full."""
        from claude_auth.app.dialogs.journal import event_dialog
        from claude_auth.journal import JournalEntry

        source = "stored-login" if event.store == "claude-code" else event.data.get("source")
        if isinstance(source, str) and source in BY_ID:
            self.scene = self.scene._replace(zoomed=False)
            self.show_source(source)
        else:
            self.app.push_screen(event_dialog(JournalEntry(event), self.scene.home))

    def on_input_changed(self, event: FilterLine.Changed) -> None:
        if self.scene.focused == "log":
            self.scene = self.scene._replace(needle_log=event.value)
        else:
            self.scene = self.scene._replace(needle=event.value)

    async def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        await self.query("#filter").remove()
        self.scene = self.scene._replace(typing=False)
        self.view.focus()

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def show_source(self, source: str) -> None:
        """The cursor on a source, and its panel shown."""
        self.scene = self.scene.showing(source)

    def action_panel(self, name: PanelName) -> None:
        self.scene = self.scene.on_panel(name)

    def action_places(self) -> None:
        """List the places that hold nothing, or have them in one line."""
        self.scene = self.scene._replace(opened=not self.scene.opened).on_panel("ladder")

    def action_next_panel(self, steps: int) -> None:
        self.action_panel(PANELS[(PANELS.index(self.scene.focused) + steps) % len(PANELS)])

    async def action_filter(self) -> None:
        """Of the log where it has the keys, else of the ladder."""
        from claude_auth.app.widgets.fields import FilterLine

        focused: PanelName = "log" if self.scene.focused == "log" else "ladder"
        self.scene = self.scene._replace(focused=focused, typing=True)
        line = FilterLine(self.scene.needle_log if focused == "log" else self.scene.needle, id="filter")
        await self.mount(line, before="#hints")
        line.focus()

    def action_zoom(self) -> None:
        self.scene = self.scene._replace(zoomed=not self.scene.zoomed)

    def action_back(self) -> None:
        """One thing at a time: what runs, the zoom, then the filters."""
        if self.watcher.is_evaluating:
            self.action_stop()
        elif self.scene.zoomed:
            self.scene = self.scene._replace(zoomed=False)
        elif self.scene.needle or self.scene.needle_log:
            self.scene = self.scene._replace(needle="", needle_log="")
        else:
            self.show_notice("there is nothing to go back from: q quits")

    def action_copy(self) -> None:
        self.send_to_clipboard(self.view.copied())

    def action_look(self) -> None:
        self.look("looked again")

    # ── what is opened over it ───────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        services = self.services
        if action == "open('evaluate')" and self.watcher.is_evaluating:
            return UNDER_WAY
        return dashboard_refusal(action, self.scene, services.version, services.host.ours)

    def action_open(self, id: str) -> None:
        self.openings.open(id)

    async def on_paste(self, event: events.Paste) -> None:
        """Pasted where nothing takes a text, it is an error to be explained."""
        event.stop()
        await self.openings.explain_pasted(Secret(event.text))

    # ── what is run for an answer ────────────────────────────────────────────────────────────────

    def evaluate(self, agreed: bool, running: str) -> None:
        self.watcher.evaluate(self.scene, agreed)
        self._helper = running
        self.start_clock()
        self.ticked()
        self.refresh_bindings()
        self.show_notice(RUNS)

    def ticked(self) -> None:
        self.scene = self.scene._replace(running=f"{self._helper} · {self.elapsed:.0f} s")

    def no_more_running(self) -> None:
        self.watcher.end_evaluation()
        self.stop_clock()
        self.scene = self.scene._replace(running="")
        self.refresh_bindings()

    def states(self) -> frozenset[str]:
        return frozenset({"busy"}) if self.watcher.is_evaluating else frozenset()

    def action_stop(self) -> None:
        self.no_more_running()
        self.show_notice(CANCELLED)

    def interrupted(self) -> bool:
        running = self.watcher.is_evaluating
        if running:
            self.action_stop()
        return running

    def ask_as(self, client: str) -> None:
        """Answer for another program; nothing is looked at again."""
        self.scene = self.scene.asked_by(client, self.services.version)
        self.show_notice(f"this is for {client_label(client)} now")

    def ran(self, result: RunResult | None) -> None:
        """What it gave is known from here on, as after an evaluation; a look that began before it isn't."""
        if result is not None:
            self.watcher.forget_looks()
            snapshot = self.scene.snapshot
            runs = {**snapshot.runs, result.run.setting: result.run}
            self.scene = self.scene._replace(snapshot=snapshot._replace(runs=runs))
            self.look()
