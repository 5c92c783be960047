"""`claude-auth log`: the journal as text or as JSON lines; with --follow what happens from now on, too."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, get_args

from claude_auth.actions.program import LOOKS_EVERY, ExitCode, has_gone, send_nowhere, stdout_problem
from claude_auth.cli.console import colours_serve, plain, readable, refuse, say
from claude_auth.cli.context import Descriptors
from claude_auth.cli.options import Arguments, add_json
from claude_auth.model import Event, Resolution, Severity, Snapshot
from claude_auth.words import SEVERITIES
from claude_auth.words.times import log_time, moment_of

if TYPE_CHECKING:
    from claude_auth.journal import Journal, JournalEntry

PROGRAM = "claude-auth"
#: Of so many lines each may have been seen by another program as well.
SEEN_TWICE = 100
_COLOURS = {"error": "31", "warning": "33"}
_BESIDE_TIME = 22


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "log",
        help="what was done to credentials, and what Claude Code does now",
        description="What was done to credentials and what was seen to happen to them, the newest line last. "
        "Kept for 30 days, at most 10 MB; no secret is in it.",
        epilog="Exit status: 0 told, 1 the journal can't be read, 2 wrong usage.",
    )
    parser.add_argument(
        "--follow", "-f", action="store_true", help="look on, and go on with what happens from now on"
    )
    add_json(parser, "one JSON object a line")
    parser.add_argument(
        "--since",
        metavar="WHEN",
        help="not before WHEN: 30m, 2h, 12:03, yesterday, 2026-11-20, '2026-11-20 12:03'",
    )
    parser.add_argument("--store", metavar="ID", help="only lines about that store, e.g. claude-code")
    parser.add_argument("--level", choices=get_args(Severity), help="only lines at least that serious")


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """Print the lines; returns the exit code."""
    from claude_auth.journal import read

    now = time.time()
    since = None if arguments.since is None else moment_of(arguments.since, now)
    if arguments.since is not None and since is None:
        return refuse(
            f"--since {arguments.since!r} is no moment; write 30m, 2h, 12:03, yesterday or 2026-11-20"
        )
    teller = Teller(as_json=arguments.json)
    try:
        if arguments.follow:
            import asyncio

            asyncio.run(_follow(teller, since, arguments))
        else:
            teller.tell(read(since, arguments.store, arguments.level))
    except BrokenPipeError:
        send_nowhere(1)  # its reader has seen enough: `log --follow | head -1`
    except OSError as error:
        if stdout_problem(error) or has_gone(1):
            raise
        say(f"claude-auth: the journal can't be read: {error.strerror or error}")
        return ExitCode.NOT_DONE
    return ExitCode.DONE


class Teller:
    """Prints lines as they come; each is flushed, since a reader may wait for it."""

    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._colour = colours_serve()
        self._told: list[Event] = []

    def tell_once(self, entries: Iterable[JournalEntry]) -> None:
        """What is seen here, another program of ours may have seen and written, too."""
        from claude_auth.journal.activity import is_told

        for entry in entries:
            if not is_told(entry.event, self._told):
                self._told = [*self._told[1 - SEEN_TWICE :], entry.event]
                self.tell([entry])

    def tell(self, entries: Iterable[JournalEntry]) -> None:
        from claude_auth.journal import encode

        for entry in entries:
            lines = [encode(entry).decode().rstrip("\n")] if self._json else self._lines(entry)
            for line in lines:
                print(line)
            if sys.stdout is not None:
                sys.stdout.flush()

    def _lines(self, entry: JournalEntry) -> list[str]:
        text = line_text(entry)
        colour = _COLOURS.get(entry.event.level)
        text = f"\x1b[{colour}m{text}\x1b[0m" if self._colour and colour else text
        return [plain(part) for part in readable(text, 1, _BESIDE_TIME)]


def line_text(entry: JournalEntry) -> str:
    """One line for people: when, how serious, about what, what happened, and the details."""
    event = entry.event
    when = log_time(event.at, year=True)
    by = f" · {entry.program} {entry.pid}" if entry.program else ""
    data = "".join(f" · {name}={value}" for name, value in event.data.items() if value is not None)
    lead = f"{when} {SEVERITIES[event.level].glyph} {event.store or '':<12}"
    return f"{lead} {event.text}  ({event.kind}{by}{data})"


async def _follow(teller: Teller, since: float | None, arguments: Arguments) -> None:
    """What others write into the journal, and what is seen here, which is written into it as well. The end of
    either, or of the reader, ends it all."""
    import asyncio

    from claude_auth.journal import Journal, JournalEntry, follow, passes, safe

    own = os.getpid()

    async def journal() -> None:
        async for entries in follow(since, arguments.store, arguments.level):
            teller.tell_once(entry for entry in entries if entry.pid != own)

    async def seen() -> None:
        async for events in _seen(Journal(program=PROGRAM)):
            wanted = (event for event in events if passes(event, None, arguments.store, arguments.level))
            teller.tell_once(JournalEntry(safe(event), own, PROGRAM) for event in wanted)

    async def reader() -> None:
        """Whoever reads may go without a signal, and while nothing happens that would be written to them."""
        terminal = os.isatty(1)
        while not has_gone(1):  # noqa: ASYNC110  the kernel tells nobody
            await asyncio.sleep(LOOKS_EVERY)
        raise OSError(errno.EIO, "it hung up") if terminal else BrokenPipeError

    tasks = [asyncio.ensure_future(one) for one in (journal(), seen(), reader())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _seen(journal: Journal) -> AsyncIterator[tuple[Event, ...]]:
    """What happens on this machine from now on, as it is written down."""
    from claude_auth.actions.look import HostObserver, ObservationContext, observe, resolve
    from claude_auth.journal.activity import Activity, live

    context = ObservationContext.of_process({})
    observer, activity = HostObserver.of(context), Activity(journal)
    assert observer.watch is not None

    def look() -> tuple[Snapshot, Resolution]:
        snapshot = observe(context)
        return snapshot, resolve(snapshot, "claude")

    async for events in live(activity, look, observer.watch, observer.paths):
        yield events
