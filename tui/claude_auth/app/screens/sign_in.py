"""Signing in: one screen, two routes. Claude Code signs in to a Claude account, on a screen of its own; with
the person's own OAuth client it is our engine, step by step, by browser or by paste."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult

from claude_auth.actions.claude_cli import SignInChoice, judge_login, setup_token, suspended_sign_in
from claude_auth.actions.result import Result
from claude_auth.app.actions import bindings
from claude_auth.app.dialogs.choose import InputDialog
from claude_auth.app.screens.action import ActionScreen
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.screens.claude_terminal import ClaudeScreen
from claude_auth.app.services import Services
from claude_auth.app.suspend import run_suspended
from claude_auth.app.themes import sheet
from claude_auth.app.widgets.address import Address, Offer
from claude_auth.app.widgets.fields import PasteLine
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.row_view import RowView
from claude_auth.app.widgets.steps import ActionTitle, Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.actions import outcome_words, store_words
from claude_auth.present.lines import Row
from claude_auth.present.logins import route_rows
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.accounts import OAuthClient, OpenedStore
    from claude_auth.actions.oauth import OwnSignIn

STAYS = (
    "Copy it to where it belongs now, then press Enter to go back. What stands above stays in this\n"
    "terminal's scrollback until you clear that (clear; in tmux also: tmux clear-history)."
)
_TAKEN = StatusText("✓", "taken; it goes on with it", "ok")


class SignInScreen(BaseScreen[bool]):
    """Dismissed with whether something was started."""

    CSS_PATH = sheet("sign_in")
    AUTO_FOCUS = "#routes"
    BINDINGS = bindings("sign-in", "parts")

    def __init__(self, services: Services, snapshot: Snapshot, own: str | None = None) -> None:
        """`own`: into which store of ours is to be signed in; the cursor stands there."""
        super().__init__()
        self.services, self.snapshot, self.own = services, snapshot, own
        self.configuration = services.logins.configuration()
        self.account: str | None = None
        self.started = False

    def compose(self) -> ComposeResult:
        yield ActionTitle("sign in", self.snapshot.machine)
        view = RowView(self._rows, id="routes", classes="panel")
        view.about = (
            "Two routes. A Claude account signs in through Claude Code itself, which keeps that login: it is "
            "never written by us. Your own OAuth client signs in here. Enter takes the row under the cursor."
        )
        view.cursor = None if self.own is None else f"own:{self.own}"
        view.entitle("Sign in")
        yield view
        yield Hints(id="hints")

    def _rows(self, width: int) -> list[Row]:
        path = self.services.logins.configuration_path()
        return route_rows(self.snapshot, self.configuration, path, self.account, width)

    def refusal(self, action: str) -> str | None:
        chosen = self.query_one(RowView).cursor or ""
        if action == "terminal" and not chosen.startswith("claude:"):
            return "that is for Claude Code's own sign-in: put the cursor on one of its rows"
        if action == "name" and self.configuration.client is None:
            return "that is for your own OAuth client, which isn't configured"
        return None

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.refresh_bindings()

    # ── what was chosen ──────────────────────────────────────────────────────────────────────────

    @on(RowView.Chosen)
    def chosen(self, event: RowView.Chosen) -> None:
        kind, _, name = event.row.partition(":")
        if kind == "copy":
            self.send_to_clipboard(name)
        elif kind == "own":
            self.sign_in_here(name)
        else:
            self.sign_in_claude(name, in_terminal=name == "setup-token")

    def action_terminal(self) -> None:
        if not self.refuses("terminal"):
            self.sign_in_claude((self.query_one(RowView).cursor or "").partition(":")[2], in_terminal=True)

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def action_name(self) -> None:
        if self.refuses("name"):
            return
        words = "Letters, digits, dot, dash and underscore; empty for the default account, the one in use."
        dialog = InputDialog("Account name", words, self.account or "", optional=True)
        name = await self.wait_for(dialog)
        if name is not None:
            self.account = name or None
            self.query_one(RowView).show()

    def action_close(self) -> None:
        self.dismiss(self.started)

    # ── by Claude Code ───────────────────────────────────────────────────────────────────────────

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def sign_in_claude(self, name: str, *, in_terminal: bool) -> None:
        """`name`: of the row. `in_terminal`: in the real terminal, while this steps aside."""
        choice = SignInChoice(console=name == "console", sso=name == "sso")
        if name == "email":
            words = "Whose Claude account? Claude Code fills it in on the sign-in page."
            email = await self.wait_for(InputDialog("E-mail address", words))
            if not email:
                return
            choice = SignInChoice(email=email)
        if in_terminal:
            self.sign_in_suspended(None if name == "setup-token" else choice)
        elif await self.wait_for(ClaudeScreen.sign_in(self.services, self.snapshot, choice)):
            self.dismiss(True)

    def sign_in_suspended(self, choice: SignInChoice | None) -> None:
        """In the real terminal; `claude setup-token` without a choice: what that prints is for the person
        alone, and nothing here changes by it. Else it is looked whether the login changed."""
        environ, before = self.services.environ, self.snapshot
        run = setup_token(before, environ) if choice is None else suspended_sign_in(choice, before, environ)
        if run is None:
            return
        command = " ".join(("claude", *run.argv[1:]))
        ended = run_suspended(self, self.services, run, command, STAYS if choice is None else "")
        self.started = self.started or ended.ran
        if not ended.ran:
            return
        if choice is not None:
            self._judge(before, ended.problem)
        elif ended.problem is not None:
            self.show_notice(f"{command}: {ended.problem}")
        else:
            self.show_notice(f"{command} has ended; its token is yours; clear the scrollback it stands in")

    def _judge(self, before: Snapshot, problem: str | None) -> None:
        services, after = self.services, self.services.host.look()
        words = None if problem is None else f"not signed in: {problem}"
        result, event = judge_login(before, after, words, client=services.client, version=services.version)
        services.record(event)
        self.snapshot = after
        outcome = outcome_words(result, services.host.clock())
        over = f", but not used: {result.overridden_by}" if result.overridden_by else ""
        self.show_notice(f"{outcome}{over}")

    # ── by our engine ────────────────────────────────────────────────────────────────────────────

    @work(exclusive=True, exit_on_error=False, group="ask")
    async def sign_in_here(self, store: str) -> None:
        opened = await asyncio.to_thread(self.services.logins.open_for_sign_in, store, self.account)
        client = self.configuration.client
        if opened.store is None or client is None:
            self.show_notice(opened.problem or "there is no such store")
        elif await self.wait_for(SignInOwnScreen(self.services, self.snapshot, client, opened)):
            self.dismiss(True)


class SignInOwnScreen(ActionScreen):
    """Into the store that was `opened`."""

    CSS_PATH = sheet("sign_in")
    heading = "sign in · your own OAuth client"
    BINDINGS = bindings("address", "sign-in-own")

    def __init__(
        self, services: Services, snapshot: Snapshot, client: OAuthClient, opened: OpenedStore
    ) -> None:
        super().__init__(services, snapshot)
        assert opened.store is not None
        self.client, self.store, self.first_notice = client, opened.store, opened.notice
        self.action: OwnSignIn | None = None
        self._refused = ""

    def compose_content(self) -> ComposeResult:
        yield Steps(self.snapshot.places.home, idle="starting")
        yield Address(self.services, self.snapshot, title="The address to open")
        yield PasteLine()

    @property
    def address(self) -> Address:
        return self.query_one(Address)

    def opened(self) -> None:
        self.steps.entitle(f"What happens · into {store_words(self.store.id, self.store.account)}")
        self.query_one(PasteLine).entitle("Paste")
        self.call_after_refresh(self.start)

    def start(self) -> None:
        self.steps.clear()
        self.remove_class("-over")
        self.query_one(PasteLine).tell(None)
        if self.first_notice:
            now = self.services.host.clock()
            self.steps.add(Event(now, "signin.store", self.first_notice, "warning", self.store.id))
        self.action = self.services.logins.oauth_sign_in(self.client, self.store)
        self.begin(self.action.events())

    def happened(self, event: Event) -> None:
        sign_in = self.action.sign_in if self.action is not None else None
        if event.kind != "signin.waiting" or sign_in is None or sign_in.url is None:
            return
        self.services.addresses.hide(sign_in.url.reveal())
        where = clean(sign_in.url.reveal().partition("?")[0].split("/")[2], 80)
        back = f"comes back to port {sign_in.port} here" if sign_in.port else "shows a code to paste"
        verdict = f"it leads to {where}, is bound to this attempt (PKCE S256, state), and {back}"
        forward = self.services.addresses.forward(sign_in.port, self.snapshot)
        self.address.offer(Offer(sign_in.url, verdict, True, forward))
        self.address.open(sign_in.url, asked=False)

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    def over(self) -> None:
        self.address.drop_file()
        self.address.offer(None)
        self.add_class("-over")
        self.steps.focus()

    async def cancel(self) -> None:
        if self.action is not None:
            self.action.cancel()

    # ── pasting ──────────────────────────────────────────────────────────────────────────────────

    def on_paste(self, event: events.Paste) -> None:
        """Pasted anywhere on this screen."""
        event.stop()
        self.take(event.text, typed=False)

    @on(PasteLine.Pasted)
    def pasted(self, message: PasteLine.Pasted) -> None:
        self.take(message.text, typed=message.typed)

    def take(self, text: str, *, typed: bool) -> None:
        """A wrong paste says what is wrong, and it goes on waiting. Where the terminal can't bracket a paste
        a line break inside it comes as Enter: what was refused may have been the first part."""
        field = self.query_one(PasteLine)
        if self.action is None or not self.running or self.address.offered is None:
            field.tell(StatusText("·", "nothing waits for it now", "dim"))
            return
        self.services.addresses.hide_pasted(text)
        problem = self.action.sign_in.paste(text)
        if problem is not None and typed and self._refused:
            whole = self._refused + text
            if self.action.sign_in.paste(whole) is None:
                problem = None
        self._refused = text if typed and problem is not None else ""
        field.tell(_TAKEN if problem is None else StatusText("▲", problem.text, "warn"))
        if problem is None:
            self.steps.focus()

    # ── the keys ─────────────────────────────────────────────────────────────────────────────────

    def states(self) -> frozenset[str]:
        return super().states() | ({"address"} if self.running else frozenset())

    def refusal(self, action: str) -> str | None:
        if action.startswith("address"):
            return self.address.refusal(self.running)
        return super().refusal(action)

    def action_address(self, how: str) -> None:
        if not self.refuses("address"):
            self.address.bring(how)

    def action_type(self) -> None:
        self.query_one(PasteLine).focus()

    def action_again(self) -> None:
        self.start()
