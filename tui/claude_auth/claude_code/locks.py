"""Claude Code's locks: where they lie, what each guards, and in what state one is. Pure.

A lock is a folder that `mkdir` takes and `rmdir` gives back. Its holder touches it every five seconds [told].
The client waits about half a minute for a living one and then goes on with the old token. One that is two
minutes old it takes over; one whose time lies in the future never, and every call fails [seen].
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import Literal

from claude_auth.model import Lock
from claude_auth.named_tuples import NamedTuple

#: A living holder touches its lock that often [told].
BEAT_SECONDS = 5.0
#: A lock counts as held up to this age [told: stale after it] …
HELD_SECONDS = 60.0
#: … the one of `.claude.json`, which is held for moments, up to this [told].
STATE_FILE_SECONDS = 10.0
#: One that was seen to stand still for longer than two beats has no holder.
STILL_SECONDS = 2 * BEAT_SECONDS
#: The client takes one of that age over by itself [seen].
TAKEN_OVER_SECONDS = 120.0
#: The clocks of a disk and of a machine differ by less.
FUTURE_SECONDS = 2.0
#: Two looks at one time differ by rounding only.
ROUNDING_SECONDS = 0.05

STATE_FILE = "write of .claude.json"

LockState = Literal["held", "orphan", "future"]


def lock_paths(config_dir: str, claude_json_path: str) -> tuple[tuple[str, str], ...]:
    """Path and what it guards, in the order in which the client takes them [seen]."""
    config_dir = config_dir.rstrip("/") or "/"
    return (
        (posixpath.join(config_dir, ".oauth_refresh.lock"), "refresh of the login"),
        (f"{config_dir}.lock", "refresh of the login, second lock"),
        (posixpath.join(config_dir, ".storage-write.lock"), "write of the credentials file"),
        (f"{claude_json_path}.lock", STATE_FILE),
    )


class LockJudgement(NamedTuple):
    """`removable`: once a person has agreed. `in_the_way`: a refresh that starts now would have to wait for
    it, or would never get it."""

    lock: Lock
    state: LockState
    sentence: str
    next_step: str
    removable: bool = False
    in_the_way: bool = False


def judge(
    lock: Lock, running: Collection[int] | None, still: float = 0.0, *, touched: bool = False
) -> LockJudgement:
    """`running`: the processes of Claude Code on this configuration, None where that isn't known. `still`:
    for how many seconds it was watched and nobody touched it, by one clock; `touched`: somebody did."""
    state = state_of(lock, still, touched=touched)
    beats = touched and still <= STILL_SECONDS
    removable = state != "held" and not beats and running is not None and not running
    return LockJudgement(
        lock,
        state,
        _sentence(lock, state, still, running, touched=touched),
        _next_step(lock, state, running, beats=beats),
        removable,
        lock.guards != STATE_FILE and is_waited_for(lock, state),
    )


def state_of(lock: Lock, still: float = 0.0, *, touched: bool = False) -> LockState:
    if lock.age < -FUTURE_SECONDS:
        return "future"
    if touched and still <= STILL_SECONDS:
        return "held"  # however far the clock of the disk lags behind
    return "orphan" if still > STILL_SECONDS or lock.age > held_seconds(lock) else "held"


def held_seconds(lock: Lock) -> float:
    """How old a lock may be that has a holder."""
    return STATE_FILE_SECONDS if lock.guards == STATE_FILE else HELD_SECONDS


def is_taken_over(lock: Lock) -> bool:
    """Whether the next client that wants the lock takes it over by itself."""
    return lock.age >= TAKEN_OVER_SECONDS


def is_waited_for(lock: Lock, state: LockState) -> bool:
    """Whether the client that comes next would wait: it sees the age alone, so for a young orphan too."""
    return state == "future" or (
        not is_taken_over(lock) and (state == "held" or lock.age <= held_seconds(lock))
    )


def next_change(lock: Lock, still: float = 0.0, *, touched: bool = False) -> float | None:
    """In how many seconds the lock is something else although nobody touches it; None where it stays."""
    state = state_of(lock, still, touched=touched)
    if state == "future":
        return -FUTURE_SECONDS - lock.age
    if state == "held":
        by_watching = STILL_SECONDS - still
        return by_watching if touched else min(by_watching, held_seconds(lock) - lock.age)
    return None if is_taken_over(lock) else TAKEN_OVER_SECONDS - lock.age


def was_touched(before: Lock, after: Lock, elapsed: float) -> bool:
    """From two looks, `elapsed` seconds apart: touched, or released and taken again."""
    return abs(after.age - before.age - elapsed) > ROUNDING_SECONDS


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _sentence(
    lock: Lock, state: LockState, still: float, running: Collection[int] | None, *, touched: bool
) -> str:
    name = posixpath.basename(lock.path)
    if state == "future":
        return (
            f"{name} carries a time {_span(-lock.age)} ahead of the clock: Claude Code never takes it over, "
            "and every call that needs it fails"
        )
    if state == "held":
        ago = still if touched else max(lock.age, 0.0)
        return f"{name} was touched {_span(ago)} ago by its holder"
    stands = f"{name} has stood still for {_span(max(still, lock.age))}"
    if running is None:
        return f"{stands}: its holder is gone or stopped; whether a claude runs is not known"
    if running:
        return f"{stands}: its holder is gone or stopped; claude runs ({pids(running)})"
    own = "Claude Code takes it over by itself" if is_taken_over(lock) else "Claude Code itself would wait"
    return f"{stands} and no claude runs: nobody holds it; {own}"


def _next_step(lock: Lock, state: LockState, running: Collection[int] | None, *, beats: bool) -> str:
    if state == "held":
        return "Wait: it is short"
    if beats:
        return "Check the clocks, here and where its holder runs: somebody touches it still"
    first = "Check the clock" if state == "future" else ""
    if running is None or running:
        then = "never end claude in the middle of a refresh; quit it yourself, then look again"
    else:
        then = f"remove it: rmdir {lock.path}"
    return f"{first}; {then}" if first else then[0].upper() + then[1:]


def pids(running: Collection[int]) -> str:
    numbers = ", ".join(str(pid) for pid in sorted(running)[:5])
    return f"{numbers} and {len(running) - 5} more" if len(running) > 5 else numbers


def _span(seconds: float) -> str:
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
