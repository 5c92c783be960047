"""The network: which hosts are needed, and on Enter the way to each, step by step."""

from __future__ import annotations

from textual.app import ComposeResult

from claude_auth.app.actions import bindings
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.present.network import plan_lines, report_lines, seen_lines
from claude_auth.words import StatusText, client_label

ABOUT = (
    "The hosts that the chosen program needs, and the way to each: its name, the connection, encryption "
    "and who issued the certificate, the answer, the clock. What it means stands first once it is known. "
    "No credential is sent. y copies all of it, once it is over."
)
STOPPED = "It was stopped: what stands here is all that is known. r asks again."


class NetworkScreen(ActionScreen):
    """Changes nothing here, so it can be left at any time."""

    CSS_PATH = sheet("network")
    heading = "network"
    AUTO_FOCUS = "#hosts"
    BINDINGS = bindings("network")

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        super().__init__(services, snapshot)
        self.action = services.asking.network(snapshot, self.ticked)

    def compose_content(self) -> ComposeResult:
        hosts = LineView(self._hosts, id="hosts", classes="panel")
        hosts.about = ABOUT
        hosts.entitle(f"The network · for {client_label(self.services.client)}")
        steps = Steps(self.snapshot.places.home, idle="nothing was asked")
        steps.entitle("Steps")
        yield from (hosts, steps)

    @property
    def hosts(self) -> LineView:
        return self.query_one("#hosts", LineView)

    def _hosts(self, width: int) -> list[Line]:
        action, home = self.action, self.snapshot.places.home
        if self.running:
            head = wrap(line(Span(f"asking: {self.waited(action.patience)}", "accent")), width)
            return [*head, *seen_lines(action.hosts, action.seen, home, width)]
        if action.report is not None:
            return report_lines(action.report, home, width)
        if self.started:
            words = wrap(line(StatusText("▲", STOPPED, "warn")), width, 2)
            return [*words, *seen_lines(action.hosts, action.seen, home, width)]
        return plan_lines(action.hosts, width)

    def ticked(self) -> None:
        self.hosts.show()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action in ("again", "copy") and self.running:
            return "it is under way: ^x stops it"
        return "there is no host to ask" if action == "ask" and not self.action.hosts else None

    def action_ask(self) -> None:
        self._start("ask")

    def action_again(self) -> None:
        self._start("again")

    def _start(self, action: str) -> None:
        if self.refuses(action):
            return
        self.steps.clear()
        self.action = self.services.asking.network(self.snapshot, self.ticked)
        self.add_class("-started")
        self.begin(self.action.events())
        self.ticked()

    def action_copy(self) -> None:
        if not self.refuses("copy"):
            self.send_to_clipboard(self.hosts.copied())

    async def cancel(self) -> None:
        self.action.cancel()

    def left_behind(self) -> Event:
        self.action.cancel()
        return self.action.left_behind()

    def over(self) -> None:
        self.hosts.scroll_home(animate=False)
        self.ticked()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if problem is None:
            return []
        return [StatusText("✗", f"it broke off ({problem}); what stands above is all that is known", "fail")]
