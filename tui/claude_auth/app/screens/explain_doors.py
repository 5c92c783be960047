"""How the screen that explains an error reaches the classifier and the machine; tests put another in."""

from __future__ import annotations

from claude_auth.actions.explain import Explained, explain_here
from claude_auth.app.eyes import merge_evaluations
from claude_auth.app.screens.doors import Doors
from claude_auth.model import Snapshot
from claude_auth.security.secret import Secret


class ExplainDoors:
    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def explain(self, given: Secret, known: Snapshot) -> Explained:
        """Blocks. `known`: the last look, for what was evaluated then."""
        doors = self.doors
        return explain_here(
            given, lambda: merge_evaluations(known, doors.look()), doors.client, doors.version
        )
