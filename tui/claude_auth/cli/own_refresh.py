"""A refresh of a store of ours, for the commands that need a live token."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from claude_auth.cli.context import home, our_journal
from claude_auth.cli.signals import leaving_properly
from claude_auth.model import Event

if TYPE_CHECKING:
    from claude_auth.actions.oauth import OwnRefresh


def own_refresh(id: str, account: str | None, *, force: bool) -> OwnRefresh:
    """Raises AuthenticationError for a name that can't be an account's."""
    from claude_auth.actions.oauth import OwnRefresh, refresher_of
    from claude_auth.oauth.configuration import load_configuration
    from claude_auth.store.others import open_store

    store = open_store(id, home(), account)
    return OwnRefresh(store, refresher_of(load_configuration(os.environ)), force=force)


def run_own(own: OwnRefresh, tell: Callable[[Event], None]) -> None:
    """In the main thread: signals come there, and wait there for the save."""
    journal = our_journal()

    def emit(event: Event) -> None:
        journal.write(event)
        tell(event)

    with leaving_properly():
        own.run(emit)
