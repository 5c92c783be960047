"""The frame that stands before Textual does: held in place, compared with the app's, and taken over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte
import pytest
from textual.pilot import Pilot

from claude_auth.app.app import DashboardApp
from claude_auth.app.launch import first_frame
from claude_auth.app.services import Services
from claude_auth.app.terminal_diff import ScreenMemory
from claude_auth.app.themes import OWN
from claude_auth.present.demo import DemoMenu
from claude_auth.sandbox import scenes
from tests.app.driving import drive, eyes
from tests.app.terminal import ReadSession, looks

#: Starts the dashboard, and holds the import of Textual up until the file `go` is there; or breaks it off.
HELD = """
import os, sys, time
class Hold:
    def find_spec(self, name, path=None, target=None):
        if name == "claude_auth.app.services":
            with open(os.path.expanduser("~/modules"), "w") as file:
                file.write("\\n".join(sys.modules))
        if name == "textual.app":
            if "BREAK" in os.environ:
                raise RuntimeError("made up")
            while not os.path.exists(os.path.expanduser("~/go")):
                time.sleep(0.01)
sys.meta_path.insert(0, Hold())
"""


def compared(
    name: str,
    directory: Path,
    size: tuple[int, int],
    *,
    ascii_only: bool = False,
    theme: str = OWN,
    demo: DemoMenu | None = None,
) -> None:
    """The terminal as the frame leaves it, and as the app paints it."""
    state = scenes.state_of(name, directory)
    services = Services(eyes(name, directory), state.home, demo=demo)
    frame = first_frame(state, None, services.host.ours, theme=theme, ascii_only=ascii_only, demo=demo)
    app = DashboardApp(services, state, ascii_only=ascii_only, theme=theme)

    async def read(pilot: Pilot[int]) -> None:
        update: Any = app.screen._compositor.render_update(full=True)
        painted = update.render_segments(app.console)
        memory = ScreenMemory()
        memory.adopt(frame.text, size)
        assert memory.filter(painted, size) == ""
        first, second = pyte.Screen(*size), pyte.Screen(*size)
        for screen, text in ((first, frame.text), (second, painted)):
            pyte.Stream(screen).feed(text)
        assert first.display == second.display
        assert looks(first) == looks(second)

    drive(app, read, size)


@pytest.fixture
def terminal_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says how large the terminal is, and of which kind."""

    def told(size: tuple[int, int], **more: str) -> None:
        for name in ("NO_COLOR", "COLORTERM"):
            monkeypatch.delenv(name, raising=False)
        kind = {"COLUMNS": str(size[0]), "LINES": str(size[1]), "TERM": "xterm-256color", **more}
        for name, value in kind.items():
            monkeypatch.setenv(name, value)

    return told


def taken_over(terminal: ReadSession) -> None:
    """Until Textual has begun."""
    terminal.read_until(lambda: b"\x1b[?2004h" in terminal.output())
