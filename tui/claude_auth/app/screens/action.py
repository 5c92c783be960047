"""A screen on which one action runs: its steps as they come, the journal, cancelling, an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from claude_auth.actions.result import Result
from claude_auth.app.actions import bindings
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.steps import ActionTitle, Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.actions import outcome_words
from claude_auth.words import StatusText

STILL_UNDER_WAY = "it is still under way: ^x cancels it"


class ActionScreen(BaseScreen[bool], inherit_bindings=False):
    """Runs one action: its events are the steps, and go to the journal and to the dashboard's log. Dismissed
    with whether anything was started."""

    AUTO_FOCUS = "#steps"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS = bindings("action", "parts")

    heading = ""
    can_be_cancelled: ClassVar[bool] = True
    #: Leaves the action in the middle: what is told of that, since nobody is there to see the end. None: the
    #: screen can't be left before that.
    left_behind: Callable[[], Event] | None = None

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

    def waited(self, patience: float) -> str:
        """For how long it runs. `patience`: how long it is waited for at most, in seconds."""
        return f"{int(self.elapsed)} s of at most {patience:.0f} s; ^x stops waiting"

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

    def hears_end(self, group: str) -> bool:
        return group == "action"

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if group == "action":  # as a message: those of its events are on their way
            self.post_message(self.Ended(None if error is None else type(error).__name__))
        else:
            super().after_worker(group, error)

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
        if action == "leave" and self.running and self.left_behind is None:
            return STILL_UNDER_WAY
        return None

    def action_leave(self) -> None:
        if self.running:
            if self.left_behind is None:
                self.show_notice(STILL_UNDER_WAY)
                return
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
        from claude_auth.app.screens.log import open_log

        open_log(self, self.services, self.snapshot)
