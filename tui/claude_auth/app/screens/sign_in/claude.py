"""Signing in to a Claude account: Claude Code does it, in its own terminal; here its address is checked."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from claude_auth.actions.claude_cli import SignInChoice
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.in_pane import InPane
from claude_auth.app.screens.offering import Offering
from claude_auth.app.widgets.address import Address, Offer
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.security.secret import Secret


class SignInClaude(InPane, Offering):
    heading = "sign in · Claude account"

    def __init__(
        self, doors: Doors, snapshot: Snapshot, choice: SignInChoice, told: Told = lambda event: None
    ) -> None:
        super().__init__(doors, snapshot, told)
        self.choice = choice
        self.command = " ".join(("claude", *choice.arguments))

    def compose_below(self) -> ComposeResult:
        with Container(id="below"):
            yield Address()
            yield Steps(self.snapshot.places.home, idle="Claude Code is being started")

    def opened(self) -> None:
        super().opened()
        self.address.entitle("The address to open")

    def start(self, cells: tuple[int, int]) -> None:
        action = self.doors.sign_in_claude(self.choice, cells, self.terminal.changed)
        self.action = action
        self.begin(action.events())

    def happened(self, event: Event) -> None:
        super().happened(event)
        if event.kind != "sign-in.address" or self.action is None or self.action.program is None:
            return
        url = self.action.program.urls[-1]
        self.doors.hide(url.url)
        port = None if url.pasted else int(url.redirect.rpartition(":")[2] or 0)
        forward = self.doors.forward(port, self.snapshot)
        checked = url.judgement != "not-checked"
        self.drop_file()
        self.offer(Offer(Secret(url.url), url.verdict, url.may_be_used, forward, checked))
