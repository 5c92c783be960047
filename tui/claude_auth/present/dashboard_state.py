"""What the screen shows at one moment: facts from the core, and what the person chose. Frozen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from claude_auth.model import Finding, Resolution, Snapshot, Standing
from claude_auth.sources import BY_ID

if TYPE_CHECKING:
    from claude_auth.journal.changes import Change
    from claude_auth.words import StatusText

PanelName = Literal["ladder", "source", "wire", "findings", "log"]
PANELS: tuple[PanelName, ...] = ("ladder", "source", "wire", "findings", "log")
#: Panels whose rows are walked by a cursor; the others are scrolled.
LISTS: tuple[PanelName, ...] = ("ladder", "findings", "log")

#: What the next layout brings into sight: the row under the cursor of the focused panel, scrolling no more than
#: that takes; or that panel, by its first line where it is a large one.
Reveal = Literal["nothing", "row", "panel"]
_NO_SCROLLS: Mapping[str, int] = MappingProxyType({})


class DashboardState(NamedTuple):
    """`chosen` is the source under the ladder's cursor; `finding` and `change` are the rows under the cursors
    of the findings and of the log, None before there were any. `moved`: somebody chose the finding; until
    then it is the most urgent one. `typing`: keys go into a filter, not to the focused panel. `scrolls`: how
    far a panel, or the `body` of one column, is scrolled. `now` moves between two looks at the machine."""

    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    now: float
    chosen: str
    needle: str = ""
    needle_log: str = ""
    log: tuple[Change, ...] = ()
    started_at: float = 0.0
    changed_at: float | None = None
    watching: str = "watching"
    focused: PanelName = "ladder"
    typing: bool = False
    zoomed: bool = False
    finding: str | None = None
    moved: bool = False
    change: str | None = None
    scrolls: Mapping[str, int] = _NO_SCROLLS
    reveal: Reveal = "nothing"

    @classmethod
    def of(cls, snapshot: Snapshot, client: str, version: str | None = None) -> DashboardState:
        """The first one: the cursor on the winner, or on what blocks."""
        from claude_auth.diagnose import diagnosed

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

    # ── what the person does ─────────────────────────────────────────────────────────────────────

    def cursor(self, panel: PanelName) -> str | None:
        return {"ladder": self.chosen, "findings": self.finding, "log": self.change}.get(panel)

    def with_cursor(self, panel: PanelName, row: str) -> DashboardState:
        """Somebody chose that row of that panel."""
        if panel == "ladder":
            state = self._replace(chosen=row)
            # What is told of another source begins with its first line.
            return state if row == self.chosen else state.scrolled("source", 0)
        if panel == "findings":
            return self._replace(finding=row, moved=True)
        return self._replace(change=row)

    def scrolled(self, name: str, to: int) -> DashboardState:
        """`name`: of a panel, or `body`."""
        if to == self.scrolls.get(name, 0):
            return self
        return self._replace(scrolls=MappingProxyType({**self.scrolls, name: to}))

    def on_panel(self, panel: PanelName) -> DashboardState:
        """The panel has the keys, and is seen."""
        return self._replace(focused=panel, reveal="panel")

    def showing(self, source: str) -> DashboardState:
        """The ladder's cursor on a source, and its panel."""
        return self._replace(needle="").with_cursor("ladder", source).on_panel("source")


def first_choice(resolution: Resolution) -> str:
    """The winner's row, else the strongest that is hindered, else one that holds anything, else the first."""
    if resolution.winner in BY_ID:
        return resolution.winner
    there = [standing for standing in resolution.standings if standing.reading.state != "absent"]
    there.sort(key=lambda standing: standing.hindrance is None)
    return there[0].reading.source if there else next(iter(BY_ID))
