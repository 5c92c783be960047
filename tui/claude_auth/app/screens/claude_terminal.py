"""Claude Code signs in or out in a pane that is its own terminal; of a sign-in the address is checked
here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container

from claude_auth.actions.claude_cli import SignInChoice
from claude_auth.actions.claude_program import ClaudeProgram
from claude_auth.actions.result import Result
from claude_auth.app.actions import bindings
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.address import Address, Offer
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.steps import Steps
from claude_auth.app.widgets.terminal_pane import TerminalPane
from claude_auth.model import Event, Snapshot
from claude_auth.present.lines import Line, Span, fit_line, line
from claude_auth.security.secret import Secret

IN_PANE = "every key and paste goes to Claude Code; F6 or ^] leaves its terminal"


class ByClaude(Protocol):
    """What Claude Code does for us: a `Delegated` run."""

    program: ClaudeProgram | None
    result: Result | None

    def events(self) -> AsyncIterator[Event]: ...

    async def cancel(self) -> None: ...


Start = Callable[[tuple[int, int], Callable[[], None]], ByClaude]


class ClaudeScreen(ActionScreen):
    """`command` stands in the pane's frame; `start` makes the action for the pane's cells, and hears that
    there is something new in it. `signs_in`: an address is offered."""

    CSS_PATH = sheet("sign_in")
    BINDINGS = bindings("pane", "address")

    def __init__(
        self, services: Services, snapshot: Snapshot, command: str, start: Start, *, signs_in: bool
    ) -> None:
        super().__init__(services, snapshot)
        self.heading = f"sign {'in' if signs_in else 'out'} · Claude account"
        self.prints_token = False
        self.command, self.make, self.signs_in = command, start, signs_in
        self.action: ByClaude | None = None

    @classmethod
    def sign_in(cls, services: Services, snapshot: Snapshot, choice: SignInChoice) -> ClaudeScreen:
        command = " ".join(("claude", *choice.arguments))

        def start(cells: tuple[int, int], changed: Callable[[], None]) -> ByClaude:
            return services.logins.claude_sign_in(choice, cells, changed)

        made = cls(services, snapshot, command, start, signs_in=True)
        made.prints_token = choice.year_token
        return made

    @classmethod
    def sign_out(cls, services: Services, snapshot: Snapshot) -> ClaudeScreen:
        return cls(services, snapshot, "claude auth logout", services.logins.claude_sign_out, signs_in=False)

    def compose_content(self) -> ComposeResult:
        yield TerminalPane()
        home = self.snapshot.places.home
        if not self.signs_in:
            yield Steps(home)
            return
        with Container(id="below"):
            yield Address(self.services, self.snapshot, title="The address to open")
            yield Steps(home, idle="Claude Code is being started")

    @property
    def terminal(self) -> TerminalPane:
        return self.query_one(TerminalPane)

    def opened(self) -> None:
        self.set_class(self.prints_token, "-token")
        self.terminal.entitle(f"{self.command} · its terminal")
        self.steps.entitle("What it does")
        self.query_one(Hints).instead = self._in_pane

    def _in_pane(self, width: int) -> Line | None:
        """In the pane all keys are the program's, so none of the screen's are offered."""
        if self.focused is not self.terminal:
            return None
        return fit_line(line(" ", Span(IN_PANE, "strong")), width)

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    @on(TerminalPane.Sized)
    def sized(self) -> None:
        """Once the pane knows its size the program may start."""
        if not self.started:
            self.action = self.make(self.terminal.cells, self.terminal.changed)
            self.begin(self.action.events())

    def happened(self, event: Event) -> None:
        program = self.action.program if self.action is not None else None
        if program is not None and self.terminal.pane is None:
            self.terminal.attach(program.pane)
            self.terminal.focus()
        self.terminal.changed()
        if event.kind == "sign-in.address" and program is not None:
            self._offer(program)

    def _offer(self, program: ClaudeProgram) -> None:
        url = program.urls[-1]
        self.services.addresses.hide(url.url)
        port = None if url.pasted else int(url.redirect.rpartition(":")[2] or 0)
        forward = self.services.addresses.forward(port, self.snapshot)
        checked = url.judgement != "not-checked"
        address = self.query_one(Address)
        address.drop_file()
        address.offer(Offer(Secret(url.url), url.verdict, url.may_be_used, forward, checked))

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

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        return super().states() | ({"address"} if self.running and self.signs_in else frozenset())

    def refusal(self, action: str) -> str | None:
        if action.startswith("address"):
            return self.query_one(Address).refusal(self.running)
        return super().refusal(action)

    def action_address(self, how: str) -> None:
        if not self.refuses("address"):
            self.query_one(Address).bring(how)

    def action_terminal(self) -> None:
        self.terminal.focus()

    @on(TerminalPane.Left)
    def left(self) -> None:
        self.steps.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.clear_notice()
        self.query_one(Hints).show()

    @property
    def is_in_pane(self) -> bool:
        return self.focused is self.terminal and self.running

    def interrupted(self) -> bool:
        if self.is_in_pane:
            self.terminal.interrupt()
            return True
        return super().interrupted()
