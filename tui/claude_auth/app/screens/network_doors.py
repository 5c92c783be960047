"""How the network's screen reaches the checks; tests put another in."""

from __future__ import annotations

from collections.abc import Callable

from claude_auth.actions.network import NetworkLook
from claude_auth.app.screens.doors import Doors
from claude_auth.model import Snapshot


class NetworkDoors:
    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def network_look(self, snapshot: Snapshot, changed: Callable[[], None]) -> NetworkLook:
        """Nothing is asked before its events are iterated."""
        return NetworkLook.of(snapshot, self.doors.client, self.doors.version, changed)
