"""Claude Code's lock directories: present or not, how old, touched by somebody or left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_auth.model import Lock
from claude_auth.observe.locks import compare_locks, lock_paths, look_at_locks

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
    assert all(lock.moving is None for lock in locks)


def test_the_second_lock_lies_beside_the_configuration_even_with_a_slash_at_its_end() -> None:
    paths = [path for path, _ in lock_paths("/home/u/.claude/", "/home/u/.claude.json")]
    assert "/home/u/.claude.lock" in paths


def test_a_file_or_a_dangling_link_in_the_place_of_a_lock_blocks_as_well(tmp_path: Path) -> None:
    (tmp_path / ".claude.json.lock").write_text("")
    (tmp_path / ".claude.lock").symlink_to(tmp_path / "nowhere")
    locks = look_at_locks(str(tmp_path / ".claude"), str(tmp_path / ".claude.json"), NOW)
    assert [Path(lock.path).name for lock in locks] == [".claude.lock", ".claude.json.lock"]


def test_a_path_that_no_file_can_have_is_no_lock() -> None:
    assert look_at_locks("/tmp/\0", "/tmp/\0/.claude.json", NOW) == ()


@pytest.mark.parametrize(
    ("age_before", "age_after", "elapsed", "moving"),
    [
        (3.0, 4.0, 6.0, True),  # touched in between
        (0.0, 1.0, 2.0, True),  # one touch is proof, however soon
        (3.0, 9.0, 6.0, False),
        (3.0, 5.0, 2.0, None),  # too early: a living holder touches it every five seconds only
        (-3600.0, -3590.0, 10.0, False),
        (9.0, 0.5, 10.0, True),  # released and taken again
    ],
)
def test_two_looks_tell_whether_somebody_holds_it(
    age_before: float, age_after: float, elapsed: float, moving: bool | None
) -> None:
    before = (Lock("/home/u/.claude.lock", "x", age_before),)
    after = (Lock("/home/u/.claude.lock", "x", age_after),)
    assert compare_locks(before, after, elapsed)[0].moving is moving


def test_what_was_known_stays_known_until_six_seconds_tell_otherwise() -> None:
    before = (Lock("/l", "x", 1.0, moving=True),)
    assert compare_locks(before, (Lock("/l", "x", 3.0),), 2.0)[0].moving is True
    assert compare_locks(before, (Lock("/l", "x", 11.0),), 10.0)[0].moving is False


def test_a_lock_seen_for_the_first_time_is_unknown_and_a_released_one_gone() -> None:
    assert compare_locks((), (Lock("/new", "x", 1.0),), 10.0) == (Lock("/new", "x", 1.0),)
    assert compare_locks((Lock("/old", "x", 1.0),), (), 10.0) == ()


def test_times_as_the_file_system_keeps_them(tmp_path: Path) -> None:
    make_lock(tmp_path / ".claude.lock", 3.123456)
    places = (str(tmp_path / ".claude"), str(tmp_path / ".claude.json"))
    first, second = look_at_locks(*places, NOW), look_at_locks(*places, NOW + 7.654321)
    assert compare_locks(first, second, 7.654321)[0].moving is False
    os.utime(tmp_path / ".claude.lock", (NOW + 1, NOW + 1))
    third = look_at_locks(*places, NOW + 9)
    assert compare_locks(first, third, 9.0)[0].moving is True
