"""What every screen is on which an action runs: its steps as they come, the journal, cancelling, an end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState

from claude_auth.actions import Result
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.part_keys import part_keys
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.app.widgets.steps import ActionTitle, Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.actions import outcome_words
from claude_auth.words import StatusText

Told = Callable[[Event], None]
_OVER = {WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED}


class Acting(Speaking[bool], inherit_bindings=False):
    """Dismissed with whether anything was started. `told` hears every event."""

    AUTO_FOCUS = "#steps"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q,ctrl+x,escape", "leave", "Back", tooltip="Go back", id="acting.leave"),
        Binding("q,ctrl+q", "hold", "Back", show=False, tooltip="Go back, once it is over", id="acting.hold"),
        Binding("ctrl+x,escape", "stop", "Cancel", tooltip="Cancel what is under way", id="acting.stop"),
        *part_keys("acting"),
        Binding(
            "g", "whole_log", "Log", show=False, tooltip="The log in full; this goes on", id="acting.log"
        ),
    ]

    heading = ""

    class Happened(Message):
        """The action told something."""

        def __init__(self, event: Event) -> None:
            super().__init__()
            self.event = event

    class Ended(Message):
        """The action is over. `problem`: it broke off, for that reason."""

        def __init__(self, problem: str | None) -> None:
            super().__init__()
            self.problem = problem

    def __init__(self, doors: Doors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__()
        self.doors, self.snapshot, self.told = doors, snapshot, told
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
        """What the title says at its end."""
        return "UNDER WAY" if self.running else "OVER" if self.started else ""

    async def cancel(self) -> None:
        """Ends the action; the events end by themselves."""

    # ── running it ───────────────────────────────────────────────────────────────────────────────

    def begin(self, told: AsyncIterator[Event]) -> None:
        self.started = self.running = True
        self.cancelled = False
        self._changed()
        self.follow_action(told)

    @work(exclusive=True, exit_on_error=False, group="action")
    async def follow_action(self, told: AsyncIterator[Event]) -> None:
        async for event in self.doors.journal.pass_on(told):
            self.post_message(self.Happened(event))

    @work(exclusive=True, exit_on_error=False, group="cancel")
    async def cancel_action(self) -> None:
        await self.cancel()

    @on(Happened)
    def action_happened(self, message: Happened) -> None:
        self.steps.add(message.event)
        self.told(message.event)
        self.happened(message.event)
        self._changed()

    @on(Worker.StateChanged)
    def worker_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "action" and event.state in _OVER:
            error = event.worker.error
            self.post_message(self.Ended(None if error is None else type(error).__name__))

    @on(Ended)
    def action_ended(self, message: Ended) -> None:
        self.running = False
        self.query_one(Hints).hush()
        self.steps.conclude(*self.conclusion(message.problem))
        self.over()
        self._changed()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        result = self.outcome()
        if problem is not None:
            return [StatusText("✗", f"it broke off ({problem}); look at what stands there now", "fail")]
        if result is None:
            return []
        word = outcome_words(result, self.doors.clock())
        told = self.steps.events[-1] if self.steps.events else None
        if told is not None and told.text == word.text:
            return []  # said as the last step already
        words = [word._replace(glyph="·", role="plain") if self.cancelled else word]
        if result.overridden_by:
            words.append(StatusText("▲", f"but it is not what gets used: {result.overridden_by}", "warn"))
        return words

    # ── the screen itself ────────────────────────────────────────────────────────────────────────

    def _changed(self) -> None:
        self.tell_state()
        self.refresh_bindings()

    def tell_state(self) -> None:
        self.query_one(ActionTitle).tell(self.state())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("stop", "hold"):
            return self.running
        return not self.running if action == "leave" else True

    def action_stop(self) -> None:
        self.say("cancelling")
        self.cancelled = True
        self.cancel_action()

    def action_hold(self) -> None:
        self.say("it is still under way: ^x cancels it")

    def action_leave(self) -> None:
        self.dismiss(self.started)

    def interrupted(self) -> bool:
        """Ctrl-C: whether it was for what runs here."""
        if self.running:
            self.action_stop()
        return self.running

    def action_whole_log(self) -> None:
        from claude_auth.app.screens.log import LogScreen, journal_feed

        feeds = [journal_feed(self.doors.journal.directory)]
        home, machine = self.snapshot.places.home, self.snapshot.machine
        self.app.push_screen(LogScreen(feeds, home=home, over_ssh=machine.over_ssh, clock=self.doors.clock))
