"""What the commands that act share: the look at the machine, the journal, and words on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping

from claude_auth.actions import Result
from claude_auth.journal import Journal
from claude_auth.model import DescriptorReading, Event, Snapshot
from claude_auth.sanitise import clean

USABLE, FAILED, WRONG_USAGE = 0, 1, 2


def looker(descriptors: Mapping[str, DescriptorReading]) -> Callable[[], Snapshot]:
    """A function that looks at this machine anew each time."""
    from claude_auth.observe import observe
    from claude_auth.observe.viewpoint import Viewpoint

    return lambda: observe(Viewpoint.of_process(descriptors))


def say(text: str) -> None:
    """A line for the person; standard output belongs to the answer."""
    print(text, file=sys.stderr, flush=True)


def refuse(text: str) -> int:
    say(f"claude-auth: {text}")
    return WRONG_USAGE


async def follow(events: AsyncIterator[Event], journal: Journal, seen: Callable[[Event], None]) -> None:
    """Every event into the journal, on stderr, and to `seen`."""
    async for event in journal.pass_on(events):
        say(clean(event.text, 600))
        seen(event)


def finish(result: Result, *, as_json: bool) -> int:
    """The answer on standard output, the exit code."""
    if as_json:
        print(json.dumps(result.as_json(), indent=2))
    elif result.error:
        say(f"claude-auth: {clean(result.error, 600)}")
    return result.exit_code


def our_journal() -> Journal:
    return Journal(
        on_problem=lambda text: say(f"claude-auth: the journal is not written: {clean(text, 300)}")
    )


def home() -> str:
    return os.path.abspath(os.environ.get("HOME") or os.path.expanduser("~"))
