"""Refreshing a login: what will happen, who holds which lock, the steps as they come, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from claude_auth.actions.claude_cli_refresh import (
    NOT_ON_MACOS,
    RENEWAL_MARGIN,
    helper_that_runs,
    helper_words,
)
from claude_auth.actions.result import Result
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Setting, Severity, Snapshot, TokenSet
from claude_auth.present.actions import (
    COST,
    PLAN_CLAUDE,
    PLAN_OWN,
    Watched,
    judge_locks,
    lock_lines,
    store_words,
    token_words,
    watch_locks,
)
from claude_auth.present.lines import Line, Span, fact, line, wrap
from claude_auth.security.sanitize import shown_command
from claude_auth.words import StatusText, abbreviate_home

if TYPE_CHECKING:
    from claude_auth.actions.accounts import TokenStore
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.actions.look import LockJudgement
    from claude_auth.actions.oauth import OwnRefresh

LOOKS_EVERY = 1.0


class PlanView(LineView):
    about = "What stands in the store now, and what a refresh would do, in which order."


class Locks(LineView):
    """Who holds which of Claude Code's locks since when."""

    about = (
        "Claude Code's lock directories. It takes one while it refreshes and touches it every 5 s. One "
        "that stands still although no claude runs was left behind: f removes it, with rmdir, after asking. "
        "One whose time lies in the future makes every call fail until it is removed."
    )

    def __init__(self, home: str, *, id: str = "locks") -> None:
        super().__init__(self._lay_out, id=id, classes="panel")
        self.home = home
        self.judged: tuple[LockJudgement, ...] | None = None
        self.running: Collection[int] | None = None

    def tell(self, judged: tuple[LockJudgement, ...], running: Collection[int] | None) -> None:
        self.judged, self.running = judged, running
        self.show()

    def _lay_out(self, width: int) -> list[Line]:
        return lock_lines(self.judged, self.running, self.home, width)


class RefreshScreen(ActionScreen):
    """`store` None: Claude Code's own store, which Claude Code alone refreshes. It can be left at any time,
    and never be cancelled."""

    CSS_PATH = sheet("refresh")
    heading = "refresh"
    AUTO_FOCUS = "#plan"
    BINDINGS = bindings("refresh")
    can_be_cancelled = False

    @dataclass
    class StoreSeen(Message):
        """The store was looked at again."""

        snapshot: Snapshot
        tokens: TokenSet | None

    @dataclass
    class LocksSeen(Message):
        """Claude Code's locks were looked at."""

        watched: dict[str, Watched]
        judged: tuple[LockJudgement, ...]
        running: Collection[int] | None

    @dataclass
    class LockRemoved(Message):
        """Whether the lock is gone now, and the words."""

        done: bool
        text: str

    def __init__(
        self,
        services: Services,
        snapshot: Snapshot,
        store: TokenStore | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(services, snapshot)
        self.store, self.monotonic = store, monotonic
        self.tokens = snapshot.login.tokens if store is None else None
        self.action: DelegatedRefresh | OwnRefresh | None = None
        self.offered = False
        self.watched: dict[str, Watched] = {}
        self.judged: tuple[LockJudgement, ...] = ()

    def compose_content(self) -> ComposeResult:
        home = self.snapshot.places.home
        yield PlanView(self._plan, id="plan", classes="panel")
        if self.store is None:
            yield Locks(home)
        yield Steps(home, idle="nothing has happened yet: r starts it")

    def opened(self) -> None:
        store = self.store
        name = store_words("claude-code") if store is None else store_words(store.id, store.account)
        self.query_one(PlanView).entitle(f"Refresh · {name}")
        self.steps.entitle("Steps")
        self.look_again()
        if store is None:
            self.query_one(Locks).entitle("Locks of Claude Code")
            self.look_at_locks()
            self.set_interval(LOOKS_EVERY, self.look_at_locks)

    # ── the plan ─────────────────────────────────────────────────────────────────────────────────

    def _plan(self, width: int) -> list[Line]:
        tokens, now, claude = self.tokens, self.services.host.clock(), self.store is None
        if tokens is None or tokens.access_token.is_empty:
            words = "nobody is signed in here" if self.store else "there is no stored login: sign in with l"
            return [*wrap(line(Span(f"– {words}", "warn")), width, 2)]
        word = token_words(tokens, now, self._margin(tokens))
        found = [
            *fact("token", line(Span(tokens.access_token.fingerprint, "strong")), width),
            *fact("expires", line(word), width),
        ]
        if claude and self.snapshot.machine.platform == "darwin":
            return [*found, *wrap(line(Span(f"▲ {NOT_ON_MACOS}", "warn")), width, 2)]
        for number, step in enumerate(PLAN_CLAUDE if claude else PLAN_OWN, 1):
            found += wrap(line(Span(f"{number}. ", "dim"), step), width, 3)
        if (helper := self._helper()) is not None:
            words = abbreviate_home(helper_words(helper), self.snapshot.places.home)
            found += wrap(line(Span(f"▲ {words}", "warn")), width, 2)
        return found

    def _margin(self, tokens: TokenSet) -> float:
        """With less left it is refreshed: what `r` will find. In seconds."""

        return RENEWAL_MARGIN if self.store is None else tokens.window

    def _helper(self) -> Setting | None:
        return helper_that_runs(self.snapshot) if self.store is None else None

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def look_again(self) -> None:
        snapshot = self.services.host.look()
        tokens = snapshot.login.tokens if self.store is None else self.store.load().tokens
        self.post_message(self.StoreSeen(snapshot, tokens))

    @on(StoreSeen)
    def store_seen(self, message: StoreSeen) -> None:
        self.snapshot, self.tokens = message.snapshot, message.tokens
        self.query_one(PlanView).show()

    # ── refreshing ───────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action == "remove":
            return None if self.removable() is not None else "no lock here can be removed safely"
        if self.running:
            return "it is under way" if action.startswith(("start", "request")) else None
        if action == "request" and not self.offered:
            return "that is for when the refresh does not even begin"
        return None

    def action_start(self, force: int) -> None:
        """Asks only where a helper of the person's would run by it."""
        helper = self._helper()
        if self.refuses("start"):
            return
        if helper is None:
            self.refresh_login(force=bool(force))
        else:
            self.ask_and_refresh(helper, force=bool(force))

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def ask_and_refresh(self, helper: Setting, *, force: bool) -> None:
        words = StatusText("▲", abbreviate_home(helper_words(helper), self.snapshot.places.home), "warn")
        command = shown_command(helper.value.reveal())
        if await self.wait_for(ConfirmDialog("Refresh it?", [words], command=command, agree="refresh it")):
            self.refresh_login(force=force)

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_request(self) -> None:
        if self.refuses("request"):
            return
        words = [StatusText("▲", COST, "warn")]
        question = ConfirmDialog("Send one request?", words, command="claude -p", agree="send it")
        if await self.wait_for(question) and not self.refuses("request"):
            self.refresh_login(force=True, request=True)

    def refresh_login(self, *, force: bool, request: bool = False) -> None:
        if self.refuses("start"):
            return
        self.offered = False
        self.steps.clear()
        if self.store is None:
            self.action = self.services.refreshing.claude(force=force, allow_request=request)
        else:
            self.action = self.services.refreshing.oauth(self.store, force=force)
        self.steps.focus()
        self.begin(self.action.events())

    def happened(self, event: Event) -> None:
        self.offered = self.offered or event.kind == "refresh.offer-request"

    def over(self) -> None:
        self.look_again()
        if self.store is None:
            self.look_at_locks()
        if self.offered:
            self.show_notice("it was not refreshed; s lets claude -p do it, for one request")

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    def left_behind(self) -> Event:
        """A refresh is never ended in the middle: it goes on alone, and a later look tells how it ended."""
        store = "claude-code" if self.store is None else self.store.id
        text = "left alone: the refresh goes on without us"
        return Event(self.services.host.clock(), "refresh.left", text, "warning", store)

    # ── Claude Code's locks ──────────────────────────────────────────────────────────────────────

    @work(thread=True, exit_on_error=False, group="locks")
    def look_at_locks(self) -> None:
        from claude_auth.actions.fixes.locks import look_closely

        locks = self.services.refreshing.locks(self.snapshot)
        seen = [one for lock in locks if (one := look_closely(lock.path, self.monotonic)) is not None]
        watched = watch_locks(self.watched, seen)
        pane = self.query_one(Locks)
        # Listing processes is the dear part, and matters where there is a lock.
        running = self._processes() if locks or pane.judged is None or pane.judged else pane.running
        judged = judge_locks(locks, watched, running, self.monotonic())
        self.post_message(self.LocksSeen(watched, judged, running))

    def _processes(self) -> Collection[int] | None:
        return self.services.refreshing.running(self.snapshot.places.config_dir)

    @on(LocksSeen)
    def locks_seen(self, message: LocksSeen) -> None:
        before = {one.lock.path: one.state for one in self.judged}
        self.watched, self.judged = message.watched, message.judged
        self.query_one(Locks).tell(message.judged, message.running)
        if before != {one.lock.path: one.state for one in message.judged}:
            self.refresh_bindings()

    def removable(self) -> LockJudgement | None:
        return next((one for one in self.judged if one.removable), None)

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_remove(self) -> None:
        one = self.removable()
        if self.refuses("remove") or one is None:
            return
        path = one.lock.path
        words = [
            StatusText("▲", one.sentence, "warn"),
            StatusText("·", "rmdir removes it only if it is empty; it is looked at once more just before"),
        ]
        question = ConfirmDialog("Remove the lock?", words, command=f"rmdir {path}", agree="remove it")
        if await self.wait_for(question) and path in self.watched:
            self.remove_lock(self.watched[path])

    @work(thread=True, exclusive=True, exit_on_error=False, group="remove")
    def remove_lock(self, watched: Watched) -> None:
        from claude_auth.actions.fixes.locks import remove_orphan
        from claude_auth.actions.fixes.plans import guarded_paths

        known = guarded_paths(self.snapshot)
        removal = remove_orphan(watched.first, known, self._processes, self.monotonic)
        self.post_message(self.LockRemoved(removal.removed, removal.sentence))

    @on(LockRemoved)
    def lock_removed(self, message: LockRemoved) -> None:
        level: Severity = "info" if message.done else "warning"
        event = Event(self.services.host.clock(), "lock.removed", message.text, level, "claude-code")
        self.services.record(event)
        self.started = True
        self.steps.add(event)
        self.look_at_locks()
