"""What stands before every change of a file that Claude Code writes too: nobody of it runs here, and none of
its locks is held. Real processes, as the default of the action finds them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from claude_auth.model.errors import AuthenticationError
from claude_auth.observe.running import claude_processes
from claude_auth.store import private
from tests import disguises
from tests.actions.fixes.machines import (
    Machine,
    broken_store,
    helper_wanted,
    key_in_settings,
    open_store,
    rejected,
    state,
)
from tests.disguises import BYSTANDERS, DISGUISES, needs_linux

CHANGES: list[tuple[Callable[[Path], Machine], str]] = [
    (rejected, "key-rejected/unreject-key"),
    (rejected, "key-rejected/approve-key"),
    (key_in_settings, "key-overrides-login/settings-variable"),
    (helper_wanted, "key-helper"),
    (broken_store, "store-unusable/move-aside"),
]
IDS = [identifier for _, identifier in CHANGES]
#: Another than the one that the change itself takes.
LOCKS = (".claude/.oauth_refresh.lock", ".claude.lock", ".claude/.storage-write.lock")


@needs_linux
@pytest.mark.parametrize("name", DISGUISES)
def test_no_fix_under_a_running_claude_in_any_disguise(name: str, tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    machine.running = claude_processes
    before, preview = state(machine.home), machine.offer("key-rejected/unreject-key")
    with disguises.running(DISGUISES[name], tmp_path / "p", {"HOME": str(machine.home)}) as child:
        result = machine.apply(preview)
        assert result.outcome == "refused"
        assert f"process {child.pid}" in (result.error or "")
    assert state(machine.home) == before
    assert machine.records.all() == ()
    assert machine.apply(preview).outcome == "applied"


@needs_linux
@pytest.mark.parametrize(("make", "identifier"), CHANGES, ids=IDS)
def test_no_change_and_no_undo_under_a_registered_claude(
    make: Callable[[Path], Machine], identifier: str, tmp_path: Path
) -> None:
    machine = make(tmp_path)
    machine.running = claude_processes
    preview = machine.offer(identifier)
    with disguises.running((("worker",), "{}/bin/worker"), tmp_path / "p", {"HOME": "/"}) as child:
        record = disguises.register(machine.home / ".claude", child.pid, disguises.start_of(child.pid))
        before = state(machine.home)
        assert machine.apply(preview).outcome == "refused"
        assert state(machine.home) == before
        record.rename(tmp_path / "kept")
        result = machine.apply(preview)
        assert result.outcome == "applied"
        (tmp_path / "kept").rename(record)
        after = state(machine.home)
        assert machine.undo(result.number).outcome == "refused"
        assert state(machine.home) == after


@needs_linux
def test_a_fix_beside_what_is_no_claude_of_this_configuration(tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    machine.running = claude_processes
    with (
        disguises.running(DISGUISES["claude"], tmp_path / "p", {"HOME": str(tmp_path / "other")}),
        disguises.running(BYSTANDERS["vim"], tmp_path / "p", {"HOME": str(machine.home)}),
        disguises.running(BYSTANDERS["ours"], tmp_path / "p", {"HOME": str(machine.home)}),
    ):
        assert machine.apply("key-rejected/unreject-key").outcome == "applied"


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(("make", "identifier"), CHANGES, ids=IDS)
def test_no_change_while_a_lock_of_claude_code_is_held(
    make: Callable[[Path], Machine], identifier: str, lock: str, tmp_path: Path
) -> None:
    """It may run where the process table doesn't reach: in a container that has this home."""
    machine = make(tmp_path)
    preview = machine.offer(identifier)
    before = state(machine.home)
    place = machine.home / lock
    place.mkdir()
    result = machine.apply(preview)
    assert result.outcome == "refused"
    assert place.name in (result.error or "")
    assert state(machine.home) == before
    assert machine.records.all() == ()
    os.utime(place, (time.time() - 90,) * 2)  # nobody's any more
    assert machine.apply(preview).outcome == "applied"
    assert place.is_dir()


@pytest.mark.parametrize("what", ["claude", "lock"])
@pytest.mark.parametrize(("make", "identifier"), CHANGES, ids=IDS)
def test_both_are_looked_at_again_right_before_the_change(
    make: Callable[[Path], Machine],
    identifier: str,
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = make(tmp_path)
    before, preview = state(machine.home), machine.offer(identifier)
    write = type(machine.records).write

    def noted(records: object, record: object, backup: object) -> object:
        """The note is written after the first check and before the change."""
        if what == "claude":
            machine.running = (4711,)
        else:
            (machine.home / ".claude/.oauth_refresh.lock").mkdir()
        return write(records, record, backup)  # type: ignore[arg-type]

    monkeypatch.setattr(type(machine.records), "write", noted)
    assert machine.apply(preview).outcome == "refused"
    assert state(machine.home) == before
    assert machine.records.all() == ()


# ── files that are not what they were ────────────────────────────────────────────────────────────


def test_a_mode_that_somebody_set_since_stays(tmp_path: Path) -> None:
    machine = open_store(tmp_path)
    path = machine.home / ".claude/.credentials.json"
    preview = machine.offer("store-readable-by-others/chmod")
    path.chmod(0o640)
    assert machine.apply(preview).outcome == "refused"
    assert path.stat().st_mode & 0o777 == 0o640
    assert machine.records.all() == ()
    result = machine.apply("store-readable-by-others/chmod")
    assert result.outcome == "applied"
    path.chmod(0o400)
    assert machine.undo(result.number).outcome == "refused"
    assert path.stat().st_mode & 0o777 == 0o400


def test_a_store_that_is_written_at_the_moment_of_its_move_stays(tmp_path: Path) -> None:
    machine = broken_store(tmp_path)
    path = machine.home / ".claude_code/tokens.json"
    preview = machine.offer("store-unusable/move-aside")

    def writing(_: str) -> tuple[int, ...]:
        path.write_bytes(path.read_bytes() + b" ")
        return ()

    machine.running = writing
    assert machine.apply(preview).outcome == "refused"
    assert path.is_file()
    assert machine.records.all() == ()


def test_an_undo_never_replaces_a_store_that_was_made_since(tmp_path: Path) -> None:
    machine = broken_store(tmp_path)
    result = machine.apply("store-unusable/move-aside")
    new = machine.write(".claude_code/tokens.json", '{"access_token": "gateway-new"}')
    before = state(machine.home)
    assert machine.undo(result.number).outcome == "refused"
    assert state(machine.home) == before
    new.unlink()
    (moved,) = new.parent.glob("tokens.json.broken-*")
    content = moved.read_bytes()
    moved.write_bytes(b"another's")
    assert machine.undo(result.number).outcome == "refused"
    assert not new.exists()
    moved.write_bytes(content)
    assert machine.undo(result.number).outcome == "undone"


def test_a_claude_that_starts_during_an_undo_keeps_what_was_made(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.write(".claude_code/tokens.json", {"access_token": "gateway-" + "made0up" * 6, "expires_at": 4e9})
    result = machine.apply("key-helper")
    assert result.outcome == "applied"
    before, looks = state(machine.home), iter([(), (4711,)])
    machine.running = lambda _: next(looks, (4711,))
    assert machine.undo(result.number).outcome == "refused"
    assert state(machine.home) == before


@pytest.mark.parametrize("ending", ["json", "backup"])
def test_an_undo_follows_no_note_or_copy_that_is_not_ours(ending: str, tmp_path: Path) -> None:
    machine = rejected(tmp_path)
    result = machine.apply("key-rejected/approve-key")
    before = state(machine.home)
    path = Path(machine.records.folder) / f"fix-0001.{ending}"
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    assert machine.undo(result.number).outcome == "refused"
    path.unlink()
    elsewhere.rename(path)
    assert state(machine.home) == before
    assert machine.undo(result.number).outcome == "undone"


def test_a_note_of_a_relative_path_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = rejected(tmp_path)
    result = machine.apply("key-rejected/approve-key")
    path = Path(machine.records.folder) / "fix-0001.json"
    path.write_text(path.read_text().replace(str(machine.home) + "/", ""))
    monkeypatch.chdir(machine.home)
    before = state(machine.home)
    assert machine.undo(result.number).outcome == "refused"
    assert state(machine.home) == before


def test_a_lock_that_another_took_from_us_is_neither_trusted_nor_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = rejected(tmp_path)
    preview, lock = machine.offer("key-rejected/approve-key"), machine.home / ".claude.json.lock"

    before, write = state(machine.home), type(machine.records).write

    def noted(records: object, record: object, backup: object) -> object:
        lock.rename(tmp_path / "ours")
        lock.mkdir()
        return write(records, record, backup)  # type: ignore[arg-type]

    monkeypatch.setattr(type(machine.records), "write", noted)
    result = machine.apply(preview)
    assert result.outcome == "refused"
    assert "somebody else took" in (result.error or "")
    assert state(machine.home) == before
    assert lock.is_dir(), "the other's lock was given back"


@pytest.mark.parametrize("ending", ["backup", "json"])
def test_a_full_disk_leaves_no_note_of_a_fix_that_was_not_made(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither an empty one nor a copy: the next fix has the number."""
    machine = key_in_settings(tmp_path)
    settings = machine.home / ".claude/settings.json"
    before = settings.read_bytes()

    def full(path: str, content: bytes) -> None:
        if path.endswith(ending):
            raise AuthenticationError("no-space", f"writing {path} failed: no space left on device")
        private.write_private(path, content)

    with monkeypatch.context() as patched:
        patched.setattr("claude_auth.actions.fixes.records.write_private", full)
        result = machine.apply("key-overrides-login/settings-variable")
    assert result.outcome == "refused"
    assert settings.read_bytes() == before
    assert list((tmp_path / "state/fixes").glob("*fix-*")) == []
    assert machine.apply("key-overrides-login/settings-variable").number == 1
    assert machine.undo(1).is_done
