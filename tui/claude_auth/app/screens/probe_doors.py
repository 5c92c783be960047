"""How the probe's screen reaches its plan, the evaluation and the sending; tests put another in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from claude_auth.actions.probing import Planned, Probe, plan_for
from claude_auth.app.consent import Request, requests
from claude_auth.app.eyes import NOT_OWNER, Eyes, merge_evaluations
from claude_auth.app.screens.doors import Doors
from claude_auth.model import Snapshot

if TYPE_CHECKING:
    from claude_auth.network.probe_plan import ProbePlan

SOMEBODY_ELSES = f"{NOT_OWNER}, whose credentials are not sent from here"
ANOTHER_HOME = "it would be asked with the files of your own home, not with those that are looked at here"


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

    def wanted(self, planned: Planned) -> tuple[Request, ...]:
        """What an evaluation would run."""
        return requests(planned.snapshot, planned.resolution.client, self.doors.version)

    def probe(self, planned: Planned) -> Probe:
        return Probe(planned, self.doors.environ)

    def _planned(self, snapshot: Snapshot, client: str) -> Planned:
        planned = plan_for(snapshot, client, self.doors.environ, self.doors.version)
        plan = planned.plan
        if plan.kind == "none":
            return planned
        if not self.eyes.ours():
            return replace(planned, plan=_refused(plan, SOMEBODY_ELSES))
        if plan.kind != "request" and snapshot.places.home != self.doors.environ.get("HOME"):
            return replace(planned, plan=_refused(plan, ANOTHER_HOME))
        return planned


def _refused(plan: ProbePlan, why: str) -> ProbePlan:
    return type(plan)("none", plan.client, "nothing to probe", refused=why)
