"""The app: one dashboard, its terminal, and a decent end. What is shown is the screens' business."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.text import Text
from textual import events, work
from textual.actions import ActionParseResult
from textual.app import App
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from claude_auth.actions.preferences import Preferences
from claude_auth.actions.program import by_signal
from claude_auth.app.actions import bindings, known_keys
from claude_auth.app.first_frame import FirstFrame
from claude_auth.app.screens.base import BaseScreen, TypedAhead
from claude_auth.app.screens.dashboard import Dashboard
from claude_auth.app.services import Services
from claude_auth.app.themes import OWN, sheet, themes
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.security.crash import crash_text
from claude_auth.security.sanitize import shown_sentence
from claude_auth.security.secret import Secret


class PlainScrollBar(ScrollBarRender):
    """Whole cells only, drawn by their background."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8


class DashboardApp(App[int], inherit_bindings=False):
    """Colours are the terminal's own: half the bytes of RGB, and right on light and dark alike."""

    TITLE = "claude-auth"
    CSS_PATH = [sheet("app"), sheet("dashboard")]  # at once: each further one costs a new parse
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    BINDINGS = bindings("app", "demo")

    def __init__(
        self,
        services: Services,
        scene: DashboardState,
        *,
        ascii_only: bool = False,
        theme: str = OWN,
        preferences: Preferences | None = None,
        first_frame: FirstFrame | None = None,
    ) -> None:
        self.first_frame = first_frame
        # Said here too: with NO_COLOR, Textual picks its filter before the theme can be set.
        super().__init__(driver_class=_driver(), ansi_color=True)
        self.animation_level = "none"
        for one in themes():
            self.register_theme(one)
        # Without its watcher, which would have every style sheet parsed twice before the first paint.
        self.set_reactive(DashboardApp.theme, theme)
        self.stylesheet.set_variables(self.get_css_variables())
        self.services, self.first_scene = services, scene
        self.typed_ahead = TypedAhead(self, super().on_event)
        self.set_class(ascii_only, "-ascii")
        self.preferences = preferences
        self.own_keys = known_keys(preferences.keys)[0] if preferences is not None else {}
        self.set_keymap(self.own_keys)
        ScrollBar.renderer = PlainScrollBar if ascii_only else ScrollBarRender

    def get_default_screen(self) -> Screen[None]:
        return Dashboard(self.services, self.first_scene)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._leave, int(number))

    def on_unmount(self) -> None:
        """A thread that waits for a program would hold up the way out."""
        from claude_auth.app.driver import end_programs

        end_programs()

    def hung_up(self) -> None:
        """From any thread: the terminal is gone, whether or not a signal says so. The loop may be held up by
        what has the terminal meanwhile, so it isn't waited for."""
        from claude_auth.app.driver import make_sure_to_leave

        make_sure_to_leave(signal.SIGHUP)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it is closed: we leave already
                self._loop.call_soon_threadsafe(self._leave, int(signal.SIGHUP))

    def _leave(self, number: int) -> None:
        """Asked to go, or the terminal is gone: then nobody reads what we write, so don't wait for it. But a
        refresh of ours whose answer is not saved yet is waited for: its old token is spent."""
        from claude_auth.app.driver import make_sure_to_leave, refreshes

        if refreshes():
            asyncio.get_running_loop().call_later(0.1, self._leave, number)
        elif not self.is_leaving:
            make_sure_to_leave(number)
            self.exit(return_code=by_signal(number))

    def on_ready(self) -> None:
        import gc

        gc.freeze()
        gc.enable()
        self._tell_of_preferences()

    def _tell_of_preferences(self) -> None:
        """What is wrong with the settings, once; the first and how many more."""
        if self.preferences is None or not isinstance(self.screen, BaseScreen):
            return
        unknown = known_keys(self.preferences.keys)[1]
        told = [*map(str, self.preferences.problems), *(f"[keys] {name}: no such action" for name in unknown)]
        if told:
            more = f" (and {len(told) - 1} more)" if told[1:] else ""
            self.screen.show_notice(f"{shown_sentence(told[0])}{more}: claude-auth config check")

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

    async def on_event(self, event: events.Event) -> None:
        """What is typed goes one by one; ^c at once, since what it ends may hold up the rest. But to another
        program it goes behind what was typed before it."""
        typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        at_once = isinstance(event, events.Key) and event.key == "ctrl+c" and not self._is_in_pane()
        if typed and not at_once:
            await self.typed_ahead.take(event)
        else:
            await super().on_event(event)

    def _is_in_pane(self) -> bool:
        screen = self.screen_stack[-1] if self.screen_stack else None
        return isinstance(screen, BaseScreen) and screen.is_in_pane

    def action_help(self) -> None:
        from claude_auth.app.screens.help import help_dialog

        self.push_screen(help_dialog(self.screen))

    def copy(self, text: Secret, tell: Callable[[str], None]) -> None:
        """To the clipboard of whoever looks at the terminal; `tell` hears what is known of it."""
        from claude_auth.actions.clipboard import Copied, asks_tmux, copy

        def was_copied(copied: Copied) -> None:
            if copied.sequence and self._driver is not None:
                self._driver.write(copied.sequence)
            tell(copied.words)

        async def ask() -> None:
            was_copied(await asyncio.to_thread(copy, text, environ))

        self.copy_to_clipboard(text.reveal())
        environ = self.services.environ
        if asks_tmux(environ):
            self.run_worker(ask(), exit_on_error=False, group="copy")
        else:
            was_copied(copy(text, environ))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A dialog's few keys stand below it: there the palette isn't offered, nor the scenes of a demo."""
        if action == "scenes" and self.services.demo is None:
            return False
        return not (action in {"palette", "scenes"} and isinstance(self.screen, ModalScreen))

    @work(exclusive=True, exit_on_error=False, group="demo")
    async def action_scenes(self) -> None:
        """Another scene begins when this app has ended; a world is never cleaned, but made."""
        from claude_auth.app.dialogs.choose import demo_menu
        from claude_auth.present.demo import EXPLAIN

        demo = self.services.demo
        if demo is None:
            return
        choice = await self.push_screen_wait(demo_menu(demo)) or ""
        if choice == EXPLAIN:
            dashboard = self.screen_stack[0]
            if isinstance(dashboard, Dashboard):
                await dashboard.openings.explain_pasted(Secret(demo.error))
        elif choice:
            demo.chosen = choice
            self._go_on_elsewhere()

    def _go_on_elsewhere(self) -> None:
        from claude_auth.app.driver import refreshes

        if refreshes():
            self.set_timer(0.1, self._go_on_elsewhere)
        else:
            self.exit()

    @work(exclusive=True, exit_on_error=False, group="palette")
    async def action_palette(self) -> None:
        """Over the dashboard with the programs and the sources, which it shows."""
        from claude_auth.app.screens.help import palette

        screen = self.screen
        dashboard = screen if isinstance(screen, Dashboard) else None
        choice = await self.push_screen_wait(palette(screen, over_dashboard=dashboard is not None))
        kind, _, name = (choice or "").partition(":")
        if kind == "key":
            self.simulate_key(name)
        elif kind == "client" and dashboard is not None:
            dashboard.ask_as(name)
        elif kind == "source" and dashboard is not None:
            dashboard.show_source(name)

    async def action_interrupt(self) -> None:
        """Ctrl-C is first of all for what runs on the screen."""
        screen = self.screen
        if not (isinstance(screen, BaseScreen) and screen.interrupted()):
            await self.action_quit()

    def action_to_shell(self) -> None:
        """Not before a refresh of ours has saved its answer: a stopped program may never be continued."""
        from claude_auth.app.driver import QuietDriver, refreshes

        if refreshes():
            self.set_timer(0.1, self.action_to_shell)
        elif isinstance(self._driver, QuietDriver):
            self._driver.step_aside()
        elif isinstance(self.screen, BaseScreen):
            self.screen.show_notice("there is no shell to go back to")

    def action_repaint(self) -> None:
        """Another program wrote over the screen: forget what stands there and send all of it."""
        from claude_auth.app.suspend import repaint

        repaint(self)

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
