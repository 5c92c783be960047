"""The lines of the log, as they are kept and searched, and which are shown: those that pass the filter, but
for the steps of something of which another line tells the whole. Knows no screen."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from claude_auth.journal import LEVELS, JournalEntry
from claude_auth.journal.groups import tells_the_whole
from claude_auth.model import Event
from claude_auth.words.times import log_time

#: Between the facts of a line; no text that was cleaned holds it.
_BETWEEN = "\x1f"


class LogRecord(NamedTuple):
    """A line of the log as it is kept: compact, since a hundred thousand of them are. `tag`: what kind of
    event, by whom; it is shared by all lines that have the same. `group`: what it belongs to; `step`: whether
    another line tells the whole of that."""

    at: float
    level: int
    store: str
    tag: str
    text: str
    data: str
    group: str | None = None
    step: bool = False

    @classmethod
    def of(cls, entry: JournalEntry) -> LogRecord:
        event = entry.event
        by = f" · {entry.program} {entry.pid}" if entry.program else ""
        data = _BETWEEN.join(f"{name}={value}" for name, value in event.data.items() if value is not None)
        store, tag = sys.intern(event.store or ""), sys.intern(event.kind + by)
        group = event.group if event.data else None
        step = group is not None and not tells_the_whole(event)
        return cls(event.at, LEVELS.index(event.level), store, tag, event.text, data, group, step)

    @property
    def entry(self) -> JournalEntry:
        """As it came, but for its facts, which are text."""
        kind, _, by = self.tag.partition(" · ")
        program, _, pid = by.rpartition(" ")
        facts = (fact.partition("=") for fact in self.data.split(_BETWEEN) if fact)
        data = {name: value for name, _, value in facts}
        event = Event(self.at, kind, self.text, LEVELS[self.level], self.store or None, data)
        return JournalEntry(event, int(pid or 0), program)

    @property
    def details(self) -> str:
        return f"{self.tag} · {self.data.replace(_BETWEEN, ' ')}" if self.data else self.tag

    @property
    def full(self) -> str:
        """For the clipboard and the export."""
        store = f"{self.store}  " if self.store else ""
        lead = f"{log_time(self.at, year=True)}  {LEVELS[self.level]:<7}"
        return f"{lead}  {store}{self.text}  ({self.details})"

    def holds(self, needle: str) -> bool:
        """`needle` in lower case."""
        return needle in self.text.lower() or needle in f"{self.store} {self.details}".lower()


LEVEL_WORDS = ("everything", "warnings and errors", "errors")


class LogFilter(NamedTuple):
    """Only lines of that store, at least that serious. What doesn't match the search is hidden where
    `only_matching`, else dimmed."""

    needle: str = ""
    only_matching: bool = False
    store: str | None = None
    level: int = 0

    def keeps(self, record: LogRecord, folds: LogFolds) -> bool:
        """What is searched for is never folded."""
        if record.level < self.level or self.store not in (None, record.store):
            return False
        if self.needle and record.holds(self.needle.lower()):
            return True
        return not (self.needle and self.only_matching) and not folds.hides(record)

    @property
    def words(self) -> list[str]:
        found = [LEVEL_WORDS[self.level]] if self.level else []
        found += [f"store {self.store or 'none'}"] if self.store is not None else []
        return found + (
            [f"{'only' if self.only_matching else 'search'} “{self.needle}”"] if self.needle else []
        )


@dataclass(slots=True)
class Group:
    """What belongs together, by the numbers of its lines, -1 where there is none: its first and last step,
    and the last line that tells the whole. `level`: how serious the most serious of these lines is."""

    first_step: int = -1
    last_step: int = -1
    last_whole: int = -1
    level: int = -1


class LogFolds:
    """Follows the lines by their numbers, as they come in below and fall out above."""

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.unfolded: set[str] = set()

    def take(self, records: Iterable[LogRecord], first: int) -> int:
        """Lines come in, from that number on. From which number on another one is shown now: what tells the
        whole takes the place of its steps, also of those that stand there already."""
        changed = first
        for number, record in enumerate(records, first):
            if record.group is None:
                continue
            group = self.groups.setdefault(record.group, Group())
            if record.step:
                group.last_step = number
                group.first_step = number if group.first_step < 0 else group.first_step
            else:
                group.last_whole, group.level = number, max(group.level, record.level)
                changed = min(changed, group.first_step if group.first_step >= 0 else first)
        return changed

    def forget(self, records: Iterable[LogRecord], first: int) -> bool:
        """Lines fall out, from that number on; whether steps are left that no line stands for any more."""
        bare = False
        for number, record in enumerate(records, first):
            group = self.groups.get(record.group) if record.group is not None else None
            if group is None or record.group is None:
                continue
            if number == group.last_step:
                group.first_step = group.last_step = -1
            elif number == group.last_whole:
                group.last_whole = group.level = -1
                bare = bare or group.last_step >= 0
            if group.last_step < 0 and group.last_whole < 0:
                del self.groups[record.group]
                self.unfolded.discard(record.group)
        return bare

    def hides(self, record: LogRecord) -> bool:
        """What is more serious than the line that tells the whole went wrong on the way: it stays."""
        if record.group is None or not record.step or record.group in self.unfolded:
            return False
        return record.level <= self.groups[record.group].level

    def has_steps(self, record: LogRecord) -> bool:
        """Whether it tells the whole of some steps, or is one of them."""
        group = self.groups.get(record.group) if record.group is not None else None
        return group is not None and group.last_step >= 0 and group.last_whole >= 0

    def turn(self, record: LogRecord) -> bool:
        """Unfolds what the line belongs to, or folds it; False where it has no steps."""
        if record.group is None or not self.has_steps(record):
            return False
        self.unfolded ^= {record.group}
        return True

    def mark(self, record: LogRecord) -> str:
        """What stands before its text."""
        if not self.has_steps(record):
            return ""
        if record.step:
            return "│ "
        return "- " if record.group in self.unfolded else "+ "
