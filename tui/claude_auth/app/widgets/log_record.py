"""A line of the log as it is kept: compact, since a hundred thousand of them are."""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

from claude_auth.formats.journal_line import LEVELS, JournalEntry


class Record(NamedTuple):
    """A line; `tag` (what kind of event, by whom) is shared by all lines that have the same."""

    at: float
    level: int
    store: str
    tag: str
    text: str
    data: str

    @classmethod
    def of(cls, entry: JournalEntry) -> Record:
        event = entry.event
        by = f" · {entry.program} {entry.pid}" if entry.program else ""
        data = " ".join(f"{name}={value}" for name, value in event.data.items() if value is not None)
        return cls(
            event.at,
            LEVELS.index(event.level),
            sys.intern(event.store or ""),
            sys.intern(event.kind + by),
            event.text,
            data,
        )

    @property
    def details(self) -> str:
        return f"{self.tag} · {self.data}" if self.data else self.tag

    @property
    def full(self) -> str:
        """For the clipboard and the export."""
        store = f"{self.store}  " if self.store else ""
        lead = f"{clock_words(self.at, year=True)}  {LEVELS[self.level]:<7}"
        return f"{lead}  {store}{self.text}  ({self.details})"

    def holds(self, needle: str) -> bool:
        """`needle` in lower case."""
        return needle in self.text.lower() or needle in f"{self.store} {self.details}".lower()


def clock_words(at: float, *, year: bool = False) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S" if year else "%m-%d %H:%M:%S", time.localtime(at))
    except (OverflowError, ValueError, OSError):
        return "?" * (19 if year else 14)
