"""What every screen is: a line of hints that also tells things, keys that refuse with a reason, copying, a clock
for what is under way; and, on top of it, a screen on which one action runs, step by step."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen, ScreenResultType
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from claude_auth.actions import Result
from claude_auth.app.actions import WHEN, bindings
from claude_auth.app.services import Services
from claude_auth.app.widgets.action_title import ActionTitle
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.actions import outcome_words
from claude_auth.words import StatusText

SENT = "sent to your terminal as clipboard text"
STILL_UNDER_WAY = "it is still under way: ^x cancels it"
_OVER = {WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED}


class BaseScreen(Screen[ScreenResultType], inherit_bindings=False):
    """Has `Hints`. A key applies where its row in the table of actions says so, by the names of `states`."""

    COMPONENT_CLASSES = set(ROLE_CLASSES)
    _since = 0.0
    _clock: Timer | None = None

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        """The names of the states that hold now, as in the column `when` of the table of actions."""
        return frozenset()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        when = self._when.get(action)
        return when is None or (when.removeprefix("not ") in self.states()) is not when.startswith("not ")

    @cached_property
    def _when(self) -> dict[str, str]:
        """The state that an action of this screen needs, by the action's name."""
        found = (one for several in self._bindings.key_to_bindings.values() for one in several)
        return {one.action.partition("(")[0]: WHEN[one.id] for one in found if one.id in WHEN}

    def refusal(self, action: str) -> str | None:
        """Why an action can't be done now; the hints dim it, and pressing its key says so."""
        return None

    def refuses(self, action: str) -> bool:
        """Whether it can't be done now; says why."""
        refused = self.refusal(action)
        if refused is not None:
            self.show_notice(refused)
        return refused is not None

    def hears(self, event: events.Key | events.Paste) -> bool:
        """Whether what was typed at that moment is for this screen."""
        return True

    # ── the line of hints ────────────────────────────────────────────────────────────────────────

    def show_notice(self, text: str) -> None:
        """In place of the hints, until the next key."""
        for hints in self.query(Hints):  # none on a screen that was left before it was there
            hints.say(text)

    def clear_notice(self) -> None:
        for hints in self.query(Hints):
            hints.hush()

    def on_key(self, event: events.Key) -> None:
        self.clear_notice()

    def send_to_clipboard(self, text: str, what: str = "") -> None:
        """Whether the terminal took it is not known: OSC 52 has no answer, and tmux may keep it to itself."""
        if not text:
            self.show_notice("there is nothing to copy here")
            return
        self.app.copy_to_clipboard(text)
        self.show_notice(f"{what} was {SENT}" if what else SENT)

    # ── what is under way ────────────────────────────────────────────────────────────────────────

    def start_clock(self) -> None:
        """Counts the seconds of what is under way; `ticked` hears each."""
        self.stop_clock()
        self._since = time.monotonic()
        self._clock = self.set_interval(1.0, self.ticked)

    def stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None

    @property
    def elapsed(self) -> float:
        """Seconds since `start_clock`."""
        return time.monotonic() - self._since

    def ticked(self) -> None:
        """Another second has passed."""

    @on(Worker.StateChanged)
    def worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state in _OVER:
            self.worker_ended(event.worker.group, event.worker.error)

    def worker_ended(self, group: str, error: BaseException | None) -> None:
        """A worker of this screen is over; `error`: what broke it off."""
        if error is not None:
            self.show_notice(f"that failed ({type(error).__name__})")

    def interrupted(self) -> bool:
        """Ctrl-C: whether it was for what runs here."""
        return False


class ActionScreen(BaseScreen[bool], inherit_bindings=False):
    """Runs one action: its events are the steps, and go to the journal and to the dashboard's log. Dismissed
    with whether anything was started."""

    AUTO_FOCUS = "#steps"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS = bindings("action", "parts")

    heading = ""
    #: Whether it can be cancelled, and whether it can be left before its end: then `left_behind` tells of it.
    can_be_cancelled: ClassVar[bool] = True
    can_be_left: ClassVar[bool] = False

    @dataclass
    class Happened(Message):
        """The action told something."""

        event: Event

    @dataclass
    class Ended(Message):
        """The action is over. `problem`: it broke off, for that reason."""

        problem: str | None

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        super().__init__()
        self.services, self.snapshot = services, snapshot
        self.started = self.running = self.cancelled = False

    def compose(self) -> ComposeResult:
        yield ActionTitle(self.heading, self.snapshot.machine)
        yield from self.compose_content()
        yield Hints(id="hints")

    def compose_content(self) -> ComposeResult:
        """What stands between the title and the hints; one of them is `Steps`."""
        yield from ()

    @property
    def steps(self) -> Steps:
        return self.query_one(Steps)

    def on_mount(self) -> None:
        """Nothing begins on a screen that was left before it was there: it has no parts."""
        if self.children:
            self.opened()

    # ── hooks ────────────────────────────────────────────────────────────────────────────────────

    def opened(self) -> None:
        """All its parts are there."""

    def happened(self, event: Event) -> None:
        """After the event stands among the steps."""

    def over(self) -> None:
        """After the end."""

    def outcome(self) -> Result | None:
        return None

    def state(self) -> str:
        """What the title says."""
        return "UNDER WAY" if self.running else "OVER" if self.started else ""

    async def cancel(self) -> None:
        """Ends the action; the events end by themselves."""

    def left_behind(self) -> Event:
        """The screen is left in the middle: what is told of that, since nobody is there to see the end."""
        raise NotImplementedError

    # ── running it ───────────────────────────────────────────────────────────────────────────────

    def begin(self, happenings: AsyncIterator[Event]) -> None:
        self.started = self.running = True
        self.cancelled = False
        self.start_clock()
        self.show_state()
        self.follow_action(happenings)

    @work(exclusive=True, exit_on_error=False, group="action")
    async def follow_action(self, happenings: AsyncIterator[Event]) -> None:
        async for event in self.services.journal.pass_on(happenings):
            self.post_message(self.Happened(event))

    @on(Happened)
    def action_happened(self, message: Happened) -> None:
        self.steps.add(message.event)
        self.services.on_event(message.event)
        self.happened(message.event)
        self.show_state()

    def worker_ended(self, group: str, error: BaseException | None) -> None:
        if group == "action":  # as a message: those of its events are on their way
            self.post_message(self.Ended(None if error is None else type(error).__name__))
        else:
            super().worker_ended(group, error)

    @on(Ended)
    def action_ended(self, message: Ended) -> None:
        self.running = False
        self.stop_clock()
        self.clear_notice()
        self.steps.conclude(*self.conclusion(message.problem))
        self.over()
        self.show_state()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        """What stands below the steps."""
        result = self.outcome()
        if problem is not None:
            return [StatusText("✗", f"it broke off ({problem}); look at what stands there now", "fail")]
        if result is None:
            return []
        word = outcome_words(result, self.services.host.clock())
        last = self.steps.events[-1] if self.steps.events else None
        if last is not None and last.text == word.text:
            return []  # said as the last step already
        words = [word._replace(glyph="·", role="plain") if self.cancelled else word]
        if result.overridden_by:
            words.append(StatusText("▲", f"but it is not what gets used: {result.overridden_by}", "warn"))
        return words

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def show_state(self) -> None:
        self.query_one(ActionTitle).tell(self.state())
        self.refresh_bindings()

    def states(self) -> frozenset[str]:
        names = {
            "running": self.running,
            "started": self.started,
            "over": self.started and not self.running,
            "cancellable": self.running and self.can_be_cancelled,
        }
        return frozenset(name for name, holds in names.items() if holds)

    def refusal(self, action: str) -> str | None:
        if action == "leave" and self.running and not self.can_be_left:
            return STILL_UNDER_WAY
        return None

    def action_leave(self) -> None:
        if ActionScreen.refusal(self, "leave") is not None:
            self.show_notice(STILL_UNDER_WAY)
            return
        if self.running:
            self.services.record(self.left_behind())
        self.dismiss(self.started)

    def action_stop(self) -> None:
        self.show_notice("cancelling")
        self.cancelled = True
        self.run_worker(self.cancel(), exclusive=True, exit_on_error=False, group="cancel")

    def interrupted(self) -> bool:
        if self.running and self.can_be_cancelled:
            self.action_stop()
        return self.running and self.can_be_cancelled

    def action_whole_log(self) -> None:
        from claude_auth.app.screens.log.feeds import journal_feed
        from claude_auth.app.screens.log.screen import LogScreen

        feeds = [journal_feed(self.services.journal.directory)]
        home, machine = self.snapshot.places.home, self.snapshot.machine
        clock = self.services.host.clock
        self.app.push_screen(LogScreen(feeds, home=home, over_ssh=machine.over_ssh, clock=clock))
