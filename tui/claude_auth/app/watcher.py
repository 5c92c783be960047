"""The live part of the dashboard: looking again when a file changed or an expiry passed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import get_current_worker

from claude_auth.actions.look import AdviceMemory, Look, merge_evaluations
from claude_auth.app.services import Services
from claude_auth.journal.records import KEPT_SECONDS
from claude_auth.model import Event, Finding, Resolution, Snapshot
from claude_auth.present.dashboard_state import DashboardState, next_turn

if TYPE_CHECKING:
    from claude_auth.actions.run_command import RunResult


#: After a change of a file, and at the latest: what files don't tell of is looked at. In seconds.
WHOLE_LOOK_AFTER_CHANGE, WHOLE_LOOK_EVERY = 10.0, 300.0


class KeptTrue(Protocol):
    """The dashboard, for what opens screens above it, and for one that follows what it shows."""

    @property
    def scene(self) -> DashboardState: ...

    def look(self, notice: str = "") -> None: ...

    def evaluate(self, agreed: bool, running: str) -> None: ...

    def ask_as(self, client: str) -> None: ...

    def ran(self, result: RunResult | None) -> None: ...


class HostWatcher:
    """Looks at the machine for a screen, in that screen's workers; the screen hears the messages, and hands
    its state in where something is to be looked at."""

    @dataclass
    class Observed(Message):
        """The machine was looked at, or helpers were run, and this follows from it. `forgotten`: how often
        looks had been forgotten when this one began."""

        snapshot: Snapshot
        resolution: Resolution
        findings: tuple[Finding, ...]
        notice: str
        news: tuple[Event, ...] = ()
        forgotten: int = 0

    @dataclass
    class Evaluated(Message):
        """Helpers were run on what was seen `before`, and this is what is known by them."""

        before: Snapshot
        snapshot: Snapshot

    @dataclass
    class Written(Message):
        """What is kept was read, or another program of ours wrote something down."""

        news: tuple[Event, ...]

    class FilesChanged(Message):
        """Something that matters was written."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, HostWatcher.FilesChanged)

    class WholeLookDue(Message):
        """Time to look at what no change of a file tells of."""

    class TimePassed(Message):
        """A time that is shown reads differently now."""

    def __init__(self, screen: Screen[Any], services: Services) -> None:
        self.screen, self.services = screen, services
        self._looking, self._forgotten, self._advice = False, 0, AdviceMemory()
        self._stop: threading.Event | None = None
        self._next_look: Literal["", "after-change", "whole"] = ""
        self._next_notice = ""
        self._tick: Timer | None = None
        self._whole_look: Timer | None = None
        self._whole_look_at = 0.0
        #: Written since the last look after a change; None: it may be anything.
        self._changed: frozenset[str] | None = None
        self.watched: tuple[str, ...] = ()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def look(self, state: DashboardState, notice: str = "") -> None:
        """Look at all of the machine again; asked while one look is under way, look once more after it."""
        if self._looking:
            self._next_look, self._next_notice = "whole", notice or self._next_notice
            return
        self._whole_look_within(WHOLE_LOOK_EVERY, anew=True)
        self._look(self.services.host.look, state, notice)

    def look_after_change(self, state: DashboardState) -> None:
        """A file was written: look at what that can have changed now, and at all else a little later."""
        look = self.services.host.look_after_change
        if look is None:
            self.look(state)
        elif self._looking:
            self._next_look = self._next_look or "after-change"
        else:
            self._whole_look_within(WHOLE_LOOK_AFTER_CHANGE)
            changed, self._changed = self._changed or frozenset(), frozenset()
            self._look(partial(look, changed), state, after_change=True)

    def _look(
        self, look: Look, state: DashboardState, notice: str = "", *, after_change: bool = False
    ) -> None:
        self._looking, forgotten = True, self._forgotten

        def work() -> None:
            snapshot = merge_evaluations(state.snapshot, look())
            self._tell(state, snapshot, notice, forgotten, after_change=after_change)

        self._in_thread("observe", work)

    def _whole_look_within(self, seconds: float, *, anew: bool = False) -> None:
        """At the latest; `anew`: what was due before is done."""
        due = time.monotonic() + seconds
        if self._whole_look is not None:
            if not anew and self._whole_look_at <= due:
                return
            self._whole_look.stop()
        self._whole_look_at = due
        self._whole_look = self.screen.set_timer(
            seconds, lambda: self.screen.post_message(self.WholeLookDue())
        )

    def evaluate(self, state: DashboardState, agreed: bool) -> None:
        """`agreed`: also to what settings that are not trusted say."""
        old, client, version = state.snapshot, state.resolution.client, self.services.version
        stop = self._stop = threading.Event()

        def work() -> None:
            snapshot = self.services.host.evaluate(old, client, version, agreed, stop)
            if not stop.is_set() and not get_current_worker().is_cancelled:
                self.screen.post_message(self.Evaluated(old, snapshot))

        self._in_thread("evaluate", work)

    @property
    def is_evaluating(self) -> bool:
        return self._stop is not None

    def end_evaluation(self) -> None:
        """What still runs for it is ended, and nothing is learned from that."""
        if self._stop is not None:
            self._stop.set()
        self._stop = None

    def evaluated(self, state: DashboardState, event: Evaluated) -> None:
        """Helpers take their time: what was seen meanwhile counts, and no look that began without them."""
        done = "it was run, and what it gave counts in what stands here"
        if state.snapshot is event.before and not self._looking:
            self._looking, forgotten = True, self._forgotten
            self._in_thread("observe", lambda: self._tell(state, event.snapshot, done, forgotten))
        else:
            self.forget_looks()
            self.look(state._replace(snapshot=event.snapshot), done)

    def forget_looks(self) -> None:
        """What a look that is under way will tell is older than what is known now."""
        self.screen.workers.cancel_group(self.screen, "observe")
        self._looking, self._changed = False, None
        self._forgotten += 1

    def is_forgotten(self, event: Observed) -> bool:
        """It was on its way already when looks were forgotten."""
        return event.forgotten < self._forgotten

    def _in_thread(self, group: str, work: Callable[[], None]) -> None:
        self.screen.run_worker(work, thread=True, exclusive=True, exit_on_error=False, group=group)

    def _tell(
        self,
        before: DashboardState,
        snapshot: Snapshot,
        notice: str,
        forgotten: int,
        *,
        after_change: bool = False,
    ) -> None:
        """In a worker's thread: what follows is worked out there too, the screen only shows it."""
        resolution, findings = self._advice.advised(
            snapshot, before.resolution.client, self.services.version, after_change=after_change
        )
        if get_current_worker().is_cancelled:
            return
        news: tuple[Event, ...] = ()
        if self.services.host.ours():  # what somebody else's files show is not ours to write down
            activity = self.services.activity
            news = (*activity.first(before.snapshot, before.resolution), *activity.look(snapshot, resolution))
        self.screen.post_message(self.Observed(snapshot, resolution, findings, notice, news, forgotten))

    def seen(self, state: DashboardState) -> None:
        """The screen has taken over what was observed: what comes next."""
        self._looking = False
        self.wait_for_next_turn(state)
        wanted, self._next_look = self._next_look, ""
        notice, self._next_notice = self._next_notice, ""
        if wanted == "whole":
            self.look(state, notice)
        elif wanted:
            self.look_after_change(state)
        elif self.services.host.watch is not None and self._files(state) != self.watched:
            self.follow_files(state)

    def failed(self) -> None:
        """A look broke off."""
        self._looking, self._changed = False, None

    # ── files ────────────────────────────────────────────────────────────────────────────────────

    def start(self, state: DashboardState) -> None:
        self.wait_for_next_turn(state)
        if self.services.host.watch is not None:
            since = state.now - KEPT_SECONDS
            self._read_journal(lambda: self.services.activity.begin(since), at_first=True)
            self.follow_files(state)

    def follow_files(self, state: DashboardState) -> None:
        """Until the screen goes or the files to follow are others."""
        self.watched = self._files(state)
        ready = asyncio.Event()
        for group, work in (("ready", self._look_once(ready)), ("watch", self._follow(ready))):
            self.screen.run_worker(work, exclusive=True, exit_on_error=False, group=group)

    def _files(self, state: DashboardState) -> tuple[str, ...]:
        """With the journal, which other programs of ours write to as well."""
        return (*self.services.host.paths(state.snapshot), self.services.activity.path)

    async def _follow(self, ready: asyncio.Event) -> None:
        journal = self.services.activity.path
        if self.services.host.watch is not None:
            async for changed in self.services.host.watch(self.watched, ready):
                if journal in changed:
                    self._read_journal(self.services.activity.news)
                if others := changed - {journal}:
                    self._changed = None if self._changed is None else self._changed | others
                    self.screen.post_message(self.FilesChanged())

    def _read_journal(self, read: Callable[[], tuple[Event, ...]], *, at_first: bool = False) -> None:
        def tell() -> None:
            if (news := read()) or at_first:
                self.screen.post_message(self.Written(news))

        self.screen.run_worker(tell, thread=True, exit_on_error=False, group="journal")

    async def _look_once(self, ready: asyncio.Event) -> None:
        """What changed before everything was watched would be missed otherwise."""
        await ready.wait()
        self._changed = None
        self.screen.post_message(self.FilesChanged())

    # ── time ─────────────────────────────────────────────────────────────────────────────────────

    def wait_for_next_turn(self, state: DashboardState) -> None:
        """One timer, for the next moment at which a shown time reads differently; none if none is shown."""
        if self._tick is not None:
            self._tick.stop()
        now, due = self.services.host.clock(), self.services.activity.next_look
        waits = (next_turn(state, now), None if due is None else max(0.0, due - now))
        wait = min((one for one in waits if one is not None), default=None)
        if wait is not None:
            self._tick = self.screen.set_timer(
                wait + 0.05, lambda: self.screen.post_message(self.TimePassed())
            )
