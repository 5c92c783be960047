"""The part of the dashboard that opens what changes something, and looks again after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from claude_auth.app.screens.dashboard.asking import Asking
from claude_auth.app.watcher import MOST_CHANGES
from claude_auth.journal.changes import Change
from claude_auth.model import Event
from claude_auth.words import TextStyle

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Account, OpenedStore
    from claude_auth.app.screens.accounts import Wish
    from claude_auth.app.screens.doors import Doors
    from claude_auth.app.screens.sign_in.sign_out import SignOutClaudeScreen, SignOutOwnScreen

_ROLES: dict[str, TextStyle] = {"error": "fail", "warning": "warn", "info": "plain"}
NOT_HERE = "no login is stored here that could be"


class Doing(Asking):
    """The screens are imported when they are opened."""

    _doors: Doors | None = None

    @property
    def doors(self) -> Doors:
        if self._doors is None:
            from claude_auth.app.screens.doors import Doors

            self._doors = Doors(self.eyes, home=self.scene.home, version=self.version)
        resolution = self.scene.resolution
        self._doors.client = resolution.client
        return self._doors

    @doors.setter
    def doors(self, doors: Doors) -> None:
        self._doors = doors

    def told(self, event: Event) -> None:
        """What an action did stands in the log with what changed by it."""
        source = "stored-login" if event.store == "claude-code" else None
        news = Change(event.at, event.text, _ROLES[event.level], source)
        self.scene = self.scene._replace(log=(*self.scene.log, news)[-MOST_CHANGES:])

    def came_back(self, started: bool | None) -> None:
        if started:
            self.look()

    def action_sign_in(self) -> None:
        from claude_auth.app.screens.sign_in.menu import SignIn

        self.app.push_screen(SignIn(self.doors, self.scene.snapshot, self.told), self.came_back)

    def action_full_log(self) -> None:
        from claude_auth.app.screens.log import LogScreen

        machine = self.scene.snapshot.machine
        self.app.push_screen(LogScreen.of(self.eyes, home=self.scene.home, over_ssh=machine.over_ssh))

    def action_accounts(self) -> None:
        from claude_auth.app.screens.accounts import Accounts

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

        self.app.push_screen(Accounts(self.doors, self.scene.snapshot, self.told), wished)

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
        from claude_auth.app.screens.sign_in.sign_out import (
            SignOutClaudeScreen,
            SignOutOwnScreen,
            question_for_claude,
            question_for_own,
        )

        if account.store == "claude-code":
            if not self.scene.snapshot.installed:
                self.say("Claude Code isn’t installed here, and it alone may sign out of its store")
                return
            symptoms = {number for finding in self.scene.findings for number in finding.symptoms}
            question = question_for_claude(self.scene.snapshot, symptoms)
            screen: SignOutClaudeScreen | SignOutOwnScreen = SignOutClaudeScreen(
                self.doors, self.scene.snapshot, self.told
            )
        else:
            opening = self._open(account)
            if opening.store is None:
                return
            question = question_for_own(opening.store, self.scene.home)
            screen = SignOutOwnScreen(self.doors, self.scene.snapshot, opening.store, self.told)

        def answered(agreed: bool | None) -> None:
            if agreed:
                self.app.push_screen(screen, self.came_back)
            else:
                self.say("nothing was changed")

        self.app.push_screen(question, answered)

    def refresh_login(self, account: Account) -> None:
        from claude_auth.app.screens.refresh.screen import Refresh

        store = None
        if account.store != "claude-code":
            store = self._open(account).store
            if store is None:
                return
        self.app.push_screen(Refresh(self.doors, self.scene.snapshot, store, self.told), self.came_back)

    def _open(self, account: Account) -> OpenedStore:
        opening = self.doors.open_known(account.store, account.name)
        if opening.store is None:
            self.say(opening.problem or "that store can’t be opened")
        return opening
