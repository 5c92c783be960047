"""What every screen is: a line of hints that also tells things, keys that refuse with a reason, copying, and
a clock for what is under way; and how what is typed gets to the screen that it is meant for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cached_property, partial
from typing import Any, TypeVar

from textual import events, on
from textual.actions import parse
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.message_pump import MessagePump
from textual.screen import Screen, ScreenResultType
from textual.timer import Timer
from textual.worker import Worker, WorkerError, WorkerState

from claude_auth.app.actions import WHEN, shown_key
from claude_auth.app.widgets.hints import DemoLine, Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.security.sanitize import printable_lines
from claude_auth.security.secret import Secret

Answer = TypeVar("Answer")

_OVER = {WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED}


class BaseScreen(Screen[ScreenResultType], inherit_bindings=False):
    """Has `Hints`. A key applies where its row in the table of actions says so, by the names of `states`."""

    COMPONENT_CLASSES = set(ROLE_CLASSES)
    _since = 0.0
    _clock: Timer | None = None
    _opening_since: float | None = None
    _is_there = False
    _left_with: tuple[ScreenResultType | None] | None = None

    def on_mount(self) -> None:
        """In a demo every screen says so; Textual calls this besides a screen's own."""
        demo = getattr(getattr(self.app, "services", None), "demo", None)
        if demo is not None and self.children:
            self.mount(DemoLine(demo), before=0)

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        """The names of the states that hold now, as in the column `when` of the table of actions."""
        return frozenset()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        when = self._when.get((action, parameters))
        return when is None or (when.removeprefix("not ") in self.states()) is not when.startswith("not ")

    @cached_property
    def _when(self) -> dict[tuple[str, tuple[object, ...]], str]:
        """The state that an action of this screen needs, by its name and parameters."""
        found = (one for several in self._bindings.key_to_bindings.values() for one in several)
        return {parse(one.action)[1:]: WHEN[one.id] for one in found if one.id in WHEN}

    def refusal(self, action: str) -> str | None:
        """Why an action can't be done now; the hints dim it, and pressing its key says so."""
        return None

    def refuses(self, action: str) -> bool:
        """Whether it can't be done now; says why."""
        refused = self.refusal(action)
        if refused is not None:
            self.show_notice(refused)
        return refused is not None

    def on_screen_resume(self) -> None:
        """Behind this, Textual paints the screen; then the app moves the focus where the screen wants it.
        `call_after_refresh` would wait for one more repaint, that Textual asks for besides."""
        if self._left_with is not None:
            self.call_next(self._leave, *self._left_with)
        self.call_next(self.app.call_later, self._painted_first)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """What ends by itself may end below the help or a log, which is what would be closed instead: it is
        left once it stands on top again."""
        if self.app.screen is self:
            return super().dismiss(result)
        self._left_with = (result,)
        return AwaitComplete()

    def _leave(self, result: ScreenResultType | None) -> None:
        self.dismiss(result)

    def _painted_first(self) -> None:
        self._is_there = True
        self.app.typed_ahead.screen_is_there()  # type: ignore[attr-defined]

    def is_opening(self, patience: float) -> bool:
        """Whether this screen is not there yet, or is about to open another one; `patience`: it may take so
        many seconds, then what is typed goes here."""
        now = time.monotonic()
        asking = any(w.group == "ask" and w.is_running and w.node is self for w in self.app.workers)
        if not asking and self._is_there:
            self._opening_since = None
            return False
        if self._opening_since is None:
            self._opening_since = now
        return now - self._opening_since < patience

    def hears(self, event: events.Event) -> bool:
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
        """Whatever a widget did not take for itself: what has no meaning here says so."""
        self.clear_notice()
        active = self.active_bindings
        if not any(key in active for key in (event.key, *event.aliases)):
            name = event.character if event.is_printable and event.character else shown_key(event.key)
            self.show_notice(f"{name} does nothing here; ? shows the keys")

    def send_to_clipboard(self, text: str, what: str = "") -> None:
        """Says what is known of where it got to."""
        if not text:
            self.show_notice("there is nothing to copy here")
            return
        self.copy(
            Secret(printable_lines(text)),
            lambda words: self.show_notice(f"{what} was {words}" if what else words),
        )

    def copy(self, text: Secret, tell: Callable[[str], None]) -> None:
        self.app.copy(text, tell)  # type: ignore[attr-defined]

    async def wait_for(self, screen: Screen[Answer]) -> Answer | None:
        """In a worker: opens a screen or a dialog over this one; what it was dismissed with."""
        answer: Answer | None = await self.app.push_screen_wait(screen)
        return answer

    async def wait_for_workers(self, group: str) -> None:
        """In a worker: until no other one of that group runs here; how it ended `after_worker` hears."""
        while found := [w for w in self.workers if w.node is self and w.group == group and not w.is_finished]:
            with suppress(WorkerError):
                await self.workers.wait_for_complete(found)

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
        """One that was cancelled made way for another, or for the person: that is no failure of its own."""
        if event.state in _OVER and (
            event.state is not WorkerState.CANCELLED or self.hears_end(event.worker.group)
        ):
            self.after_worker(event.worker.group, event.worker.error)

    def hears_end(self, group: str) -> bool:
        """Whether `after_worker` hears of workers of that group that were cancelled, too."""
        return False

    def after_worker(self, group: str, error: BaseException | None) -> None:
        """A worker of this screen is over; `error`: what broke it off."""
        if error is not None:
            self.show_notice(f"that failed ({type(error).__name__})")

    @property
    def is_in_pane(self) -> bool:
        """Whether another program gets what is typed, Ctrl-C too."""
        return False

    def interrupted(self) -> bool:
        """Ctrl-C: whether it was for what runs here."""
        return False


class TypedAhead:
    """Keys and pastes in the order that they were typed in: each goes on once what the one before it did is
    done, and the screen that it opened is there. So a key is for the screen that the person had in mind."""

    #: So long a screen is waited for at most, in seconds: its worker may hang.
    PATIENCE = 5.0

    def __init__(self, app: App[Any], forward: Callable[[events.Event], Awaitable[None]]) -> None:
        self.app, self.forward = app, forward
        self.waiting: deque[events.Event] = deque()
        self.busy = False
        self.retry: Timer | None = None

    async def take(self, event: events.Event) -> None:
        self.waiting.append(event)
        if not self.busy:
            await self.go_on()

    async def go_on(self) -> None:
        """The next one, or nothing is waiting."""
        self.retry = None
        screens = self.app.screen_stack  # none, once the app is closing
        self.busy = bool(self.waiting and screens) and not self.app._exit
        if not self.busy:
            return
        screen = screens[-1]
        if isinstance(screen, BaseScreen) and screen.is_opening(self.PATIENCE):
            self.retry = self.app.set_timer(0.02, self.go_on)
            return
        event = self.waiting.popleft()
        target = screen.focused or screen
        if not isinstance(screen, BaseScreen) or screen.hears(event):
            await self.forward(event)
        self._follow(target, partial(self._follow, target, self.go_on))

    def screen_is_there(self) -> None:
        """What waits for it need not wait for the timer."""
        if self.retry is not None:
            self.retry.stop()
            self.retry = None
            self.app.call_next(self.go_on)

    def _follow(self, node: MessagePump, then: Callable[[], object]) -> None:
        """The event bubbles from node to node, and behind it this does: at the app it is handled. Twice,
        since what it did (the focus moved, a message told) is handled by the same nodes once more."""
        if node is self.app:
            self.app.call_later(then)
        elif not node.call_later(self._follow, node._parent or self.app, then):
            self.app.call_later(self.app.call_later, self.go_on)  # the node is gone, its messages with it
