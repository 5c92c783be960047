"""Running a configured or suggested command: its output as it comes, what it asks, what it came to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult

from claude_auth.actions.terminal import Dropped, Line, Link
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.journal import show_history
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.suspend import run_suspended
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.address import Address, PrintedLinks
from claude_auth.app.widgets.fields import TypeLine
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.output_view import NOTHING_YET, OutputFollower, OutputView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present import lines as laid_out
from claude_auth.present.runs import command_lines, result_lines, time_words
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.run_command import Answer, CommandPlan, RunningCommand, RunOutput, RunResult

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
        over_ssh = self.snapshot.machine.over_ssh
        self.follower = OutputFollower(self.output, self.query_one(TypeLine), over_ssh=over_ssh)
        self.call_after_refresh(self.start_in_terminal if self.in_terminal else self.start)

    @property
    def output(self) -> OutputView:
        return self.query_one(OutputView)

    @property
    def address(self) -> Address:
        return self.query_one(Address)

    def _result(self, width: int) -> list[laid_out.Line]:
        return result_lines(self.finished, self.snapshot.places.home, width) if self.finished else []

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
        if command is not None and self.is_at_work:
            return f"UNDER WAY  {time_words(command.elapsed, command.limit)}"
        asks = self.running and command is not None and command.asks_who_answers
        return "ASKING WHO ANSWERS" if asks else super().state()

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

    action_again = start

    def action_aside(self) -> None:
        if not self.refuses("aside"):
            self.start_in_terminal()

    def action_copy(self) -> None:
        focused = self.focused
        self.send_to_clipboard(focused.copied() if isinstance(focused, LineView) else "")

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_history(self) -> None:
        await show_history(self, self.services)
