"""The part of the diagnosis that looks at the machine: further than the dashboard at its start, and again."""

from __future__ import annotations

from textual import on, work
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.diagnose.doors import DiagnoseDoors
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.watcher import Watcher
from claude_auth.app.widgets.action_title import ActionTitle
from claude_auth.model import Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.present.diagnosis import Diagnosis

LOOKING = "looking further…"


class LookingFurther(Speaking[bool]):
    """Keeps `diagnosis` true. `follows`: the dashboard, which watches the files."""

    class Diagnosed(Message):
        """The machine was looked at, and this follows from it."""

        def __init__(self, diagnosis: Diagnosis, notice: str = "") -> None:
            super().__init__()
            self.diagnosis, self.notice = diagnosis, notice

    def __init__(
        self, doors: DiagnoseDoors, scene: DashboardState, told: Told, follows: Watcher | None
    ) -> None:
        super().__init__()
        self.doors, self.told, self.follows = doors, told, follows
        self.diagnosis = Diagnosis(scene.snapshot, scene.resolution, scene.findings)

    # ── hooks ────────────────────────────────────────────────────────────────────────────────────

    def show(self) -> None:
        """Show `diagnosis`."""

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def look(self, notice: str) -> None:
        self.query_one(ActionTitle).tell(LOOKING)
        self.observe(self.diagnosis.snapshot, notice)

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def observe(self, old: Snapshot, notice: str) -> None:
        self._tell(self.doors.look(old), notice)

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def take(self, snapshot: Snapshot) -> None:
        """The dashboard has looked already."""
        self._tell(snapshot, "")

    def _tell(self, snapshot: Snapshot, notice: str) -> None:
        diagnosis = self.doors.diagnose(snapshot)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Diagnosed(diagnosis, notice))

    @on(Diagnosed)
    def diagnosed(self, message: Diagnosed) -> None:
        self.diagnosis = message.diagnosis
        self.query_one(ActionTitle).tell("")
        self.show()
        if message.notice:
            self.say(message.notice)

    def follow(self) -> None:
        if self.follows is not None:
            self.watch(self.follows, "scene", self.followed, init=False)

    def followed(self, scene: DashboardState) -> None:
        known = self.diagnosis.snapshot
        if scene.snapshot is not known and scene.snapshot.observed_at > known.observed_at:
            self.take(scene.snapshot)

    @on(Worker.StateChanged)
    def worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR:
            self.query_one(ActionTitle).tell("")
            what = "report" if event.worker.group == "report" else "look"
            self.say(
                f"that {what} failed ({type(event.worker.error).__name__}); what stands here is from before"
            )
