"""`claude-auth run`: a configured refresh or helper command, after consent, with its output as it comes."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import can_ask, consents, print_document, print_lines, refuse, say, say_lines
from claude_auth.cli.context import Descriptors, belongs_to_us, context_of
from claude_auth.cli.options import Arguments, add_context_options, add_json
from claude_auth.journal import Journal
from claude_auth.model import Event
from claude_auth.words import Exact

if TYPE_CHECKING:
    from claude_auth.actions.look import EffectiveConfig
    from claude_auth.actions.run_command import CommandPlan, Output, RunningCommand, RunResult

_KINDS = {
    "aws-refresh": "awsAuthRefresh: sign in to AWS again",
    "aws-export": "awsCredentialExport: what it would give, masked",
    "gcp-refresh": "gcpAuthRefresh: sign in to Google again",
    "api-key-helper": "apiKeyHelper: what it would give, masked",
}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "run",
        help="run a configured refresh or helper command",
        description="Shows a command of Claude Code's settings, asks, runs it and checks its result.",
        epilog="Exit status: 0 it worked, 1 it did not, 2 nothing was run.",
    )
    what = "; ".join(f"{kind} ({words})" for kind, words in _KINDS.items())
    parser.add_argument("kind", choices=list(_KINDS), metavar="COMMAND", help=what)
    parser.add_argument(
        "--yes",
        action="count",
        default=0,
        help="don't ask; needed twice for a command that comes from a repository or another user, and for "
        "variables of settings that are not trusted",
    )
    add_json(parser)
    add_context_options(parser, ("claude", "claude-print"))
    parser.add_argument(
        "--seconds", type=_seconds, metavar="N", help="its time limit (default: 180, or config.toml's)"
    )


def _limit(given: float | None) -> float:
    from claude_auth.actions.preferences import load_preferences

    return given or load_preferences(os.environ).number("time_limits.command")


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= 86400:
        raise argparse.ArgumentTypeError("between 1 and 86400 seconds")
    return number


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """Ask, run, tell; returns the exit code."""
    from claude_auth.actions.look import NOT_OWNER, effective_config, observe
    from claude_auth.actions.run_command import RunningCommand, to_be_run
    from claude_auth.present.runs import finished_lines, proposal_lines, run_document

    context = context_of(arguments, descriptors)

    def look() -> EffectiveConfig:
        return effective_config(observe(context), arguments.client, arguments.client_version)

    view = look()
    if not belongs_to_us(arguments, view.snapshot):
        return refuse(f"nothing is run from here: {NOT_OWNER}")
    proposal = to_be_run(arguments.kind, view, context.environ)
    if proposal is None:
        setting = _KINDS[arguments.kind].partition(":")[0]
        return refuse(f"{setting} is not configured in any settings file")
    agreed = arguments.yes > 1
    say_lines(proposal_lines(proposal, view.snapshot.places.home, agreed=agreed))
    if not _consents(proposal, arguments.yes):
        say("Nothing was run.")
        return ExitCode.WRONG_USAGE
    running = RunningCommand(
        proposal, view, context.environ, look, limit=_limit(arguments.seconds), ask_first=True, agreed=agreed
    )
    stopped_by, finished = _until_over(running)
    if finished is None:
        say("Stopped, before anything is known of it.")
        return stopped_by or ExitCode.NOT_DONE
    if arguments.json:
        print_document(run_document(proposal, finished))
    else:
        print_lines(finished_lines(finished))
    return stopped_by or (ExitCode.DONE if finished.ok else ExitCode.NOT_DONE)


# ── consent ───────────────────────────────────────────────────────────────────────────────────────


def _consents(proposal: CommandPlan, given: int) -> bool:
    for number in range(given, proposal.confirmations):
        if proposal.confirmations > 1 and not can_ask():
            say("Needs --yes twice, since nobody can be asked.")
            return False
        whose = "a repository" if proposal.from_repository else "another user"
        if not consents(f"It comes from {whose}. Really run it?" if number > 0 else "Run it?"):
            return False
    return True


# ── meanwhile ────────────────────────────────────────────────────────────────────────────────────


def _until_over(running: RunningCommand) -> tuple[int, RunResult | None]:
    """0, or what the shell says of the signal that came meanwhile: that one ends the command and all that
    it started, and what came of it is told and journalled all the same."""
    import asyncio

    from claude_auth.cli.signals import run_to_its_end

    found: list[RunResult] = []
    tasks: list[asyncio.Task[Any] | None] = []

    async def work() -> None:
        tasks.append(asyncio.current_task())
        found.append(await _follow(running))

    def leave() -> None:
        running.ask_afterwards = False
        if running.can_be_cancelled:
            tasks.append(asyncio.ensure_future(running.cancel()))
        elif tasks and tasks[0] is not None:
            tasks[0].cancel()

    code = run_to_its_end(work(), leave)
    return code, found[0] if found else None


async def _follow(running: RunningCommand) -> RunResult:
    """Lines go to standard error: standard output is for the result."""
    import asyncio

    from claude_auth.actions.run_command import Line, RunResult, asks_for_a_secret

    finished: RunResult | None = None
    teller, journal = _Teller(), Journal()
    loop = asyncio.get_running_loop()
    typing = can_ask()
    if typing:
        loop.add_reader(sys.stdin.fileno(), _pass_on, running, loop)
    try:
        async with contextlib.aclosing(running.run()) as outputs:
            async for output in outputs:
                if isinstance(output, Event):
                    journal.write(output)
                    if output.kind == "run.before":
                        say(output.text)
                elif isinstance(output, RunResult):
                    finished = output
                else:
                    prompt = output.text if isinstance(output, Line) and output.unfinished else ""
                    if typing and asks_for_a_secret(prompt):
                        _echo(False)  # before it is asked for: what comes at once is not shown either
                    teller.tell(output)
    finally:
        if typing:
            loop.remove_reader(sys.stdin.fileno())
            _echo(True)
    assert finished is not None
    return finished


class _Teller:
    """What the command says. `_drawn`: how wide the unfinished line is that is written over."""

    def __init__(self) -> None:
        self._drawn = 0

    def tell(self, output: Output) -> None:
        from claude_auth.actions.run_command import Dropped, Line, Link

        if isinstance(output, Line) and not output.unfinished:
            say(Exact(f"│ {output.text}".ljust(self._drawn)))
            self._drawn = 0
        elif isinstance(output, Line) and sys.stderr.isatty():  # in a log it would stand again and again
            say(Exact(f"│ {output.text}".ljust(self._drawn)), end="\r")
            self._drawn = len(output.text) + 2
        elif isinstance(output, Dropped):
            say(f"│ … {output.lines} lines left out")
        elif isinstance(output, Link) and output.withheld:
            say(f"▸ an address that is not shown whole: {output.value} ({output.withheld})")
        elif isinstance(output, Link):
            say(Exact(f"▸ {'open' if output.kind == 'address' else 'code'}: {output.value}"))


def _pass_on(running: RunningCommand, loop: Any) -> None:
    line = sys.stdin.readline()
    _echo(True)
    if line:
        running.send(line.rstrip("\n"))
    else:  # the end of input stays readable for ever
        loop.remove_reader(sys.stdin.fileno())


def _echo(on: bool) -> None:
    import termios

    attributes = termios.tcgetattr(sys.stdin)
    attributes[3] = attributes[3] | termios.ECHO if on else attributes[3] & ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSANOW, attributes)
