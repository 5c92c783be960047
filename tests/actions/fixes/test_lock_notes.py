"""Claude Code's lock around a file that a fix changes: waited for, given back, and, where a killed process of
ours left it, known as ours and taken away at once."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from claude_auth.actions.fixes.locks import LockNotes
from tests.actions.fixes.machines import Machine, rejected
from tests.store.world import start_python

#: Ends by SIGKILL between the taking of the lock and the exchange of the file.
KILLED = """
import os, signal, sys
from pathlib import Path
from claude_auth.actions.fixes import applying
from tests.actions.fixes.machines import rejected

machine = rejected(Path(sys.argv[1]))
print(os.getpid(), flush=True)
applying.exchange = lambda *told: os.kill(os.getpid(), signal.SIGKILL)
machine.apply("key-rejected/unreject-key")
"""

LOCK = ".claude.json.lock"


def killed(root: Path) -> int:
    """The number of the process that was killed in the middle of its fix."""
    with start_python(KILLED, root) as child:
        out, err = child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL, err
    return int(out)


def after(root: Path, running: Collection[int] | None = ()) -> Machine:
    """The machine as the killed process left it."""
    (root / "other").mkdir()
    machine = rejected(root / "other")
    machine.home, machine.running = root / "home", running
    machine.root = root
    machine.environ["HOME"] = str(machine.home)
    machine.records = type(machine.records)(str(root / "state"))
    return machine


def test_the_lock_of_a_killed_fix_is_known_as_ours_and_goes_at_once(tmp_path: Path) -> None:
    pid = killed(tmp_path)
    machine = after(tmp_path)
    assert (machine.home / LOCK).is_dir(), "the kill left no lock"
    started = time.monotonic()
    result = machine.apply("key-rejected/unreject-key")
    assert result.outcome == "applied", result
    assert time.monotonic() - started < 60
    told = next(event for event in machine.events if event.kind == "fix.lock-removed")
    assert f"left behind by a claude-auth (process {pid})" in told.text
    assert machine.left_behind() == set()
    answers = json.loads((machine.home / ".claude.json").read_text())["customApiKeyResponses"]
    assert answers["rejected"] == []
    assert not [name for name in os.listdir(machine.records.folder) if name.startswith("lock-")]


@pytest.mark.parametrize("running", [(4711,), None])
def test_it_stays_while_a_claude_runs_that_might_have_taken_it(
    running: Collection[int] | None, tmp_path: Path
) -> None:
    killed(tmp_path)
    notes = LockNotes(str(tmp_path / "state/fixes"), lambda: running)
    with pytest.raises(FileExistsError):
        notes.take(str(tmp_path / "home" / LOCK))
    assert (tmp_path / "home" / LOCK).is_dir()
    assert notes.said == []


def test_a_lock_that_another_made_since_stays(tmp_path: Path) -> None:
    killed(tmp_path)
    lock = tmp_path / "home" / LOCK
    lock.rename(tmp_path / "kept")  # so that its number is not given out again
    lock.mkdir()
    machine = after(tmp_path)
    result = machine.apply("key-rejected/unreject-key")
    assert (result.outcome, lock.is_dir()) == ("refused", True)
    assert "Claude Code holds the lock" in (result.error or "")


def test_a_lock_that_another_of_us_holds_stays_and_is_told_as_ours(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    notes = LockNotes(machine.records.folder, lambda: ())
    lock = str(machine.home / LOCK)
    notes.take(lock)
    result = machine.apply("key-rejected/unreject-key")
    assert result.outcome == "refused"
    assert f"another claude-auth (process {os.getpid()}) holds the lock" in (result.error or "")
    os.rmdir(lock)
    notes.give_back(lock)
    assert machine.apply("key-rejected/unreject-key").outcome == "applied"


@pytest.mark.parametrize("text", ["", "[]", '{"lock": 1}', '{"a":' * 100_000, "\\xff"])
def test_a_note_that_says_nothing_hinders_nothing(text: str, tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    folder = Path(machine.records.folder)
    folder.mkdir(parents=True, mode=0o700)
    note = folder / "lock-1-0123456789ab.json"
    note.write_text(text)
    note.chmod(0o600)
    assert machine.apply("key-rejected/unreject-key").outcome == "applied"
