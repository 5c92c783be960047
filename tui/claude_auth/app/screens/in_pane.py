"""Claude Code in a pane that is its terminal: what signing in and signing out by it have in common."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.actions import Result
from claude_auth.actions.claude_program import ClaudeProgram
from claude_auth.app.screens.acting import Acting
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.steps import Steps
from claude_auth.app.widgets.terminal_pane import TerminalPane
from claude_auth.model import Event
from claude_auth.present.lines import Line, Span, fit_line, line

IN_PANE = "every key and paste goes to Claude Code; F6 or ^] leaves its terminal"


class ByClaude(Protocol):
    """`DelegatedSignIn` and `SignOutClaude`."""

    program: ClaudeProgram | None
    result: Result | None

    async def cancel(self) -> None: ...


class PaneHints(Hints):
    """In the pane all keys are the program's, so none of the screen's are offered."""

    def layout_line(self, width: int) -> Line:
        if isinstance(self.screen.focused, TerminalPane):
            return fit_line(line(" ", Span(IN_PANE, "strong")), width)
        return super().layout_line(width)


class InPane(Acting, inherit_bindings=True):
    """`command` stands in the pane's frame."""

    CSS_PATH = sheet("sign_in")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f6,i", "terminal", "Terminal", tooltip="Type into Claude Code’s terminal", id="pane.terminal"
        ),
    ]
    command = "claude"

    class Arrived(Message):
        """There is something new in the pane."""

    action: ByClaude | None = None

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield PaneHints(id="hints") if isinstance(widget, Hints) else widget

    def compose_content(self) -> ComposeResult:
        yield TerminalPane()
        yield from self.compose_below()

    def compose_below(self) -> ComposeResult:
        yield Steps(self.snapshot.places.home)

    @property
    def terminal(self) -> TerminalPane:
        return self.query_one(TerminalPane)

    def opened(self) -> None:
        self.terminal.entitle(f"{self.command} · its terminal")
        self.steps.entitle("What it does")

    @on(TerminalPane.Sized)
    def sized(self) -> None:
        """Once the pane knows its size the program may start."""
        if not self.started:
            self.start(self.terminal.cells)

    def start(self, cells: tuple[int, int]) -> None:
        """Make the action and begin."""

    def happened(self, event: Event) -> None:
        program = self.action.program if self.action is not None else None
        if program is not None and self.terminal.pane is None:
            self.terminal.attach(program.pane)
            self.terminal.focus()
        self.terminal.changed()

    def over(self) -> None:
        self.terminal.changed()
        self.steps.focus()
        self.terminal.entitle(f"{self.command} · it has ended")
        self.add_class("-over")

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    async def cancel(self) -> None:
        if self.action is not None:
            await self.action.cancel()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.running if action == "terminal" else super().check_action(action, parameters)

    def action_terminal(self) -> None:
        self.terminal.focus()

    @on(TerminalPane.Left)
    def left(self) -> None:
        self.steps.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.query_one(Hints).hush()
        self.query_one(Hints).show()

    def interrupted(self) -> bool:
        if self.focused is self.terminal and self.running:
            self.terminal.interrupt()
            return True
        return super().interrupted()
