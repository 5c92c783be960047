"""The last runs of commands, as the journal tells them. What stands there holds no secret."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from claude_auth.formats.journal_line import JournalEntry
from claude_auth.model import Event
from claude_auth.words import StatusText

MOST = 100
_BEGINS = ("run.before", "run.started", "run.refused")
NO_END = StatusText("·", "its end is not told: under way still, or broken off", "dim")


class PastRun(NamedTuple):
    """`seconds` None: its end is not told."""

    setting: str
    events: tuple[Event, ...]

    @property
    def at(self) -> float:
        return self.events[0].at

    @property
    def seconds(self) -> float | None:
        times = {event.kind: event.at for event in self.events}
        if "run.started" not in times or "run.ended" not in times:
            return None
        return times["run.ended"] - times["run.started"]

    @property
    def outcome(self) -> StatusText:
        """What was understood of it, else how it ended."""
        told = {event.kind: event for event in self.events}
        for kind in ("run.refused", "run.understood", "run.ended"):
            if kind in told:
                event = told[kind]
                text = event.text.removeprefix(f"{self.setting} · ")
                return StatusText("✗", text, "fail") if event.level != "info" else StatusText("✓", text, "ok")
        return NO_END


def past_runs(entries: Iterable[JournalEntry]) -> tuple[PastRun, ...]:
    """The newest first. Runs of several programs may stand between one another."""
    runs: dict[int, list[Event]] = {}
    current: dict[tuple[int, str], int] = {}
    for number, entry in enumerate(entries):
        event = entry.event
        setting = event.data.get("setting")
        if not event.kind.startswith("run.") or not isinstance(setting, str):
            continue
        place = (entry.pid, setting)
        open_run = runs.get(current.get(place, -1), [])
        begun = {earlier.kind for earlier in open_run}
        fresh = event.kind in _BEGINS and bool(begun - {"run.before"} or event.kind in begun)
        if not open_run or fresh:
            current[place] = number
            runs[number] = []
        runs[current[place]].append(event)
    found = [PastRun(str(events[0].data["setting"]), tuple(events)) for events in runs.values()]
    return tuple(reversed(found[-MOST:]))


def read_runs(directory: str) -> tuple[PastRun, ...]:
    """Blocks. OSError where the journal can't be read."""
    from claude_auth.journal import read

    return past_runs(read(directory=directory))
