"""One live request: what would be sent and what it costs first; then, on y, the answer and what it means."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState

from claude_auth.actions.explain import TELL_KINDS
from claude_auth.actions.network import Planned, Probe
from claude_auth.app.eyes import NOT_OWNER
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.asking_out import AskingOut
from claude_auth.app.screens.probe_doors import ProbeDoors
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.causes import Causes
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.consent import NOTHING_TO_RUN
from claude_auth.present.lines import Line, Span, line, told_lines, wrap
from claude_auth.present.network import clock_told, plan_told, verdict_told
from claude_auth.words import StatusText, client_label

#: In place of the command line's options.
STEPS = {
    "diagnose": "Go back with q: the findings there say what is in the way, and l signs in",
    "evaluate": "Press e: it shows what would be run, asks you, and then plans anew",
    "claude-print": "Press c and choose claude -p: there Claude Code itself sends it",
}
ASKS = "Press y to send exactly this. Enter does nothing here; c asks as another program."


class Plan(LineView):
    about = (
        "What would be sent, to whom, and what it costs; secrets are masked. Nothing is sent before you "
        "press y. A Claude account’s own token is never sent by us: there Claude Code itself is run."
    )


class Verdict(LineView):
    about = (
        "The answer: accepted, refused, or nothing that tells about the credential. What was said is shown "
        "without secrets. Below stands what it is known to mean, the likeliest first."
    )


class ProbeScreen(AskingOut):
    CSS_PATH = [sheet("probe"), sheet("causes")]
    heading = "probe"
    AUTO_FOCUS = "#plan"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "send", "Send", tooltip="Send what stands here, once", id="probe.send"),
        Binding("y", "copy", "Copy", tooltip="Copy the answer and the explanation", id="probe.copy"),
        Binding("c", "client", "Client", tooltip="Ask as another program", id="probe.client"),
        Binding(
            "e", "evaluate", "Evaluate", tooltip="Run what is needed first, after asking", id="probe.evaluate"
        ),
        Binding("r", "again", "Again", tooltip="Look again and plan anew; sends nothing", id="probe.again"),
    ]

    class Ready(Message):
        """A plan stands; nothing was sent."""

        def __init__(self, planned: Planned) -> None:
            super().__init__()
            self.planned = planned

    def __init__(self, doors: ProbeDoors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__(doors.doors, snapshot, told)
        self.probing = doors
        self.client = doors.doors.client
        self.planned: Planned | None = None
        self.action: Probe | None = None
        self.trouble = ""

    def compose_content(self) -> ComposeResult:
        home = self.snapshot.places.home
        plan, steps = Plan(self._plan, id="plan", classes="panel"), Steps(home, idle="nothing was sent")
        verdict = Verdict(self._verdict, id="verdict", classes="panel")
        plan.entitle(self.plan_title)
        steps.entitle("Steps")
        verdict.entitle("The answer")
        yield from (plan, steps, verdict, Causes(home))

    def opened(self) -> None:
        self.look(self.client)

    @property
    def plan_title(self) -> str:
        return f"{'What was sent' if self.started_now else 'The plan'} · as {client_label(self.client)}"

    # ── the plan ─────────────────────────────────────────────────────────────────────────────────

    def plan_anew(self) -> None:
        self.planned, self.action, self.trouble = None, None, ""
        self.steps.clear()
        self._show()
        self.query_one(Plan).focus()
        self.look(self.client)

    @work(thread=True, exclusive=True, exit_on_error=False, group="plan")
    def look(self, client: str) -> None:
        self.post_message(self.Ready(self.probing.plan(self.snapshot, client)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="plan")
    def evaluate(self, planned: Planned, agreed: bool) -> None:
        self.post_message(self.Ready(self.probing.evaluate(planned, agreed)))

    @on(Ready)
    def planned_anew(self, message: Ready) -> None:
        if message.planned.resolution.client != self.client or self.running:
            return  # another program was chosen meanwhile
        self.planned, self.snapshot = message.planned, message.planned.snapshot
        self.patience = message.planned.patience
        self._show()

    @on(Worker.StateChanged)
    def planning_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "plan" and event.state is WorkerState.ERROR:
            self.trouble = (
                f"It could not be planned ({type(event.worker.error).__name__}). Press r to try again."
            )
            self._show()

    def _plan(self, width: int) -> list[Line]:
        planned = self.planned
        if self.trouble:
            return [*wrap(line(StatusText("✗", self.trouble, "fail")), width, 2)]
        if planned is None:
            return [*wrap(line(Span("looking at what would be sent; nothing is sent by that", "dim")), width)]
        found = told_lines(plan_told(planned.plan, STEPS), self.snapshot.places.home, width)
        if planned.plan.kind != "none" and not self.started_now:
            found += [(), *wrap(line(Span(ASKS, "strong")), width)]
        return found

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    @property
    def started_now(self) -> bool:
        """Whether this plan was sent."""
        return self.action is not None

    @property
    def answered(self) -> bool:
        return self.action is not None and self.action.answer is not None

    def _verdict(self, width: int) -> list[Line]:
        answer = None if self.action is None else self.action.answer
        if self.running:
            return [*wrap(line(Span(f"waiting: {self.waited}", "accent")), width)]
        if answer is None:
            return [*wrap(line(Span("there is no answer", "dim")), width)]
        home = self.snapshot.places.home
        return told_lines([*verdict_told(answer), *clock_told(answer)], home, width)

    def _show(self) -> None:
        """All of it: what is not there yet has no panel."""
        answer = None if self.action is None else self.action.answer
        causes = () if answer is None else answer.causes
        self.set_class(self.started_now, "-sent")
        self.set_class(bool(causes), "-known")
        kinds = any(cause.id in TELL_KINDS for cause in causes if not cause.ruled_out)
        self.query_one(Plan).entitle(self.plan_title)
        self.query_one(Plan).show()
        self.query_one(Verdict).show()
        self.query_one(Causes).tell(causes, kinds=kinds)
        self.refresh_bindings()

    def ticked(self) -> None:
        self.query_one(Verdict).show()

    def over(self) -> None:
        super().over()
        self._show()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if problem is not None:
            return [StatusText("✗", f"it broke off ({problem}); nothing is known of an answer", "fail")]
        return []

    def give_up(self) -> Event:
        assert self.action is not None  # it runs
        self.action.cancel()
        return self.action.left_behind()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if self.running:
            return "it is under way" if action in ("send", "client", "evaluate", "again", "copy") else None
        if action == "send":
            if self.planned is None:
                return "there is no plan yet"
            return "nothing can be sent: the plan says why" if self.planned.plan.kind == "none" else None
        return self.nothing_to_evaluate() if action == "evaluate" else None

    def nothing_to_evaluate(self) -> str | None:
        if self.planned is None or self.planned.plan.remedy != "evaluate":
            return NOTHING_TO_RUN
        if not self.probing.eyes.ours():
            return f"not run: {NOT_OWNER}"
        from claude_auth.present.consent import refusal

        return refusal(self.probing.wanted(self.planned))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "hold":
            return False
        if action == "send":
            return not self.answered
        if action == "copy":
            return self.answered
        return super().check_action(action, parameters)

    def action_send(self) -> None:
        if self.refuses("send") or self.planned is None:
            return
        self.steps.clear()
        self.action = self.probing.probe(self.planned)
        self.begin(self.action.events())
        self._show()
        self.query_one(Verdict).focus()

    def action_copy(self) -> None:
        texts = [self.query_one(Verdict).text(), self.query_one(Causes).copied()]
        self.send_to_clipboard("\n\n".join(text for text in texts if text), "the answer")

    def action_client(self) -> None:
        if self.refuses("client"):
            return
        from claude_auth.app.screens.clients import client_menu

        def chosen(client: str | None) -> None:
            if client is not None:
                self.client = client
                self.plan_anew()

        self.app.push_screen(client_menu(self.client), chosen)

    def action_evaluate(self) -> None:
        planned = self.planned
        if self.refuses("evaluate") or planned is None:
            return
        from claude_auth.app.screens.confirm import ask_to_evaluate

        ask_to_evaluate(self, self.probing.wanted(planned), lambda agreed: self.evaluate(planned, agreed))

    def action_again(self) -> None:
        if not self.refuses("again"):
            self.plan_anew()
