"""The live part of the dashboard: looking again when a file changed or an expiry passed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.app.eyes import Eyes, merge_evaluations
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.services import Services
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.diagnose import diagnosed
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.words import next_change

if TYPE_CHECKING:
    from claude_auth.actions.run_command import RunResult

MOST_CHANGES = 1000


class Watcher(Speaking[None]):
    """Keeps `scene` true. What it looks with is `eyes`; what it shows is the subclass's business."""

    services: Services
    version: str | None
    scene: var[DashboardState] = var(None, init=False)  # type: ignore[arg-type]
    _looking = False
    _look_again = False
    _tick: Timer | None = None
    _paths: tuple[str, ...] = ()

    @property
    def eyes(self) -> Eyes:
        return self.services.host

    class Observed(Message):
        """The machine was looked at (or helpers were run), and this follows from it."""

        def __init__(
            self, snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], notice: str
        ) -> None:
            super().__init__()
            self.snapshot, self.resolution, self.findings, self.notice = (
                snapshot,
                resolution,
                findings,
                notice,
            )

    class FilesChanged(Message):
        """Something that matters was written."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Watcher.FilesChanged)

    # ── hooks ────────────────────────────────────────────────────────────────────────────────────

    def draw(self) -> None:
        """Show `scene`."""

    def watch_scene(self) -> None:
        self.draw()
        self.refresh_bindings()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def start_watching(self) -> None:
        self.wait_for_next_change()
        if self.eyes.watch is not None:
            self.follow_files()

    def look(self, by_hand: bool = False) -> None:
        """Look at the machine again; asked while one look is under way, look once more after it."""
        if self._looking:
            self._look_again = True
            return
        self._looking = True
        self.observe(self.scene.snapshot, self.scene.resolution.client, by_hand)

    @work(thread=True, exclusive=True, exit_on_error=False, group="observe")
    def observe(self, old: Snapshot, client: str, by_hand: bool) -> None:
        snapshot = merge_evaluations(old, self.eyes.look())
        self._tell(snapshot, client, "looked again" if by_hand else "")

    @work(thread=True, exclusive=True, exit_on_error=False, group="evaluate")
    def evaluate(self, old: Snapshot, agreed: bool = False) -> None:
        """`agreed`: also to what settings that are not trusted say."""
        client = self.scene.resolution.client
        found = self.eyes.evaluate(old, client, self.version, agreed)
        self._tell(found, client, "done: what stands here knows the outcome")

    def _tell(self, snapshot: Snapshot, client: str, notice: str) -> None:
        """In a worker's thread: what follows is worked out there too, the screen only shows it."""
        resolution, findings = diagnosed(snapshot, client, self.version)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Observed(snapshot, resolution, findings, notice))

    @on(Observed)
    def observed(self, event: Observed) -> None:
        self._looking = False
        old = self.scene
        resolution, findings = event.resolution, event.findings
        if resolution.client != old.resolution.client:  # the client was switched while we looked
            resolution, findings = diagnosed(event.snapshot, old.resolution.client, self.version)
        from claude_auth.journal.changes import changes

        news = changes((old.snapshot, old.resolution), (event.snapshot, resolution))
        self.scene = old._replace(
            snapshot=event.snapshot,
            resolution=resolution,
            findings=findings,
            now=self.eyes.clock(),
            log=(*old.log, *news)[-MOST_CHANGES:],
            changed_at=event.snapshot.observed_at if news else old.changed_at,
        )
        if event.notice:
            self.say(event.notice)
        self.wait_for_next_change()
        if self._look_again:
            self._look_again = False
            self.look()
        elif self.eyes.watch is not None and self.eyes.paths(event.snapshot) != self._paths:
            self.follow_files()

    @on(FilesChanged)
    def files_changed(self) -> None:
        self.look()

    @work(exclusive=True, exit_on_error=False, group="watch")
    async def follow_files(self) -> None:
        """Runs until the screen goes or the files to follow are others."""
        if self.eyes.watch is None:
            return
        self._paths = self.eyes.paths(self.scene.snapshot)
        ready = asyncio.Event()
        self.look_once(ready)
        async for _changed in self.eyes.watch(self._paths, ready):
            self.post_message(self.FilesChanged())

    @work(exclusive=True, exit_on_error=False, group="ready")
    async def look_once(self, ready: asyncio.Event) -> None:
        """What changed before everything was watched would be missed otherwise."""
        await ready.wait()
        self.look()

    @on(Worker.StateChanged)
    def worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        name = type(event.worker.error).__name__
        if event.worker.group == "watch":
            self.scene = self.scene._replace(watching="not watching: press u")
            return
        self._looking = False
        self.say(f"that look failed ({name}); what stands here is from before")

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    def wait_for_next_change(self) -> None:
        """One timer, for the next moment at which a shown time reads differently; none if none is shown."""
        if self._tick is not None:
            self._tick.stop()
        now = self.eyes.clock()
        ends = self._ends()
        if not ends:
            return
        wait = min(next_change(end - now) for end in ends)
        self._tick = self.set_timer(wait + 0.05, self._minute_passed)

    def _ends(self) -> list[float]:
        """The expiries that stand on the screen."""
        resolution, chosen = self.scene.resolution, self.scene.chosen
        shown = [
            standing.reading.tokens
            for standing in resolution.standings
            if standing.reading.source in (resolution.winner, chosen) and standing.reading.tokens is not None
        ]
        ends = [tokens.expires_at for tokens in shown] + [tokens.login_deadline for tokens in shown]
        return [end for end in ends if end is not None] + self._sign_ins()

    def _sign_ins(self) -> list[float]:
        """When the single sign-ons of AWS end, where Bedrock signs: nothing is written at that moment."""
        if self.scene.resolution.provider != "bedrock":
            return []
        return [s.expires_at for s in self.scene.snapshot.aws.sessions if s.expires_at is not None]

    def _minute_passed(self) -> None:
        before, now = self.scene.now, self.eyes.clock()
        passed = [
            end
            for standing in self.scene.resolution.standings
            if standing.reading.tokens is not None
            for end in _turns(standing.reading.tokens.expires_at, standing.reading.tokens.login_deadline)
            if before < end <= now
        ] + [end for end in self._sign_ins() if before < end <= now]
        self.scene = self.scene.at(now)
        self.wait_for_next_change()
        if passed:
            self.look()

    def ran(self, finished: RunResult | None) -> None:
        """What it gave is known from here on, as after an evaluation; a look that began before it isn't."""
        if finished is None:
            return
        self.workers.cancel_group(self, "observe")
        self._looking = False
        snapshot = self.scene.snapshot
        runs = {**snapshot.runs, finished.run.setting: finished.run}
        self.scene = self.scene._replace(snapshot=replace(snapshot, runs=runs))
        self.look()


def _turns(expires_at: float | None, deadline: float | None) -> list[float]:
    """The moments at which a token's state turns: Claude Code renews it before its end."""
    turns = [] if expires_at is None else [expires_at - RENEWAL_MARGIN, expires_at]
    return turns if deadline is None else [*turns, deadline]
