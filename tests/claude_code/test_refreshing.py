"""Which command may be run for a refresh, and when what runs may be ended."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import claude_auth
from claude_auth.claude_code.refreshing import (
    ALWAYS,
    AUTH_STATUS,
    DOCTOR,
    MCP_SERVE,
    OBSERVED,
    REQUEST,
    Step,
    Supervision,
    Timing,
    helper_that_runs,
    observed,
    safe_commands,
    saved_up_to,
    status_may_lose_login,
    was_probably_sent,
)
from claude_auth.model import Origin, Places, Setting, Snapshot
from claude_auth.security.secret import Secret

VERSIONS = [
    None,
    "nonsense",
    *(row.last for row in OBSERVED),
    *(row.first for row in OBSERVED),
    "2.1.200",
    "2.1.301",
    "2.1.318",
    "2.1.333",
    "3.0.0",
]


@pytest.mark.parametrize("version", VERSIONS)
def test_no_command_that_was_seen_to_lose_a_login_is_run(version: str | None) -> None:
    assert safe_commands(version, allow_request=False) == (MCP_SERVE,)
    assert safe_commands(version, allow_request=True) == (MCP_SERVE, REQUEST)
    for command in safe_commands(version, allow_request=True):
        assert command not in {DOCTOR, AUTH_STATUS, ("mcp", "list")}
        assert saved_up_to(command, version) in {ALWAYS, None}


def test_nothing_is_run_on_macos_where_nothing_was_seen() -> None:
    assert safe_commands("2.1.332", allow_request=True, platform="darwin") == ()


def test_ranges_are_those_that_were_observed() -> None:
    assert [observed(v) is not None for v in ("2.1.197", "2.1.204", "2.1.250", "2.1.332")] == [True] * 4
    assert [observed(v) for v in (None, "x", "2.1.198", "2.1.302", "2.1.320", "2.1.333")] == [None] * 6
    assert saved_up_to(DOCTOR, "2.1.211") == saved_up_to(AUTH_STATUS, "2.1.210") == 0.0
    assert saved_up_to(AUTH_STATUS, "2.1.310") == 1.0


@pytest.mark.parametrize(
    ("version", "may"),
    [("2.1.197", False), ("2.1.204", True), ("2.1.310", True), ("2.1.322", False), ("2.1.333", True)],
)
def test_where_a_look_at_the_status_may_cost_the_login(version: str, may: bool) -> None:
    assert status_may_lose_login(version) is may


def test_the_margin_of_claude_code_stands_in_one_place() -> None:
    room = Path(claude_auth.__file__).parent
    copies = [
        f"{path.relative_to(room)}: {line.strip()}"
        for path in room.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"margin\w*\s*(?::\s*\w+\s*)?=\s*(?:300|5 \* 60)", line, re.IGNORECASE)
    ]
    assert copies == ["claude_code/refreshing.py: RENEWAL_MARGIN = 300.0"]


# ── the helper ───────────────────────────────────────────────────────────────────────────────────

PLACES = Places(
    "/home/ada", "/", "/home/ada/proj", "/home/ada/.claude", "/home/ada/.claude/.credentials.json"
)


def with_helper(layer: str, value: str = "print-key") -> Snapshot:
    setting = Setting("apiKeyHelper", Secret(value), Origin("settings", layer))  # type: ignore[arg-type]
    return Snapshot(1.0, PLACES, settings={"apiKeyHelper": (setting,)})


def test_a_helper_that_would_run_is_known_before() -> None:
    for layer in ("user", "managed"):
        assert helper_that_runs(with_helper(layer)) is not None
    for layer in ("project", "local"):  # it starts in the home directory
        assert helper_that_runs(with_helper(layer)) is None
        at_home = with_helper(layer)._replace(places=PLACES._replace(cwd=PLACES.home))
        assert helper_that_runs(at_home) is not None
    assert helper_that_runs(with_helper("user", "")) is None
    assert helper_that_runs(Snapshot(1.0, PLACES)) is None


# ── supervision ──────────────────────────────────────────────────────────────────────────────────

TIMING = Timing(patience=60, settle=5, grace=10, kill=3)


def steps(*moments: tuple[float, str]) -> list[tuple[float, Step]]:
    """What is done at which moment, waiting left out. `c`: changed, `g`: cleared, `l`: locked,
    `e`: ended."""
    supervision = Supervision(0.0, TIMING)
    done = [
        (
            at,
            supervision.step(
                at, changed="c" in seen, cleared="g" in seen, locked="l" in seen, ended="e" in seen
            ),
        )
        for at, seen in moments
    ]
    return [(at, step) for at, step in done if step != "wait"]


def test_the_input_is_closed_when_the_login_changed() -> None:
    assert steps((0.1, ""), (6, "l"), (6.1, "cl"), (6.2, "c"), (6.3, "ce")) == [(6.2, "close")]


def test_a_lock_that_stays_after_the_change_is_not_waited_for_for_ever() -> None:
    assert steps((6, "cl"), (10.9, "cl"), (11, "cl")) == [(11, "close")]


def test_a_change_that_was_taken_back_is_none() -> None:
    assert steps((6, "cl"), (6.5, "l"), (12, "l"), (13, "cl"), (13.1, "c")) == [(13.1, "close")]


def test_a_login_that_is_gone_ends_nothing_before_it_stayed_away_and_the_lock_was_let_go() -> None:
    assert steps((1, "g"), (5, "g"), (5.5, ""), (9, "gl"), (30, "gl"), (31, "g"), (36, "g")) == [
        (36, "close")
    ]


def test_without_a_change_the_input_is_closed_after_a_minute() -> None:
    assert steps((59, ""), (60, "")) == [(60, "close")]


def test_the_input_is_not_closed_while_the_lock_of_the_refresh_stands() -> None:
    assert steps((59, "l"), (60, "l"), (600, "l"), (601, "")) == [(601, "close")]


def test_what_goes_on_after_its_input_closed_is_ended() -> None:
    assert steps((6, "c"), (15.9, "c"), (16, "c"), (18, "c"), (19, "c")) == [
        (6, "close"),
        (16, "terminate"),
        (19, "kill"),
    ]


def test_nothing_is_ended_while_the_lock_of_the_refresh_stands() -> None:
    assert steps((60, ""), (70, "l"), (700, "l"), (701, ""), (705, "l"), (706, "")) == [
        (60, "close"),
        (701, "terminate"),
        (706, "kill"),
    ]


def test_only_what_took_its_time_counts_as_sent() -> None:
    assert not was_probably_sent(0.02, ended=False)
    assert was_probably_sent(6.0, ended=False)
    assert was_probably_sent(0.02, ended=True)
