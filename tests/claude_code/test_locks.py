"""In what state a lock of Claude Code is, and what may be done about it: one table."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from claude_auth.claude_code.locks import STATE_FILE, judge, lock_paths, next_change, state_of, was_touched
from claude_auth.model import Lock

NOBODY: tuple[int, ...] = ()
RUNS = (4711,)


def login(age: float) -> Lock:
    return Lock("/home/ada/.claude/.oauth_refresh.lock", "refresh of the login", age)


def state_file(age: float) -> Lock:
    return Lock("/home/ada/.claude.json.lock", STATE_FILE, age)


@pytest.mark.parametrize(
    ("lock", "still", "touched", "running", "state", "removable", "in_the_way"),
    [
        # held: at most a minute old, or a holder that was seen to touch it
        (login(1), 0, False, NOBODY, "held", False, True),
        (login(8), 7, False, NOBODY, "held", False, True),
        (login(45), 0, False, NOBODY, "held", False, True),
        (login(60), 0, False, RUNS, "held", False, True),
        (login(1), 6, True, RUNS, "held", False, True),
        (login(400), 6, True, NOBODY, "held", False, False),  # the clock of the disk lags behind
        (login(-1), 0, False, NOBODY, "held", False, True),  # rounding, not the future
        (state_file(10), 0, False, NOBODY, "held", False, False),
        # orphan: older, or it stood still while it was watched
        (login(61), 0, False, NOBODY, "orphan", True, False),
        (login(61), 0, False, RUNS, "orphan", False, False),
        (login(61), 0, False, None, "orphan", False, False),  # nobody knows who runs
        (login(300), 0, False, NOBODY, "orphan", True, False),
        (login(12), 11, False, NOBODY, "orphan", True, True),  # the client goes by its age and waits
        (login(12), 11, False, RUNS, "orphan", False, True),  # stopped in the middle of a refresh?
        (login(1), 11, True, NOBODY, "orphan", True, True),
        (state_file(11), 0, False, NOBODY, "orphan", True, False),
        (state_file(11), 0, False, RUNS, "orphan", False, False),
        # future
        (login(-3), 0, False, NOBODY, "future", True, True),
        (login(-3600), 60, False, RUNS, "future", False, True),
        (login(-3600), 60, False, None, "future", False, True),
        (login(-90), 6, True, NOBODY, "future", False, True),  # somebody touches it all the same
        (state_file(-3600), 60, False, NOBODY, "future", True, False),
    ],
)
def test_each_state_of_a_lock(
    lock: Lock,
    still: float,
    touched: bool,
    running: Collection[int] | None,
    state: str,
    removable: bool,
    in_the_way: bool,
) -> None:
    judged = judge(lock, running, still, touched=touched)
    assert (judged.state, judged.removable, judged.in_the_way) == (state, removable, in_the_way)
    assert lock.path.rpartition("/")[2] in judged.sentence
    assert ("rmdir" in judged.next_step) is removable
    assert state_of(lock, still, touched=touched) == state


def test_words_that_a_person_needs() -> None:
    assert "4711" in judge(login(90), RUNS).sentence
    assert "not known" in judge(login(90), None).sentence
    assert "rmdir /home/ada/.claude/.oauth_refresh.lock" in judge(login(90), NOBODY).next_step
    assert "2 h ahead" in judge(login(-7200), NOBODY).sentence
    assert "would wait" in judge(login(90), NOBODY).sentence
    assert "takes it over" in judge(login(500), NOBODY).sentence
    assert "1, 2, 3, 4, 5 and 2 more" in judge(login(90), range(1, 8)).sentence


@pytest.mark.parametrize(
    ("lock", "still", "touched", "seconds"),
    [
        (login(0), 0, False, 10),  # it stands still while it is watched
        (login(55), 0, False, 5),
        (login(2), 2, True, 8),
        (login(70), 0, False, 50),
        (login(130), 0, False, None),
        (login(-60), 0, False, 58),
    ],
)
def test_when_it_will_be_something_else(
    lock: Lock, still: float, touched: bool, seconds: float | None
) -> None:
    assert next_change(lock, still, touched=touched) == seconds


@pytest.mark.parametrize(
    ("before", "after", "elapsed", "touched"),
    [
        (3.0, 4.0, 6.0, True),
        (0.0, 1.0, 2.0, True),  # one touch is proof, however soon
        (3.0, 9.0, 6.0, False),
        (3.123456, 10.777777, 7.654321, False),  # as a file system keeps times
        (-3600.0, -3590.0, 10.0, False),
        (9.0, 0.5, 10.0, True),  # released and taken again
    ],
)
def test_two_looks_tell_whether_it_was_touched(
    before: float, after: float, elapsed: float, touched: bool
) -> None:
    assert was_touched(login(before), login(after), elapsed) is touched


def test_the_four_places_in_the_order_in_which_they_are_taken() -> None:
    places = lock_paths("/home/u/.claude/", "/home/u/.claude.json")
    assert [path for path, _ in places] == [
        "/home/u/.claude/.oauth_refresh.lock",
        "/home/u/.claude.lock",
        "/home/u/.claude/.storage-write.lock",
        "/home/u/.claude.json.lock",
    ]
    assert len({guards for _, guards in places}) == 4
