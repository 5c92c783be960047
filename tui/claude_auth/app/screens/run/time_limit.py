"""The part of the run screen that shows how long it takes, and moves the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from claude_auth.app.screens.ticking import Ticking
from claude_auth.present.runs import time_words

if TYPE_CHECKING:
    from claude_auth.actions.run_command import RunningCommand

MINUTE, MOST_MINUTES = 60.0, 24 * 60


class Timed(Ticking):
    """`command` is what runs or ran last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "limit(1)", "A minute more", tooltip="Give it a minute more", id="run.longer"),
        Binding("minus", "limit(-1)", "Less", show=False, tooltip="A minute less", id="run.shorter"),
        Binding("0", "limit(0)", "No limit", show=False, tooltip="Let it take its time", id="run.no-limit"),
    ]
    command: RunningCommand | None = None

    @property
    def is_at_work(self) -> bool:
        """It runs, and it isn't only asked who answers."""
        return self.running and self.command is not None and self.command.can_be_cancelled

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.is_at_work if action == "limit" else super().check_action(action, parameters)

    def state(self) -> str:
        command = self.command
        if not self.running or command is None:
            return super().state()
        if not command.can_be_cancelled:
            return "ASKING WHO ANSWERS" if command.asks_who_answers else super().state()
        return f"UNDER WAY  {time_words(command.elapsed, command.limit)}"

    def ticked(self) -> None:
        self._changed()

    def action_limit(self, minutes: int) -> None:
        command = self.command
        if command is None:
            return
        if minutes == 0:
            command.set_limit(None)
        elif command.limit is None:
            if minutes > 0:
                self.say("it has no limit; - gives it one")
                return
            command.set_limit((command.elapsed // MINUTE + 1) * MINUTE)
        else:
            limit = command.limit + minutes * MINUTE
            if limit <= command.elapsed + 1:
                self.say("a minute less would end it now: ^x cancels it")
                return
            command.set_limit(min(limit, MOST_MINUTES * MINUTE))
        self.tell_state()
