"""What the cloud screen shows, and how it follows the machine: the providers, and the lines about one."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.app.panes.cloud import Detail, Providers, command_of, fact_rows, provider_rows
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.action_title import ActionTitle
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.app.widgets.row_view import RowView
from claude_auth.cloud.providers import BY_ID
from claude_auth.present.cloud_panes import entries, first_choice, pane_rows
from claude_auth.present.lines import Row
from claude_auth.words import PROVIDERS as NAMES

if TYPE_CHECKING:
    from claude_auth.app.screens.acting import Told
    from claude_auth.app.screens.cloud.doors import CloudDoors
    from claude_auth.app.watcher import Watcher
    from claude_auth.cloud.commands import PlannedCommand
    from claude_auth.cloud.providers import CloudSeen
    from claude_auth.present.cloud_rows import FactRow as Fact
    from claude_auth.present.dashboard_state import DashboardState

#: How often the times on the screen are told anew.
BEAT = 15.0


class Asking(NamedTuple):
    """What is under way: which provider since when, with which scene, and what may be run for it."""

    provider: str
    since: float
    stop: threading.Event
    scene: DashboardState
    allowed: tuple[PlannedCommand, ...]


class CloudView(Speaking[bool], inherit_bindings=False):
    """Follows the scene of `watcher`, the dashboard below it. Asking is the subclass's business."""

    CSS_PATH = sheet("cloud")
    AUTO_FOCUS = "#providers"
    COMPONENT_CLASSES = set(ROLE_CLASSES)

    class Looked(Message):
        def __init__(self, seen: CloudSeen) -> None:
            super().__init__()
            self.seen = seen

    def __init__(self, cloud: CloudDoors, watcher: Watcher, told: Told = lambda event: None) -> None:
        super().__init__()
        self.cloud, self.watcher, self.told = cloud, watcher, told
        self.scene: DashboardState = watcher.scene
        self.seen: CloudSeen | None = None
        self.facts: Sequence[Fact] = ()
        self.started = False
        self._asking: Asking | None = None

    def compose(self) -> ComposeResult:
        yield ActionTitle("cloud", self.scene.snapshot.machine)
        yield Providers(self._list, id="providers", classes="panel")
        yield Detail(self._detail, id="detail", classes="panel")
        yield Hints(id="hints")

    def on_mount(self) -> None:
        self.watch(self.watcher, "scene", self.scene_changed, init=False)
        self.set_interval(BEAT, self.draw)
        self.see()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def provider(self) -> str:
        return self.query_one(Providers).cursor or "aws"

    @property
    def waiting(self) -> float | None:
        """For how long the provider under the cursor is being asked."""
        if self._asking is None or self._asking.provider != self.provider:
            return None
        return time.monotonic() - self._asking.since

    def _list(self, width: int) -> list[Row]:
        found = () if self.seen is None else entries(self.seen, self.cloud.asked)
        return provider_rows(found, width)

    def _detail(self, width: int) -> list[Row]:
        return fact_rows(self.facts, width)

    def draw(self) -> None:
        if self.seen is None:
            return
        providers, detail = self.query_one(Providers), self.query_one(Detail)
        providers.entitle(f"Providers · in use: {NAMES[self.seen.resolution.provider]}")
        providers.show_rows(self._list)
        which = self.provider
        asked = self.cloud.asked.get(which)
        self.facts = pane_rows(which, self.seen, asked, self.cloud.doors.clock(), self.waiting)
        detail.entitle(BY_ID[which].label)
        detail.show_rows(self._detail)
        if detail.about_which != which:
            detail.about_which = which
            detail.action_move(-10_000)
            detail.scroll_home(animate=False)
        asking = self._asking
        under_way = "" if asking is None else f"ASKING · {time.monotonic() - asking.since:.0f} s"
        self.query_one(ActionTitle).tell(under_way)
        self.refresh_bindings()

    @on(RowView.Highlighted, "#providers")
    def moved(self) -> None:
        self.draw()

    @on(RowView.Highlighted, "#detail")
    def line_moved(self) -> None:
        self.refresh_bindings()

    @on(RowView.Chosen, "#providers")
    def chosen(self) -> None:
        self.query_one(Detail).focus()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def scene_changed(self, scene: DashboardState) -> None:
        before, self.scene = self.scene, scene
        if scene.snapshot is not before.snapshot or scene.resolution is not before.resolution:
            self.see()

    @work(thread=True, exclusive=True, exit_on_error=False, group="see")
    def see(self) -> None:
        seen = self.cloud.see(self.scene)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Looked(seen))

    @on(Looked)
    def looked(self, message: Looked) -> None:
        if self.seen is None:
            self.query_one(Providers).cursor = first_choice(message.seen)
        self.seen, asked = message.seen, self.cloud.asked
        for name, one in asked.items():
            if one.basis is None:
                asked[name] = one._replace(basis=message.seen.basis)
        self.draw()

    def action_look(self) -> None:
        self.say("looking again")
        self.watcher.look(by_hand=True)

    @on(Worker.StateChanged)
    def worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        name = type(event.worker.error).__name__
        if event.worker.group == "see":
            self.say(f"that look failed ({name}); what stands here is from before")
        else:
            self._asking = None
            self.draw()
            self.say(f"asking broke off ({name}); nothing was learned")

    # ── copying ─────────────────────────────────────────────────────────────────────────

    def _command(self) -> str | None:
        return command_of(self.facts, self.query_one(Detail).cursor)

    def action_copy_command(self) -> None:
        command = self._command()
        if command is None:
            self.say("there is no command on this line")
            return
        self.send_to_clipboard(command, "the command")

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one(Detail).copied())

    def action_other(self) -> None:
        detail = self.query_one(Detail)
        (self.query_one(Providers) if detail.has_focus else detail).focus()
