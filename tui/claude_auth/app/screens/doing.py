"""The part of the dashboard that opens what changes something, and looks again after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from claude_auth.app.screens.asking import Asking
from claude_auth.app.watcher import MOST_CHANGES
from claude_auth.changes import Change
from claude_auth.model import Event
from claude_auth.wording import Role

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Account
    from claude_auth.actions.run_command import Finished
    from claude_auth.app.screens.accounts import Wish
    from claude_auth.app.screens.cloud_doors import CloudDoors
    from claude_auth.app.screens.doors import Doors, Opening
    from claude_auth.app.screens.sign_out import SignOutClaudeScreen, SignOutOwnScreen

ACTIONS: list[BindingType] = [
    Binding(
        "l", "sign_in", "Sign in", id="sign-in", tooltip="Sign in: Claude account, or your own OAuth client"
    ),
    Binding(
        "r",
        "refresh_login",
        "Refresh",
        id="refresh",
        tooltip="Refresh a login: who holds which lock, what happens, what it came to",
    ),
    Binding("p", "explain", "Explain", id="explain", tooltip="Explain an error: paste it, or drop a log"),
]
#: Less often needed: behind the others, where the footer has room for them.
FURTHER: list[BindingType] = [
    Binding(
        "g", "full_log", "Log", id="log.open", tooltip="The full log: our journal, and what Claude Code does"
    ),
    Binding(
        "f", "fix", "Fix", id="fix", tooltip="Show how the finding under the cursor can be fixed, and ask"
    ),
    Binding("a", "accounts", "Accounts", id="accounts", tooltip="The logins of this machine; switch"),
    Binding(
        "w", "cloud", "Cloud", id="cloud", tooltip="AWS, Google, Foundry, gateways: who you would be there"
    ),
    Binding(
        "o", "sign_out", "Sign out", show=False, id="sign-out", tooltip="Sign out of a login; asks first"
    ),
    Binding("b", "probe", "Probe", show=False, id="probe", tooltip="Send one live request; shown first"),
    Binding(
        "n",
        "network",
        "Network",
        show=False,
        id="network",
        tooltip="Look at the way to each host; asks first",
    ),
    Binding(
        "x",
        "run",
        "Run",
        show=False,
        id="run",
        tooltip="Run a configured refresh or helper command, and see what it prints; asks first",
    ),
    Binding("u,f5", "look", "Look again", show=False, id="look", tooltip="Look at the machine again, now"),
]


EARLY = ("diagnose", "evaluate", "client.choose", "panel.zoom")


def with_actions(table: Sequence[BindingType]) -> list[BindingType]:
    """The table with these in it, in place of those that had their ids. The footer drops from
    the end what has no room, so the order is that of importance."""
    own = {binding.id for binding in (*ACTIONS, *FURTHER) if isinstance(binding, Binding)}
    kept = [one for one in table if not (isinstance(one, Binding) and one.id in own)]
    *before, zoom = early = [one for one in kept if isinstance(one, Binding) and one.id in EARLY]
    log, *further = FURTHER
    return [*ACTIONS, *before, log, zoom, *further, *(one for one in kept if one not in early)]


_ROLES: dict[str, Role] = {"error": "fail", "warning": "warn", "info": "plain"}
NOT_HERE = "no login is stored here that could be"


class Doing(Asking):
    """The screens are imported when they are opened."""

    _doors: Doors | None = None
    _cloud: CloudDoors | None = None

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
        from claude_auth.app.screens.sign_in import SignIn

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

    def action_explain(self) -> None:
        from claude_auth.app.screens.explain import Explain
        from claude_auth.app.screens.explain_doors import ExplainDoors

        self.app.push_screen(Explain(ExplainDoors(self.doors), self.scene.snapshot))

    def action_probe(self) -> None:
        from claude_auth.app.screens.probe import ProbeScreen
        from claude_auth.app.screens.probe_doors import ProbeDoors

        doors = ProbeDoors(self.doors, self.eyes)
        self.app.push_screen(ProbeScreen(doors, self.scene.snapshot, self.told), self.came_back)

    def action_network(self) -> None:
        from claude_auth.app.screens.network import NetworkScreen
        from claude_auth.app.screens.network_doors import NetworkDoors

        doors = NetworkDoors(self.doors)
        self.app.push_screen(NetworkScreen(doors, self.scene.snapshot, self.told))

    def action_cloud(self) -> None:
        from claude_auth.app.screens.cloud import Cloud

        if self._cloud is None:
            from claude_auth.app.screens.cloud_doors import CloudDoors

            self._cloud = CloudDoors(self.doors)
        self.app.push_screen(Cloud(self._cloud, self, self.told), self.came_back)

    # ── a command ────────────────────────────────────────────────────────────────────────────────

    def action_run(self) -> None:
        from claude_auth.app.screens.run import open_run

        open_run(self, self.doors, self.scene.snapshot, self.told, (), self.ran)

    def ran(self, finished: Finished | None) -> None:
        """What it gave is known from here on, as after an evaluation; a look that began before it isn't."""
        if finished is None:
            return
        self.workers.cancel_group(self, "observe")
        self._looking = False
        snapshot = self.scene.snapshot
        runs = {**snapshot.runs, finished.run.setting: finished.run}
        self.scene = self.scene._replace(snapshot=replace(snapshot, runs=runs))
        self.look()

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
            from claude_auth.wording_actions import store_words

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
        from claude_auth.app.screens.sign_out import (
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
        from claude_auth.app.screens.refresh import Refresh

        store = None
        if account.store != "claude-code":
            store = self._open(account).store
            if store is None:
                return
        self.app.push_screen(Refresh(self.doors, self.scene.snapshot, store, self.told), self.came_back)

    def _open(self, account: Account) -> Opening:
        opening = self.doors.open_known(account.store, account.name)
        if opening.store is None:
            self.say(opening.problem or "that store can’t be opened")
        return opening
