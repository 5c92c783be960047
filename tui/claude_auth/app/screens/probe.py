"""One live request: what would be sent and what it costs first; then, once agreed to, the answer and what it
means."""

from __future__ import annotations

import asyncio
import threading

from textual import on, work
from textual.app import ComposeResult

from claude_auth.actions.explain import tells_kinds
from claude_auth.actions.look import NOT_OWNER
from claude_auth.actions.network import Planned, Probe
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import client_menu
from claude_auth.app.dialogs.confirm import ConfirmDialog, agreed_to_evaluate
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.causes import Causes
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Fix, Snapshot
from claude_auth.present.consent import CANCELLED, NOTHING_TO_RUN, RUNS, UNDER_WAY, evaluating_words, refusal
from claude_auth.present.lines import Line, Span, line, told_lines, wrap
from claude_auth.present.network import clock_told, plan_told, verdict_told
from claude_auth.words import StatusText, client_label

#: In place of the command line's options.
STEPS = {
    "diagnose": "Go back with q: the findings there say what is in the way, and l signs in",
    "evaluate": "Press e: it shows what would be run, asks you, and then plans anew",
    "claude-print": "Press c and choose claude -p: there Claude Code itself sends it",
}
ASKS = "Press Enter to send exactly this: it asks you first. c asks as another program."
ABOUT_PLAN = (
    "What would be sent, to whom, and what it costs; secrets are masked. Nothing is sent before you have "
    "agreed. A Claude account's own token is never sent by us: there Claude Code itself is run."
)
ABOUT_ANSWER = (
    "The answer: accepted, refused, or nothing that tells about the credential. What was said is shown "
    "without secrets. Below stands what it is known to mean, the likeliest first."
)

_NOT_MEANWHILE = ("send", "client", "evaluate", "again", "copy")


class ProbeScreen(ActionScreen):
    """Changes nothing here, so it can be left at any time."""

    CSS_PATH = [sheet("probe"), sheet("causes")]
    heading = "probe"
    AUTO_FOCUS = "#plan"
    BINDINGS = bindings("probe")

    def __init__(self, services: Services, snapshot: Snapshot, *, asks_at_once: bool = False) -> None:
        """`asks_at_once`: as soon as it is planned, where something can be sent."""
        super().__init__(services, snapshot)
        self.client, self.asks_at_once = services.client, asks_at_once
        #: For what action it was left.
        self.remedy: Fix | None = None
        self.planned: Planned | None = None
        self.action: Probe | None = None
        self.trouble = ""
        #: What is run for an answer, in words, and what ends it.
        self._helper = ""
        self._stop: threading.Event | None = None

    def compose_content(self) -> ComposeResult:
        home = self.snapshot.places.home
        plan, answer = (
            LineView(self._plan, id="plan", classes="panel"),
            LineView(self._answer, id="verdict", classes="panel"),
        )
        plan.about, answer.about = ABOUT_PLAN, ABOUT_ANSWER
        steps = Steps(home, idle="nothing was sent")
        plan.entitle(self.plan_title)
        steps.entitle("Steps")
        answer.entitle("The answer")
        yield from (plan, steps, answer, Causes(home))

    def opened(self) -> None:
        self.plan()
        if self.asks_at_once:
            self.ask_at_once()

    @property
    def plan_view(self) -> LineView:
        return self.query_one("#plan", LineView)

    @property
    def answer_view(self) -> LineView:
        return self.query_one("#verdict", LineView)

    @property
    def plan_title(self) -> str:
        return (
            f"{'What was sent' if self.action is not None else 'The plan'} · as {client_label(self.client)}"
        )

    # ── the plan ─────────────────────────────────────────────────────────────────────────────────

    def plan_anew(self) -> None:
        self.planned, self.action, self.trouble = None, None, ""
        self.steps.clear()
        self._show()
        self.plan_view.focus()
        self.plan()

    @work(exclusive=True, exit_on_error=False, group="plan")
    async def plan(self) -> None:
        """With a fresh look."""
        self._take(await asyncio.to_thread(self.services.asking.plan, self.snapshot, self.client))

    def _take(self, planned: Planned) -> None:
        if self.running or planned.resolution.client != self.client:
            return  # it comes too late
        self.planned, self.snapshot = planned, planned.snapshot
        self._show()

    # ── what is run for it ───────────────────────────────────────────────────────────────────────

    @work(exclusive=True, exit_on_error=False, group="plan")
    async def evaluate(self, before: Planned, agreed: bool, stop: threading.Event) -> None:
        planned = await asyncio.to_thread(self.services.asking.evaluate, before, agreed, stop)
        if not stop.is_set():
            self._end_evaluation()
            self._take(planned)

    @property
    def is_evaluating(self) -> bool:
        return self._stop is not None

    def _end_evaluation(self) -> None:
        """What still runs for it is ended, and nothing is learned from that."""
        if self._stop is not None:
            self._stop.set()
            self._stop = None
            self.stop_clock()
        if self.is_attached:
            self._show()

    def on_unmount(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def action_stop(self) -> None:
        if self.is_evaluating:
            self._end_evaluation()
            self.show_notice(CANCELLED)
        else:
            super().action_stop()

    def action_leave(self) -> None:
        """One thing at a time: what runs is ended first."""
        if self.is_evaluating:
            self.action_stop()
        else:
            super().action_leave()

    def interrupted(self) -> bool:
        if not self.is_evaluating:
            return super().interrupted()
        self.action_stop()
        return True

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if group == "plan" and error is not None:
            self._end_evaluation()
            self.trouble = f"It could not be planned ({type(error).__name__}). Press r to try again."
            self._show()
        else:
            super().after_worker(group, error)

    def _plan(self, width: int) -> list[Line]:
        if self.trouble:
            return [*wrap(line(StatusText("✗", self.trouble, "fail")), width, 2)]
        if self.planned is None:
            return [*wrap(line(Span("looking at what would be sent; nothing is sent by that", "dim")), width)]
        found = self._told(width)
        if self.is_evaluating:
            words = f"{self._helper} · {self.elapsed:.0f} s"
            return [*wrap(line(Span(words, "accent")), width), (), *found]
        if self.planned.plan.kind != "none" and self.action is None:
            found += [(), *wrap(line(Span(ASKS, "strong")), width)]
        return found

    def _told(self, width: int) -> list[Line]:
        assert self.planned is not None  # it stands there
        return told_lines(plan_told(self.planned.plan, STEPS), self.snapshot.places.home, width)

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def _answer(self, width: int) -> list[Line]:
        answer = None if self.action is None else self.action.answer
        if self.running and self.planned is not None:
            return [*wrap(line(Span(f"waiting: {self.waited(self.planned.patience)}", "accent")), width)]
        if answer is None:
            return [*wrap(line(Span("there is no answer", "dim")), width)]
        home = self.snapshot.places.home
        return told_lines([*verdict_told(answer), *clock_told(answer)], home, width)

    def _show(self) -> None:
        """All of it: what is not there yet has no panel."""
        answer = None if self.action is None else self.action.answer
        causes = () if answer is None else answer.causes
        self.set_class(self.action is not None, "-sent")
        self.set_class(bool(causes), "-known")
        self.plan_view.entitle(self.plan_title)
        self.plan_view.show()
        self.answer_view.show()
        self.query_one(Causes).tell(causes, kinds=tells_kinds(causes))
        self.refresh_bindings()

    def ticked(self) -> None:
        (self.plan_view if self.is_evaluating else self.answer_view).show()

    def over(self) -> None:
        self._show()

    def conclusion(self, problem: str | None) -> list[StatusText]:
        if problem is None:
            return []
        return [StatusText("✗", f"it broke off ({problem}); nothing is known of an answer", "fail")]

    async def cancel(self) -> None:
        if self.action is not None:
            self.action.cancel()

    def left_behind(self) -> Event:
        assert self.action is not None  # it runs
        self.action.cancel()
        return self.action.left_behind()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    @property
    def answered(self) -> bool:
        return self.action is not None and self.action.answer is not None

    def states(self) -> frozenset[str]:
        more = {"answered": self.answered, "cancellable": self.is_evaluating}
        return super().states() | {name for name, holds in more.items() if holds}

    def refusal(self, action: str) -> str | None:
        if self.running:
            return "it is under way" if action in _NOT_MEANWHILE else None
        if self.is_evaluating and action in _NOT_MEANWHILE:
            return UNDER_WAY
        if action == "send":
            if self.planned is None:
                return "there is no plan yet"
            return "nothing can be sent: the plan says why" if self.planned.plan.kind == "none" else None
        return self.nothing_to_evaluate() if action == "evaluate" else None

    def nothing_to_evaluate(self) -> str | None:
        if self.planned is None or self.planned.plan.remedy != "evaluate":
            return NOTHING_TO_RUN
        if not self.services.host.ours():
            return f"not run: {NOT_OWNER}"
        return refusal(self.services.asking.evaluation(self.planned.snapshot, self.client))

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def ask_at_once(self) -> None:
        await self.wait_for_workers("plan")
        if self.refusal("send") is None:
            await self._send()

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_send(self) -> None:
        await self._send()

    async def _send(self) -> None:
        planned = self.planned
        if self.refuses("send") or planned is None:
            return
        question = ConfirmDialog(
            "Send exactly this?", maker=self._told, agree="send it", decline="nothing is sent"
        )
        if not await self.wait_for(question) or self.refuses("send"):
            return
        self.steps.clear()
        self.action = self.services.asking.probe(planned)
        self.begin(self.action.events())
        self._show()
        self.answer_view.focus()

    @on(Causes.Remedied)
    def leave_for_remedy(self) -> None:
        self.remedy = self.query_one(Causes).remedy
        self.action_leave()

    def action_copy(self) -> None:
        texts = [self.answer_view.text(), self.query_one(Causes).copied()]
        self.send_to_clipboard("\n\n".join(text for text in texts if text), "the answer")

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_client(self) -> None:
        if not self.refuses("client") and (client := await self.wait_for(client_menu(self.client))):
            self.client = client
            self.plan_anew()

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_evaluate(self) -> None:
        planned = self.planned
        if self.refuses("evaluate") or planned is None:
            return
        wanted = self.services.asking.evaluation(planned.snapshot, self.client)
        agreed = await agreed_to_evaluate(self, wanted)
        if agreed is None or self.refuses("evaluate"):
            return
        stop = self._stop = threading.Event()
        self._helper = evaluating_words(wanted, agreed)
        self.evaluate(planned, agreed, stop)
        self.start_clock()
        self._show()
        self.show_notice(RUNS)

    def action_again(self) -> None:
        if not self.refuses("again"):
            self.plan_anew()
            self.show_notice("planned anew; nothing was sent")
