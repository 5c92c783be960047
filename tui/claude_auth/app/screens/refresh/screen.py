"""Refreshing a login: what will happen, who holds which lock, the steps as they come, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.actions import Result
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.consent_dialogs import Question
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.refresh.locks import WatchingLocks
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.locks import Locks
from claude_auth.app.widgets.steps import Steps
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN, helper_that_runs
from claude_auth.model import Event, Setting, Snapshot, TokenSet
from claude_auth.present.actions import (
    COST,
    NOT_ON_MACOS,
    PLAN_CLAUDE,
    PLAN_OWN,
    helper_words,
    store_words,
    token_words,
)
from claude_auth.present.lines import Line, Span, fact, line, wrap
from claude_auth.security.sanitize import shown_command
from claude_auth.words import StatusText, abbreviate_home

if TYPE_CHECKING:
    from claude_auth.actions.accounts import TokenStore
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.actions.oauth import OwnRefresh


class Plan(LineView):
    about = "What stands in the store now, and what a refresh would do, in which order."


class Refresh(WatchingLocks):
    """`store` None: Claude Code's own store, which Claude Code alone refreshes."""

    CSS_PATH = sheet("refresh")
    heading = "refresh"
    AUTO_FOCUS = "#plan"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "start(0)", "Refresh", tooltip="Refresh it, if it needs it", id="refresh.start"),
        Binding("f", "start(1)", "Force", tooltip="Refresh it although it has time left", id="refresh.force"),
        Binding(
            "p",
            "request",
            "One request",
            tooltip="Let claude -p refresh it: costs one request",
            id="refresh.request",
        ),
    ]

    class Looked(Message):
        """The store was looked at again."""

        def __init__(self, snapshot: Snapshot, tokens: TokenSet | None) -> None:
            super().__init__()
            self.snapshot, self.tokens = snapshot, tokens

    def __init__(
        self,
        doors: Doors,
        snapshot: Snapshot,
        store: TokenStore | None = None,
        told: Told = lambda event: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(doors, snapshot, told, monotonic)
        self.store = store
        self.tokens = snapshot.login.tokens if store is None else None
        self.action: DelegatedRefresh | OwnRefresh | None = None
        self.offered = False

    def compose_content(self) -> ComposeResult:
        home = self.snapshot.places.home
        yield Plan(self._plan, id="plan", classes="panel")
        if self.store is None:
            yield Locks(home)
        yield Steps(home, idle="nothing has happened yet: r starts it")

    def opened(self) -> None:
        store = self.store
        name = store_words("claude-code") if store is None else store_words(store.id, store.account)
        self.query_one(Plan).entitle(f"Refresh · {name}")
        self.steps.entitle("Steps")
        self.look_again()
        if store is None:
            self.query_one(Locks).entitle("Locks of Claude Code")
            self.watch_locks()

    # ── the plan ─────────────────────────────────────────────────────────────────────────────────

    def _plan(self, width: int) -> list[Line]:
        tokens, now, claude = self.tokens, self.doors.clock(), self.store is None
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
        """With less left it is refreshed: what `r` will find."""
        from claude_auth.store.refresh_state import window

        return RENEWAL_MARGIN if self.store is None else window(tokens)

    def _helper(self) -> Setting | None:
        return helper_that_runs(self.snapshot) if self.store is None else None

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def look_again(self) -> None:
        snapshot = self.doors.look()
        tokens = snapshot.login.tokens if self.store is None else self.store.load().tokens
        self.post_message(self.Looked(snapshot, tokens))

    @on(Looked)
    def looked(self, message: Looked) -> None:
        self.snapshot, self.tokens = message.snapshot, message.tokens
        self.query_one(Plan).show()

    # ── refreshing ───────────────────────────────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        if action == "remove":
            return super().refusal(action)
        if self.running:
            return "it is under way" if action.startswith(("start", "request")) else None
        if action == "request" and not self.offered:
            return "that is for when the refresh does not even begin"
        return None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """It can be left at any time, and never be cancelled."""
        return action not in ("stop", "hold")

    def action_start(self, force: int) -> None:
        helper, forced = self._helper(), bool(force)
        if helper is None:
            self._begin("start", force=forced)
            return
        if self.refuses("start"):
            return

        def answered(agreed: bool | None) -> None:
            if agreed:
                self._begin("start", force=forced)

        words = [StatusText("▲", abbreviate_home(helper_words(helper), self.snapshot.places.home), "warn")]
        command = shown_command(helper.value.reveal())
        self.app.push_screen(Question("Refresh it?", words, command=command, doing="refresh it"), answered)

    def action_request(self) -> None:
        if self.refuses("request"):
            return

        def answered(agreed: bool | None) -> None:
            if agreed:
                self._begin("request", force=True, request=True)

        question = Question(
            "Send one request?", [StatusText("▲", COST, "warn")], command="claude -p", doing="send it"
        )
        self.app.push_screen(question, answered)

    def _begin(self, what: str, *, force: bool, request: bool = False) -> None:
        if self.refuses(what):
            return
        self.offered = False
        self.steps.clear()
        if self.store is None:
            self.action = self.doors.refresh_claude(force=force, despite_locks=False, allow_request=request)
        else:
            self.action = self.doors.own_refresh(self.store, force=force)
        self.steps.focus()
        self.begin(self.action.events())

    def happened(self, event: Event) -> None:
        self.offered = self.offered or event.kind == "refresh.offer-request"

    def over(self) -> None:
        self.look_again()
        if self.store is None:
            self.look_at_locks()
        if self.offered:
            self.say("it was not refreshed; p lets claude -p do it, for one request")

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    def action_leave(self) -> None:
        """A refresh is never ended in the middle: it goes on alone, and a later look tells how it ended."""
        if self.running:
            text = "left alone: the refresh goes on without us"
            store = "claude-code" if self.store is None else self.store.id
            event = Event(self.doors.clock(), "refresh.left", text, "warning", store)
            self.doors.journal.write(event)
            self.told(event)
        self.dismiss(self.started)

    def interrupted(self) -> bool:
        return False
