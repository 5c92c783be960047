"""Doing what a preview shows, and taking it back: blocking, so call it off the UI thread."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Collection, Iterator
from typing import Any

from claude_auth.actions.fixes.locks import SECONDS, LockNotes, holding, own_locks
from claude_auth.actions.fixes.plans import FileEdit, LockRemoval, ModeChange, MoveAside, Preview
from claude_auth.actions.fixes.records import Record, Records
from claude_auth.actions.fixes.writing import (
    FixRefused,
    check_target,
    digest,
    exchange,
    identity,
    move_without_replacing,
    read_now,
    refusing,
)
from claude_auth.claude_code.locks import judge, pids
from claude_auth.formats.document import parse
from claude_auth.model import Lock
from claude_auth.security.secret import without_locals

Running = Callable[[], Collection[int] | None]
Locks = Callable[[], Collection[Lock]]


def _nothing() -> None:
    return


def refuse_while_running(running: Running) -> None:
    processes = running()
    if processes is None:
        raise FixRefused(
            "not-known", "whether a claude runs here could not be found out", "Use the command, or try again"
        )
    if processes:
        raise FixRefused(
            "claude-runs",
            f"claude runs on this configuration (process {pids(processes)}) and would write back "
            "what it remembers",
            "Quit it, then try again",
        )


def refuse_while_locked(locks: Locks, ours: Collection[str] = ()) -> None:
    """A lock that is held tells of a Claude Code that the process table may not show: in a container, or on
    another machine with this home. `ours`: those that we hold or wait for."""
    for lock in locks():
        judged = judge(lock, None)
        if lock.path not in ours and judged.state == "held":
            raise FixRefused("locked", f"Claude Code is at work: {judged.sentence}", "Try again in a moment")


class Applier:
    """`running`: the processes of Claude Code on the configuration directory; `locks`: its locks there. Both
    stand before every change of what Claude Code writes too, and once more right before it."""

    def __init__(
        self,
        records: Records,
        running: Running,
        locks: Locks,
        *,
        now: Callable[[], float],
        lock_seconds: float = SECONDS,
    ) -> None:
        self._records, self._running, self._locks, self._now = records, running, locks, now
        self._lock_seconds = lock_seconds
        self._notes = LockNotes(records.folder, running)

    @property
    def taken_away(self) -> tuple[str, ...]:
        """Locks that a killed process of ours had left, in sentences."""
        return tuple(self._notes.said)

    # ── doing ────────────────────────────────────────────────────────────────────────────────────

    @without_locals
    def apply(self, preview: Preview) -> Record:
        """The note of what was done. Raises Refused, and then nothing was changed."""
        change = preview.change
        if isinstance(change, FileEdit):
            return self._edit(preview, change)
        if isinstance(change, ModeChange):
            return self._chmod(preview, change)
        if isinstance(change, MoveAside):
            return self._move(preview, change)
        assert not isinstance(change, LockRemoval), "the removal of a lock waits, so the action does it"
        raise FixRefused("gone", "there is nothing that could be done here", preview.by_hand or "")

    def _note(self, preview: Preview, **fields: Any) -> dict[str, Any]:
        return {"at": self._now(), "id": preview.id, "title": preview.title, **fields}

    def _edit(self, preview: Preview, change: FileEdit) -> Record:
        if change.claudes:
            self._refuse_at_work(change.path)
        if change.before is None:
            folder = os.path.dirname(change.path)
            with refusing(folder, "making"):
                os.makedirs(folder, mode=0o700, exist_ok=True)
        with self._locked(change.path, change.claudes) as check:
            status = check_target(change.path)
            before = read_now(change.path)
            for path, expected in ((change.path, change.before), (change.copy_of, change.after)):
                if path and read_now(path) != expected:
                    raise FixRefused(
                        "changed", f"{path} is not as it was when the change was shown", "Look at it again"
                    )
            operation = "create" if before is None else "edit"
            record = self._records.write(
                self._note(
                    preview,
                    operation=operation,
                    path=change.path,
                    before=digest(before or b""),
                    after=digest(change.after),
                    claudes=change.claudes,
                    copy_of=change.copy_of,
                ),
                before,
            )
            self._guarded(record, lambda: exchange(change.path, change.after, status, check))
        return record

    def _chmod(self, preview: Preview, change: ModeChange) -> Record:
        real = os.path.realpath(change.path)
        _check_mode(real, change.before)
        fields = {"operation": "chmod", "path": real, "claudes": False}
        modes = {"before": f"{change.before:04o}", "after": f"{change.after:04o}"}
        record = self._records.write(self._note(preview, **fields, **modes), None)
        self._guarded(record, lambda: _set_mode(real, change.after))
        return record

    def _move(self, preview: Preview, change: MoveAside) -> Record:
        self._refuse_at_work()
        status = check_target(change.path)
        content = read_now(change.path)
        if status is None or content is None:
            raise FixRefused("gone", f"{change.path} is not there any more")
        if parse(content).damage is None:
            raise FixRefused("changed", f"{change.path} can be read again", "There is no reason to move it")
        with self._locked_store(change.path) as check:
            fields = {"operation": "move", "path": change.path, "after": change.to, "claudes": True}
            record = self._records.write(self._note(preview, before=digest(content), **fields), content)

            def move() -> None:
                check()
                if identity(os.lstat(os.path.realpath(change.path))) != identity(status):
                    raise FixRefused(
                        "changed", f"{change.path} was changed at this moment", "Look at it again"
                    )
                move_without_replacing(change.path, change.to)

            self._guarded(record, move)
        return record

    def _guarded(self, record: Record, step: Callable[[], None]) -> None:
        """A step that refuses has changed nothing, so its note goes again."""
        try:
            step()
        except FixRefused:
            self._records.drop(record.number)
            raise

    # ── taking back ──────────────────────────────────────────────────────────────────────────────

    @without_locals
    def undo(self, number: int) -> Record:
        record = self._records.read(number)
        if record is None:
            raise FixRefused("gone", f"there is no fix {number}", "`claude-auth fix --list` shows them")
        if self._records.is_undone(number):
            raise FixRefused("gone", f"fix {number} was taken back already")
        if record.operation == "chmod":
            _check_mode(record.path, int(record.after, 8))
            _set_mode(record.path, int(record.before, 8))
        elif record.operation == "move":
            self._move_back(record)
        else:
            self._put_back(record)
        self._records.mark_undone(number)
        return record

    def _put_back(self, record: Record) -> None:
        backup = self._records.backup(record.number)
        if record.operation == "edit" and (backup is None or digest(backup) != record.before):
            raise FixRefused("gone", f"the copy that fix {record.number} kept is gone or was changed")
        if record.claudes:
            self._refuse_at_work(record.path)
        with self._locked(record.path, record.claudes) as check:
            status = check_target(record.path)
            now = read_now(record.path)
            if now is not None and digest(now) == record.before and record.operation == "edit":
                return  # it never came to the change
            if now is None:
                kept = "" if backup is None else f"; the copy is {self._copy_of(record)}"
                raise FixRefused("gone", f"{record.path} is gone: there is nothing to take back{kept}")
            if digest(now) != record.after:
                raise FixRefused(
                    "changed",
                    f"{record.path} was changed since: putting back the copy would lose that",
                    f"Change it by hand; the copy is {self._copy_of(record)}",
                )
            if record.operation == "create":
                self._refuse_last_copy(record)
                check()
                with refusing(record.path, "removing"):
                    os.unlink(os.path.realpath(record.path))
                return
            assert backup is not None
            exchange(record.path, backup, status, check)

    def _refuse_last_copy(self, record: Record) -> None:
        original = read_now(record.copy_of) if record.copy_of else None
        if record.copy_of and (original is None or digest(original) != record.after):
            raise FixRefused(
                "changed",
                f"{record.copy_of} was written since: {record.path} is all that is left of what it held",
                "Remove it by hand once you don't need it",
            )

    def _copy_of(self, record: Record) -> str:
        return f"{self._records.folder}/fix-{record.number:04d}.backup"

    def _move_back(self, record: Record) -> None:
        self._refuse_at_work()
        now = read_now(record.after)
        if now is None or digest(now) != record.before:
            raise FixRefused("changed", f"{record.after} is not what was moved there", "Look at it by hand")
        with self._locked_store(record.path) as check:
            check()
            if os.path.lexists(record.path):
                raise FixRefused(
                    "changed", f"a new file stands at {record.path}: it stays", "Compare them by hand"
                )
            move_without_replacing(record.after, record.path)

    # ── locks ────────────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _locked(self, path: str, claudes: bool) -> Iterator[Callable[[], None]]:
        """The value is called right before the file is exchanged."""
        if not claudes:
            yield _nothing
            return
        with holding(path, self._notes, self._lock_seconds) as held:

            def check() -> None:
                held.check()
                self._refuse_at_work(path)

            yield check

    @contextlib.contextmanager
    def _locked_store(self, path: str) -> Iterator[Callable[[], None]]:
        """The lock that Claude Code takes around a write of its credentials, for them alone."""
        if os.path.basename(path) != ".credentials.json":
            yield self._refuse_at_work
            return
        with self._locked(os.path.join(os.path.dirname(path), ".storage-write"), True) as check:
            yield check

    def _refuse_at_work(self, path: str | None = None) -> None:
        """`path`: whose own lock is ours, or is still waited for."""
        refuse_while_running(self._running)
        refuse_while_locked(self._locks, () if path is None else own_locks(path))


def _check_mode(path: str, mode: int) -> None:
    with refusing(path, "looking at"):
        status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        raise FixRefused("changed", f"{path} is a symbolic link now", "Look at it again")
    if status.st_uid != os.geteuid() and os.geteuid() != 0:
        raise FixRefused("foreign", f"{path} belongs to another user", "Run this as its owner")
    if stat.S_IMODE(status.st_mode) != mode:
        raise FixRefused(
            "changed",
            f"{path} has mode {stat.S_IMODE(status.st_mode):04o} now, not {mode:04o}",
            "Look at it again",
        )


def _set_mode(path: str, mode: int) -> None:
    with refusing(path, "changing the mode of"):
        os.chmod(path, mode)
