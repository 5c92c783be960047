"""Where the lines of the log come from: our journal, and what Claude Code is seen to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING

from claude_auth.formats.journal_line import JournalEntry, safe

if TYPE_CHECKING:
    from claude_auth.app.eyes import Eyes

#: For how long lines are gathered before they are handed on.
BEAT, BEAT_OVER_SSH = 0.1, 0.5

Feed = Callable[[], AsyncIterator[Sequence[JournalEntry]]]


def journal_feed(directory: str | None, beat: float = BEAT) -> Feed:
    def journal() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal import follow

        return follow(directory=directory, debounce=beat)

    return journal


def claude_feed(eyes: Eyes) -> Feed:
    """Seen from outside, not written by a process of ours."""

    async def claude() -> AsyncIterator[Sequence[JournalEntry]]:
        from claude_auth.journal.claude_events import live

        assert eyes.watch is not None
        async for news in live(eyes.look, eyes.watch, eyes.paths):
            yield [JournalEntry(safe(event)) for event in news]

    return claude
