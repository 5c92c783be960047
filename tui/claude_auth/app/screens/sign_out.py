"""Signing out: warned first, the answer is no unless said; then Claude Code does it, or our own engine."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult

from claude_auth.actions.claude_cli import warnings_before
from claude_auth.actions.result import Result
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.screens.claude_terminal import ClaudeScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Snapshot
from claude_auth.present.actions import store_words
from claude_auth.words import StatusText, format_path

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Account, TokenStore
    from claude_auth.actions.oauth import OwnSignOut

NOT_INSTALLED = "Claude Code isn't installed here, and it alone may sign out of its store"


async def sign_out(
    screen: BaseScreen[Any],
    services: Services,
    snapshot: Snapshot,
    account: Account,
    symptoms: Collection[int],
) -> bool:
    """In a worker of `screen`: asks, then signs out of that login. Whether anything was started. `symptoms`:
    the numbers of what was found here, for where signing out makes it worse."""
    if account.store == "claude-code":
        if not snapshot.installed:
            screen.show_notice(NOT_INSTALLED)
            return False
        question = question_for_claude(snapshot, symptoms)
        opens: ActionScreen = ClaudeScreen.sign_out(services, snapshot)
    else:
        opened = services.logins.open_known(account.store, account.name)
        if opened.store is None:
            screen.show_notice(opened.problem or "that store can't be opened")
            return False
        question = question_for_own(opened.store, services.home)
        opens = SignOutOwnScreen(services, snapshot, opened.store)
    if not await screen.wait_for(question):
        screen.show_notice("nothing was changed")
        return False
    started = await screen.wait_for(opens)
    return started is True


def question_for_claude(snapshot: Snapshot, symptoms: Collection[int]) -> ConfirmDialog:
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
    return ConfirmDialog("Sign out of Claude Code?", words, command="claude auth logout", agree="sign out")


def question_for_own(store: TokenStore, home: str) -> ConfirmDialog:
    description = store.describe()
    words = [
        StatusText("·", "the login is revoked at its server first, then its tokens are removed here"),
        StatusText("·", f"they are in {format_path(description.place, home)}"),
        StatusText("▲", "programs that use this login stop working", "warn"),
    ]
    return ConfirmDialog(f"Sign out of {store_words(store.id, store.account)}?", words, agree="sign out")


class SignOutOwnScreen(ActionScreen):
    """The server revokes it first; where it can't be reached, the tokens may be removed here alone."""

    CSS_PATH = sheet("sign_in")
    heading = "sign out · your own OAuth client"
    BINDINGS = bindings("sign-out-own")

    def __init__(self, services: Services, snapshot: Snapshot, store: TokenStore) -> None:
        super().__init__(services, snapshot)
        self.store = store
        self.action: OwnSignOut | None = None

    def compose_content(self) -> ComposeResult:
        yield Steps(self.snapshot.places.home, idle="asking the server to revoke it")

    def opened(self) -> None:
        self.steps.entitle(f"Sign out of {store_words(self.store.id, self.store.account)}")
        self.start(only_here=False)

    def start(self, *, only_here: bool) -> None:
        self.steps.clear()
        self.action = self.services.logins.oauth_sign_out(self.store, only_here=only_here)
        self.begin(self.action.events())

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    def over(self) -> None:
        if self.refusal("only_here") is None:
            self.show_notice("o removes it here alone; q keeps it")

    async def cancel(self) -> None:
        self.workers.cancel_group(self, "action")

    def refusal(self, action: str) -> str | None:
        if action != "only_here":
            return super().refusal(action)
        if self.running:
            return "wait for the server's answer"
        result = self.outcome()
        if result is None or result.outcome != "failed" or result.before is None:
            return "there is nothing left to remove"
        return None

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_only_here(self) -> None:
        if self.refuses("only_here"):
            return
        words = [
            StatusText("▲", "the login lives on at the server until it ends there by itself", "warn"),
            StatusText("·", "nobody can end it from here any more once its tokens are gone"),
        ]
        question = ConfirmDialog("Remove it here alone?", words, agree="remove the tokens")
        if await self.wait_for(question):
            self.start(only_here=True)
