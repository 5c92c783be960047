"""The palette: every action that a key reaches here, every program, every source, to search by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.app.keys import keys_of
from claude_auth.app.screens.chooser import Choice, Chooser
from claude_auth.app.screens.dashboard.screen import Dashboard
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.sources import SOURCES

if TYPE_CHECKING:
    from claude_auth.app.app import DashboardApp

_HIDDEN = ("row.", "scroll.", "app.palette", "app.interrupt", "back", "panel.next", "panel.previous")


def open_palette(app: DashboardApp) -> None:
    """The programs and the sources only over the dashboard, which shows them."""
    screen = app.screen
    keys = {key.id: key for key in keys_of(screen) if not key.id.startswith(_HIDDEN)}
    choices = [
        Choice(f"key:{key.id}", key.label, key.refusal or key.tooltip, key.shown) for key in keys.values()
    ]
    if isinstance(screen, Dashboard):
        choices += [Choice(f"client:{one.id}", f"Ask as {one.label}", one.about) for one in CLIENTS]
        choices += [Choice(f"source:{one.id}", f"Show {one.label}", one.sets) for one in SOURCES]

    def chosen(choice: str | None) -> None:
        kind, _, name = (choice or "").partition(":")
        if kind == "key":
            app.simulate_key(keys[name].key)
        elif kind == "client" and isinstance(screen, Dashboard):
            screen.ask_as(name)
        elif kind == "source" and isinstance(screen, Dashboard):
            screen.show_source(name)

    app.push_screen(Chooser("Actions", choices, search=True), chosen)
