"""How the run screens reach the commands that can be run, and the journal of those that were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from claude_auth.app.screens.doors import Doors
from claude_auth.model import Snapshot

if TYPE_CHECKING:
    from claude_auth.actions.look import EffectiveConfig
    from claude_auth.actions.run_command import Answer, CommandPlan, Kind, RunningCommand
    from claude_auth.actions.runs import PastRun, RunOffer


class RunDoors:
    """Built from the app's own; tests put another in."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def view(self, snapshot: Snapshot) -> EffectiveConfig:
        """As the program that asks reads the settings; as Claude Code does, where that one reads none."""
        from claude_auth.actions.runs import config_for_commands

        return config_for_commands(snapshot, self.doors.client, self.doors.version)

    def offers(self, snapshot: Snapshot, kinds: Sequence[Kind]) -> tuple[RunOffer, ...]:
        """Blocks: it reads files."""
        from claude_auth.actions.runs import run_offers

        return run_offers(kinds, self.view(snapshot), self.doors.environ)

    def command(
        self, proposal: CommandPlan, snapshot: Snapshot, before: Answer | None, columns: int
    ) -> RunningCommand:
        from claude_auth.actions.run_command import RunningCommand

        return RunningCommand(
            proposal,
            self.view(snapshot),
            self.doors.environ,
            lambda: self.view(self.doors.look()),
            before=before,
            columns=columns,
            ask_first=True,
        )

    def history(self) -> tuple[PastRun, ...]:
        """Blocks. OSError where the journal can't be read."""
        from claude_auth.actions.runs import read_runs

        return read_runs(self.doors.journal.directory)
