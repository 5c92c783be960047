"""The part of the refresh screen that watches Claude Code's locks, and removes one that nobody holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message

from claude_auth.app.screens.acting import Acting, Told
from claude_auth.app.screens.consent_dialogs import Question
from claude_auth.app.screens.doors import Doors
from claude_auth.app.widgets.locks import Locks
from claude_auth.model import Event, Snapshot
from claude_auth.present.locks import Watched, judge_locks, watch_locks
from claude_auth.words import StatusText

if TYPE_CHECKING:
    from claude_auth.claude_code.locks import LockJudgement

LOOKS_EVERY = 1.0


class WatchingLocks(Acting):
    """Has a pane `Locks` once `watch_locks` is called."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x", "remove", "Remove lock", tooltip="Remove a lock that nobody holds", id="refresh.remove-lock"
        ),
    ]

    class LocksSeen(Message):
        """Claude Code's locks were looked at."""

        def __init__(
            self,
            watched: dict[str, Watched],
            judged: tuple[LockJudgement, ...],
            running: Collection[int] | None,
        ) -> None:
            super().__init__()
            self.watched, self.judged, self.running = watched, judged, running

    class Removed(Message):
        """Whether the lock is gone now, and the words."""

        def __init__(self, done: bool, text: str) -> None:
            super().__init__()
            self.done, self.text = done, text

    def __init__(
        self, doors: Doors, snapshot: Snapshot, told: Told, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(doors, snapshot, told)
        self.monotonic = monotonic
        self.watched: dict[str, Watched] = {}
        self.judged: tuple[LockJudgement, ...] = ()

    def refusal(self, action: str) -> str | None:
        if action == "remove" and self.removable() is None:
            return "no lock here can be removed safely"
        return None

    def watch_locks(self) -> None:
        self.look_at_locks()
        self.set_interval(LOOKS_EVERY, self.look_at_locks)

    @work(thread=True, exit_on_error=False, group="locks")
    def look_at_locks(self) -> None:
        from claude_auth.actions.fixes.locks import look_closely

        locks = self.doors.locks(self.snapshot)
        seen = [one for lock in locks if (one := look_closely(lock.path, self.monotonic)) is not None]
        watched = watch_locks(self.watched, seen)
        running = self._processes() if locks else self._running_before()
        judged = judge_locks(locks, watched, running, self.monotonic())
        self.post_message(self.LocksSeen(watched, judged, running))

    def _running_before(self) -> Collection[int] | None:
        """Listing processes is the dear part, and matters where there is a lock."""
        pane = self.query_one(Locks)
        return self._processes() if pane.judged is None or pane.judged else pane.running

    def _processes(self) -> Collection[int] | None:
        return self.doors.running(self.snapshot.places.config_dir)

    @on(LocksSeen)
    def locks_seen(self, message: LocksSeen) -> None:
        before = {one.lock.path: one.state for one in self.judged}
        after = {one.lock.path: one.state for one in message.judged}
        self.watched, self.judged = message.watched, message.judged
        self.query_one(Locks).tell(message.judged, message.running)
        if before != after:
            self.refresh_bindings()

    def removable(self) -> LockJudgement | None:
        return next((one for one in self.judged if one.removable), None)

    def action_remove(self) -> None:
        refused, one = self.refusal("remove"), self.removable()
        if refused is not None or one is None:
            self.say(refused or "")
            return
        path = one.lock.path

        def answered(agreed: bool | None) -> None:
            if agreed and path in self.watched:
                self.remove_lock(self.watched[path])

        words = [
            StatusText("▲", one.sentence, "warn"),
            StatusText("·", "rmdir removes it only if it is empty; it is looked at once more just before"),
        ]
        question = Question("Remove the lock?", words, command=f"rmdir {path}", doing="remove it")
        self.app.push_screen(question, answered)

    @work(thread=True, exclusive=True, exit_on_error=False, group="remove")
    def remove_lock(self, watched: Watched) -> None:
        from claude_auth.actions.fixes.locks import guarded_paths, remove_orphan

        known = guarded_paths(self.snapshot)
        removal = remove_orphan(watched.first, known, self._processes, self.monotonic)
        self.post_message(self.Removed(removal.removed, removal.sentence))

    @on(Removed)
    def lock_removed(self, message: Removed) -> None:
        level = "info" if message.done else "warning"
        event = Event(self.doors.clock(), "lock.removed", message.text, level, "claude-code")  # type: ignore[arg-type]
        self.doors.journal.write(event)
        self.started = True
        self.steps.add(event)
        self.told(event)
        self.look_at_locks()
