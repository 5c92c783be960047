"""The menu of programs that can ask."""

from __future__ import annotations

from claude_auth.app.screens.chooser import Choice, Chooser
from claude_auth.claude_code.clients import CLIENTS


def client_menu(current: str) -> Chooser:
    choices = [Choice(client.id, client.label, client.about) for client in CLIENTS]
    return Chooser("Which program asks?", choices, current=current)
