"""`claude-auth log`: the journal as text or as JSON lines; with --follow what Claude Code does, too."""

from __future__ import annotations

import argparse
import errno
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from claude_auth.actions.program import LOOKS_EVERY, ExitCode, has_gone, stdout_problem
from claude_auth.cli.console import colours_serve, plain, refuse, say
from claude_auth.cli.context import add_json
from claude_auth.model import DescriptorReading, Severity

if TYPE_CHECKING:
    from claude_auth.journal import JournalEntry

_SPAN = re.compile(r"(\d{1,6})\s*(s|m|min|h|d|w)")
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_COLOURS = {"error": "31", "warning": "33"}


def add_parser(commands: Any) -> None:
    """The command and its options, for the command line's table of commands."""
    parser = commands.add_parser(
        "log",
        help="what was done to credentials, and what Claude Code does now",
        description="The journal of what our programs did, the oldest line first. It holds no secret.",
        epilog="Exit status: 0 told, 1 the journal can't be read, 2 wrong usage.",
    )
    parser.add_argument(
        "--follow",
        "-f",
        action="store_true",
        help="go on with what happens from now on, Claude Code's doings too",
    )
    add_json(parser, "one JSON object a line")
    parser.add_argument(
        "--since", metavar="WHEN", help="not before WHEN: 30m, 2h, 1d, today, 2026-11-20, '2026-11-20 12:03'"
    )
    parser.add_argument("--store", metavar="ID", help="only lines about that store, e.g. claude-code")
    parser.add_argument("--level", choices=get_args(Severity), help="only lines at least that serious")


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """Print the lines; returns the exit code."""
    from claude_auth.journal import read

    now = time.time()
    since = None if arguments.since is None else moment_of(arguments.since, now)
    if arguments.since is not None and since is None:
        return refuse(f"--since {arguments.since!r} is no moment; write 30m, 2h, 1d, today or 2026-11-20")
    teller = Teller(as_json=arguments.json)
    try:
        if arguments.follow:
            import asyncio

            asyncio.run(_follow(teller, since, arguments))
        else:
            teller.tell(read(since, arguments.store, arguments.level))
    except BrokenPipeError:
        raise
    except OSError as error:
        if stdout_problem(error) or has_gone(1):
            raise
        say(f"claude-auth: the journal can't be read: {error.strerror or error}")
        return ExitCode.NOT_DONE
    return ExitCode.DONE


def moment_of(text: str, now: float) -> float | None:
    """What a person means by a moment: a time ago, a day, a day and an hour; None for anything else."""
    from datetime import datetime

    text = text.strip()
    ago = _SPAN.fullmatch(text.removesuffix("ago").strip())
    if ago is not None:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        if text == "today":
            return datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()  # noqa: DTZ006
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


class Teller:
    """Prints lines as they come; each is flushed, since a reader may wait for it."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._colour = colours_serve()

    def tell(self, entries: Iterable[JournalEntry]) -> None:
        from claude_auth.journal import encode

        for entry in entries:
            line = encode(entry).decode().rstrip("\n") if self._json else self._text(entry)
            print(line if self._json else plain(line))
            if sys.stdout is not None:
                sys.stdout.flush()

    def _text(self, entry: JournalEntry) -> str:
        text = line_text(entry)
        colour = _COLOURS.get(entry.event.level)
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour and colour else text


def line_text(entry: JournalEntry) -> str:
    """One line for people: when, how serious, about what, what happened, and the details."""
    from claude_auth.words import SEVERITIES

    event = entry.event
    try:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.at))
    except (OverflowError, ValueError, OSError):
        when = "?" * 19
    by = f" · {entry.program} {entry.pid}" if entry.program else ""
    data = "".join(f" · {name}={value}" for name, value in event.data.items() if value is not None)
    lead = f"{when} {SEVERITIES[event.level].glyph} {event.store or '':<12}"
    return f"{lead} {event.text}  ({event.kind}{by}{data})"


async def _follow(teller: Teller, since: float | None, arguments: argparse.Namespace) -> None:
    """Two sources, one after another's news; the end of either, or of the reader, ends it all."""
    import asyncio

    from claude_auth.journal import follow, passes

    async def journal() -> None:
        async for entries in follow(since, arguments.store, arguments.level):
            teller.tell(entries)

    async def claude() -> None:
        async for entry in _claude():
            if passes(entry.event, None, arguments.store, arguments.level):
                teller.tell([entry])

    async def reader() -> None:
        """Whoever reads may go without a signal, and while nothing happens that would be written to them."""
        terminal = os.isatty(1)
        while not has_gone(1):  # noqa: ASYNC110  the kernel tells nobody
            await asyncio.sleep(LOOKS_EVERY)
        raise OSError(errno.EIO, "it hung up") if terminal else BrokenPipeError

    tasks = [asyncio.ensure_future(one) for one in (journal(), claude(), reader())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _claude() -> AsyncIterator[JournalEntry]:
    """What Claude Code does on this machine."""
    from claude_auth.actions.look import HostObserver, ObservationContext, observe
    from claude_auth.journal import JournalEntry, safe
    from claude_auth.journal.claude_events import live

    context = ObservationContext.of_process({})
    observer = HostObserver.of(context)
    assert observer.watch is not None
    async for events in live(lambda: observe(context), observer.watch, observer.paths):
        for event in events:
            yield JournalEntry(safe(event))
