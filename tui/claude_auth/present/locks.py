"""Who holds which of Claude Code's locks since when, watched by one clock. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from claude_auth.actions.fixes.locks import SeenLock
from claude_auth.claude_code.locks import LockJudgement, LockState, pids
from claude_auth.claude_code.locks import judge as judge_lock
from claude_auth.model import Lock
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import TextStyle, abbreviate_home

_ROLES: dict[LockState, tuple[str, TextStyle]] = {
    "held": ("●", "accent"),
    "orphan": ("✗", "fail"),
    "future": ("✗", "fail"),
}


class Watched(NamedTuple):
    """`first` is since when the lock stands unchanged; `touched`: it was seen to be touched before that."""

    first: SeenLock
    touched: bool = False


def watch_locks(before: Mapping[str, Watched], seen: Collection[SeenLock]) -> dict[str, Watched]:
    """What was known, and the look of now."""
    after: dict[str, Watched] = {}
    for lock in seen:
        known = before.get(lock.path)
        if known is None:
            after[lock.path] = Watched(lock)
        elif known.first.identity == lock.identity:
            after[lock.path] = known
        else:
            after[lock.path] = Watched(lock, touched=True)
    return after


def judge_locks(
    locks: Sequence[Lock], watched: Mapping[str, Watched], running: Collection[int] | None, now: float
) -> tuple[LockJudgement, ...]:
    """`now`: of the monotonic clock that the looks were made by."""
    found = []
    for lock in locks:
        known = watched.get(lock.path)
        still, touched = (0.0, False) if known is None else (now - known.first.at, known.touched)
        found.append(judge_lock(lock, running, still, touched=touched))
    return tuple(found)


def running_words(running: Collection[int] | None) -> str:
    if running is None:
        return "whether a claude runs can’t be told here"
    return f"claude runs: process {pids(running)}" if running else "no claude runs on this configuration"


def lock_lines(
    judged: Sequence[LockJudgement] | None, running: Collection[int] | None, home: str, width: int
) -> list[Line]:
    """`judged` None: not looked at yet."""
    if judged is None:
        return [line(Span("looking", "dim"))]
    found: list[Line] = []
    for one in judged:
        glyph, role = _ROLES[one.state]
        found += wrap(line(Span(f"{glyph} {one.state}: ", role), clean(one.sentence, 300)), width, 2)
        told = f"{clean(abbreviate_home(one.lock.path, home), 200)} · {one.lock.guards}"
        found += wrap(line("  ", Span(told, "dim")), width, 2)
        step = "f removes it, with rmdir, after asking" if one.removable else one.next_step
        found += wrap(line("  ", Span(f"→ {clean(abbreviate_home(step, home), 300)}", "accent")), width, 4)
    if not judged:
        found += wrap(line(Span("✓ nobody holds a lock of Claude Code", "ok")), width, 2)
    return [*found, *wrap(line(Span(running_words(running), "dim")), width, 2)]
