"""The journal's lines put together to runs."""

from __future__ import annotations

from typing import Any

from claude_auth.actions.runs import MOST, NO_END, past_runs
from claude_auth.formats.journal_line import JournalEntry
from claude_auth.model import Event


def entry(
    at: float, kind: str, text: str = "", level: Any = "info", pid: int = 1, setting: Any = "a"
) -> JournalEntry:
    return JournalEntry(Event(at, kind, text, level, None, {"setting": setting}), pid, "claude-auth")


def test_a_run_from_before_to_identity() -> None:
    (run,) = past_runs(
        [
            entry(10, "run.before", "before: nobody"),
            entry(12, "run.started"),
            entry(15.5, "run.ended", "a · exit code 0 after 3.5 s"),
            entry(16, "run.understood", "a · it ended well"),
            entry(17, "run.identity", "now somebody"),
        ]
    )
    assert (run.setting, run.at, run.seconds, len(run.events)) == ("a", 10, 3.5, 5)
    assert str(run.outcome) == "✓ it ended well"


def test_runs_of_two_programs_stand_between_one_another_the_newest_first() -> None:
    runs = past_runs(
        [
            entry(1, "run.started", pid=1),
            entry(2, "run.started", pid=2),
            entry(3, "run.ended", "a · exit code 1 after 2.0 s", "error", pid=1),
            entry(4, "run.started", pid=1, setting="b"),
            entry(5, "run.ended", "a · exit code 0 after 3.0 s", pid=2),
            entry(6, "run.started", pid=1),
            entry(7, "refresh.saved", pid=1),
            entry(8, "run.ended", pid=1, setting=None),
        ]
    )
    assert [(run.setting, run.at, run.seconds) for run in runs] == [
        ("a", 6, None),
        ("b", 4, None),
        ("a", 2, 3),
        ("a", 1, 2),
    ]
    assert [run.outcome.role for run in runs] == ["dim", "dim", "ok", "fail"]
    assert runs[0].outcome == NO_END


def test_what_was_refused_and_how_many_are_kept() -> None:
    runs = past_runs([entry(n, "run.refused", "a is running already", "warning") for n in range(MOST + 9)])
    assert len(runs) == MOST
    assert runs[0].at == MOST + 8
    assert runs[0].outcome.role == "fail"
