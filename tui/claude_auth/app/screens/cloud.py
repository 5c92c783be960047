"""The clouds: who Claude Code would be called as there; on a key press, who really answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from claude_auth.actions.cloud import (
    BY_ID,
    CAN_BE_ASKED,
    RENEWING_COMMANDS,
    ProviderAnswer,
    contacts,
    will_run,
)
from claude_auth.app.eyes import NOT_OWNER
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.cloud_panels import Detail, Providers
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Event
from claude_auth.present.cloud import command_of, fact_rows, provider_rows
from claude_auth.present.cloud_panes import asked_words, entries, first_choice, pane_rows
from claude_auth.present.lines import Row
from claude_auth.security.sanitize import clean
from claude_auth.words import PROVIDERS as NAMES
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.cloud import CloudSeen, CommandKind, PlannedCommand
    from claude_auth.actions.run_command import RunResult
    from claude_auth.app.screens.acting import Told
    from claude_auth.app.screens.cloud_doors import CloudDoors
    from claude_auth.app.screens.dashboard import Dashboard
    from claude_auth.present.cloud import FactRow as Fact
    from claude_auth.present.dashboard_state import DashboardState


#: How often the times on the screen are told anew.
BEAT = 15.0


class Asking(NamedTuple):
    """What is under way: which provider since when, with which scene, and what may be run for it."""

    provider: str
    since: float
    stop: threading.Event
    scene: DashboardState
    allowed: tuple[PlannedCommand, ...]


class Cloud(Speaking[bool], inherit_bindings=False):
    """Follows the scene of `watcher`, the dashboard below it. Dismissed with whether anything was asked or
    run."""

    CSS_PATH = sheet("cloud")
    AUTO_FOCUS = "#providers"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "i", "ask", "Ask", tooltip="Ask this cloud who you are; says first what it runs", id="cloud.ask"
        ),
        Binding(
            "x",
            "run",
            "Run",
            tooltip="Run the command that renews the credentials; asks first",
            id="cloud.run",
        ),
        Binding("y", "copy", "Copy", tooltip="Copy these lines to your terminal", id="cloud.copy"),
        Binding("u,f5", "look", "Look again", tooltip="Look at the files again, now", id="look"),
        Binding(
            "tab,shift+tab", "other", "Other", show=False, tooltip="Go to the other part", id="cloud.other"
        ),
        Binding("q,ctrl+q,w", "leave", "Back", tooltip="Back to the dashboard", id="dialog.close"),
        Binding("ctrl+x,escape", "stop", "Cancel", tooltip="Give up asking", id="cloud.stop"),
        Binding(
            "escape,ctrl+x", "back", "Back", show=False, tooltip="Back to the dashboard", id="cloud.back"
        ),
    ]

    class Looked(Message):
        def __init__(self, seen: CloudSeen) -> None:
            super().__init__()
            self.seen = seen

    class Answered(Message):
        """`asked` None: it would have run what nobody has agreed to."""

        def __init__(self, asking: Asking, asked: ProviderAnswer | None, seen: CloudSeen) -> None:
            super().__init__()
            self.asking, self.asked, self.seen = asking, asked, seen

    def __init__(self, cloud: CloudDoors, watcher: Dashboard, told: Told = lambda event: None) -> None:
        super().__init__()
        self.cloud, self.watcher, self.told = cloud, watcher, told
        self.scene: DashboardState = watcher.scene
        self.seen: CloudSeen | None = None
        self.facts: Sequence[Fact] = ()
        self.started = False
        self._asking: Asking | None = None

    def compose(self) -> ComposeResult:
        yield ActionTitle("cloud", self.scene.snapshot.machine)
        yield Providers(self._list, id="providers", classes="panel")
        yield Detail(self._detail, id="detail", classes="panel")
        yield Hints(id="hints")

    def on_mount(self) -> None:
        self.watch(self.watcher, "scene", self.scene_changed, init=False)
        self.set_interval(BEAT, self.draw)
        self.see()

    # ── what stands there ────────────────────────────────────────────────────────────────────────

    @property
    def provider(self) -> str:
        return self.query_one(Providers).cursor or "aws"

    @property
    def waiting(self) -> float | None:
        """For how long the provider under the cursor is being asked."""
        if self._asking is None or self._asking.provider != self.provider:
            return None
        return time.monotonic() - self._asking.since

    def _list(self, width: int) -> list[Row]:
        found = () if self.seen is None else entries(self.seen, self.cloud.asked)
        return provider_rows(found, width)

    def _detail(self, width: int) -> list[Row]:
        return fact_rows(self.facts, width)

    def draw(self) -> None:
        if self.seen is None:
            return
        providers, detail = self.query_one(Providers), self.query_one(Detail)
        providers.entitle(f"Providers · in use: {NAMES[self.seen.resolution.provider]}")
        providers.show_rows(self._list)
        which = self.provider
        asked = self.cloud.asked.get(which)
        self.facts = pane_rows(which, self.seen, asked, self.cloud.doors.clock(), self.waiting)
        detail.entitle(BY_ID[which].label)
        detail.show_rows(self._detail)
        if detail.about_which != which:
            detail.about_which = which
            detail.action_move(-10_000)
            detail.scroll_home(animate=False)
        asking = self._asking
        under_way = "" if asking is None else f"ASKING · {time.monotonic() - asking.since:.0f} s"
        self.query_one(ActionTitle).tell(under_way)
        self.refresh_bindings()

    @on(RowView.Highlighted, "#providers")
    def moved(self) -> None:
        self.draw()

    @on(RowView.Highlighted, "#detail")
    def line_moved(self) -> None:
        self.refresh_bindings()

    @on(RowView.Chosen, "#providers")
    def chosen(self) -> None:
        self.query_one(Detail).focus()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def scene_changed(self, scene: DashboardState) -> None:
        before, self.scene = self.scene, scene
        if scene.snapshot is not before.snapshot or scene.resolution is not before.resolution:
            self.see()

    @work(thread=True, exclusive=True, exit_on_error=False, group="see")
    def see(self) -> None:
        seen = self.cloud.see(self.scene)
        if not get_current_worker().is_cancelled:
            self.post_message(self.Looked(seen))

    @on(Looked)
    def looked(self, message: Looked) -> None:
        if self.seen is None:
            self.query_one(Providers).cursor = first_choice(message.seen)
        self.seen, asked = message.seen, self.cloud.asked
        for name, one in asked.items():
            if one.basis is None:
                asked[name] = one._replace(basis=message.seen.basis)
        self.draw()

    def action_look(self) -> None:
        self.say("looking again")
        self.watcher.action_look()

    @on(Worker.StateChanged)
    def worker_ended(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR:
            return
        name = type(event.worker.error).__name__
        if event.worker.group == "see":
            self.say(f"that look failed ({name}); what stands here is from before")
        else:
            self._asking = None
            self.draw()
            self.say(f"asking broke off ({name}); nothing was learned")

    # ── copying ─────────────────────────────────────────────────────────────────────────

    def _command(self) -> str | None:
        return command_of(self.facts, self.query_one(Detail).cursor)

    def action_copy_command(self) -> None:
        command = self._command()
        if command is None:
            self.say("there is no command on this line")
            return
        self.send_to_clipboard(command, "the command")

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one(Detail).copied())

    def action_other(self) -> None:
        detail = self.query_one(Detail)
        (self.query_one(Providers) if detail.has_focus else detail).focus()

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        """Why an action can't be done now."""
        if action in ("ask", "run") and not self.watcher.services.host.ours():
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
        if self._asking is not None:
            return f"{BY_ID[self._asking.provider].label} is being asked already"
        if self.provider not in CAN_BE_ASKED:
            return "only AWS and Google can be asked; all that is known of this one stands here"
        return None

    def action_ask(self) -> None:
        refused = self.refusal("ask")
        if refused is not None or self.seen is None:
            self.say(refused or "")
            return
        provider = self.provider
        runs = will_run(provider, self.seen)
        if not runs:
            self.start(provider, runs)
            return
        self._consent(provider, runs, again=False)

    def _consent(self, provider: str, runs: tuple[PlannedCommand, ...], *, again: bool) -> None:
        """A command out of a repository is asked about twice, as everywhere."""
        from claude_auth.app.screens.consent_dialogs import Question

        assert self.seen is not None
        words = [StatusText("·", run.where) for run in runs]
        words[:0] = [word for run in runs for word in run.beware]
        words.append(StatusText("·", f"then {contacts(provider, self.seen)} is asked who you are"))

        def answered(agreed: bool | None) -> None:
            if not agreed:
                self.say("nothing was run, nobody was asked")
            elif any(run.from_repository for run in runs) and not again:
                self._consent(provider, runs, again=True)
            else:
                self.start(provider, runs)

        title = "It comes from a repository. Really run it?" if again else "Run this command to ask?"
        command = " ; ".join(run.command for run in runs)
        self.app.push_screen(Question(title, words, command=command, doing="run it and ask"), answered)

    def start(self, provider: str, allowed: tuple[PlannedCommand, ...]) -> None:
        if self._asking is not None:
            return
        self.started = True
        asking = self._asking = Asking(provider, time.monotonic(), threading.Event(), self.scene, allowed)
        self._tick(asking)
        self.ask(asking)

    def _tick(self, asking: Asking) -> None:
        if self._asking is asking:
            self.draw()
            self.set_timer(1.0, partial(self._tick, asking))

    @work(thread=True, exclusive=True, exit_on_error=False, group="ask")
    def ask(self, asking: Asking) -> None:
        asked, seen = self.cloud.ask(asking.provider, asking.scene, asking.allowed, asking.stop)
        self.post_message(self.Answered(asking, asked, seen))

    @on(Answered)
    def answered(self, message: Answered) -> None:
        asking, asked = message.asking, message.asked
        if self._asking is not asking:
            return  # given up meanwhile
        self._asking = None
        if asking.scene is self.scene:
            self.seen = message.seen
        else:
            self.see()  # something else has changed while it was asked
        before = self.cloud.asked.get(asking.provider)
        text, level = asked_words(
            asking.provider, before.answer if before else None, asked.answer if asked else None
        )
        if asked is None:
            self.draw()
            self.say(text)
        else:
            self._keep(asking.provider, asked)
        ran = " ; ".join(run.command for run in asking.allowed)
        data = {"agreed_to_run": clean(ran, 2000)} if ran else {}
        event = Event(self.cloud.doors.clock(), "cloud.asked", clean(text, 300), level, None, data)
        self.cloud.doors.journal.write(event)
        self.told(event)

    def _keep(self, provider: str, asked: ProviderAnswer) -> None:
        self.cloud.asked[provider] = asked
        self.draw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "stop":
            return self._asking is not None
        return self._asking is None if action == "back" else True

    def action_stop(self) -> None:
        if self._asking is not None:
            self._asking.stop.set()
            self._asking = None
            self.draw()
            self.say("given up; what was started for it is ended, and nothing was learned")

    def interrupted(self) -> bool:
        """Ctrl-C: whether it was for what runs here."""
        asking = self._asking is not None
        self.action_stop()
        return asking

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    def kinds(self) -> tuple[CommandKind, ...]:
        if self.seen is None:
            return ()
        return tuple(kind for kind in RENEWING_COMMANDS.get(self.provider, ()) if kind in self.seen.proposals)

    def action_run(self) -> None:
        if self.refuses("run"):
            return
        from claude_auth.app.screens.run_choosing import open_run

        provider = self.provider
        before = self.cloud.asked.get(provider)

        def done(finished: RunResult | None) -> None:
            self.ran(provider, finished)

        doors, snapshot = self.cloud.doors, self.scene.snapshot
        open_run(self, doors, snapshot, self.told, self.kinds(), done, before.answer if before else None)

    def ran(self, provider: str, finished: RunResult | None) -> None:
        """What answers now stands there at once; the files are looked at again beside it."""
        if finished is None:
            self.say("nothing was run to its end")
            return
        self.started = True
        if finished.after is not None:
            self._keep(provider, ProviderAnswer(finished.after, None, finished.change))
        self.watcher.ran(finished)

    # ── leaving ──────────────────────────────────────────────────────────────────────────────────

    def action_leave(self) -> None:
        """What is still asked is ended; a command that runs has a screen of its own."""
        self.action_stop()
        self.dismiss(self.started)

    def action_back(self) -> None:
        self.action_leave()
