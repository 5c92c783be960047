"""Signing out: warned first, the answer is no unless said; then Claude Code does it, or our own engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.actions import Result
from claude_auth.actions.claude_cli import warnings_before
from claude_auth.app.screens.acting import Acting, Told
from claude_auth.app.screens.consent_dialogs import Question
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.in_pane import InPane
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Snapshot
from claude_auth.present.actions import store_words
from claude_auth.words import StatusText, format_path

if TYPE_CHECKING:
    from collections.abc import Collection

    from claude_auth.actions.accounts import TokenStore
    from claude_auth.actions.oauth import OwnSignOut


def question_for_claude(snapshot: Snapshot, symptoms: Collection[int]) -> Question:
    """What is lost, and where the catalogue of causes says that it makes things worse."""
    found = warnings_before(snapshot, symptoms)
    words = [
        StatusText("✗", f"better not: {warning.text}", "fail")
        if warning.against
        else StatusText("▲", warning.text, "warn")
        for warning in sorted(found, key=lambda warning: not warning.against)
    ]
    words.append(
        StatusText("·", "Claude Code revokes its login at the server and removes it from this computer")
    )
    title = "Sign out of Claude Code?"
    return Question(title, words, command="claude auth logout", doing="sign out")


def question_for_own(store: TokenStore, home: str) -> Question:
    description = store.describe()
    words = [
        StatusText("·", "the login is revoked at its server first, then its tokens are removed here"),
        StatusText("·", f"they are in {format_path(description.place, home)}"),
        StatusText("▲", "programs that use this login stop working", "warn"),
    ]
    return Question(f"Sign out of {store_words(store.id, store.account)}?", words, doing="sign out")


class SignOutClaudeScreen(InPane):
    heading = "sign out · Claude account"
    command = "claude auth logout"

    def start(self, cells: tuple[int, int]) -> None:
        action = self.doors.sign_out_claude(cells, self.terminal.changed)
        self.action = action
        self.begin(action.events())


class SignOutOwnScreen(Acting):
    CSS_PATH = sheet("sign_in")
    heading = "sign out · your own OAuth client"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "h",
            "only_here",
            "Only here",
            tooltip="Remove the tokens on this computer though the server was not told",
            id="sign-out.only-here",
        ),
    ]

    def __init__(
        self, doors: Doors, snapshot: Snapshot, store: TokenStore, told: Told = lambda event: None
    ) -> None:
        super().__init__(doors, snapshot, told)
        self.store = store
        self.action: OwnSignOut | None = None

    def compose_content(self) -> ComposeResult:
        yield Steps(self.snapshot.places.home, idle="asking the server to revoke it")

    def opened(self) -> None:
        self.steps.entitle(f"Sign out of {store_words(self.store.id, self.store.account)}")
        self.start(only_here=False)

    def start(self, *, only_here: bool) -> None:
        self.steps.clear()
        self.action = self.doors.own_sign_out(self.store, only_here=only_here)
        self.begin(self.action.events())

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    def over(self) -> None:
        if self.refusal("only_here") is None:
            self.say("h removes it here alone; q keeps it")

    async def cancel(self) -> None:
        self.workers.cancel_group(self, "action")

    def refusal(self, action: str) -> str | None:
        if action != "only_here":
            return None
        if self.running:
            return "wait for the server’s answer"
        result = self.outcome()
        if result is None or result.outcome != "failed" or result.before is None:
            return "there is nothing left to remove"
        return None

    def action_only_here(self) -> None:
        if self.refuses("only_here"):
            return

        def answered(agreed: bool | None) -> None:
            if agreed:
                self.start(only_here=True)

        words = [
            StatusText("▲", "the login lives on at the server until it ends there by itself", "warn"),
            StatusText("·", "nobody can end it from here any more once its tokens are gone"),
        ]
        self.app.push_screen(Question("Remove it here alone?", words, doing="remove the tokens"), answered)
