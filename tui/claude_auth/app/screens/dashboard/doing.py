"""The part of the dashboard that opens what changes something, and looks again after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from claude_auth.app.screens.dashboard.asking import Asking
from claude_auth.app.watcher import MOST_CHANGES
from claude_auth.journal.changes import Change
from claude_auth.model import Event
from claude_auth.words import TextStyle

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Account
    from claude_auth.app.screens.accounts import Wish
    from claude_auth.app.screens.doors import Doors

_ROLES: dict[str, TextStyle] = {"error": "fail", "warning": "warn", "info": "plain"}
NOT_HERE = "no login is stored here that could be"


class Doing(Asking):
    """The screens are imported when they are opened."""

    @property
    def doors(self) -> Doors:
        """For the program that asks now."""
        self.services.client = self.scene.resolution.client
        return cast("Doors", self.services)

    def told(self, event: Event) -> None:
        """What an action did stands in the log with what changed by it."""
        source = "stored-login" if event.store == "claude-code" else None
        news = Change(event.at, event.text, _ROLES[event.level], source)
        self.scene = self.scene._replace(log=(*self.scene.log, news)[-MOST_CHANGES:])

    def came_back(self, started: bool | None) -> None:
        if started:
            self.look()

    def action_sign_in(self) -> None:
        from claude_auth.app.screens.sign_in import SignInScreen

        self.app.push_screen(SignInScreen(self.doors, self.scene.snapshot), self.came_back)

    def action_full_log(self) -> None:
        from claude_auth.app.screens.log import LogScreen

        machine = self.scene.snapshot.machine
        self.app.push_screen(LogScreen.of(self.doors, over_ssh=machine.over_ssh))

    def action_accounts(self) -> None:
        from claude_auth.app.screens.accounts import AccountsScreen

        def wished(wish: Wish | None) -> None:
            self.look()
            if wish is None:
                return
            if wish.what == "sign-in":
                self.action_sign_in()
            elif wish.account is not None and wish.what == "sign-out":
                self.sign_out(wish.account)
            elif wish.account is not None:
                self.refresh_login(wish.account)

        self.app.push_screen(AccountsScreen(self.doors, self.scene.snapshot), wished)

    # ── which login ──────────────────────────────────────────────────────────────────────────────

    def action_sign_out(self) -> None:
        self._which("Sign out of which login?", self.sign_out, "signed out of")

    def action_refresh_login(self) -> None:
        self._which("Refresh which login?", self.refresh_login, "refreshed")

    def _which(self, title: str, go_on: Callable[[Account], None], done: str) -> None:
        from claude_auth.actions.accounts import list_accounts

        accounts = [account for account in list_accounts(self.scene.snapshot) if account.store != "claw"]
        if not accounts:
            self.say(f"{NOT_HERE} {done}: l signs in")
        elif len(accounts) == 1:
            go_on(accounts[0])
        else:
            from claude_auth.app.screens.chooser import Choice, Chooser
            from claude_auth.present.actions import store_words

            choices = [
                Choice(str(number), store_words(one.store, one.name), one.email or one.expiry or "")
                for number, one in enumerate(accounts)
            ]

            def chosen(number: str | None) -> None:
                if number is not None:
                    go_on(accounts[int(number)])

            self.app.push_screen(Chooser(title, choices), chosen)

    # ── one login ────────────────────────────────────────────────────────────────────────────────

    def sign_out(self, account: Account) -> None:
        from claude_auth.app.screens.sign_out import sign_out

        symptoms = {number for finding in self.scene.findings for number in finding.symptoms}

        async def ask() -> None:
            self.came_back(await sign_out(self, self.doors, self.scene.snapshot, account, symptoms))

        self.run_worker(ask(), exclusive=True, exit_on_error=False, group="ask")

    def refresh_login(self, account: Account) -> None:
        from claude_auth.app.screens.refresh import RefreshScreen

        store = None
        if account.store != "claude-code":
            opening = self.doors.logins.open_known(account.store, account.name)
            store = opening.store
            if store is None:
                self.say(opening.problem or "that store can’t be opened")
                return
        self.app.push_screen(RefreshScreen(self.doors, self.scene.snapshot, store), self.came_back)
