"""The app: one dashboard, its terminal, and a decent end. What is shown is the screens' business."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.actions import ActionParseResult
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from claude_auth.actions.program import by_signal
from claude_auth.app.eyes import Eyes
from claude_auth.app.leaving import make_sure_to_leave, refreshes
from claude_auth.app.screens.dashboard.screen import Dashboard
from claude_auth.app.styles import sheet
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.security.crash import crash_text


class PlainScrollBar(ScrollBarRender):
    """Whole cells only, drawn by their background."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


class DashboardApp(App[int], inherit_bindings=False):
    """Colours are the terminal's own: half the bytes of RGB, and right on light and dark alike."""

    TITLE = "claude-auth"
    CSS_PATH = [sheet("app"), sheet("dashboard")]  # at once: each further one costs a new parse
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "palette", "Palette", tooltip="Every action, to search by name", id="app.palette"),
        Binding("question_mark,f1", "help", "Help", tooltip="What stands here, and every key", id="app.help"),
        Binding("q,ctrl+q", "quit", "Quit", tooltip="Leave; nothing on the machine changes", id="app.quit"),
        Binding(
            "ctrl+l", "repaint", "Repaint", show=False, tooltip="Send the whole screen anew", id="app.repaint"
        ),
        Binding(
            "ctrl+c",
            "interrupt",
            "Quit",
            show=False,
            priority=True,
            tooltip="Leave; in Claude Code’s terminal it is Claude Code’s, else it cancels what is under way",
            id="app.interrupt",
        ),
    ]

    def __init__(
        self, eyes: Eyes, scene: DashboardState, *, version: str | None = None, ascii_only: bool = False
    ) -> None:
        # Said here too: with NO_COLOR, Textual picks its filter before the theme can be set.
        super().__init__(driver_class=_driver(), ansi_color=True)
        self.animation_level = "none"
        self.theme = "ansi-dark"
        self.eyes, self.first_scene, self.asked_version = eyes, scene, version
        self.set_class(ascii_only, "-ascii")
        ScrollBar.renderer = PlainScrollBar if ascii_only else ScrollBarRender

    def get_default_screen(self) -> Screen[None]:
        return Dashboard(self.eyes, self.first_scene, self.asked_version)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._leave, int(number))

    def hung_up(self) -> None:
        """From any thread: the terminal is gone, whether or not a signal says so. The loop may be held up by
        what has the terminal meanwhile, so it isn't waited for."""
        make_sure_to_leave(signal.SIGHUP)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed: we leave already
                self._loop.call_soon_threadsafe(self._leave, int(signal.SIGHUP))

    def _leave(self, number: int) -> None:
        """Asked to go, or the terminal is gone: then nobody reads what we write, so don't wait for it. But a
        refresh of ours whose answer is not saved yet is waited for: its old token is spent."""
        if refreshes():
            asyncio.get_running_loop().call_later(0.1, self._leave, number)
        elif not self.is_leaving:
            make_sure_to_leave(number)
            self.exit(return_code=by_signal(number))

    def on_ready(self) -> None:
        import gc

        gc.freeze()
        gc.enable()

    @property
    def is_leaving(self) -> bool:
        return self._exit

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Keys that were typed ahead of leaving would reach screens that have no parts any more."""
        return not self.is_leaving and await super().run_action(action, default_namespace, namespaces)

    # ── what every screen can do ─────────────────────────────────────────────────────────────────

    def action_help(self) -> None:
        from claude_auth.app.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog's few keys stand below it: there the palette isn't offered."""
        return not (action == "palette" and isinstance(self.screen, ModalScreen))

    def action_palette(self) -> None:
        from claude_auth.app.screens.palette import open_palette

        open_palette(self)

    async def action_interrupt(self) -> None:
        """Ctrl-C is first of all for what runs on the screen."""
        interrupted = getattr(self.screen, "interrupted", None)
        if interrupted is None or not interrupted():
            await self.action_quit()

    def action_repaint(self) -> None:
        """Another program wrote over the screen: forget what stands there and send all of it."""
        from claude_auth.app.driver import QuietDriver

        if isinstance(self._driver, QuietDriver):
            self._driver.memory.forget()
        self.screen.refresh(layout=True)

    # ── a crash ──────────────────────────────────────────────────────────────────────────────────

    def _handle_exception(self, error: Exception) -> None:
        """Textual prints a traceback with every local variable; ours says what and where."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._exit_renderables.append(Text(crash_text(error, "claude-auth-tui")))
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, Exception):
            self._handle_exception(error)

    def _print_error_renderables(self) -> None:
        for renderable in self._exit_renderables[:1]:
            self.error_console.print(renderable)
        self._exit_renderables.clear()


def _driver() -> type | None:
    if sys.platform == "win32":
        return None
    from claude_auth.app.driver import QuietDriver

    return QuietDriver
