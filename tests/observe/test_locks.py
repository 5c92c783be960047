"""Claude Code's lock directories: present or not, and how old."""

from __future__ import annotations

import os
from pathlib import Path

from claude_auth.observe.claude_files import look_at_locks

NOW = 1_790_000_000.0


def make_lock(path: Path, age: float) -> None:
    path.mkdir()
    os.utime(path, (NOW - age, NOW - age))


def test_without_locks_nothing_is_told(tmp_path: Path) -> None:
    assert look_at_locks(str(tmp_path / ".claude"), str(tmp_path / ".claude.json"), NOW) == ()


def test_the_four_places(tmp_path: Path) -> None:
    config = tmp_path / ".claude"
    config.mkdir()
    make_lock(config / ".oauth_refresh.lock", 3)
    make_lock(tmp_path / ".claude.lock", 20)
    make_lock(config / ".storage-write.lock", 130)
    make_lock(tmp_path / ".claude.json.lock", -3600)
    locks = look_at_locks(str(config), str(tmp_path / ".claude.json"), NOW)
    assert [(Path(lock.path).name, lock.age) for lock in locks] == [
        (".oauth_refresh.lock", 3.0),
        (".claude.lock", 20.0),
        (".storage-write.lock", 130.0),
        (".claude.json.lock", -3600.0),  # in the future: Claude Code never takes that one over
    ]
    assert len({lock.guards for lock in locks}) == 4


def test_a_file_or_a_dangling_link_in_the_place_of_a_lock_blocks_as_well(tmp_path: Path) -> None:
    (tmp_path / ".claude.json.lock").write_text("")
    (tmp_path / ".claude.lock").symlink_to(tmp_path / "nowhere")
    locks = look_at_locks(str(tmp_path / ".claude"), str(tmp_path / ".claude.json"), NOW)
    assert [Path(lock.path).name for lock in locks] == [".claude.lock", ".claude.json.lock"]


def test_a_path_that_no_file_can_have_is_no_lock() -> None:
    assert look_at_locks("/tmp/\0", "/tmp/\0/.claude.json", NOW) == ()
