"""How each screen and dialog over the dashboard is opened, by its key or as a remedy, and what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.watcher import KeptTrue
from claude_auth.model import Finding, Fix, first_action
from claude_auth.present.dashboard_state import DashboardState
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Account
    from claude_auth.app.screens.diagnose import DiagnoseScreen
    from claude_auth.app.screens.explain import ExplainScreen
    from claude_auth.app.screens.fix import FixScreen
    from claude_auth.app.screens.probe import ProbeScreen
    from claude_auth.present.diagnosis import Diagnosis

NOT_HERE = "no login is stored here that could be"


class Openings:
    """Each opening is a coroutine of a worker of `screen`, the dashboard: it waits for what it opens, one
    after the other. `kept`: the same dashboard, as what keeps its state true. The remedy that led there is
    None where a key did. Screens are imported when they are opened: most sessions open few."""

    def __init__(self, screen: BaseScreen[None], kept: KeptTrue, services: Services) -> None:
        self.screen, self.kept, self.services = screen, kept, services

    @property
    def scene(self) -> DashboardState:
        return self.kept.scene

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        self.screen.run_worker(work, exclusive=True, exit_on_error=False, group="ask")

    def open(self, id: str) -> None:
        """By its key: what stands in the table of actions under that id."""
        self.begin(OPENINGS[id](self, None))

    async def go_to(self, remedy: Fix) -> None:
        """As the key of its action would begin it."""
        if remedy.action is not None:
            await OPENINGS[remedy.action](self, remedy)

    async def _changed_in(self, screen: Screen[bool]) -> None:
        """What was changed on that screen is looked at once it is left."""
        if await self.screen.wait_for(screen):
            self.kept.look()

    async def _left_for_remedy(
        self, screen: DiagnoseScreen | ExplainScreen | FixScreen | ProbeScreen
    ) -> None:
        """A screen that may be left for an action."""
        await self._changed_in(screen)
        if screen.remedy is not None:
            await self.go_to(screen.remedy)

    # ── logins ───────────────────────────────────────────────────────────────────────────────────

    async def sign_in(self, remedy: Fix | None = None) -> None:
        """A remedy may tell that the login is for a store of ours."""
        from claude_auth.app.screens.sign_in import SignInScreen

        own = "sdk" if remedy is not None and remedy.about else None
        await self._changed_in(SignInScreen(self.services, self.scene.snapshot, own))

    async def sign_out(self, remedy: Fix | None = None) -> None:
        from claude_auth.actions.accounts import accounts_to_sign_out

        accounts = accounts_to_sign_out(self.scene.snapshot, self.scene.resolution)
        account = await self._chosen("Sign out of which login?", accounts, remedy, "signed out of")
        if account is not None:
            await self._sign_out_of(account)

    async def refresh(self, remedy: Fix | None = None) -> None:
        from claude_auth.actions.accounts import accounts_to_refresh

        accounts = accounts_to_refresh(self.scene.snapshot)
        account = await self._chosen("Refresh which login?", accounts, remedy, "refreshed")
        if account is not None:
            await self._refresh(account)

    async def _chosen(
        self, title: str, accounts: Sequence[Account], remedy: Fix | None, done: str
    ) -> Account | None:
        """The login that is advised about is the first, Claude Code's own."""
        from claude_auth.app.dialogs.choose import ChooseDialog, Option
        from claude_auth.present.actions import store_words

        if not accounts:
            self.screen.show_notice(f"{NOT_HERE} {done}: l signs in")
            return None
        if remedy is not None or len(accounts) == 1:
            return accounts[0]
        options = [
            Option(str(number), store_words(one.store, one.name), one.email or one.expiry or "")
            for number, one in enumerate(accounts)
        ]
        chosen = await self.screen.wait_for(ChooseDialog(title, options))
        return None if chosen is None else accounts[int(chosen)]

    async def _sign_out_of(self, account: Account) -> None:
        from claude_auth.app.screens.sign_out import sign_out

        symptoms = {number for finding in self.scene.findings for number in finding.symptoms}
        if await sign_out(self.screen, self.services, self.scene.snapshot, account, symptoms):
            self.kept.look()

    async def _refresh(self, account: Account) -> None:
        from claude_auth.app.screens.refresh import RefreshScreen

        store = None
        if account.store != "claude-code":
            opened = self.services.logins.open_known(account.store, account.name)
            store = opened.store
            if store is None:
                self.screen.show_notice(opened.problem or "that store can't be opened")
                return
        await self._changed_in(RefreshScreen(self.services, self.scene.snapshot, store))

    async def accounts(self, _: Fix | None = None) -> None:
        from claude_auth.app.screens.accounts import AccountsScreen

        wish = await self.screen.wait_for(AccountsScreen(self.services, self.scene.snapshot))
        self.kept.look()
        if wish is not None and wish.what == "sign-in":
            await self.sign_in()
        elif wish is not None and wish.account is not None:
            await (self._sign_out_of if wish.what == "sign-out" else self._refresh)(wish.account)

    async def set_up(self, _: Fix | None = None, *, by_itself: bool = False) -> None:
        """`by_itself`: only where the second look, which takes longer, finds nothing at all either."""
        from claude_auth.app.screens.set_up import SetUpScreen

        set_up = await asyncio.to_thread(self.services.set_up)
        if set_up is None:
            self.screen.show_notice("not from here: it is not known from where this machine is looked at")
        elif not by_itself or (set_up.is_needed and self.screen.app.screen is self.screen):
            await self._changed_in(SetUpScreen(self.services, set_up))

    # ── what is asked ────────────────────────────────────────────────────────────────────────────

    async def choose_client(self, _: Fix | None = None) -> None:
        from claude_auth.app.dialogs.choose import client_menu

        client = await self.screen.wait_for(client_menu(self.scene.resolution.client))
        if client is not None:
            self.kept.ask_as(client)

    async def evaluate(self, _: Fix | None = None) -> None:
        """What only running tells."""
        if self.screen.refuses("open('evaluate')"):
            return
        from claude_auth.app.dialogs.confirm import agreed_to_evaluate
        from claude_auth.present.consent import evaluating_words

        asking = self.services.asking
        asked_about = asking.evaluation(self.scene.snapshot, self.scene.resolution.client)
        agreed = await agreed_to_evaluate(self.screen, asked_about)
        if agreed is None:
            return
        if asking.evaluation(self.scene.snapshot, self.scene.resolution.client) == asked_about:
            self.kept.evaluate(agreed, evaluating_words(asked_about, agreed))
        else:  # files are looked at below the question, too
            self.screen.show_notice("nothing was run: what would be run has changed meanwhile; press e again")

    async def run(self, remedy: Fix | None = None) -> None:
        """All that could be run where nothing is advised."""
        from claude_auth.app.screens.run_choosing import choose_and_run, kinds_of

        kinds = kinds_of(remedy.about if remedy is not None else "")
        snapshot = self.scene.snapshot
        self.kept.ran(await choose_and_run(self.screen, self.services, snapshot, kinds, advised=remedy))

    async def probe(self, remedy: Fix | None = None) -> None:
        from claude_auth.app.screens.probe import ProbeScreen

        screen = ProbeScreen(self.services, self.scene.snapshot, asks_at_once=remedy is not None)
        await self._left_for_remedy(screen)

    async def network(self, _: Fix | None = None) -> None:
        from claude_auth.app.screens.network import NetworkScreen

        await self.screen.wait_for(NetworkScreen(self.services, self.scene.snapshot))

    async def cloud(self, remedy: Fix | None = None) -> None:
        from claude_auth.app.screens.cloud import CloudScreen

        await self._changed_in(CloudScreen(self.services, self.kept, asks_at_once=remedy is not None))

    # ── what is wrong, and what helps ────────────────────────────────────────────────────────────

    async def diagnose(self, _: Fix | None = None) -> None:
        """At the finding under the cursor, where the person moved it there; else at the most urgent one."""
        scene = self.scene
        await self.diagnosis_at(scene.finding if scene.focused == "findings" and scene.moved else None)

    async def diagnosis_at(self, row: str | None) -> None:
        from claude_auth.app.screens.diagnose import DiagnoseScreen

        screen = DiagnoseScreen(self.services, self.scene, at=row, follows=self.screen)
        await self._left_for_remedy(screen)

    async def explain(self, _: Fix | None = None) -> None:
        from claude_auth.app.screens.explain import ExplainScreen

        await self._left_for_remedy(ExplainScreen(self.services, self.scene.snapshot))

    async def explain_pasted(self, text: Secret) -> None:
        """In no worker, whose coroutine would keep the text as long as the screen is there."""
        from claude_auth.app.screens.explain import ExplainScreen

        screen = ExplainScreen(self.services, self.scene.snapshot)

        def left(_: bool | None) -> None:
            if screen.remedy is not None:
                self.begin(self.go_to(screen.remedy))

        await self.screen.app.push_screen(screen, left)
        screen.take(text)

    async def fix(self, remedy: Fix | None = None) -> None:
        if remedy is not None:
            await self._fix_named(remedy.about)
        elif not self.screen.refuses("open('fix')") and self.scene.subject is not None:
            await self._fix_finding(self.scene.subject)

    async def _fix_finding(self, finding: Finding) -> None:
        """What one key does about it: a change of ours before what else is an action; where there is neither,
        what can be copied is shown."""
        diagnosis = await asyncio.to_thread(self.services.fixing.diagnose, self.scene.snapshot)
        known = [one for one in diagnosis.findings if (one.id, one.source) == (finding.id, finding.source)]
        subject = known[0] if known else finding
        remedy = first_action(subject.fixes)
        if remedy is not None and remedy.action != "fix":
            await self.go_to(remedy)
        else:
            await self._choose_fix(diagnosis, subject, "" if remedy is None else remedy.about)

    async def _fix_named(self, id: str) -> None:
        """`id`: of a fix; its finding may be one that only a longer look shows."""
        fixing = self.services.fixing
        diagnosis = await asyncio.to_thread(lambda: fixing.diagnose(fixing.look(self.scene.snapshot)))
        finding = {preview.id: preview.finding for preview in diagnosis.previews}.get(id)
        found = [one for one in diagnosis.findings if one.id == finding]
        if found:
            await self._choose_fix(diagnosis, found[0], id)
        else:
            self.screen.show_notice("that is no longer found here: there is nothing left to fix")

    async def _choose_fix(self, diagnosis: Diagnosis, finding: Finding, wanted: str = "") -> None:
        from claude_auth.app.screens.fix import FixScreen
        from claude_auth.app.screens.fix_choices import Fixes

        ready = diagnosis if diagnosis.snapshot.more is not None else None
        choices = Fixes(self.services, diagnosis.snapshot, finding, ready, wanted)
        await self._left_for_remedy(FixScreen(self.services, choices, asks_at_once=True))

    async def undo(self, _: Fix | None = None) -> None:
        from claude_auth.app.screens.fix import FixScreen
        from claude_auth.app.screens.fix_choices import Undos

        await self._changed_in(FixScreen(self.services, Undos(self.services, self.scene.snapshot)))

    # ── what is seen ─────────────────────────────────────────────────────────────────────────────

    async def log(self, _: Fix | None = None) -> None:
        from claude_auth.app.screens.log import open_log

        open_log(self.screen, self.services, self.scene.snapshot)

    async def wire(self, _: Fix | None = None) -> None:
        """What is sent, which the dashboard shows itself."""
        await self.screen.run_action("panel('wire')")


#: By the id in the table of actions, which is the name of a remedy's action too.
OPENINGS: Mapping[str, Callable[[Openings, Fix | None], Coroutine[Any, Any, None]]] = {
    "accounts": Openings.accounts,
    "client.choose": Openings.choose_client,
    "cloud": Openings.cloud,
    "diagnose": Openings.diagnose,
    "evaluate": Openings.evaluate,
    "explain": Openings.explain,
    "fix": Openings.fix,
    "log.open": Openings.log,
    "network": Openings.network,
    "panel.wire": Openings.wire,
    "probe": Openings.probe,
    "refresh": Openings.refresh,
    "run": Openings.run,
    "set-up": Openings.set_up,
    "sign-in": Openings.sign_in,
    "sign-out": Openings.sign_out,
    "undo.open": Openings.undo,
}
