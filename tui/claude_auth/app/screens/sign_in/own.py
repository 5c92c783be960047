"""Signing in with the person's own OAuth client: our engine, step by step, by browser or by paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from claude_auth.actions import Result
from claude_auth.actions.accounts import OpenedStore
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.doors import Doors
from claude_auth.app.screens.offering import Offering
from claude_auth.app.styles import sheet
from claude_auth.app.widgets.address import Address, Offer
from claude_auth.app.widgets.paste_line import PasteLine
from claude_auth.app.widgets.steps import Steps
from claude_auth.model import Event, Snapshot
from claude_auth.present.actions import store_words
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.actions.accounts import OAuthClient
    from claude_auth.actions.oauth import OwnSignIn

_TAKEN = StatusText("✓", "taken; it goes on with it", "ok")


class SignInOwn(Offering):
    CSS_PATH = sheet("sign_in")
    heading = "sign in · your own OAuth client"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "type", "Type", tooltip="Type the code by hand; a paste needs no key", id="own.type"),
        Binding("r", "again", "Again", tooltip="Start anew", id="own.again"),
    ]

    def __init__(
        self,
        doors: Doors,
        snapshot: Snapshot,
        client: OAuthClient,
        opening: OpenedStore,
        told: Told = lambda event: None,
    ) -> None:
        super().__init__(doors, snapshot, told)
        self.client, self.opening = client, opening
        self.action: OwnSignIn | None = None
        self._refused = ""

    def compose_content(self) -> ComposeResult:
        yield Steps(self.snapshot.places.home, idle="starting")
        yield Address()
        yield PasteLine()

    def opened(self) -> None:
        store = self.opening.store
        assert store is not None
        self.steps.entitle(f"What happens · into {store_words(store.id, store.account)}")
        self.address.entitle("The address to open")
        self.query_one(PasteLine).entitle("Paste")
        self.call_after_refresh(self.start)

    def start(self) -> None:
        store = self.opening.store
        assert store is not None
        self.steps.clear()
        self.remove_class("-over")
        self.query_one(PasteLine).tell(None)
        if self.opening.notice:
            self.steps.add(
                Event(self.doors.clock(), "signin.store", self.opening.notice, "warning", store.id)
            )
        self.action = self.doors.own_sign_in(self.client, store)
        self.begin(self.action.events())

    def happened(self, event: Event) -> None:
        sign_in = self.action.sign_in if self.action is not None else None
        if event.kind != "signin.waiting" or sign_in is None or sign_in.url is None:
            return
        self.doors.hide(sign_in.url.reveal())
        where = clean(sign_in.url.reveal().partition("?")[0].split("/")[2], 80)
        back = f"comes back to port {sign_in.port} here" if sign_in.port else "shows a code to paste"
        verdict = f"it leads to {where}, is bound to this attempt (PKCE S256, state), and {back}"
        self.offer(Offer(sign_in.url, verdict, True, self.doors.forward(sign_in.port, self.snapshot)))
        self.open_address(asked=False)

    def outcome(self) -> Result | None:
        return None if self.action is None else self.action.result

    def over(self) -> None:
        self.drop_file()
        self.offer(None)
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
        self.doors.hide_pasted(text)
        problem = self.action.sign_in.paste(text)
        if problem is not None and typed and self._refused:
            whole = self._refused + text
            if self.action.sign_in.paste(whole) is None:
                problem = None
        self._refused = text if typed and problem is not None else ""
        field.tell(_TAKEN if problem is None else StatusText("▲", problem.text, "warn"))
        if problem is None:
            self.steps.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "again":
            return self.started and not self.running
        return self.running if action == "type" else super().check_action(action, parameters)

    def action_type(self) -> None:
        self.query_one(PasteLine).focus()

    def action_again(self) -> None:
        self.start()
