"""The clouds: who Claude Code would be called as there; on a key press, who really answers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on, work
from textual.app import ComposeResult

from claude_auth.actions.cloud import (
    BY_ID,
    CAN_BE_ASKED,
    RENEWING_COMMANDS,
    CloudSeen,
    CommandKind,
    PlannedCommand,
    ProviderAnswer,
    contacts,
    will_run,
)
from claude_auth.actions.look import NOT_OWNER
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Event
from claude_auth.present.cloud import command_of, fact_rows, provider_rows
from claude_auth.present.cloud_panes import asked_words, entries, first_choice, pane_rows
from claude_auth.present.lines import Row, RowMaker
from claude_auth.security.sanitize import clean
from claude_auth.words import PROVIDERS as NAMES
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from claude_auth.app.watcher import KeptTrue
    from claude_auth.present.cloud import FactRow
    from claude_auth.present.dashboard_state import DashboardState

#: How often the times on the screen are told anew, in seconds.
BEAT = 15.0
ABOUT_PROVIDERS = (
    "Where requests can go instead of Anthropic's own service, and how that stands for the program that "
    "asks. Enter goes to the lines about the one under the cursor; s asks it who you are."
)
ABOUT_DETAIL = (
    "One provider: who you would be there and why, from files and variables alone until s asks. The "
    "cursor walks over the lines; Enter copies the command of a line that has one, y all of it."
)


@dataclass(frozen=True)
class AskedCloud:
    """What is under way: which provider since when, for which state, and what may be run for it."""

    provider: str
    since: float
    stop: threading.Event
    state: DashboardState
    allowed: tuple[PlannedCommand, ...]


class CloudScreen(BaseScreen[bool], inherit_bindings=False):
    """Follows the state of `watcher`, the dashboard below it. Dismissed with whether anything was run."""

    CSS_PATH = sheet("cloud")
    AUTO_FOCUS = "#providers"
    BINDINGS = bindings("cloud")

    def __init__(self, services: Services, watcher: KeptTrue, *, asks_at_once: bool = False) -> None:
        """`asks_at_once`: where asking runs something, that is asked about as soon as it is known."""
        super().__init__()
        self.services, self.watcher, self.asks_at_once = services, watcher, asks_at_once
        self.state: DashboardState = watcher.scene
        self.seen: CloudSeen | None = None
        self.facts: Sequence[FactRow] = ()
        self.started = False
        self.asked: AskedCloud | None = None

    def compose(self) -> ComposeResult:
        yield ActionTitle("cloud", self.state.snapshot.machine)
        yield Providers(self._list, id="providers", classes="panel")
        yield ProviderDetail(id="detail", classes="panel")
        yield Hints(id="hints")

    def on_mount(self) -> None:
        self.watch(cast("DOMNode", self.watcher), "scene", self.state_changed, init=False)
        self.set_interval(BEAT, self.draw)
        self.see()
        if self.asks_at_once:
            self.ask_at_once()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def provider(self) -> str:
        return self.query_one(Providers).cursor or "aws"

    @property
    def waiting(self) -> float | None:
        """For how long the provider under the cursor is being asked, in seconds."""
        if self.asked is None or self.asked.provider != self.provider:
            return None
        return time.monotonic() - self.asked.since

    def _list(self, width: int) -> list[Row]:
        return provider_rows(
            () if self.seen is None else entries(self.seen, self.services.cloud.asked), width
        )

    def draw(self) -> None:
        if self.seen is None:
            return
        providers, detail, which = self.query_one(Providers), self.query_one(ProviderDetail), self.provider
        providers.entitle(f"Providers · in use: {NAMES[self.seen.resolution.provider]}")
        providers.show_rows(self._list)
        answer, now = self.services.cloud.asked.get(which), self.services.host.clock()
        self.facts = pane_rows(which, self.seen, answer, now, self.waiting)
        detail.draw(which, BY_ID[which].label, lambda width: fact_rows(self.facts, width))
        since = None if self.asked is None else time.monotonic() - self.asked.since
        self.query_one(ActionTitle).tell("" if since is None else f"ASKING · {since:.0f} s")
        self.refresh_bindings()

    @on(RowView.Highlighted, "#providers")
    def moved(self) -> None:
        self.draw()

    @on(RowView.Highlighted, "#detail")
    def line_moved(self) -> None:
        self.refresh_bindings()

    @on(RowView.Chosen, "#providers")
    def chosen(self) -> None:
        self.query_one(ProviderDetail).focus()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def state_changed(self, state: DashboardState) -> None:
        before, self.state = self.state, state
        if state.snapshot is not before.snapshot or state.resolution is not before.resolution:
            self.see()

    @work(exclusive=True, exit_on_error=False, group="see")
    async def see(self) -> None:
        cloud, state = self.services.cloud, self.state
        seen = await asyncio.to_thread(cloud.see, state.snapshot, state.resolution, state.findings)
        if self.seen is None:
            self.query_one(Providers).cursor = first_choice(seen)
        self.seen = seen
        for name, one in cloud.asked.items():
            if one.basis is None:
                cloud.asked[name] = one._replace(basis=seen.basis)
        self.draw()

    def action_look(self) -> None:
        self.show_notice("looking again")
        self.watcher.look("looked again")

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if error is None:
            return
        name = type(error).__name__
        if group == "see":
            self.show_notice(f"that look failed ({name}); what stands here is from before")
        elif group == "asking":
            self.asked = None
            self.draw()
            self.show_notice(f"asking broke off ({name}); nothing was learned")
        else:
            super().after_worker(group, error)

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        return frozenset() if self.asked is None else frozenset({"busy"})

    def refusal(self, action: str) -> str | None:
        if action in ("ask", "run") and not self.services.host.ours():
            return f"not here: {NOT_OWNER}"
        if action == "ask":
            return self._why_not_ask()
        if action == "run" and not self.kinds():
            return f"no command is known that renews {BY_ID[self.provider].label}"
        if action == "screen.copy_command" and self._command() is None:
            return "there is no command on this line"
        return None

    def _why_not_ask(self) -> str | None:
        if self.seen is None:
            return "the files are still looked at"
        if self.asked is not None:
            return f"{BY_ID[self.asked.provider].label} is being asked already"
        if self.provider not in CAN_BE_ASKED:
            return "only AWS and Google can be asked; all that is known of this one stands here"
        return None

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def ask_at_once(self) -> None:
        """Only where there is a question: where nothing is run for it, the key is the consent."""
        await self.wait_for_workers("see")
        if self.refusal("ask") is None and self.seen is not None and will_run(self.provider, self.seen):
            await self._ask()

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_ask(self) -> None:
        await self._ask()

    async def _ask(self) -> None:
        """A command out of a repository is asked about twice, as everywhere."""
        if self.refuses("ask") or self.seen is None:
            return
        provider, seen = self.provider, self.seen
        runs = will_run(provider, seen)
        questions = 0 if not runs else 2 if any(run.from_repository for run in runs) else 1
        for number in range(questions):
            if not await self.wait_for(_question(provider, seen, runs, again=number > 0)):
                self.show_notice("nothing was run, nobody was asked")
                return
        if self.asked is None:
            self.started = True
            self.asked = AskedCloud(provider, time.monotonic(), threading.Event(), self.state, runs)
            self._tick(self.asked)
            self.ask(self.asked)

    def _tick(self, asked: AskedCloud) -> None:
        if self.asked is asked:
            self.draw()
            self.set_timer(1.0, partial(self._tick, asked))

    @work(exclusive=True, exit_on_error=False, group="asking")
    async def ask(self, asked: AskedCloud) -> None:
        """No answer: it would have run what nobody has agreed to."""
        cloud, state = self.services.cloud, asked.state
        answer, seen = await asyncio.to_thread(
            cloud.ask,
            asked.provider,
            state.snapshot,
            state.resolution,
            state.findings,
            asked.allowed,
            asked.stop,
        )
        if self.asked is not asked:
            return  # given up meanwhile
        self.asked = None
        if state is self.state:
            self.seen = seen
        else:
            self.see()  # something else has changed while it was asked
        self._answered(asked, answer)

    def _answered(self, asked: AskedCloud, answer: ProviderAnswer | None) -> None:
        before = self.services.cloud.asked.get(asked.provider)
        text, level = asked_words(
            asked.provider, before.answer if before else None, answer.answer if answer else None
        )
        self._keep(asked.provider, answer)
        if answer is None:
            self.show_notice(text)
        ran = " ; ".join(run.command for run in asked.allowed)
        data = {"agreed_to_run": clean(ran, 2000)} if ran else {}
        self.services.record(
            Event(self.services.host.clock(), "cloud.asked", clean(text, 300), level, None, data)
        )

    def _keep(self, provider: str, answer: ProviderAnswer | None) -> None:
        if answer is not None:
            self.services.cloud.asked[provider] = answer
        self.draw()

    def action_stop(self) -> None:
        if self.asked is not None:
            self.asked.stop.set()
            self.asked = None
            self.draw()
            self.show_notice("given up; what was started for it is ended, and nothing was learned")

    def interrupted(self) -> bool:
        asking = self.asked is not None
        self.action_stop()
        return asking

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def kinds(self) -> tuple[CommandKind, ...]:
        if self.seen is None:
            return ()
        return tuple(kind for kind in RENEWING_COMMANDS.get(self.provider, ()) if kind in self.seen.proposals)

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_run(self) -> None:
        """What answers then stands there at once; the files are looked at again beside it."""
        if self.refuses("run"):
            return
        from claude_auth.app.screens.run_choosing import choose_and_run

        provider, before = self.provider, self.services.cloud.asked.get(self.provider)
        answer = before.answer if before else None
        result = await choose_and_run(self, self.services, self.state.snapshot, self.kinds(), answer)
        if result is None:
            self.show_notice("nothing was run to its end")
            return
        self.started = True
        if result.after is not None:
            self._keep(provider, ProviderAnswer(result.after, None, result.change))
        self.watcher.ran(result)

    # ── copying and leaving ──────────────────────────────────────────────────────────────────────

    def _command(self) -> str | None:
        return command_of(self.facts, self.query_one(ProviderDetail).cursor)

    def action_copy_command(self) -> None:
        if not self.refuses("screen.copy_command"):
            self.send_to_clipboard(self._command() or "", "the command")

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one(ProviderDetail).copied())

    def action_other(self) -> None:
        detail = self.query_one(ProviderDetail)
        (self.query_one(Providers) if detail.has_focus else detail).focus()

    def action_leave(self) -> None:
        """What is still asked is ended; a command that runs has a screen of its own."""
        self.action_stop()
        self.dismiss(self.started)


def _question(
    provider: str, seen: CloudSeen, runs: Sequence[PlannedCommand], *, again: bool
) -> ConfirmDialog:
    words = [word for run in runs for word in run.beware]
    words += [StatusText("·", run.where) for run in runs]
    words.append(StatusText("·", f"then {contacts(provider, seen)} is asked who you are"))
    return ConfirmDialog(
        "It comes from a repository. Really run it?" if again else "Run this command to ask?",
        words,
        command=" ; ".join(run.command for run in runs),
        agree="run it and ask",
        decline="nothing is run, nobody is asked",
    )


class Providers(RowView):
    about = ABOUT_PROVIDERS
    BINDINGS = bindings("providers")


class ProviderDetail(RowView):
    about = ABOUT_DETAIL
    BINDINGS = bindings("cloud-detail")
    which = ""

    def draw(self, which: str, title: str, maker: RowMaker) -> None:
        """Anew; with the cursor on the first line where it is about another provider."""
        self.entitle(title)
        self.show_rows(maker)
        if self.which != which:
            self.which = which
            self.action_move(-10_000)
            self.scroll_home(animate=False)

    def copied(self) -> str:
        """All of it, without the margin of the cursor."""
        return "\n".join(text.rstrip()[2:] for text in self.text().split("\n"))
