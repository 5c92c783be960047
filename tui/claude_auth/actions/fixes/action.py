"""A fix applied, or taken back, as events: then the machine is looked at again, to see whether it helped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Literal

from claude_auth.actions.fixes.applying import Applier
from claude_auth.actions.fixes.claude_file_lock import SECONDS
from claude_auth.actions.fixes.effects import got_worse, without_shells_own
from claude_auth.actions.fixes.locks import WATCH_SECONDS, guarded_paths, look_closely, remove_orphan
from claude_auth.actions.fixes.offers import offers
from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.actions.fixes.records import Records
from claude_auth.actions.fixes.refusal import Refused
from claude_auth.model import Event, Finding, Resolution, Severity, Snapshot
from claude_auth.observe.claude_files import look_at_locks
from claude_auth.observe.running import claude_processes

Look = Callable[[], Snapshot]
Sleep = Callable[[float], Awaitable[None]]
FixOutcome = Literal["applied", "undone", "refused"]


@dataclass(frozen=True, slots=True)
class FixResult:
    """`number` is for the undo. `gone`: whether the finding is gone and what was set up works as well as
    before, None where that was not asked. `worse`: why it does not, as a sentence. `usable`: whether what is
    sent now works, as a resolution says it. `again`: the preview of now, where the file was changed after the
    first one."""

    outcome: FixOutcome
    number: int | None = None
    gone: bool | None = None
    error: str | None = None
    next_step: str = ""
    again: Preview | None = None
    worse: str | None = None
    usable: bool | None = None

    @property
    def is_done(self) -> bool:
        """Whether what was asked for was done, and nothing works worse since."""
        return self.outcome != "refused" and self.worse is None


class ApplyFix:
    """Iterate `events`; `result` is set in the end."""

    def __init__(
        self,
        preview: Preview,
        *,
        look: Look,
        client: str = "claude",
        version: str | None = None,
        records: Records | None = None,
        running: Callable[[str], Collection[int] | None] = claude_processes,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        lock_seconds: float = SECONDS,
    ) -> None:
        self.result: FixResult | None = None
        self._preview, self._look = preview, look
        self._client, self._version = client, version
        self._records = records or Records()
        self._running, self._clock, self._sleep, self._monotonic = running, clock, sleep, monotonic
        self._lock_seconds = lock_seconds

    async def events(self) -> AsyncIterator[Event]:
        preview = self._preview
        if not preview.applicable:
            yield self._refused(Refused("gone", "this fix is for you to run", " ; ".join(preview.commands)))
            return
        before = await asyncio.to_thread(self._look)
        config_dir = before.places.config_dir
        number: int | None = None
        if isinstance(preview.change, LockRemoval):
            text = f"watching the lock for {WATCH_SECONDS:.0f} s: a living holder touches it every five"
            yield self._event("fix.watching", text, path=preview.change.path)
            removed, sentence = await self._remove_lock(preview.change, before)
            if not removed:
                yield self._refused(Refused("locked", sentence, "Look again in a moment"))
                return
            yield self._event("fix.applied", sentence, path=preview.change.path)
        else:
            applier = Applier(
                self._records,
                lambda: self._running(config_dir),
                lambda: look_at_locks(config_dir, before.claude_json.path, self._clock()),
                now=self._clock,
                lock_seconds=self._lock_seconds,
            )
            try:
                record = await asyncio.to_thread(applier.apply, preview)
            except Refused as refused:
                for sentence in applier.taken_away:
                    yield self._event("fix.lock-removed", sentence)
                yield await self._explained(refused)
                return
            for sentence in applier.taken_away:
                yield self._event("fix.lock-removed", sentence)
            number = record.number
            text = f"{preview.title}: done. `claude-auth fix --undo {number}` takes it back"
            yield self._event(
                "fix.applied", text, path=record.path, number=number, operation=record.operation
            )
        after = await asyncio.to_thread(self._look)
        self.result = await asyncio.to_thread(self._compared, number, before, after)
        for event in self._told(self.result):
            yield event

    async def _remove_lock(self, change: LockRemoval, snapshot: Snapshot) -> tuple[bool, str]:
        seen = look_closely(change.path, self._monotonic)
        if seen is None:
            return False, "the lock is gone, or something else stands in its place"
        await self._sleep(WATCH_SECONDS)
        known, config_dir = guarded_paths(snapshot), snapshot.places.config_dir
        removal = await asyncio.to_thread(
            remove_orphan, seen, known, lambda: self._running(config_dir), self._monotonic, self._clock
        )
        return removal.removed, removal.sentence

    async def _explained(self, refused: Refused) -> Event:
        """Where the file was changed meanwhile, the preview of now comes along."""
        again = None
        if refused.code == "changed":
            again = await asyncio.to_thread(self._preview_again)
        return self._refused(refused, again)

    def _preview_again(self) -> Preview | None:
        snapshot = self._look()
        found = offers(snapshot, *self._diagnosed(snapshot))
        return next((preview for preview in found if preview.id == self._preview.id), None)

    # ── whether it helped ────────────────────────────────────────────────────────────────────────

    def _compared(self, number: int | None, before: Snapshot, after: Snapshot) -> FixResult:
        """In a new shell, where the fix is about what a shell sets."""
        preview = self._preview
        if preview.finding is None:
            return FixResult("applied", number)
        if preview.variable is not None:
            after = without_shells_own(after, preview.variable)
        was, _ = self._diagnosed(before)
        now, findings = self._diagnosed(after)
        worse = got_worse(before, was, now, preview)
        is_gone = preview.finding not in {found.id for found in findings}
        return FixResult("applied", number, is_gone and worse is None, worse=worse, usable=now.usable)

    def _diagnosed(self, snapshot: Snapshot) -> tuple[Resolution, tuple[Finding, ...]]:
        from claude_auth.diagnose import diagnosed

        return diagnosed(snapshot, self._client, self._version)

    def _told(self, result: FixResult) -> tuple[Event, ...]:
        preview, told = self._preview, []
        if result.worse is not None:
            back = f": `claude-auth fix --undo {result.number}` takes it back" if result.number else ""
            text = f"looked again, and now it is worse: {result.worse}{back}"
            told.append(self._event("fix.worse", text, "error", number=result.number))
        elif result.gone is True:
            where = " in a new shell" if preview.variable is not None else ""
            still = "" if result.usable is not False else ", but no request can go out yet"
            told.append(self._event("fix.verified", f"looked again: {preview.finding} is gone{where}{still}"))
        elif result.gone is False:
            text = f"looked again: {preview.finding} is still there, so it has another cause as well"
            told.append(self._event("fix.not-enough", text, "warning"))
        if preview.afterwards:
            told.append(self._event("fix.afterwards", preview.afterwards))
        return tuple(told)

    def _refused(self, refused: Refused, again: Preview | None = None) -> Event:
        commands = self._preview.commands if refused.code in {"claude-runs", "not-known", "locked"} else ()
        step = refused.next_step
        if commands:
            step = f"{step}. To copy: {commands[0]}" if step else f"To copy: {commands[0]}"
        self.result = FixResult("refused", error=refused.sentence, next_step=step, again=again)
        return self._event(
            "fix.refused",
            f"nothing was changed: {refused.sentence}. {step}".strip(),
            "error",
            code=refused.code,
        )

    def _event(
        self, kind: str, text: str, level: Severity = "info", **data: str | int | bool | None
    ) -> Event:
        return Event(self._clock(), kind, text, level, None, {"fix": self._preview.id, **data})


class UndoFix:
    """Takes fix `number` back. Iterate `events`; `result` is set in the end."""

    def __init__(
        self,
        number: int,
        *,
        look: Look,
        records: Records | None = None,
        running: Callable[[str], Collection[int] | None] = claude_processes,
        clock: Callable[[], float] = time.time,
        lock_seconds: float = SECONDS,
    ) -> None:
        self.result: FixResult | None = None
        self._number, self._look = number, look
        self._records = records or Records()
        self._running, self._clock, self._lock_seconds = running, clock, lock_seconds

    async def events(self) -> AsyncIterator[Event]:
        snapshot = await asyncio.to_thread(self._look)
        config_dir = snapshot.places.config_dir
        applier = Applier(
            self._records,
            lambda: self._running(config_dir),
            lambda: look_at_locks(config_dir, snapshot.claude_json.path, self._clock()),
            now=self._clock,
            lock_seconds=self._lock_seconds,
        )
        data: dict[str, str | int | float | bool | None] = {"number": self._number}
        try:
            record = await asyncio.to_thread(applier.undo, self._number)
        except Refused as refused:
            for sentence in applier.taken_away:
                yield Event(self._clock(), "fix.lock-removed", sentence, "info", None, data)
            self.result = FixResult(
                "refused", self._number, error=refused.sentence, next_step=refused.next_step
            )
            text = f"nothing was changed: {refused.sentence}. {refused.next_step}".strip()
            yield Event(
                self._clock(), "fix.undo-refused", text, "error", None, {**data, "code": refused.code}
            )
            return
        for sentence in applier.taken_away:
            yield Event(self._clock(), "fix.lock-removed", sentence, "info", None, data)
        self.result = FixResult("undone", self._number)
        text = f"taken back: {record.title}; {record.path} is as it was"
        yield Event(self._clock(), "fix.undone", text, "info", None, {**data, "path": record.path})
