"""Running a configured or suggested command: its output as it comes, what it asks, what it came to."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from claude_auth.actions.terminal import Dropped, Line, Link
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.run.doors import RunDoors
from claude_auth.app.screens.run.links import ABOUT, OfferingLinks
from claude_auth.app.screens.run.output import TakingOutput
from claude_auth.app.screens.run.time_limit import Timed
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.address import Address
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.output_view import NOTHING_YET, OutputView
from claude_auth.app.widgets.steps import Steps
from claude_auth.app.widgets.type_line import TypeLine
from claude_auth.model import Event, Snapshot
from claude_auth.present.runs import command_lines, result_lines
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.run_command import (
        Answer,
        CommandPlan,
        Kind,
        RunningCommand,
        RunOutput,
        RunResult,
    )

STOPPED = StatusText("·", "stopped: it was not asked any more who answers", "plain")
IN_TERMINAL = "what it prints in the real terminal is not seen here"


class CommandLine(LineView, can_focus=False):
    """What is run, and where that comes from."""


class ResultPane(LineView):
    about = (
        "What it came to: how it ended, what Claude Code would make of it, with every secret masked, and who "
        "answers now compared with before."
    )


class Run(TakingOutput, Timed, OfferingLinks):
    """Consent has been given. `aside`: in the real terminal. `finished` is the run that stands here, `latest`
    the last one that came to its end."""

    CSS_PATH = sheet("run")
    AUTO_FOCUS = "#output"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "type", "Type", tooltip="Type an answer to the command", id="run.type"),
        Binding("r", "again", "Again", tooltip="Run the same command again", id="run.again"),
        Binding("s", "aside", "In the terminal", tooltip="Run it in the real terminal", id="run.aside"),
        # Both, since a key of the screens below this one is replaced by the same key here.
        Binding("y", "copy_address", "Copy", tooltip="Send the address to your terminal", id="address.copy"),
        Binding("y", "copy_output", "Copy", tooltip="Copy what stands here", id="run.copy"),
        Binding("h", "history", "History", tooltip="The last runs, from the journal", id="run.history"),
    ]

    def __init__(
        self,
        doors: RunDoors,
        snapshot: Snapshot,
        told: Told,
        proposal: CommandPlan,
        *,
        before: Answer | None = None,
        aside: bool = False,
    ) -> None:
        super().__init__(doors.doors, snapshot, told)
        self.rooms, self.proposal, self.before, self.begins_aside = doors, proposal, before, aside
        self.heading = f"run · {proposal.setting}"
        self.in_terminal = False
        self.finished: RunResult | None = None
        self.latest: RunResult | None = None

    def compose_content(self) -> ComposeResult:
        home = self.snapshot.places.home
        yield CommandLine(lambda width: command_lines(self.proposal, home, width), id="command")
        yield OutputView()
        yield Address()
        yield TypeLine()
        yield ResultPane(self._result, id="result", classes="panel")
        yield Steps(home, idle="starting")

    def opened(self) -> None:
        self.output.entitle("Output")
        self.address.entitle("To open in a browser")
        self.address.about = ABOUT
        self.query_one(ResultPane).entitle("What it came to")
        self.steps.entitle("Steps")
        self.call_after_refresh(self.start_aside if self.begins_aside else self.start)

    def _result(self, width: int) -> list[Any]:
        home = self.snapshot.places.home
        return [] if self.finished is None else result_lines(self.finished, home, width)

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        command = self._prepare(in_terminal=False)
        self.begin(self._split(command.run()))

    def _prepare(self, *, in_terminal: bool) -> RunningCommand:
        self.finished, self.in_terminal = None, in_terminal
        self.output.idle = IN_TERMINAL if in_terminal else NOTHING_YET
        self.steps.clear()
        self.output.clear()
        self.forget_links()
        self.remove_class("-over")
        self.output.focus()
        columns = max(20, self.output.columns)
        self.command = self.rooms.command(self.proposal, self.snapshot, self.before, columns)
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
                        await self.take(output)
                    elif isinstance(output, Link):
                        self.linked(output)
                    elif isinstance(output, RunResult):
                        self.finished = output
            except AlreadyRunning as error:
                text = f"{error}, started from here: wait for its end, or cancel it where it runs"
                setting = {"setting": self.proposal.setting}
                yield Event(self.doors.clock(), "run.refused", text, "warning", None, setting)

    def over(self) -> None:
        super().over()
        self.paint_output()
        self.forget_links()
        self.output.idle = IN_TERMINAL if self.in_terminal else "it printed nothing that is shown"
        if self.finished is not None:
            self.latest, self.before = self.finished, self.finished.after or self.before
            runs = {**self.snapshot.runs, self.finished.run.setting: self.finished.run}
            self.snapshot = replace(self.snapshot, runs=runs)  # what the next run is compared with
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

    # ── to the command ───────────────────────────────────────────────────────────────────────────

    def action_type(self) -> None:
        self.set_focus(self.query_one(TypeLine))  # at once: the next letter belongs there

    @on(TypeLine.Typed)
    def typed(self, message: TypeLine.Typed) -> None:
        command = self.command
        if command is None or not self.running:
            self.say("nothing waits for it now")
        elif message.text is None:
            self.say("told: no more comes" if command.end_input() else "it takes no input now")
        else:
            self.say("sent" if command.send(message.text) else "it takes no input now")
        self.output.focus()

    @on(TypeLine.Left)
    def typing_left(self) -> None:
        self.output.focus()

    def on_resize(self, event: events.Resize) -> None:
        if self.command is not None:
            self.command.resize(max(20, self.output.columns), 40)

    # ── the real terminal ────────────────────────────────────────────────────────────────────────

    def start_aside(self) -> None:
        import time

        from claude_auth.app.screens.aside import give_terminal

        command = self._prepare(in_terminal=True)
        before = time.monotonic()
        aside = give_terminal(self, self.doors, command.aside(), self.proposal.shown)
        if aside.ran:
            seconds = time.monotonic() - before
            self.begin(self._split(command.conclude_aside(aside.problem, seconds)))

    def refusal(self, action: str) -> str | None:
        if action == "aside" and self.proposal.prints_a_secret:
            from claude_auth.app.screens.run.consent import IN_CLEAR

            return IN_CLEAR
        return super().refusal(action)

    def action_aside(self) -> None:
        if not self.refuses("aside"):
            self.start_aside()

    # ── the other keys ───────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "type":
            return self.is_at_work
        if action in ("again", "aside"):
            return not self.running
        if action == "copy_output":
            return not (self.running and self.addresses)
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        self.start()

    def action_copy_output(self) -> None:
        focused = self.focused
        text = focused.copied() if isinstance(focused, LineView) else ""
        self.send_to_clipboard(text)

    def action_history(self) -> None:
        from claude_auth.app.screens.run.history import open_history

        open_history(self, self.rooms)


def open_run(
    screen: Screen[Any],
    doors: Doors,
    snapshot: Snapshot,
    told: Told,
    kinds: Sequence[Kind],
    done: Callable[[RunResult | None], None],
    before: Answer | None = None,
) -> None:
    """Finds what could be run, lets the person choose, asks, and runs it. `kinds` empty: all four. `done`
    hears how it ended, None where nothing was run to its end."""
    from claude_auth.app.screens.run.opening import RunOpening

    RunOpening(screen, RunDoors(doors), snapshot, told, tuple(kinds), done, before).begin()
