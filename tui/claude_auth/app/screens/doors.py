"""How the screens reach what a person can ask for. The one place of the app that knows the actions' own
rooms; tests put another in. What is imported here is imported when it is asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from claude_auth.model import Lock, Snapshot
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions import SuspendedRun
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.actions.claude_cli_sign_in import DelegatedSignIn, SignInChoice
    from claude_auth.actions.claude_cli_sign_out import SignOutClaude
    from claude_auth.actions.oauth_refresh import OwnRefresh
    from claude_auth.actions.oauth_sign_in import OwnSignIn
    from claude_auth.actions.oauth_sign_out import OwnSignOut
    from claude_auth.app.eyes import Eyes
    from claude_auth.journal import Journal
    from claude_auth.oauth.browser import Opened
    from claude_auth.oauth.configuration import Configuration, OAuthClient
    from claude_auth.store.base import TokenStore

NO_RUNNER = "this can’t step aside for another program here; run it yourself:"


class Opening(NamedTuple):
    """`notice`: another store than the wished one was taken. `problem`: none could be."""

    store: TokenStore | None
    notice: str | None = None
    problem: str | None = None


class Doors:
    """`client` and `version`: for whom the outcome is judged."""

    def __init__(
        self,
        eyes: Eyes,
        *,
        home: str,
        environ: Mapping[str, str] = os.environ,
        client: str = "claude",
        version: str | None = None,
        journal: Journal | None = None,
    ) -> None:
        from claude_auth.journal import Journal

        self.look, self.clock, self.ours = eyes.look, eyes.clock, eyes.ours
        self.home, self.environ, self.client, self.version = home, environ, client, version
        self.journal = journal or Journal(program="claude-auth-tui")

    # ── signing in and out ───────────────────────────────────────────────────────────────────────

    def configuration(self) -> Configuration:
        from claude_auth.oauth.configuration import load_configuration

        return load_configuration(self.environ)

    def configuration_path(self) -> str:
        from claude_auth.oauth.configuration import configuration_path

        return configuration_path(self.environ)

    def claude(self, snapshot: Snapshot) -> str | None:
        from claude_auth.actions.claude_program import find_claude

        return find_claude(snapshot)

    def open_store(self, id: str, account: str | None) -> Opening:
        """Blocks: a keyring may take its time."""
        from claude_auth.store.base import StoreError
        from claude_auth.store.opening import keyring_or_file, open_store

        try:
            if id == "keyring":
                choice = keyring_or_file(self.home, account)
                return Opening(choice.store, choice.notice)
            return Opening(open_store(id, self.home, account))
        except StoreError as error:
            return Opening(None, problem=str(error))

    def open_known(self, id: str, account: str | None) -> Opening:
        """One that a login stands in already; nothing is asked yet."""
        from claude_auth.store.base import StoreError
        from claude_auth.store.opening import open_store

        try:
            return Opening(open_store(id, self.home, account))
        except StoreError as error:
            return Opening(None, problem=str(error))

    def own_sign_in(self, client: OAuthClient, store: TokenStore) -> OwnSignIn:
        from claude_auth.actions.oauth_sign_in import OwnSignIn

        return OwnSignIn(client, store, environ=self.environ)

    def own_sign_out(self, store: TokenStore, *, only_here: bool) -> OwnSignOut:
        from claude_auth.actions.oauth_sign_out import OwnSignOut

        return OwnSignOut(self.configuration().client, store, only_here=only_here)

    def sign_in_claude(
        self, choice: SignInChoice, cells: tuple[int, int], changed: Callable[[], None]
    ) -> DelegatedSignIn:
        from claude_auth.actions.claude_cli_sign_in import DelegatedSignIn

        return DelegatedSignIn(
            choice,
            look=self.look,
            environ=self.environ,
            columns=cells[0],
            rows=cells[1],
            client=self.client,
            version=self.version,
            changed=changed,
        )

    def sign_out_claude(self, cells: tuple[int, int], changed: Callable[[], None]) -> SignOutClaude:
        from claude_auth.actions.claude_cli_sign_out import SignOutClaude

        return SignOutClaude(
            look=self.look,
            environ=self.environ,
            columns=cells[0],
            rows=cells[1],
            client=self.client,
            version=self.version,
            changed=changed,
        )

    def switch(self, name: str, keep_as: str | None) -> tuple[bool, str]:
        """Whether it was done, and the words."""
        from claude_auth.store.base import StoreError
        from claude_auth.store.switching import switch

        try:
            return True, switch(self.home, name, keep_as)
        except StoreError as error:
            return False, str(error)

    # ── the address ──────────────────────────────────────────────────────────────────────────────

    def open_browser(self, url: Secret, snapshot: Snapshot, *, asked: bool) -> Opened:
        from claude_auth.oauth.browser import Opened, can_open, open_browser

        starter = self.start_detached
        if starter is None:
            possible, reason = can_open(snapshot.machine, asked=asked)
            return Opened(None, "no program can be started from here" if possible else reason)
        return open_browser(url, snapshot.machine, self.environ, starter, asked=asked)

    def forward(self, port: int | None, snapshot: Snapshot) -> str | None:
        from claude_auth.oauth.url_delivery import ssh_forward

        return ssh_forward(self.environ, port, snapshot.machine.user) if port else None

    def hide(self, address: str) -> None:
        """What belongs to one attempt never gets into the journal, whatever it looks like."""
        from urllib.parse import parse_qsl, urlsplit

        fields = dict(parse_qsl(urlsplit(address).query))
        known = ("state", "code_challenge", "nonce")
        self.journal.hide(*(Secret(fields[name]) for name in known if fields.get(name)))

    def hide_pasted(self, text: str) -> None:
        words = "".join(text.split())
        fields = [
            part.partition("=")[2] or part for part in words.replace("#", "&").replace("?", "&").split("&")
        ]
        self.journal.hide(*(Secret(field) for field in fields if len(field) >= 8))

    # ── the real terminal ────────────────────────────────────────────────────────────────────────

    @property
    def start_detached(self) -> Callable[[Sequence[str]], bool] | None:
        """From `actions`, since the app doesn't start programs itself; None where it isn't handed out."""
        from claude_auth.actions import shown

        return getattr(shown, "start_detached", None)

    @property
    def run_in_terminal(self) -> Callable[[SuspendedRun], str | None] | None:
        """What went wrong, in words; None where it ended well. With the app suspended."""
        from claude_auth.actions import shown

        run = getattr(shown, "run_in_terminal", None)
        if run is None:
            return None
        return lambda what: trouble_of(run(what.argv, environment=what.environment, cwd=what.cwd))

    # ── refreshing ───────────────────────────────────────────────────────────────────────────────

    def own_refresh(self, store: TokenStore, *, force: bool) -> OwnRefresh:
        from claude_auth.actions.oauth_refresh import OwnRefresh, refresher_of

        store.sweep()
        return OwnRefresh(store, refresher_of(self.configuration()), force=force)

    def refresh_claude(self, *, force: bool, despite_locks: bool, allow_request: bool) -> DelegatedRefresh:
        from claude_auth.actions.claude_cli_refresh import DelegatedRefresh

        return DelegatedRefresh(
            look=self.look,
            environ=self.environ,
            force=force,
            despite_locks=despite_locks,
            allow_request=allow_request,
        )

    def locks(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        from claude_auth.observe.claude_files import look_at_locks

        return look_at_locks(snapshot.places.config_dir, snapshot.claude_json.path, time.time())

    def running(self, config_dir: str) -> Collection[int] | None:
        """The processes of Claude Code on that configuration; None where that can't be told."""
        from claude_auth.observe.running import claude_processes

        return claude_processes(config_dir)


def trouble_of(ended: object) -> str | None:
    """Of what the runner hands back: an exit code, or an object that has the words itself."""
    if ended is None:
        return "it could not be started"
    if isinstance(ended, int):
        return f"it ended with exit code {ended}" if ended else None
    problem = getattr(ended, "problem", None)
    return None if problem is None else str(problem)
