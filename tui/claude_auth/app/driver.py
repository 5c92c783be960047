"""The terminal, told less: what stands there already, and mouse motion, are not sent."""

from __future__ import annotations

from typing import Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from claude_auth.app.pasting import PasteParser
from claude_auth.app.screen_memory import ScreenMemory


class QuietDriver(LinuxDriver):
    """Over a slow line every kilobyte is felt: a key press takes a tenth of what Textual would send."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.memory = ScreenMemory()

    def write(self, data: str) -> None:
        width, height = self._app.size
        shorter = self.memory.filter(data, (width, height))
        if shorter:
            super().write(shorter)

    def run_input_thread(self) -> None:
        linux_driver.XTermParser = PasteParser  # type: ignore[attr-defined]  # no other way in
        super().run_input_thread()

    def _enable_mouse_support(self) -> None:
        """Clicks and the wheel only: motion over a table would send 1 kB for every report."""
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1006h")
            self.flush()
