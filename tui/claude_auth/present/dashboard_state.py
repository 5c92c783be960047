"""What the screen shows at one moment: facts from the core, and what the person chose. Frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from claude_auth.model import Finding, Resolution, Snapshot, Standing
from claude_auth.sources import BY_ID

if TYPE_CHECKING:
    from claude_auth.journal.changes import HostChange
    from claude_auth.words import StatusText


class DashboardState(NamedTuple):
    """`chosen` is the source under the ladder's cursor; `now` moves between two looks at the machine."""

    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    now: float
    chosen: str
    needle: str = ""
    needle_log: str = ""
    log: tuple[HostChange, ...] = ()
    started_at: float = 0.0
    changed_at: float | None = None
    watching: str = "watching"

    @classmethod
    def of(cls, snapshot: Snapshot, client: str, version: str | None = None) -> DashboardState:
        """The first scene: the cursor on the winner, or on what blocks."""
        from claude_auth.actions.look import diagnosed

        resolution, findings = diagnosed(snapshot, client, version)
        moment = snapshot.observed_at
        return cls(snapshot, resolution, findings, moment, first_choice(resolution), started_at=moment)

    @property
    def home(self) -> str:
        return self.snapshot.places.home

    @property
    def first_line(self) -> StatusText:
        """What stands on top, as `claude-auth status` begins."""
        from claude_auth.diagnose.verdict import verdict
        from claude_auth.words import first_line

        found = verdict(self.resolution, self.findings)
        return first_line(self.snapshot, self.resolution, found, self.now)

    @property
    def standing(self) -> Standing:
        return self.resolution.standing(self.chosen)

    def at(self, now: float) -> DashboardState:
        return self._replace(now=now)


def first_choice(resolution: Resolution) -> str:
    """The winner's row, else the strongest that is hindered, else one that holds anything, else the first."""
    if resolution.winner in BY_ID:
        return resolution.winner
    there = [standing for standing in resolution.standings if standing.reading.state != "absent"]
    there.sort(key=lambda standing: standing.hindrance is None)
    return there[0].reading.source if there else next(iter(BY_ID))
