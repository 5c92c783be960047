"""What a screen is that tells the time while its action runs."""

from __future__ import annotations

from collections.abc import AsyncIterator

from textual.timer import Timer

from claude_auth.app.screens.acting import Acting
from claude_auth.model import Event


class Ticking(Acting):
    _ticker: Timer | None = None

    def ticked(self) -> None:
        """Another second has passed."""

    def begin(self, told: AsyncIterator[Event]) -> None:
        self._ticker = self.set_interval(1.0, self.ticked)
        super().begin(told)

    def over(self) -> None:
        super().over()
        if self._ticker is not None:
            self._ticker.stop()
