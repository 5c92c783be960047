"""The network: which hosts are needed, and on y or Enter the way to each, step by step."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.asking_out import AskingOut
from claude_auth.app.screens.network_doors import NetworkDoors
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.present.network import plan_lines, report_lines, seen_lines
from claude_auth.words import StatusText, client_label


class Hosts(LineView):
    about = (
        "The hosts that the chosen program needs, and the way to each: its name, the connection, encryption "
        "and who issued the certificate, the answer, the clock. What it means stands first once it is known. "
        "No credential is sent. y copies all of it, once it is over."
    )


class NetworkScreen(AskingOut):
    CSS_PATH = sheet("network")
    heading = "network"
    AUTO_FOCUS = "#hosts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "ask", "Start", tooltip="Contact the hosts that stand here", id="network.start"),
        Binding("y", "copy", "Copy", tooltip="Copy what was found", id="network.copy"),
        Binding("r", "again", "Again", tooltip="Ask all of them again", id="network.again"),
    ]

    def __init__(self, doors: NetworkDoors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__(doors.doors, snapshot, told)
        self.network = doors
        self.action = doors.network_look(snapshot, self.ticked)
        self.patience = self.action.patience

    def compose_content(self) -> ComposeResult:
        hosts = Hosts(self._hosts, id="hosts", classes="panel")
        hosts.entitle(f"The network · for {client_label(self.doors.client)}")
        steps = Steps(self.snapshot.places.home, idle="nothing was asked")
        steps.entitle("Steps")
        yield from (hosts, steps)

    def _hosts(self, width: int) -> list[Line]:
        action, home = self.action, self.snapshot.places.home
        if self.running:
            head = wrap(line(Span(f"asking: {self.waited}", "accent")), width)
            return [*head, *seen_lines(action.hosts, action.seen, home, width)]
        if action.report is not None:
            return report_lines(action.report, home, width)
        if self.started:
            words = StatusText(
                "▲", "It was stopped: what stands here is all that is known. r asks again.", "warn"
            )
            return [*wrap(line(words), width, 2), *seen_lines(action.hosts, action.seen, home, width)]
        return plan_lines(action.hosts, width)

    def ticked(self) -> None:
        self.query_one(Hosts).show()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action in ("again", "copy") and self.running:
            return "it is under way: ^x stops it"
        return "there is no host to ask" if action == "ask" and not self.action.hosts else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "hold":
            return False
        if action == "ask":
            return not self.started
        if action in ("again", "copy"):
            return self.started
        return super().check_action(action, parameters)

    def action_ask(self) -> None:
        self._start("ask")

    def action_again(self) -> None:
        self._start("again")

    def _start(self, action: str) -> None:
        if self.refuses(action):
            return
        self.steps.clear()
        self.action = self.network.network_look(self.snapshot, self.ticked)
        self.add_class("-started")
        self.begin(self.action.events())
        self.ticked()

    def action_copy(self) -> None:
        if self.refuses("copy"):
            return
        self.send_to_clipboard(self.query_one(Hosts).copied())

    def give_up(self) -> Event:
        self.action.cancel()
        return self.action.left_behind()

    def over(self) -> None:
        super().over()
        self.query_one(Hosts).scroll_home(animate=False)
        self.ticked()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if problem is not None:
            return [
                StatusText("✗", f"it broke off ({problem}); what stands above is all that is known", "fail")
            ]
        return []
