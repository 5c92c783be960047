"""Which version's rules apply."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.claude_code.versions import CHANGES, NEWEST, OLDEST, answer, at_least, parse_version


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2.1.328", (2, 1, 328)),
        ("v2.1.328", (2, 1, 328)),
        (" 2.1.328\n", (2, 1, 328)),
        ("2.1.328-beta.1", (2, 1, 328)),
        ("2.1.328+build", (2, 1, 328)),
        ("2.1.328 (Claude Code)", (2, 1, 328)),
        ("2.1", None),
        ("2.1.x", None),
        ("", None),
        ("2.1.٣", None),
        ("2.1.-3", None),
        ("2.1.99999999", None),
    ],
)
def test_parse(text: str, numbers: tuple[int, ...] | None) -> None:
    assert parse_version(text) == numbers


def test_versions_are_compared_as_numbers() -> None:
    assert at_least("2.1.1000", "2.1.328")
    assert at_least("2.1.328", "2.1.328")
    assert not at_least("2.1.99", "2.1.328")


@pytest.mark.parametrize(
    ("asked", "installed", "resolved_as", "observed"),
    [
        (None, None, NEWEST, True),
        (None, "2.1.250", "2.1.250", True),
        ("2.1.230", "2.1.250", "2.1.230", True),
        ("2.1.198", None, "2.1.199", False),
        ("2.1.211", None, "2.1.212", False),
        ("2.1.226", None, "2.1.227", False),
        ("2.1.206", None, "2.1.206", True),
        ("2.1.207", None, "2.1.207", True),
        ("1.0.0", None, OLDEST, False),
        ("2.2.0", None, NEWEST, False),
        ("9.9.9", None, NEWEST, False),
        (None, "unknown", NEWEST, False),
    ],
)
def test_the_version_whose_rules_apply(
    asked: str | None, installed: str | None, resolved_as: str, observed: bool
) -> None:
    found = answer(asked, installed)
    assert (found.resolved_as, found.observed, found.installed) == (resolved_as, observed, installed)


@given(st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_whatever_is_asked_the_answer_is_a_known_version(asked: str | None, installed: str | None) -> None:
    resolved = answer(asked, installed).resolved_as
    assert at_least(resolved, OLDEST)
    assert at_least(NEWEST, resolved)


def test_a_change_lies_between_two_versions() -> None:
    assert all(at_least(after, before) and after != before for before, after in CHANGES)


@pytest.mark.parametrize(
    ("version", "is_newer"),
    [("9.9.9", True), (NEWEST, False), ("2.1.198", False), ("1.0.0", False), ("?", False)],
)
def test_only_what_came_out_later_is_newer(version: str, is_newer: bool) -> None:
    assert answer(version, None).is_newer is is_newer
