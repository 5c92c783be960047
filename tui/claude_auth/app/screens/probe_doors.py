"""How the probe's screen reaches its plan, the evaluation and the sending; tests put another in."""

from __future__ import annotations

from claude_auth.actions.network import Planned, Probe, plan_for
from claude_auth.app.eyes import Eyes, merge_evaluations
from claude_auth.app.screens.doors import Doors
from claude_auth.model import Snapshot
from claude_auth.present.consent import EvaluationRequest, evaluation_requests


class ProbeDoors:
    def __init__(self, doors: Doors, eyes: Eyes) -> None:
        self.doors, self.eyes = doors, eyes

    def plan(self, known: Snapshot, client: str) -> Planned:
        """With a fresh look; blocks for it."""
        return self._planned(merge_evaluations(known, self.doors.look()), client)

    def evaluate(self, planned: Planned, agreed: bool) -> Planned:
        """Runs what the plan needs: ask before, and twice where it is `agreed`. Blocks."""
        client = planned.resolution.client
        return self._planned(self.eyes.evaluate(planned.snapshot, client, self.doors.version, agreed), client)

    def wanted(self, planned: Planned) -> tuple[EvaluationRequest, ...]:
        """What an evaluation would run."""
        return evaluation_requests(planned.snapshot, planned.resolution.client, self.doors.version)

    def probe(self, planned: Planned) -> Probe:
        return Probe(planned, self.doors.environ)

    def _planned(self, snapshot: Snapshot, client: str) -> Planned:
        environ, version = self.doors.environ, self.doors.version
        return plan_for(snapshot, client, environ, version, ours=self.eyes.ours())
