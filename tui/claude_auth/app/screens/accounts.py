"""The logins of this machine: whose, which plan, until when; the one in use is marked and always in sight."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.actions.accounts import Account, list_accounts
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.action_title import ActionTitle
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES, LineView
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Event, Snapshot
from claude_auth.present.lines import Row
from claude_auth.present.logins import account_rows, active_account_lines
from claude_auth.security.sanitize import clean


class Wish(NamedTuple):
    """What the dashboard is to open next: `sign-in`, `sign-out` or `refresh`, and for which login."""

    what: str
    account: Account | None = None


class ActiveLine(LineView, can_focus=False):
    """The active logins, one line each, that never scroll away."""


class Accounts(Speaking[Wish], inherit_bindings=False):
    CSS_PATH = sheet("accounts")
    AUTO_FOCUS = "#accounts"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "switch", "Switch", tooltip="Make this account the active one", id="accounts.switch"),
        Binding("l", "wish('sign-in')", "Sign in", tooltip="Sign in to another one", id="accounts.sign-in"),
        Binding("o", "wish('sign-out')", "Sign out", tooltip="Sign out of this one", id="accounts.sign-out"),
        Binding("r", "wish('refresh')", "Refresh", tooltip="Refresh this login", id="accounts.refresh"),
        Binding("y", "copy", "Copy", show=False, tooltip="Copy this row", id="accounts.copy"),
        Binding("a,q,escape", "close", "Back", tooltip="Back to the dashboard", id="accounts.close"),
    ]

    class Switched(Message):
        def __init__(self, done: bool, text: str, snapshot: Snapshot) -> None:
            super().__init__()
            self.done, self.text, self.snapshot = done, text, snapshot

    def __init__(self, doors: Doors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__()
        self.doors, self.told = doors, told
        self.take(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.accounts = {f"{a.store}:{a.name or ''}": a for a in list_accounts(snapshot)}

    def compose(self) -> ComposeResult:
        yield ActionTitle("accounts", self.snapshot.machine)
        yield ActiveLine(lambda width: active_account_lines([*self.accounts.values()], width), id="active")
        view = RowView(self._rows, id="accounts", classes="panel")
        view.about = (
            "Every login stored on this machine, by store. The star marks the one that its program uses. "
            "Claude Code has one login; the SDK’s store can hold several, and s switches between them."
        )
        view.entitle("Accounts")
        yield view
        yield Hints(id="hints")

    def _rows(self, width: int) -> list[Row]:
        return account_rows(self.accounts, self.doors.clock(), width)

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    @property
    def account(self) -> Account | None:
        return self.accounts.get(self.query_one(RowView).cursor or "")

    def refusal(self, action: str) -> str | None:
        account = self.account
        if action == "switch":
            if account is None:
                return "there is no account here"
            if account.active:
                return "this one is the active one already"
            if account.store != "sdk":
                return "only accounts in the SDK’s store can be switched"
        if action in ("wish('sign-out')", "wish('refresh')"):
            if account is None:
                return "there is no account here"
            if account.store == "claw":
                return "claw’s login belongs to claw: it is only read here"
        return None

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.refresh_bindings()

    @on(RowView.Chosen)
    def chosen(self) -> None:
        self.action_switch()

    def action_switch(self) -> None:
        refused, account = self.refusal("switch"), self.account
        if refused is not None or account is None or account.name is None:
            self.say(refused or "this one has no name to switch to")
            return
        name = account.name
        if not any(a.store == "sdk" and a.active for a in self.accounts.values()):
            self.switch(name, None)
            return
        from claude_auth.app.screens.consent_dialogs import Naming

        def named(keep_as: str | None) -> None:
            if keep_as:
                self.switch(name, keep_as)

        words = f"{name} becomes the active account. Under which name is the one that is active now kept?"
        self.app.push_screen(Naming("Switch", words), named)

    @work(thread=True, exclusive=True, exit_on_error=False, group="switch")
    def switch(self, name: str, keep_as: str | None) -> None:
        done, text = self.doors.switch(name, keep_as)
        self.post_message(self.Switched(done, text, self.doors.look()))

    @on(Switched)
    def switched(self, message: Switched) -> None:
        level = "info" if message.done else "error"
        event = Event(self.doors.clock(), "accounts.switched", clean(message.text, 300), level, "sdk")  # type: ignore[arg-type]
        self.doors.journal.write(event)
        self.told(event)
        self.take(message.snapshot)
        self.query_one(RowView).show()
        self.query_one(ActiveLine).show()
        self.refresh_bindings()
        self.say(event.text)

    def action_wish(self, what: str) -> None:
        if not self.refuses(f"wish('{what}')"):
            self.dismiss(Wish(what, self.account))

    def action_copy(self) -> None:
        self.send_to_clipboard(self.query_one(RowView).copied())

    def action_close(self) -> None:
        self.dismiss(None)
