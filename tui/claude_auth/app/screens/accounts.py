"""The logins of this machine: whose, which plan, until when; the one in use is marked and always in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.message import Message

from claude_auth.actions.accounts import Account, list_accounts, list_mcp_logins
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import InputDialog
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import ActionTitle
from claude_auth.model import Event, Snapshot
from claude_auth.present.lines import Row
from claude_auth.present.logins import account_rows, active_account_lines
from claude_auth.words import StatusText


class Wish(NamedTuple):
    """What the dashboard is to open next: `sign-in`, `sign-out` or `refresh`, and for which login."""

    what: str
    account: Account | None = None


class ActiveLine(LineView, can_focus=False):
    """The active logins, one line each, that never scroll away."""


class AccountList(RowView):
    BINDINGS = bindings("account-list")

    def refusal(self, action: str) -> str | None:
        """Why the account under the cursor can't be switched to; the hints dim the key."""
        screen = self.screen
        return screen.refusal(action) if isinstance(screen, BaseScreen) else None


class AccountsScreen(BaseScreen[Wish]):
    """Dismissed with what is to be opened next, if anything."""

    CSS_PATH = sheet("accounts")
    AUTO_FOCUS = "#accounts"
    BINDINGS = bindings("accounts", "parts")

    @dataclass
    class Switched(Message):
        """An account was made the active one, or not."""

        event: Event
        snapshot: Snapshot

    def __init__(self, services: Services, snapshot: Snapshot) -> None:
        super().__init__()
        self.services = services
        self.take(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.accounts = {account.id: account for account in list_accounts(snapshot)}
        self.mcp = list_mcp_logins(snapshot)

    def compose(self) -> ComposeResult:
        yield ActionTitle("accounts", self.snapshot.machine)
        yield ActiveLine(lambda width: active_account_lines([*self.accounts.values()], width), id="active")
        view = AccountList(self._rows, id="accounts", classes="panel")
        view.about = (
            "Every login stored on this machine, by store. The star marks the one that its program uses. "
            "Claude Code has one login in each of its configuration directories; the SDK's store can hold "
            "several, and Enter switches between them."
        )
        view.entitle("Accounts")
        yield view
        yield Hints(id="hints")

    def _rows(self, width: int) -> list[Row]:
        home, now = self.snapshot.places.home, self.services.host.clock()
        return account_rows(self.accounts, self.mcp, now, home, width)

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    @property
    def account(self) -> Account | None:
        return self.accounts.get(self.query_one(RowView).cursor or "")

    def refusal(self, action: str) -> str | None:
        account = self.account
        if action not in ("choose", "wish('sign-out')", "wish('refresh')"):
            return None
        if account is None:
            return "there is no account here"
        if account.is_elsewhere:
            return f"start claude-auth with CLAUDE_CONFIG_DIR={account.directory or ''} for this one"
        if account.problem is not None:
            return account.problem
        if action != "choose":
            return "claw's login belongs to claw: it is only read here" if account.store == "claw" else None
        if account.active:
            return "this one is the active one already"
        if account.store != "sdk":
            return "only accounts in the SDK's store can be switched"
        return None if account.name is not None else "this one has no name to switch to"

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.refresh_bindings()

    @on(RowView.Chosen)
    @work(exclusive=True, exit_on_error=False, group="ask")
    async def chosen(self) -> None:
        """Switches: where another one is active it is kept under a name, which is asked for."""
        account = self.account
        if self.refuses("choose") or account is None or account.name is None:
            return
        name, title = account.name, "Switch"
        if any(a.store == "sdk" and a.active for a in self.accounts.values()):
            words = f"{name} becomes the active account. Under which name is the one that is active now kept?"
            keep_as = await self.wait_for(InputDialog(title, words))
            agreed = bool(keep_as)
        else:
            keep_as, told = None, [StatusText("·", f"{name} becomes the active account of the SDK's store")]
            answer = await self.wait_for(ConfirmDialog(title, told, agree="switch"))
            agreed = answer is not None
        if agreed:
            self.switch(name, keep_as)

    @work(thread=True, exclusive=True, exit_on_error=False, group="switch")
    def switch(self, name: str, keep_as: str | None) -> None:
        event = self.services.logins.switch(name, keep_as)
        self.post_message(self.Switched(event, self.services.host.look()))

    @on(Switched)
    def switched(self, message: Switched) -> None:
        self.services.record(message.event)
        self.take(message.snapshot)
        self.query_one(RowView).show()
        self.query_one(ActiveLine).show()
        self.refresh_bindings()
        self.show_notice(message.event.text)

    def action_wish(self, what: str) -> None:
        if not self.refuses(f"wish('{what}')"):
            self.dismiss(Wish(what, self.account))

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one(RowView).copied())

    def action_close(self) -> None:
        self.dismiss(None)
