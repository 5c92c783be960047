"""The part of the run screen that takes a command's output in, a batch for each beat, whatever its speed."""

from __future__ import annotations

import asyncio

from textual.timer import Timer

from claude_auth.actions.terminal import Dropped, Line
from claude_auth.app.screens.acting import Acting
from claude_auth.app.widgets.output_view import OutputView
from claude_auth.app.widgets.type_line import TypeLine

BEAT, BEAT_OVER_SSH = 0.1, 0.25
#: So many lines wait for the next beat; what comes faster is left out where it comes from, and counted.
MOST_WAITING = 500
#: A line that isn't finished and ends so may be a question; a progress bar isn't.
ENDS_OF_PROMPTS = (":", "?", ">", "]", ")", "#", "$")


class TakingOutput(Acting):
    """Has an `OutputView` and a `TypeLine`."""

    _beat: Timer | None = None

    @property
    def output(self) -> OutputView:
        return self.query_one(OutputView)

    def on_mount(self) -> None:
        self._waiting: list[Line | Dropped] = []
        self._painted = asyncio.Event()

    async def take(self, output: Line | Dropped) -> None:
        """Never a message for a line: they are painted together. Waits where there are too many."""
        if self._waiting and isinstance(self._waiting[-1], Line) and self._waiting[-1].unfinished:
            self._waiting.pop()  # what comes after an unfinished line takes its place
        self._waiting.append(output)
        if self._beat is None:
            beat = BEAT_OVER_SSH if self.snapshot.machine.over_ssh else BEAT
            self._beat = self.set_timer(beat, self.paint_output)
        if len(self._waiting) >= MOST_WAITING:
            self._painted.clear()
            await self._painted.wait()

    def paint_output(self) -> None:
        if self._beat is not None:
            self._beat.stop()
            self._beat = None
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.output.extend(waiting)
            from claude_auth.actions.run_command import asks_for_a_secret

            unfinished = self.output.prompt.strip()
            asks = unfinished.endswith(ENDS_OF_PROMPTS)
            self.query_one(TypeLine).ask(asks, secret=asks and asks_for_a_secret(unfinished))
        self._painted.set()
