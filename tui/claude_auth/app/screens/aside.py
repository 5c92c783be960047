"""Another program in the person's own terminal, while the app steps aside; then what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import SuspendNotSupported
from textual.screen import Screen

from claude_auth.actions import SuspendedRun
from claude_auth.app.screens.doors import NO_RUNNER, Doors
from claude_auth.model import Snapshot

if TYPE_CHECKING:
    from claude_auth.app.screens.run.screen import Run
    from claude_auth.app.screens.sign_in.menu import SignIn


STAYS = (
    "Copy it to where it belongs now, then press Enter to go back. What stands above stays in this\n"
    "terminal’s scrollback until you clear that (clear; in tmux also: tmux clear-history)."
)


class Aside(NamedTuple):
    """Whether it ran, and what was wrong with its end."""

    ran: bool
    problem: str | None = None


def give_terminal(
    screen: SignIn | Run, doors: Doors, run: SuspendedRun, command: str, afterwards: str = ""
) -> Aside:
    """Runs it in the real terminal; where that can't be, the command goes to the clipboard. `afterwards`: to
    be read, and ended with Enter, before the app comes back."""
    runner = doors.run_in_terminal
    if runner is None:
        _offer(screen, command)
        return Aside(False)
    try:
        with screen.app.suspend():
            print(f"\n{command}: {run.reason}\n", flush=True)
            problem = runner(run)
            if afterwards:
                print(f"\n{afterwards}", flush=True)
                _wait()
    except SuspendNotSupported:
        _offer(screen, command)
        return Aside(False)
    _forget(screen)
    return Aside(True, problem)


def step_aside(screen: SignIn, doors: Doors, run: SuspendedRun, *, judged: bool) -> bool:
    """Whether it ran. `judged`: afterwards it is looked whether the login changed; what `setup-token` prints
    is for the person alone, and nothing here changes by it."""
    command = " ".join(("claude", *run.argv[1:]))
    before = screen.snapshot
    ran, problem = give_terminal(screen, doors, run, command, "" if judged else STAYS)
    if not ran:
        return False
    if judged:
        _judge(screen, doors, before, problem)
    elif problem is not None:
        screen.say(f"{command}: {problem}")
    else:
        screen.say(f"{command} has ended; its token is yours; clear the scrollback it stands in")
    return True


def _judge(screen: SignIn, doors: Doors, before: Snapshot, problem: str | None) -> None:
    from claude_auth.actions.claude_cli import judge_login
    from claude_auth.present.actions import outcome_words

    after = doors.look()
    words = None if problem is None else f"not signed in: {problem}"
    result, event = judge_login(before, after, words, client=doors.client, version=doors.version)
    doors.journal.write(event)
    screen.told(event)
    screen.snapshot = after
    outcome = outcome_words(result, doors.clock())
    over = f", but not used: {result.overridden_by}" if result.overridden_by else ""
    screen.say(f"{outcome}{over}")


def _offer(screen: SignIn | Run, command: str) -> None:
    screen.app.copy_to_clipboard(command)
    screen.say(f"{NO_RUNNER} {command} (sent to your clipboard)")


def _forget(screen: Screen[Any]) -> None:
    """Another program wrote over the terminal: all of it is sent anew."""
    from claude_auth.app.driver import QuietDriver

    driver = screen.app._driver
    if isinstance(driver, QuietDriver):
        driver.memory.forget()
    screen.refresh(layout=True)


def _wait() -> None:
    import sys

    sys.stdin.readline()
