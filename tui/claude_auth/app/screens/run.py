"""Running a configured or suggested command: its output as it comes, what it asks, what it came to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from textual import events, on, work
from textual.app import ComposeResult
from textual.timer import Timer

from claude_auth.actions.terminal import Dropped, Line, Link
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.base import Dialog, TextDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.styles import sheet
from claude_auth.app.suspend import run_suspended
from claude_auth.app.widgets.address import Address, PrintedLinks
from claude_auth.app.widgets.fields import TypeLine
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.output_view import NOTHING_YET, OutputView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import Steps, step_lines
from claude_auth.model import Event, Snapshot
from claude_auth.present import lines as laid_out
from claude_auth.present.runs import command_lines, history_rows, result_lines, time_words
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.run_command import Answer, CommandPlan, RunningCommand, RunOutput, RunResult
    from claude_auth.actions.runs import PastRun

#: Between two paintings of the output, in seconds.
BEAT, BEAT_OVER_SSH = 0.1, 0.25
#: So many lines wait for the next beat; what comes faster is left out where it comes from, and counted.
MOST_WAITING = 500
#: A line that isn't finished and ends so may be a question; a progress bar isn't.
ENDS_OF_PROMPTS = (":", "?", ">", "]", ")", "#", "$")
MINUTE, MOST_MINUTES = 60.0, 24 * 60
STOPPED = StatusText("·", "stopped: it was not asked any more who answers", "plain")
IN_CLEAR = "not there: what it prints is a credential, and it would stand in your terminal in clear"
IN_TERMINAL = "what it prints in the real terminal is not seen here"
ABOUT_ADDRESS = (
    "An address that the command printed, and the code that its page will ask for. Nothing here checks where "
    "it leads: read the name of the host. Open it here, copy it, scan it, print it, or write it to a file."
)


class CommandLine(LineView, can_focus=False):
    """What is run, and where that comes from."""


class ResultPane(LineView):
    about = (
        "What it came to: how it ended, what Claude Code would make of it, with every secret masked, and who "
        "answers now compared with before."
    )


class OutputFollower:
    """Takes a command's output in, a batch for each beat, whatever its speed: it paints into `output`, and
    tells the line to type into whether the command seems to ask."""

    def __init__(self, output: OutputView, line: TypeLine, beat: float) -> None:
        self.output, self.line, self.beat = output, line, beat
        self._waiting: list[Line | Dropped] = []
        self._painted = asyncio.Event()
        self._timer: Timer | None = None

    async def take(self, output: Line | Dropped) -> None:
        """Never a message for a line: they are painted together. Waits where there are too many."""
        if self._waiting and isinstance(self._waiting[-1], Line) and self._waiting[-1].unfinished:
            self._waiting.pop()  # what comes after an unfinished line takes its place
        self._waiting.append(output)
        if self._timer is None:
            self._timer = self.output.set_timer(self.beat, self.paint)
        if len(self._waiting) >= MOST_WAITING:
            self._painted.clear()
            await self._painted.wait()

    def paint(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.output.extend(waiting)
            from claude_auth.actions.run_command import asks_for_a_secret

            unfinished = self.output.prompt.strip()
            asks = unfinished.endswith(ENDS_OF_PROMPTS)
            self.line.ask(asks, secret=asks and asks_for_a_secret(unfinished))
        self._painted.set()


class RunScreen(ActionScreen):
    """Consent has been given. `in_terminal`: it runs in the real terminal. `finished` is the run that stands
    here, `latest` the last one that came to its end."""

    CSS_PATH = sheet("run")
    AUTO_FOCUS = "#output"
    BINDINGS = bindings("address", "run")

    def __init__(
        self,
        services: Services,
        snapshot: Snapshot,
        proposal: CommandPlan,
        *,
        before: Answer | None = None,
        in_terminal: bool = False,
    ) -> None:
        super().__init__(services, snapshot)
        self.proposal, self.before, self.in_terminal = proposal, before, in_terminal
        self.heading = f"run · {proposal.setting}"
        self.command: RunningCommand | None = None
        self.finished: RunResult | None = None
        self.latest: RunResult | None = None
        self.links = PrintedLinks()

    def compose_content(self) -> ComposeResult:
        home = self.snapshot.places.home
        yield CommandLine(lambda width: command_lines(self.proposal, home, width), id="command")
        yield OutputView()
        yield Address(self.services, self.snapshot, about=ABOUT_ADDRESS, title="To open in a browser")
        yield TypeLine()
        yield ResultPane(self._result, id="result", classes="panel")
        yield Steps(home, idle="starting")

    def opened(self) -> None:
        self.output.entitle("Output")
        self.query_one(ResultPane).entitle("What it came to")
        self.steps.entitle("Steps")
        beat = BEAT_OVER_SSH if self.snapshot.machine.over_ssh else BEAT
        self.follower = OutputFollower(self.output, self.query_one(TypeLine), beat)
        self.call_after_refresh(self.start_in_terminal if self.in_terminal else self.start)

    @property
    def output(self) -> OutputView:
        return self.query_one(OutputView)

    @property
    def address(self) -> Address:
        return self.query_one(Address)

    def _result(self, width: int) -> list[laid_out.Line]:
        home = self.snapshot.places.home
        return [] if self.finished is None else result_lines(self.finished, home, width)

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        self.begin(self._split(self._prepare(in_terminal=False).run()))

    def start_in_terminal(self) -> None:
        command = self._prepare(in_terminal=True)
        before = time.monotonic()
        ended = run_suspended(self, self.services, command.aside(), self.proposal.shown)
        if ended.ran:
            self.begin(self._split(command.conclude_aside(ended.problem, time.monotonic() - before)))

    def _prepare(self, *, in_terminal: bool) -> RunningCommand:
        self.finished, self.in_terminal = None, in_terminal
        self.output.idle = IN_TERMINAL if in_terminal else NOTHING_YET
        self.steps.clear()
        self.output.clear()
        self.forget_links()
        self.remove_class("-over")
        self.output.focus()
        columns = max(20, self.output.columns)
        self.command = self.services.commands.command(self.proposal, self.snapshot, self.before, columns)
        return self.command

    async def _split(self, outputs: AsyncIterator[RunOutput]) -> AsyncIterator[Event]:
        """The events, for the steps and the journal; everything else goes where it belongs."""
        from claude_auth.actions.run_command import AlreadyRunning, RunResult

        async with contextlib.aclosing(outputs):  # type: ignore[type-var]
            try:
                async for output in outputs:
                    if isinstance(output, Event):
                        yield output
                    elif isinstance(output, Line | Dropped):
                        await self.follower.take(output)
                    elif isinstance(output, Link):
                        self.links.add(output)
                        self.offer_link()
                    elif isinstance(output, RunResult):
                        self.finished = output
            except AlreadyRunning as error:
                text = f"{error.sentence}, started from here: wait for its end, or cancel it where it runs"
                setting = {"setting": self.proposal.setting}
                yield Event(self.services.host.clock(), "run.refused", text, "warning", None, setting)

    def over(self) -> None:
        self.follower.paint()
        self.forget_links()
        self.output.idle = IN_TERMINAL if self.in_terminal else "it printed nothing that is shown"
        if self.finished is not None:
            self.latest, self.before = self.finished, self.finished.after or self.before
            runs = {**self.snapshot.runs, self.finished.run.setting: self.finished.run}
            self.snapshot = self.snapshot._replace(runs=runs)  # what the next run is compared with
            self.query_one(ResultPane).show()
            self.add_class("-over")
        self.output.focus()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        """The result has a box of its own."""
        if self.cancelled and self.finished is None:
            return [STOPPED]
        return [] if problem is None else super().conclusion(problem)

    async def cancel(self) -> None:
        """The command with its whole group; where it is only asked who answers, the waiting for that."""
        if self.command is not None and self.command.can_be_cancelled:
            await self.command.cancel()
        else:
            self.workers.cancel_group(self, "action")

    def on_unmount(self) -> None:
        """Nothing is left behind when the app ends."""
        if self.command is not None:
            self.command.end_now()

    def on_resize(self, event: events.Resize) -> None:
        if self.command is not None:
            self.command.resize(max(20, self.output.columns), 40)

    # ── how long it takes, and may ───────────────────────────────────────────────────────────────

    @property
    def is_at_work(self) -> bool:
        """It runs, and it isn't only asked who answers."""
        return self.running and self.command is not None and self.command.can_be_cancelled

    def state(self) -> str:
        command = self.command
        if not self.running or command is None:
            return super().state()
        if not command.can_be_cancelled:
            return "ASKING WHO ANSWERS" if command.asks_who_answers else super().state()
        return f"UNDER WAY  {time_words(command.elapsed, command.limit)}"

    def ticked(self) -> None:
        self.show_state()

    def action_limit(self, minutes: int) -> None:
        command = self.command
        if command is None:
            return
        if minutes == 0:
            command.set_limit(None)
        elif command.limit is None:
            if minutes > 0:
                self.show_notice("it has no limit; - gives it one")
                return
            command.set_limit((command.elapsed // MINUTE + 1) * MINUTE)
        else:
            limit = command.limit + minutes * MINUTE
            if limit <= command.elapsed + 1:
                self.show_notice("a minute less would end it now: ^x cancels it")
                return
            command.set_limit(min(limit, MOST_MINUTES * MINUTE))
        self.show_state()

    # ── to the command ───────────────────────────────────────────────────────────────────────────

    def action_type(self) -> None:
        self.set_focus(self.query_one(TypeLine))  # at once: the next letter belongs there

    @on(TypeLine.Typed)
    def typed(self, message: TypeLine.Typed) -> None:
        command = self.command
        if command is None or not self.running:
            self.show_notice("nothing waits for it now")
        elif message.text is None:
            self.show_notice("told: no more comes" if command.end_input() else "it takes no input now")
        else:
            self.show_notice("sent" if command.send(message.text) else "it takes no input now")
        self.output.focus()

    @on(TypeLine.Left)
    def typing_left(self) -> None:
        self.output.focus()

    # ── what it printed to be opened ─────────────────────────────────────────────────────────────

    def forget_links(self) -> None:
        self.links = PrintedLinks()
        self.address.drop_file()
        self.address.offer(None)
        self.remove_class("-links")

    def offer_link(self) -> None:
        self.add_class("-links")
        self.address.drop_file()
        self.address.offer(self.links.offer())

    def action_address(self, how: str) -> None:
        if not self.refuses("address"):
            self.address.bring(how)

    def action_copy_code(self) -> None:
        if self.links.code is not None:
            self.copy(
                self.links.code,
                lambda words: self.address.tell(StatusText("·", f"the code was {words}", "plain")),
            )

    def action_next_address(self) -> None:
        self.links.next()
        self.offer_link()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        names = {
            "at-work": self.is_at_work,
            "address": self.running and bool(self.links.addresses),
            "addresses": self.running and len(self.links.addresses) > 1,
            "code": self.running and self.links.code is not None,
        }
        return super().states() | {name for name, holds in names.items() if holds}

    def refusal(self, action: str) -> str | None:
        if action.startswith("address"):
            return self.address.refusal(self.running)
        if action == "aside" and self.proposal.prints_a_secret:
            return IN_CLEAR
        return super().refusal(action)

    def action_again(self) -> None:
        self.start()

    def action_aside(self) -> None:
        if not self.refuses("aside"):
            self.start_in_terminal()

    def action_copy(self) -> None:
        focused = self.focused
        self.send_to_clipboard(focused.copied() if isinstance(focused, LineView) else "")

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_history(self) -> None:
        await show_history(self, self.services)


# ── the runs of the past ─────────────────────────────────────────────────────────────────────────


class RunHistory(Dialog[None]):
    """Enter shows what happened in the run under the cursor."""

    def __init__(self, runs: Sequence[PastRun], problem: str, home: str) -> None:
        super().__init__()
        self.runs, self.problem, self.home = runs, problem, home

    def compose_content(self) -> ComposeResult:
        view = RowView(
            lambda width: history_rows(self.runs, self.problem, width), id="content", classes="box"
        )
        view.about = (
            "The commands that this program ran, the newest first: when, which, how long, what it came to. "
            "Enter shows a run’s events. Output is not kept."
        )
        view.entitle("Runs of the past")
        yield view

    @on(RowView.Chosen)
    def chosen(self, event: RowView.Chosen) -> None:
        past = self.runs[int(event.row)]

        def lines(width: int) -> list[laid_out.Line]:
            return [one for happened in past.events for one in step_lines(happened, self.home, width)]

        about = "What happened in this run, as it stands in the journal. Output is not kept."
        self.app.push_screen(TextDialog(f"Run of {past.setting}", lines, about))


async def show_history(screen: BaseScreen[Any], services: Services) -> None:
    """The journal is read off the UI thread."""
    runs: Sequence[PastRun] = ()
    problem = ""
    try:
        runs = await asyncio.to_thread(services.commands.history)
    except OSError as error:
        problem = clean(error.strerror or str(error) or "input/output error")
    if screen.app.screen is screen:
        screen.app.push_screen(RunHistory(runs, problem, services.home))
