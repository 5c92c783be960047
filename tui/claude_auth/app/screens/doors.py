"""How the screens reach what a person can ask for. The one place of the app that knows the actions' own
rooms; tests put another in. What is imported here is imported when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from claude_auth.model import Lock, Snapshot
from claude_auth.security.secret import Secret

if TYPE_CHECKING:
    from claude_auth.actions import SuspendedRun
    from claude_auth.actions.accounts import Configuration, OAuthClient, OpenedStore, TokenStore
    from claude_auth.actions.claude_cli import DelegatedSignIn, SignInChoice, SignOutClaude
    from claude_auth.actions.claude_cli_refresh import DelegatedRefresh
    from claude_auth.actions.oauth import OwnRefresh, OwnSignIn, OwnSignOut
    from claude_auth.actions.sign_in_address import Opened
    from claude_auth.app.eyes import Eyes
    from claude_auth.journal import Journal

NO_RUNNER = "this can’t step aside for another program here; run it yourself:"


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
        from claude_auth.actions.accounts import oauth_configuration

        return oauth_configuration(self.environ)

    def configuration_path(self) -> str:
        from claude_auth.actions.accounts import oauth_configuration_path

        return oauth_configuration_path(self.environ)

    def claude(self, snapshot: Snapshot) -> str | None:
        from claude_auth.actions.claude_program import find_claude

        return find_claude(snapshot)

    def open_store(self, id: str, account: str | None) -> OpenedStore:
        """Blocks: a keyring may take its time."""
        from claude_auth.actions.accounts import open_for_sign_in

        return open_for_sign_in(id, self.home, account)

    def open_known(self, id: str, account: str | None) -> OpenedStore:
        """One that a login stands in already; nothing is asked yet."""
        from claude_auth.actions.accounts import open_known

        return open_known(id, self.home, account)

    def own_sign_in(self, client: OAuthClient, store: TokenStore) -> OwnSignIn:
        from claude_auth.actions.oauth import OwnSignIn

        return OwnSignIn(client, store, environ=self.environ)

    def own_sign_out(self, store: TokenStore, *, only_here: bool) -> OwnSignOut:
        from claude_auth.actions.oauth import OwnSignOut

        return OwnSignOut(self.configuration().client, store, only_here=only_here)

    def sign_in_claude(
        self, choice: SignInChoice, cells: tuple[int, int], changed: Callable[[], None]
    ) -> DelegatedSignIn:
        from claude_auth.actions.claude_cli import DelegatedSignIn

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
        from claude_auth.actions.claude_cli import SignOutClaude

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
        from claude_auth.actions.accounts import switch_account

        event, error = switch_account(self.home, name, keep_as)
        return error is None, error or event.text.removesuffix(".")

    # ── the address ──────────────────────────────────────────────────────────────────────────────

    def open_browser(self, url: Secret, snapshot: Snapshot, *, asked: bool) -> Opened:
        from claude_auth.actions.sign_in_address import open_browser

        return open_browser(url, snapshot.machine, self.environ, asked=asked, starter=self.start_detached)

    def forward(self, port: int | None, snapshot: Snapshot) -> str | None:
        from claude_auth.actions.sign_in_address import forward_command

        return forward_command(self.environ, port, snapshot.machine)

    def hide(self, address: str) -> None:
        """What belongs to one attempt never gets into the journal, whatever it looks like."""
        from claude_auth.actions.sign_in_address import hide_address

        hide_address(self.journal, address)

    def hide_pasted(self, text: str) -> None:
        from claude_auth.actions.sign_in_address import hide_pasted

        hide_pasted(self.journal, text)

    # ── the real terminal ────────────────────────────────────────────────────────────────────────

    @property
    def start_detached(self) -> Callable[[Sequence[str]], bool]:
        from claude_auth.actions.terminal import start_detached

        return start_detached

    @property
    def run_in_terminal(self) -> Callable[[SuspendedRun], str | None] | None:
        """What went wrong, in words; None where it ended well. With the app suspended."""
        from claude_auth.actions.terminal import run_suspended

        return run_suspended

    # ── refreshing ───────────────────────────────────────────────────────────────────────────────

    def own_refresh(self, store: TokenStore, *, force: bool) -> OwnRefresh:
        from claude_auth.actions.oauth import OwnRefresh, refresher_of

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
        from claude_auth.actions.look import locks_of

        return locks_of(snapshot)

    def running(self, config_dir: str) -> Collection[int] | None:
        """The processes of Claude Code on that configuration; None where that can't be told."""
        from claude_auth.actions.look import running_claude

        return running_claude(config_dir)
