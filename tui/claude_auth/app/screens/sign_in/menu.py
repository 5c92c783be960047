"""Signing in: one screen, two routes. What is chosen here runs on a screen of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.actions.accounts import OpenedStore
from claude_auth.actions.claude_cli import SignInChoice, setup_token, suspended_sign_in
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.aside import step_aside
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.speaking import Speaking
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.action_title import ActionTitle
from claude_auth.app.widgets.hints import Hints
from claude_auth.app.widgets.line_view import ROLE_CLASSES
from claude_auth.app.widgets.row_view import RowView
from claude_auth.model import Snapshot
from claude_auth.present.lines import Row
from claude_auth.present.logins import route_rows

if TYPE_CHECKING:
    from claude_auth.oauth.configuration import OAuthClient


class SignIn(Speaking[bool], inherit_bindings=False):
    """Dismissed with whether something was started."""

    CSS_PATH = sheet("sign_in")
    AUTO_FOCUS = "#routes"
    COMPONENT_CLASSES = set(ROLE_CLASSES)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "t",
            "terminal",
            "In your terminal",
            tooltip="Run Claude Code in your own terminal, without a pane: this steps aside",
            id="sign-in.terminal",
        ),
        Binding(
            "n", "name", "Account name", tooltip="Under which name a login of ours is kept", id="sign-in.name"
        ),
        Binding("q,escape", "close", "Back", tooltip="Back, nothing is changed", id="sign-in.close"),
    ]

    def __init__(self, doors: Doors, snapshot: Snapshot, told: Told = lambda event: None) -> None:
        super().__init__()
        self.doors, self.snapshot, self.told = doors, snapshot, told
        self.configuration = doors.configuration()
        self.account: str | None = None
        self.started = False

    def compose(self) -> ComposeResult:
        yield ActionTitle("sign in", self.snapshot.machine)
        view = RowView(self._rows, id="routes", classes="panel")
        view.about = (
            "Two routes. A Claude account signs in through Claude Code itself, which keeps that login: it is "
            "never written by us. Your own OAuth client signs in here. Enter takes the row under the cursor."
        )
        view.entitle("Sign in")
        yield view
        yield Hints(id="hints")

    @property
    def client(self) -> OAuthClient | None:
        return self.configuration.client

    def _rows(self, width: int) -> list[Row]:
        return route_rows(
            self.snapshot, self.configuration, self.doors.configuration_path(), self.account, width
        )

    def refusal(self, action: str) -> str | None:
        chosen = self.query_one(RowView).cursor or ""
        if action == "terminal" and not chosen.startswith("claude:"):
            return "that is for Claude Code’s own sign-in: put the cursor on one of its rows"
        if action == "name" and self.client is None:
            return "that is for your own OAuth client, which isn’t configured"
        return None

    # ── what was chosen ──────────────────────────────────────────────────────────────────────────

    @on(RowView.Highlighted)
    def moved(self) -> None:
        self.refresh_bindings()

    @on(RowView.Chosen)
    def chosen(self, event: RowView.Chosen) -> None:
        kind, _, name = event.row.partition(":")
        if kind == "copy":
            self.send_to_clipboard(name)
        elif kind == "own":
            self.open_store(name, self.account)
        elif name == "setup-token":
            self.step_aside_for(None)
        else:
            self._with_choice(name, in_terminal=False)

    def action_terminal(self) -> None:
        if self.refuses("terminal"):
            return
        name = (self.query_one(RowView).cursor or "").partition(":")[2]
        if name == "setup-token":
            self.step_aside_for(None)
        else:
            self._with_choice(name, in_terminal=True)

    def _with_choice(self, name: str, *, in_terminal: bool) -> None:
        def go_on(choice: SignInChoice) -> None:
            if in_terminal:
                self.step_aside_for(choice)
            else:
                self.sign_in_claude(choice)

        if name != "email":
            go_on(SignInChoice(console=name == "console", sso=name == "sso"))
            return
        from claude_auth.app.screens.consent_dialogs import Naming

        def named(email: str | None) -> None:
            if email:
                go_on(SignInChoice(email=email))

        words = "Whose Claude account? Claude Code fills it in on the sign-in page."
        self.app.push_screen(Naming("E-mail address", words), named)

    def sign_in_claude(self, choice: SignInChoice) -> None:
        from claude_auth.app.screens.sign_in.claude import SignInClaude

        self.app.push_screen(SignInClaude(self.doors, self.snapshot, choice, self.told), self.came_back)

    def step_aside_for(self, choice: SignInChoice | None) -> None:
        """In the real terminal; `claude setup-token` without a choice."""
        environ = self.doors.environ
        run = (
            setup_token(self.snapshot, environ)
            if choice is None
            else suspended_sign_in(choice, self.snapshot, environ)
        )
        if run is not None and step_aside(self, self.doors, run, judged=choice is not None):
            self.started = True

    @work(thread=True, exclusive=True, exit_on_error=False, group="store")
    def open_store(self, id: str, account: str | None) -> None:
        opening = self.doors.open_store(id, account)
        self.app.call_from_thread(self.store_opened, opening)

    def store_opened(self, opening: OpenedStore) -> None:
        if opening.store is None or self.client is None:
            self.say(opening.problem or "there is no such store")
            return
        from claude_auth.app.screens.sign_in.own import SignInOwn

        screen = SignInOwn(self.doors, self.snapshot, self.client, opening, self.told)
        self.app.push_screen(screen, self.came_back)

    def came_back(self, started: bool | None) -> None:
        if started:
            self.dismiss(True)

    def action_name(self) -> None:
        if self.refuses("name"):
            return
        from claude_auth.app.screens.consent_dialogs import Naming

        def named(name: str | None) -> None:
            if name is not None:
                self.account = name or None
                self.query_one(RowView).show()

        words = "Letters, digits, dot, dash and underscore; empty for the default account, the one in use."
        self.app.push_screen(Naming("Account name", words, self.account or "", optional=True), named)

    def action_close(self) -> None:
        self.dismiss(self.started)
