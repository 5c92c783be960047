"""The person's own terminal, given back for a while: another program in it, or something to read there."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import App, SuspendNotSupported

from claude_auth.security.sanitize import printable_lines

if TYPE_CHECKING:
    from claude_auth.actions.result import SuspendedRun
    from claude_auth.app.screens.base import BaseScreen
    from claude_auth.app.services import Services

NO_RUNNER = "this can't step aside for another program here; run it yourself:"


class Suspended(NamedTuple):
    """Whether it ran, and what was wrong with its end."""

    ran: bool
    problem: str | None = None


def run_suspended(
    screen: BaseScreen[Any], services: Services, run: SuspendedRun, command: str, afterwards: str = ""
) -> Suspended:
    """Runs it in the real terminal; where that can't be, the command goes to the clipboard. `afterwards`: to
    be read, and ended with Enter, before the app comes back."""
    try:
        with screen.app.suspend():
            print(f"\n{command}: {run.reason}\n", flush=True)
            problem = services.run_suspended(run)
            if afterwards:
                print(f"\n{afterwards}", flush=True)
                sys.stdin.readline()
    except SuspendNotSupported:
        screen.app.copy_to_clipboard(command)
        screen.show_notice(f"{NO_RUNNER} {command} (sent to your clipboard)")
        return Suspended(False)
    repaint(screen.app)
    return Suspended(True, problem)


async def print_and_wait(app: App[Any], text: str) -> bool:
    """Prints it in the real terminal until Enter is pressed there; what listens meanwhile goes on. Whether
    the terminal could be had for that."""
    try:
        with app.batch_update(), app.suspend():
            print(printable_lines(text))
            await asyncio.to_thread(sys.stdin.readline)
    except SuspendNotSupported:
        return False
    app.screen.refresh(layout=True)
    return True


def repaint(app: App[Any]) -> None:
    """Another program wrote over the screen: forget what stands there and send all of it."""
    from claude_auth.app.driver import QuietDriver

    driver = app._driver
    if isinstance(driver, QuietDriver):
        driver.memory.forget()
    app.screen.refresh(layout=True)
