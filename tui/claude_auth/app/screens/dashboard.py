"""The one screen: it paints what `present.dashboard` lays out, keeps that true, and opens the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.cells import cached_cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.reactive import var
from textual.screen import Screen

from claude_auth.actions.look import advised
from claude_auth.app.actions import METHODS, bindings
from claude_auth.app.key_hints import dashboard_refusal
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.services import Services
from claude_auth.app.watcher import HostWatcher
from claude_auth.app.widgets.dashboard_view import DashboardView
from claude_auth.app.widgets.hints import Hints
from claude_auth.model import Event, Finding, Fix, first_action
from claude_auth.present.dashboard_state import PANELS, DashboardState, PanelName, turned_between
from claude_auth.security.secret import Secret
from claude_auth.sources import BY_ID
from claude_auth.words import client_label

if TYPE_CHECKING:
    from claude_auth.actions.accounts import Account
    from claude_auth.actions.run_command import RunResult
    from claude_auth.app.screens.diagnose import DiagnoseScreen
    from claude_auth.app.screens.explain import ExplainScreen
    from claude_auth.app.screens.fix import FixScreen
    from claude_auth.app.widgets.fields import FilterLine
    from claude_auth.present.consent import EvaluationRequest
    from claude_auth.present.diagnosis import Diagnosis

#: After so many events what rich remembers of texts and their width is mostly of texts that are gone: up to
#: 4,096 of them, 1 MB.
FORGETS_AFTER = 100
NOT_HERE = "no login is stored here that could be"


class Dashboard(BaseScreen[None], inherit_bindings=False):
    """`scene` is what stands on the screen. Other screens are imported when they are opened: most sessions
    open few; what they changed is looked at when they are left."""

    AUTO_FOCUS = "#view"
    BINDINGS = bindings("dashboard")

    scene: var[DashboardState] = var(None, init=False)  # type: ignore[arg-type]

    def __init__(self, services: Services, scene: DashboardState) -> None:
        super().__init__()
        self.services = services
        self.watcher, self._told = HostWatcher(self, services), 0
        services.on_event, services.client = self.told, scene.resolution.client
        self.set_reactive(Dashboard.scene, scene)

    def compose(self) -> ComposeResult:
        others = 1 if self.services.demo is None else 2
        yield DashboardView(self.scene, self.change, id="view", others=others)
        yield Hints(id="hints")

    @property
    def view(self) -> DashboardView:
        return self.query_one(DashboardView)

    def on_mount(self) -> None:
        self.call_after_refresh(lambda: self.watcher.start(self.scene))
        blocked = self.scene.resolution.blocked
        if blocked is not None and blocked.code == "no-credential" and self.services.host.context is not None:
            work = self._set_up(by_itself=True)  # what is typed meanwhile is for this screen
            self.run_worker(work, exclusive=True, exit_on_error=False, group="set-up")

    def on_unmount(self) -> None:
        self.services.activity.close()

    def change(self, scene: DashboardState) -> None:
        self.scene = scene

    def validate_scene(self, scene: DashboardState) -> DashboardState:
        """As it is possible on a screen of this size, which is what stands there from now on."""
        return self.view.paint(scene) if self.query(DashboardView) else scene

    def watch_scene(self, before: DashboardState, scene: DashboardState) -> None:
        if before.chosen != scene.chosen:
            self.watcher.wait_for_next_turn(scene)
        self.services.client = scene.resolution.client
        self.refresh_bindings()

    # ── keeping it true ──────────────────────────────────────────────────────────────────────────

    def look(self) -> None:
        self.watcher.look(self.scene)

    @on(HostWatcher.FilesChanged)
    def files_changed(self) -> None:
        self.watcher.look_after_change(self.scene)

    @on(HostWatcher.WholeLookDue)
    def whole_look_due(self) -> None:
        self.look()

    @on(HostWatcher.Observed)
    def observed(self, event: HostWatcher.Observed) -> None:
        old, resolution, findings = self.scene, event.resolution, event.findings
        if resolution.client != old.resolution.client:  # the client was switched while we looked
            resolution, findings = advised(event.snapshot, old.resolution.client, self.services.version)
        self.scene = old.with_events(event.news)._replace(
            snapshot=event.snapshot,
            resolution=resolution,
            findings=findings,
            now=self.services.host.clock(),
            changed_at=event.snapshot.observed_at if event.news else old.changed_at,
        )
        if event.notice:
            self.show_notice(event.notice)
        self.watcher.seen(self.scene)
        self._told += len(event.news)
        if self._told >= FORGETS_AFTER:
            self._told = 0
            cached_cell_len.cache_clear()

    @on(HostWatcher.Evaluated)
    def evaluated(self, event: HostWatcher.Evaluated) -> None:
        self.watcher.evaluated(self.scene, event)

    @on(HostWatcher.Written)
    def written(self, event: HostWatcher.Written) -> None:
        self.scene = self.scene.with_events(event.news)

    @on(HostWatcher.TimePassed)
    def time_passed(self) -> None:
        before, now = self.scene, self.services.host.clock()
        self.scene = before.at(now)
        self.watcher.wait_for_next_turn(self.scene)
        due = self.services.activity.next_look
        if turned_between(before, now):
            self.look()
        elif due is not None and due <= now:
            self.watcher.look_after_change(self.scene)

    def after_worker(self, group: str, error: BaseException | None) -> None:
        if error is not None and group == "watch":
            self.scene = self.scene._replace(watching="not watching: press u")
        elif error is not None and group not in ("observe", "evaluate", "ready"):
            super().after_worker(group, error)
        elif error is not None:
            self.watcher.failed()
            self.show_notice(f"that look failed ({type(error).__name__}); what stands here is from before")

    def told(self, event: Event) -> None:
        """What an action did stands in the log with what changed by it."""
        self.scene = self.scene.with_events([event])

    # ── what was done in a panel ─────────────────────────────────────────────────────────────────

    @on(DashboardView.Chosen)
    def row_chosen(self, event: DashboardView.Chosen) -> None:
        if event.panel == "findings":
            self.open_diagnosis(event.row)
        elif event.panel == "ladder":
            self.scene = self.scene._replace(focused="source", zoomed=True)
        else:
            self.open_event(self.scene.log[int(event.row)])

    def open_event(self, event: Event) -> None:
        """What happened to a source leads to that source, anything else is told in full."""
        from claude_auth.app.dialogs.journal import event_dialog
        from claude_auth.journal import JournalEntry

        source = "stored-login" if event.store == "claude-code" else event.data.get("source")
        if isinstance(source, str) and source in BY_ID:
            self.scene = self.scene._replace(zoomed=False)
            self.show_source(source)
        else:
            self.app.push_screen(event_dialog(JournalEntry(event), self.scene.home))

    def on_input_changed(self, event: FilterLine.Changed) -> None:
        if self.scene.focused == "log":
            self.scene = self.scene._replace(needle_log=event.value)
        else:
            self.scene = self.scene._replace(needle=event.value)

    async def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        await self.query("#filter").remove()
        self.scene = self.scene._replace(typing=False)
        self.view.focus()

    # ── going about ──────────────────────────────────────────────────────────────────────────────

    def show_source(self, source: str) -> None:
        """The cursor on a source, and its panel shown."""
        self.scene = self.scene.showing(source)

    def action_panel(self, name: PanelName) -> None:
        self.scene = self.scene.on_panel(name)

    def action_places(self) -> None:
        """List the places that hold nothing, or have them in one line."""
        self.scene = self.scene._replace(opened=not self.scene.opened).on_panel("ladder")

    def action_next_panel(self, steps: int) -> None:
        self.action_panel(PANELS[(PANELS.index(self.scene.focused) + steps) % len(PANELS)])

    async def action_filter(self) -> None:
        """Of the log where it has the keys, else of the ladder."""
        from claude_auth.app.widgets.fields import FilterLine

        focused: PanelName = "log" if self.scene.focused == "log" else "ladder"
        self.scene = self.scene._replace(focused=focused, typing=True)
        line = FilterLine(self.scene.needle_log if focused == "log" else self.scene.needle, id="filter")
        await self.mount(line, before="#hints")
        line.focus()

    def action_zoom(self) -> None:
        self.scene = self.scene._replace(zoomed=not self.scene.zoomed)

    def action_back(self) -> None:
        """One thing at a time: the zoom, then the filters."""
        if self.scene.zoomed:
            self.scene = self.scene._replace(zoomed=False)
        elif self.scene.needle or self.scene.needle_log:
            self.scene = self.scene._replace(needle="", needle_log="")
        else:
            self.show_notice("there is nothing to go back from: q quits")

    def action_copy(self) -> None:
        self.send_to_clipboard(self.view.copied())

    def action_look(self) -> None:
        self.watcher.look(self.scene, "looked again")

    # ── who asks, and what only running tells ────────────────────────────────────────────────────

    def refusal(self, action: str) -> str | None:
        services = self.services
        return dashboard_refusal(action, self.scene, services.version, services.host.ours)

    def action_evaluate(self) -> None:
        self._ask(self._evaluate())

    async def _evaluate(self) -> None:
        if self.refuses("evaluate"):
            return
        from claude_auth.app.dialogs.confirm import agreed_to_evaluate

        def wanted() -> tuple[EvaluationRequest, ...]:
            return self.services.asking.evaluation(self.scene.snapshot, self.scene.resolution.client)

        asked_about = wanted()
        agreed = await agreed_to_evaluate(self, asked_about)
        if agreed is not None and wanted() != asked_about:  # files are looked at below the question, too
            self.show_notice("nothing was run: what would be run has changed meanwhile; press e again")
        elif agreed is not None:
            self.watcher.evaluate(self.scene, agreed)

    def action_client(self) -> None:
        self._ask(self._choose_client())

    async def _choose_client(self) -> None:
        from claude_auth.app.dialogs.choose import client_menu

        client = await self.wait_for(client_menu(self.scene.resolution.client))
        if client is not None:
            self.ask_as(client)

    def ask_as(self, client: str) -> None:
        """Answer for another program; nothing is looked at again."""
        self.scene = self.scene.asked_by(client, self.services.version)
        self.show_notice(f"this is for {client_label(client)} now")

    # ── screens and dialogs ──────────────────────────────────────────────────────────────────────

    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for dialogs and screens, one after the other."""
        self.run_worker(work, exclusive=True, exit_on_error=False, group="ask")

    def _open(self, screen: Screen[bool]) -> None:
        self.app.push_screen(screen, self.came_back)

    def came_back(self, started: bool | None) -> None:
        if started:
            self.look()

    def action_sign_in(self) -> None:
        self._sign_in()

    def _sign_in(self, own: str | None = None) -> None:
        """`own`: into which store of ours, where the cursor is to stand."""
        from claude_auth.app.screens.sign_in import SignInScreen

        self._open(SignInScreen(self.services, self.scene.snapshot, own))

    def action_set_up(self) -> None:
        self._ask(self._set_up())

    async def _set_up(self, *, by_itself: bool = False) -> None:
        """`by_itself`: only where the second look, which takes longer, finds no credential either."""
        import asyncio

        from claude_auth.app.screens.set_up import SetUpScreen

        set_up = await asyncio.to_thread(self.services.set_up)
        if set_up is None:
            self.show_notice("not from here: it is not known from where this machine is looked at")
        elif not by_itself or (set_up.is_needed and self.app.screen is self):
            started: bool | None = await self.wait_for(SetUpScreen(self.services, set_up))
            self.came_back(started)

    def action_full_log(self) -> None:
        from claude_auth.app.screens.log import open_log

        open_log(self, self.services, self.scene.snapshot)

    def action_accounts(self) -> None:
        self._ask(self._accounts())

    async def _accounts(self) -> None:
        from claude_auth.app.screens.accounts import AccountsScreen

        wish = await self.wait_for(AccountsScreen(self.services, self.scene.snapshot))
        self.look()
        if wish is not None and wish.what == "sign-in":
            self.action_sign_in()
        elif wish is not None and wish.account is not None:
            await (self._sign_out if wish.what == "sign-out" else self._refresh_login)(wish.account)

    def action_sign_out(self) -> None:
        self._ask(self._sign_out_of_one())

    async def _sign_out_of_one(self, *, advised: bool = False) -> None:
        """`advised`: the login that is advised about is the first, Claude Code's own."""
        from claude_auth.actions.accounts import accounts_to_sign_out

        accounts = accounts_to_sign_out(self.scene.snapshot, self.scene.resolution)[: 1 if advised else None]
        await self._which("Sign out of which login?", accounts, self._sign_out, "signed out of")

    def action_refresh_login(self) -> None:
        self._ask(self._refresh_one())

    async def _refresh_one(self, *, advised: bool = False) -> None:
        from claude_auth.actions.accounts import accounts_to_refresh

        accounts = accounts_to_refresh(self.scene.snapshot)[: 1 if advised else None]
        await self._which("Refresh which login?", accounts, self._refresh_login, "refreshed")

    async def _which(
        self,
        title: str,
        accounts: Sequence[Account],
        go_on: Callable[[Account], Coroutine[Any, Any, None]],
        done: str,
    ) -> None:
        from claude_auth.app.dialogs.choose import ChooseDialog, Option
        from claude_auth.present.actions import store_words

        if not accounts:
            self.show_notice(f"{NOT_HERE} {done}: l signs in")
            return
        options = [
            Option(str(number), store_words(one.store, one.name), one.email or one.expiry or "")
            for number, one in enumerate(accounts)
        ]
        chosen: str | None = "0"
        if len(accounts) > 1:
            chosen = await self.wait_for(ChooseDialog(title, options))
        if chosen is not None:
            await go_on(accounts[int(chosen)])

    async def _sign_out(self, account: Account) -> None:
        from claude_auth.app.screens.sign_out import sign_out

        symptoms = {number for finding in self.scene.findings for number in finding.symptoms}
        self.came_back(await sign_out(self, self.services, self.scene.snapshot, account, symptoms))

    async def _refresh_login(self, account: Account) -> None:
        from claude_auth.app.screens.refresh import RefreshScreen

        store = None
        if account.store != "claude-code":
            opened = self.services.logins.open_known(account.store, account.name)
            store = opened.store
            if store is None:
                self.show_notice(opened.problem or "that store can’t be opened")
                return
        self._open(RefreshScreen(self.services, self.scene.snapshot, store))

    def action_diagnose(self) -> None:
        scene = self.scene
        self.open_diagnosis(scene.finding if scene.focused == "findings" and scene.moved else None)

    def open_diagnosis(self, at: str | None) -> None:
        """`at`: the row that the cursor is to stand on; None for the most urgent one."""
        from claude_auth.app.screens.diagnose import DiagnoseScreen

        self._ask(self._opened(DiagnoseScreen(self.services, self.scene, at=at, follows=self)))

    def action_undo(self) -> None:
        from claude_auth.app.screens.fix import FixScreen
        from claude_auth.app.screens.fix_choices import Undos

        self._open(FixScreen(self.services, Undos(self.services, self.scene.snapshot)))

    def action_explain(self) -> None:
        from claude_auth.app.screens.explain import ExplainScreen

        self._ask(self._opened(ExplainScreen(self.services, self.scene.snapshot)))

    async def _opened(self, screen: DiagnoseScreen | ExplainScreen | FixScreen) -> None:
        """A screen that may be left for an action."""
        changed = await self.wait_for(screen)
        self.came_back(changed)
        if screen.remedy is not None:
            await self.go_to(screen.remedy)

    # ── remedies ─────────────────────────────────────────────────────────────────────────────────

    def action_fix(self) -> None:
        if not self.refuses("fix") and self.scene.subject is not None:
            self._ask(self._fix(self.scene.subject))

    async def _fix(self, finding: Finding) -> None:
        """What one key does about it: a change of ours before what else is an action; where there is neither,
        what can be copied is shown."""
        diagnosis = await asyncio.to_thread(self.services.fixing.diagnose, self.scene.snapshot)
        known = [one for one in diagnosis.findings if (one.id, one.source) == (finding.id, finding.source)]
        subject = known[0] if known else finding
        remedy = first_action(subject.fixes)
        if remedy is not None and remedy.action != "fix":
            await self.go_to(remedy)
        else:
            await self._choose_fix(diagnosis, subject)

    async def _choose_fix(self, diagnosis: Diagnosis, finding: Finding, wanted: str = "") -> None:
        from claude_auth.app.screens.fix import FixScreen
        from claude_auth.app.screens.fix_choices import Fixes

        ready = diagnosis if diagnosis.snapshot.more is not None else None
        choices = Fixes(self.services, diagnosis.snapshot, finding, ready, wanted)
        await self._opened(FixScreen(self.services, choices, asks_at_once=True))

    async def go_to(self, remedy: Fix) -> None:
        """As the key of its action would begin it."""
        asks: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "accounts": self._accounts,
            "evaluate": self._evaluate,
            "refresh": partial(self._refresh_one, advised=True),
            "set-up": self._set_up,
            "sign-out": partial(self._sign_out_of_one, advised=True),
        }
        if remedy.action in asks:
            await asks[remedy.action]()
        elif remedy.action == "run":
            await self._run(remedy)
        elif remedy.action == "sign-in":
            self._sign_in(own="sdk" if remedy.about else None)
        elif remedy.action in ("cloud", "probe"):
            (self._cloud if remedy.action == "cloud" else self._probe)(advised=True)
        elif remedy.action == "fix":
            await self._fix_named(remedy.about)
        elif remedy.action is not None:
            await self.run_action(METHODS[remedy.action])

    async def _fix_named(self, id: str) -> None:
        """`id`: of a fix; its finding may be one that only a longer look shows."""
        fixing = self.services.fixing
        diagnosis = await asyncio.to_thread(lambda: fixing.diagnose(fixing.look(self.scene.snapshot)))
        finding = {preview.id: preview.finding for preview in diagnosis.previews}.get(id)
        found = [one for one in diagnosis.findings if one.id == finding]
        if found:
            await self._choose_fix(diagnosis, found[0], id)
        else:
            self.show_notice("that is no longer found here: there is nothing left to fix")

    async def on_paste(self, event: events.Paste) -> None:
        """Pasted where nothing takes a text, it is an error to be explained."""
        from claude_auth.app.screens.explain import ExplainScreen

        event.stop()
        screen = ExplainScreen(self.services, self.scene.snapshot)
        await self.app.push_screen(screen)
        screen.take(Secret(event.text))

    def action_probe(self) -> None:
        self._probe()

    def _probe(self, *, advised: bool = False) -> None:
        from claude_auth.app.screens.probe import ProbeScreen

        screen = ProbeScreen(self.services, self.scene.snapshot, asks_at_once=advised)

        def came_back(started: bool | None) -> None:
            self.came_back(started)
            if screen.remedy is not None:
                self._ask(self.go_to(screen.remedy))

        self.app.push_screen(screen, came_back)

    def action_network(self) -> None:
        from claude_auth.app.screens.network import NetworkScreen

        self.app.push_screen(NetworkScreen(self.services, self.scene.snapshot))

    def action_cloud(self) -> None:
        self._cloud()

    def _cloud(self, *, advised: bool = False) -> None:
        from claude_auth.app.screens.cloud import CloudScreen

        self._open(CloudScreen(self.services, self, asks_at_once=advised))

    def action_run(self) -> None:
        self._ask(self._run())

    async def _run(self, remedy: Fix | None = None) -> None:
        """All that could be run where nothing is advised."""
        from claude_auth.app.screens.run_choosing import choose_and_run, kinds_of

        kinds = kinds_of(remedy.about if remedy is not None else "")
        self.ran(await choose_and_run(self, self.services, self.scene.snapshot, kinds, advised=remedy))

    def ran(self, result: RunResult | None) -> None:
        """What it gave is known from here on, as after an evaluation; a look that began before it isn't."""
        if result is not None:
            self.watcher.forget_looks()
            snapshot = self.scene.snapshot
            runs = {**snapshot.runs, result.run.setting: result.run}
            self.scene = self.scene._replace(snapshot=snapshot._replace(runs=runs))
            self.look()
