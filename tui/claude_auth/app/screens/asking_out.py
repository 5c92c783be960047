"""What a screen is on which something outside is asked: it changes nothing here, so it can be left at any
time; and it says how long it has been waiting."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import ClassVar

from textual.binding import Binding, BindingType

from claude_auth.app.screens.ticking import Ticking
from claude_auth.model import Event


class AskingOut(Ticking):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "q,ctrl+q", "back", "Back", tooltip="Go back; nothing is waited for any more", id="acting.leave"
        ),
    ]

    #: How long is waited at most, in seconds.
    patience = 0.0
    _since = 0.0

    def give_up(self) -> Event:
        """No longer waits; what is told of that where nobody is there to see the end."""
        raise NotImplementedError

    async def cancel(self) -> None:
        self.give_up()

    @property
    def waited(self) -> str:
        seconds = int(time.monotonic() - self._since)
        return f"{seconds} s of at most {self.patience:.0f} s; ^x stops waiting"

    def begin(self, told: AsyncIterator[Event]) -> None:
        self._since = time.monotonic()
        super().begin(told)

    def action_back(self) -> None:
        if self.running:
            event = self.give_up()
            self.doors.journal.write(event)
            self.told(event)
        self.dismiss(self.started)
