"""A fix applied, or taken back, as events: then the machine is looked at again, to see whether it helped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal

from claude_auth.actions.fixes.applying import Applier
from claude_auth.actions.fixes.locks import SECONDS, WATCH_SECONDS, look_closely, remove_orphan
from claude_auth.actions.fixes.offers import got_worse, offers, without_shells_own
from claude_auth.actions.fixes.plans import LockRemoval, Preview, guarded_paths
from claude_auth.actions.fixes.records import Record, Records
from claude_auth.actions.fixes.writing import FixRefused
from claude_auth.actions.look import diagnosed
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


@dataclass(eq=False, repr=False)
class ApplyFix:
    """Iterate `events`; `result` is set in the end."""

    preview: Preview
    _: KW_ONLY
    look: Look
    client: str = "claude"
    version: str | None = None
    records: Records = field(default_factory=Records)
    running: Callable[[str], Collection[int] | None] = claude_processes
    clock: Callable[[], float] = time.time
    sleep: Sleep = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    lock_seconds: float = SECONDS
    result: FixResult | None = field(default=None, init=False)

    async def events(self) -> AsyncIterator[Event]:
        preview = self.preview
        if not preview.applicable:
            yield self._refused(
                FixRefused("gone", "this fix is for you to run", " ; ".join(preview.commands))
            )
            return
        before = await asyncio.to_thread(self.look)
        number: int | None = None
        if isinstance(preview.change, LockRemoval):
            text = f"watching the lock for {WATCH_SECONDS:.0f} s: a living holder touches it every five"
            yield self._event("fix.watching", text, path=preview.change.path)
            removed, sentence = await self._remove_lock(preview.change, before)
            if not removed:
                yield self._refused(FixRefused("locked", sentence, "Look again in a moment"))
                return
            yield self._event("fix.applied", sentence, path=preview.change.path)
        else:
            applier = _applier(self, before)
            done = await asyncio.to_thread(_attempt, lambda: applier.apply(preview))
            for sentence in applier.taken_away:
                yield self._event("fix.lock-removed", sentence)
            if isinstance(done, FixRefused):
                yield await self._explained(done)
                return
            record, number = done, done.number
            text = f"{preview.title}: done. `claude-auth fix --undo {number}` takes it back"
            yield self._event(
                "fix.applied", text, path=record.path, number=number, operation=record.operation
            )
        after = await asyncio.to_thread(self.look)
        self.result = await asyncio.to_thread(self._compared, number, before, after)
        for event in self._told(self.result):
            yield event

    async def _remove_lock(self, change: LockRemoval, snapshot: Snapshot) -> tuple[bool, str]:
        seen = look_closely(change.path, self.monotonic)
        if seen is None:
            return False, "the lock is gone, or something else stands in its place"
        await self.sleep(WATCH_SECONDS)
        known, config_dir = guarded_paths(snapshot), snapshot.places.config_dir
        removal = await asyncio.to_thread(
            remove_orphan, seen, known, lambda: self.running(config_dir), self.monotonic, self.clock
        )
        return removal.removed, removal.sentence

    async def _explained(self, refused: FixRefused) -> Event:
        """Where the file was changed meanwhile, the preview of now comes along."""
        again = None
        if refused.code == "changed":
            again = await asyncio.to_thread(self._preview_again)
        return self._refused(refused, again)

    def _preview_again(self) -> Preview | None:
        snapshot = self.look()
        found = offers(snapshot, *self._diagnosed(snapshot))
        return next((preview for preview in found if preview.id == self.preview.id), None)

    # ── whether it helped ────────────────────────────────────────────────────────────────────────

    def _compared(self, number: int | None, before: Snapshot, after: Snapshot) -> FixResult:
        """In a new shell, where the fix is about what a shell sets."""
        preview = self.preview
        if preview.finding is None or preview.kind == "keep-copy":  # the sign-in after it is what mends
            return FixResult("applied", number)
        if preview.variable is not None:
            after = without_shells_own(after, preview.variable)
        was, _ = self._diagnosed(before)
        now, findings = self._diagnosed(after)
        worse = got_worse(before, was, now, preview)
        is_gone = preview.finding not in {found.id for found in findings}
        return FixResult("applied", number, is_gone and worse is None, worse=worse, usable=now.usable)

    def _diagnosed(self, snapshot: Snapshot) -> tuple[Resolution, tuple[Finding, ...]]:
        return diagnosed(snapshot, self.client, self.version)

    def _told(self, result: FixResult) -> tuple[Event, ...]:
        preview, told = self.preview, []
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

    def _refused(self, refused: FixRefused, again: Preview | None = None) -> Event:
        commands = self.preview.commands if refused.code in {"claude-runs", "not-known", "locked"} else ()
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
        return Event(self.clock(), kind, text, level, None, {"fix": self.preview.id, **data})


@dataclass(eq=False, repr=False)
class UndoFix:
    """Takes fix `number` back. Iterate `events`; `result` is set in the end."""

    number: int
    _: KW_ONLY
    look: Look
    records: Records = field(default_factory=Records)
    running: Callable[[str], Collection[int] | None] = claude_processes
    clock: Callable[[], float] = time.time
    lock_seconds: float = SECONDS
    result: FixResult | None = field(default=None, init=False)

    async def events(self) -> AsyncIterator[Event]:
        snapshot = await asyncio.to_thread(self.look)
        applier = _applier(self, snapshot)
        done = await asyncio.to_thread(_attempt, lambda: applier.undo(self.number))
        for sentence in applier.taken_away:
            yield self._event("fix.lock-removed", sentence)
        if isinstance(done, FixRefused):
            self.result = FixResult("refused", self.number, error=done.sentence, next_step=done.next_step)
            text = f"nothing was changed: {done.sentence}. {done.next_step}".strip()
            yield self._event("fix.undo-refused", text, "error", code=done.code)
            return
        self.result = FixResult("undone", self.number)
        text = f"taken back: {done.title}; {done.path} is as it was"
        yield self._event("fix.undone", text, path=done.path)

    def _event(self, kind: str, text: str, level: Severity = "info", **data: str) -> Event:
        return Event(self.clock(), kind, text, level, None, {"number": self.number, **data})


def _applier(action: ApplyFix | UndoFix, snapshot: Snapshot) -> Applier:
    """For the Claude Code that was looked at."""
    config_dir = snapshot.places.config_dir
    return Applier(
        action.records,
        lambda: action.running(config_dir),
        lambda: look_at_locks(config_dir, snapshot.claude_json.path, action.clock()),
        now=action.clock,
        lock_seconds=action.lock_seconds,
    )


def _attempt(step: Callable[[], Record]) -> Record | FixRefused:
    """What was done, or why it was not."""
    try:
        return step()
    except FixRefused as refused:
        return refused
