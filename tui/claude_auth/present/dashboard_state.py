"""What the screen shows at one moment: facts from the core, and what the person chose. Frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from claude_auth.claude_code.destination import AWS_PROVIDERS
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.model import Event, Finding, Fix, Resolution, Snapshot, Standing, Verdict, first_action
from claude_auth.named_tuples import NamedTuple
from claude_auth.sources import BY_ID
from claude_auth.words import next_change

if TYPE_CHECKING:
    from claude_auth.diagnose.cause import MachineRule
    from claude_auth.words import Answer, StatusText

#: Kept in the log of the dashboard, whose rows are gone through at each paint; the journal has them all.
MOST_CHANGES = 200
#: Of those so many may have been seen by another program as well.
MOST_SEEN_TWICE = 100

PanelName = Literal["ladder", "source", "wire", "findings", "log"]
#: As they are numbered: what is found, what to do, what is sent, the credential under the cursor, activity.
PANELS: tuple[PanelName, ...] = ("ladder", "findings", "wire", "source", "log")
#: Panels whose rows are walked by a cursor; the others are scrolled.
LISTS: tuple[PanelName, ...] = ("ladder", "findings", "log")

_NO_SCROLLS: Mapping[str, int] = MappingProxyType({})


class DashboardState(NamedTuple):
    """`chosen` is the source under the ladder's cursor; `finding` and `change` are the rows under the cursors
    of the findings and of the log, None before there were any (`journal_read`: what is kept is among them);
    the log follows the newest then. `moved`:
    somebody chose the finding; until then it is the most urgent one. `opened`: places that hold nothing are
    listed too. `typing`: keys go into a filter, not to the focused panel. `scrolls`: how far a panel is
    scrolled. `reveal`: the next layout brings the cursor of the focused panel into sight. `now` moves
    between two looks at the machine."""

    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    now: float
    chosen: str
    needle: str = ""
    needle_log: str = ""
    log: tuple[Event, ...] = ()
    journal_read: bool = False
    started_at: float = 0.0
    changed_at: float | None = None
    watching: str = "live"
    running: str = ""
    focused: PanelName = "ladder"
    opened: bool = False
    typing: bool = False
    zoomed: bool = False
    finding: str | None = None
    moved: bool = False
    change: str | None = None
    scrolls: Mapping[str, int] = _NO_SCROLLS
    reveal: bool = False

    @classmethod
    def of(cls, snapshot: Snapshot, client: str, version: str | None = None) -> DashboardState:
        """The first one: the cursor on the winner, or on what blocks, and that row in sight."""
        from claude_auth.actions.look import advised

        resolution, findings = advised(snapshot, client, version)
        moment, chosen = snapshot.observed_at, first_choice(resolution)
        return cls(snapshot, resolution, findings, moment, chosen, started_at=moment, reveal=True)

    @property
    def home(self) -> str:
        return self.snapshot.places.home

    @property
    def verdict(self) -> Verdict:
        from claude_auth.diagnose import verdict

        return verdict(self.resolution, self.findings)

    @property
    def answer(self) -> Answer:
        """What stands on top, the same as the first line of `claude-auth status`."""
        from claude_auth.words import answer

        return answer(self.snapshot, self.resolution, self.verdict, self.now)

    @property
    def first_line(self) -> StatusText:
        return self.answer.line

    @property
    def standing(self) -> Standing:
        return self.resolution.standing(self.chosen)

    def at(self, now: float) -> DashboardState:
        return self._replace(now=now)

    def asked_by(self, client: str, version: str | None) -> DashboardState:
        """The same machine, judged for another program."""
        from claude_auth.actions.look import advised

        resolution, findings = advised(self.snapshot, client, version)
        return self._replace(resolution=resolution, findings=findings)

    def with_events(self, events: Iterable[Event]) -> DashboardState:
        """The activity goes on by these: what was seen here, what an action did, what another program of ours
        wrote down, which may be what was seen here, too."""
        from claude_auth.journal.activity import is_told

        log = list(self.log)
        for event in events:
            if not is_told(event, log[-MOST_SEEN_TWICE:]):
                log.append(event)
        if len(log) == len(self.log):
            return self
        log.sort(key=lambda event: event.at)  # what was read may be older than what was just seen
        return self._replace(log=tuple(log[-MOST_CHANGES:]))

    @property
    def subject(self) -> Finding | None:
        """The finding that a fix is about: under the cursor, where the findings have the keys; else the first
        of the most urgent ones that something can be done about."""
        found = named_findings(self.findings)
        here = found.get(self.finding or "") if self.focused == "findings" else None
        urgent = [one for one in self.findings if one.severity == self.findings[0].severity]
        return here or next((one for one in urgent if one.fixes), urgent[0] if urgent else None)

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
        if to == self.scrolls.get(name, 0):
            return self
        return self._replace(scrolls=MappingProxyType({**self.scrolls, name: to}))

    def on_panel(self, panel: PanelName) -> DashboardState:
        """The panel has the keys, and is seen."""
        return self._replace(focused=panel, reveal=True)

    def showing(self, source: str) -> DashboardState:
        """The ladder's cursor on a source, and its panel."""
        opened = self.opened or self.resolution.standing(source).reading.state == "absent"
        state = self._replace(needle="", opened=opened)
        return state.with_cursor("ladder", source).on_panel("source")


def first_choice(resolution: Resolution) -> str:
    """The winner's row, else the strongest that is hindered, else one that holds anything, else the first."""
    if resolution.winner in BY_ID:
        return resolution.winner
    there = [standing for standing in resolution.standings if standing.reading.state != "absent"]
    there.sort(key=lambda standing: standing.hindrance is None)
    return there[0].reading.source if there else next(iter(BY_ID))


def named_findings(findings: Sequence[Finding]) -> dict[str, Finding]:
    """A name for the row of each: the id, told apart where two findings share it."""
    found: dict[str, Finding] = {}
    for finding in findings:
        name = finding.id if finding.source is None else f"{finding.id}#{finding.source}"
        number = 2
        while name in found:
            name, number = f"{finding.id}#{number}", number + 1
        found[name] = finding
    return found


def step_words(finding: Finding, snapshot: Snapshot) -> str:
    """What stands beside the key `f`, for a finding with fixes: what that key does. A change of ours, which
    the second look adds, is called as the same is by hand."""
    return (next_step(finding, snapshot) or finding.fixes[0]).title


def next_step(finding: Finding, snapshot: Snapshot) -> Fix | None:
    """What this program does about it, as far as this look tells."""
    by_us = _done_by_us(finding, snapshot)
    return by_us[0] if by_us else first_action(finding.fixes)


def _done_by_us(finding: Finding, snapshot: Snapshot) -> tuple[Fix, ...]:
    """What the finding's own rule lets us change, or take out; after the second look that are actions."""
    rule = _first_look_rule(finding, snapshot)
    if rule is None:
        return ()
    advised = tuple(fix for fix in finding.fixes if fix.about and fix.action is None)
    if set(rule.removes) - {"source", "helper"}:
        return advised
    row = BY_ID.get(finding.source or "")
    named = {*rule.changes, "unset", "keep-copy"}
    if row is not None and rule.removes:
        named |= {row.variable or "", row.label}
    return tuple(fix for fix in advised if fix.about.split(" ")[0] in named)


def _first_look_rule(finding: Finding, snapshot: Snapshot) -> MachineRule | None:
    """What says what our fixes change, as long as the second look hasn't told the fixes."""
    if snapshot.more is not None or not finding.fixes:
        return None
    from claude_auth.diagnose.causes import BY_ID as CAUSES

    return CAUSES[finding.id].rule


# ── time ─────────────────────────────────────────────────────────────────────────────────────────


def next_turn(state: DashboardState, now: float) -> float | None:
    """How long everything that is shown stays as it is; None where no time is shown."""
    shown = [
        standing.reading.tokens
        for standing in state.resolution.standings
        if standing.reading.source in (state.resolution.winner, state.chosen)
        and standing.reading.tokens is not None
    ]
    ends = [tokens.expires_at for tokens in shown] + [tokens.login_deadline for tokens in shown]
    waits = [next_change(end - now) for end in (*ends, *_sign_ins(state)) if end is not None]
    return min(waits, default=None)


def turned_between(state: DashboardState, now: float) -> bool:
    """Whether anything ended, or is due for renewal, between the state's moment and now."""
    ends = [
        end
        for standing in state.resolution.standings
        if (tokens := standing.reading.tokens) is not None
        for end in _turns(tokens.expires_at, tokens.login_deadline)
    ]
    return any(state.now < end <= now for end in (*ends, *_sign_ins(state)))


def _sign_ins(state: DashboardState) -> list[float]:
    """When the single sign-ons of AWS end, where they sign: nothing is written at that moment."""
    if state.resolution.provider not in AWS_PROVIDERS:
        return []
    return [one.expires_at for one in state.snapshot.aws.sessions if one.expires_at is not None]


def _turns(expires_at: float | None, deadline: float | None) -> list[float]:
    """The moments at which a token's state turns: Claude Code renews it before its end."""
    turns = [] if expires_at is None else [expires_at - RENEWAL_MARGIN, expires_at]
    return turns if deadline is None else [*turns, deadline]
