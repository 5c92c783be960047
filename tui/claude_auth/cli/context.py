"""Where the commands look and what they write into: the machine as it is now, our journal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from claude_auth.cli.console import say
from claude_auth.journal import Journal
from claude_auth.model import DescriptorReading, Event, Snapshot
from claude_auth.security.sanitize import clean

if TYPE_CHECKING:
    pass

_LONGEST = 600


def looker(descriptors: Mapping[str, DescriptorReading]) -> Callable[[], Snapshot]:
    """A function that looks at this machine anew each time."""
    from claude_auth.observe import observe
    from claude_auth.observe.context import ObservationContext

    return lambda: observe(ObservationContext.of_process(descriptors))


def further_looker(descriptors: Mapping[str, DescriptorReading]) -> Callable[[], Snapshot]:
    """The same, with what takes longer: what diagnosing, fixing and reporting start from."""
    from claude_auth.observe import observe, observe_more
    from claude_auth.observe.context import ObservationContext

    def look() -> Snapshot:
        view = ObservationContext.of_process(descriptors)
        return observe_more(observe(view), view)

    return look


def home() -> str:
    return os.path.abspath(os.environ.get("HOME") or os.path.expanduser("~"))


def our_journal() -> Journal:
    return Journal(on_problem=lambda text: say(f"claude-auth: {clean(text, 300)}"))


def tell(event: Event) -> None:
    """An event in words; the last one of a failure comes with the answer, and is said there."""
    if not event.kind.endswith((".failed", ".unchanged", ".cancelled", ".client-missing")):
        say(clean(event.text, _LONGEST))


async def follow(
    events: AsyncIterator[Event], journal: Journal, seen: Callable[[Event], None] = lambda event: None
) -> None:
    """Every event into the journal, on stderr, and to `seen`."""
    async for event in journal.pass_on(events):
        tell(event)
        seen(event)
