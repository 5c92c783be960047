"""What happens on this machine, look by look, into the journal: by whichever of our programs sees it, once.

Several of them may look at the same time, so what another one has written already is not written again. What
happened while none looked is told from what the disk shows: that the login is another one than the last that
was seen, and when its file was written. Nothing else is known of it, and nothing else is said.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, Any

from claude_auth.journal.changes import Look, changes
from claude_auth.journal.claude_events import Memory, first, follow, next_look, until_words
from claude_auth.journal.reading import Reader, recent
from claude_auth.journal.records import NAME, Journal
from claude_auth.journal.refreshes import STORE, refresh_locks
from claude_auth.model import Event, Resolution, Snapshot
from claude_auth.words import when

if TYPE_CHECKING:
    import asyncio

#: Two programs see the same thing within so many seconds.
SAME_SECONDS = 10.0
#: What is read of the journal's end, in bytes: to begin with, to find the last login that was seen, and to
#: see what was written just now.
_BEGIN, _FAR, _NEAR = 1 << 14, 1 << 18, 1 << 13
_MOST_NEWS = 1000
#: What differs between two looks at one thing.
_VOLATILE = {"age", "seconds", "process", "look"}
_SEEN = ("claude.", "source.", "answer.", "settings.")


def is_same(event: Event, other: Event) -> bool:
    """Whether two programs tell the same thing."""
    return (
        event.kind == other.kind
        and abs(event.at - other.at) <= SAME_SECONDS
        and (event.text == other.text or _facts(event) == _facts(other))
    )


def is_told(event: Event, known: Iterable[Event]) -> bool:
    """Whether it was seen from outside, and another one saw it, too."""
    return event.kind.startswith(_SEEN) and any(is_same(event, other) for other in known)


def _facts(event: Event) -> dict[str, object]:
    return {name: value for name, value in event.data.items() if name not in _VOLATILE and value is not None}


class Activity:
    """`look` and `news` are for a worker's thread; a look that was overtaken by another tells nothing."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._reader: Reader | None = None
        self._memory: Memory | None = None
        self._resolution: Resolution | None = None
        self._lock = threading.Lock()

    def first(self, snapshot: Snapshot, resolution: Resolution) -> tuple[Event, ...]:
        """Begins with a look: tells what happened before it. Nothing where it has begun."""
        with self._lock:
            if self._memory is not None:
                return ()
            self._memory, events = first(snapshot, self._holders(snapshot))
            self._resolution = resolution
            return self._written((*found_login(snapshot, self._last_login(snapshot)), *events))

    def look(self, snapshot: Snapshot, resolution: Resolution) -> tuple[Event, ...]:
        """What happened since the last look, written down."""
        with self._lock:
            memory = self._memory
            if memory is None or snapshot.observed_at < memory.snapshot.observed_at:
                return ()
            before = self._before(memory, resolution)
            self._memory, claude = follow(memory, snapshot, self._holders(snapshot))
            self._resolution = resolution
            return self._written((*changes(before, (snapshot, resolution)), *claude))

    def begin(self, since: float) -> tuple[Event, ...]:
        """The newest of what is kept, not before `since`; `news` goes on from there."""
        with contextlib.suppress(OSError):  # no place of ours: the screen of the log says why
            self._reader = Reader(self.journal.directory, from_end=True)
        kept = recent(self.journal.directory, _BEGIN)
        return tuple(entry.event for entry in kept if entry.event.at >= since)

    def news(self) -> tuple[Event, ...]:
        """What other programs of ours have written since the last time. Raises OSError."""
        if self._reader is None:
            return ()
        found = self._reader.batch(_MOST_NEWS)
        return tuple(entry.event for entry in found if entry.pid != os.getpid())

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    @property
    def path(self) -> str:
        """The file that grows when something is written down."""
        return os.path.join(self.journal.directory, NAME)

    @property
    def refreshing(self) -> bool:
        """Whether a refresh by Claude Code was seen to begin and not yet to end."""
        return self._memory is not None and self._memory.refresh is not None

    @property
    def next_look(self) -> float | None:
        """When to look again though no file changes: a lock that nobody touches is another thing then."""
        return None if self._memory is None else next_look(self._memory)

    def _before(self, memory: Memory, resolution: Resolution) -> Look:
        """The look before, as the client that asks now saw it: asking as another one changes nothing."""
        before = self._resolution
        if before is None or before.client != resolution.client:
            from claude_auth.resolve import resolve

            before = resolve(memory.snapshot, resolution.client)
        return memory.snapshot, before

    def _holders(self, snapshot: Snapshot) -> tuple[int, ...] | None:
        """The clients that run at the moment at which a refresh is seen to begin: a look after a change keeps
        the table of processes of an earlier one."""
        if self.refreshing or not refresh_locks(snapshot) or snapshot.places.root != "/":
            return None
        from claude_auth.observe.running import claude_processes

        found = claude_processes(snapshot.places.config_dir)
        return None if found is None else tuple(sorted(found))

    def _last_login(self, snapshot: Snapshot) -> Event | None:
        path = snapshot.places.credentials_path
        return next(
            (
                entry.event
                for entry in reversed(recent(self.journal.directory, _FAR))
                if entry.event.kind.startswith("claude.login.") and entry.event.data.get("path") == path
            ),
            None,
        )

    def _written(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """The events, those of them written down that no other program of ours has written."""
        told = tuple(events)
        if told:
            with self.journal.alone():
                known = [entry.event for entry in recent(self.journal.directory, _NEAR)]
                for event in told:
                    if not is_told(event, known):
                        self.journal.write(event)
        return told


def found_login(snapshot: Snapshot, last: Event | None) -> tuple[Event, ...]:
    """What the disk shows of the time before the first look. `last`: what was last told of this login."""
    login, now = snapshot.login, snapshot.observed_at
    before = None if last is None else last.data.get("to")
    file, path = login.origin.file, snapshot.places.credentials_path
    written = None if file is None else round(file.modified, 3)
    data = {"from": before, "path": path, "written": written}
    by_file = "" if written is None else f"; its file was written {when(written, now)}"
    tokens = login.tokens
    if tokens is None or tokens.access_token.is_empty:
        if before is None or login.present_unread or (login.damage and not login.damage.is_missing):
            return ()
        text = f"while nobody watched: the login {before} is gone{by_file}"
        return (Event(now, "claude.login.missed", text, "info", STORE, data),)
    to = tokens.access_token.fingerprint
    if to == before:
        return ()
    data |= {"to": to, "expires_at": tokens.expires_at, "deadline": tokens.login_deadline}
    begin = f"while nobody watched: {before} → {to}" if before else f"a login stands here: {to}"
    text = f"{begin}{until_words(tokens, now)}{by_file}"
    return (Event(now, "claude.login.missed" if before else "claude.login.found", text, "info", STORE, data),)


# ── live, without a screen ───────────────────────────────────────────────────────────────────────

Watch = Callable[[tuple[str, ...], "asyncio.Event"], AsyncIterator[frozenset[str]]]


async def live(
    activity: Activity, look: Callable[[], Look], watch: Watch, paths: Callable[[Snapshot], tuple[str, ...]]
) -> AsyncGenerator[tuple[Event, ...], None]:
    """The events as they happen, in batches; what looks and watches is the caller's."""
    import asyncio

    def look_again() -> tuple[Snapshot, tuple[Event, ...]]:
        seen = look()
        return seen[0], (*activity.first(*seen), *activity.look(*seen))

    snapshot, events = await asyncio.to_thread(look_again)
    while watched := paths(snapshot):
        ready = asyncio.Event()
        watcher = watch(watched, ready)
        upcoming = asyncio.ensure_future(anext(watcher))
        waiting: set[asyncio.Future[Any]] = {upcoming, asyncio.ensure_future(ready.wait())}
        try:
            while paths(snapshot) == watched:
                if events:
                    yield events
                end = activity.next_look
                rest = None if end is None else max(0.0, end - snapshot.observed_at) + 0.05
                done, _ = await asyncio.wait(waiting, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
                waiting -= done
                if upcoming in done:
                    upcoming.result()
                    upcoming = asyncio.ensure_future(anext(watcher))
                    waiting.add(upcoming)
                snapshot, events = await asyncio.to_thread(look_again)
        except StopAsyncIteration:
            return
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
