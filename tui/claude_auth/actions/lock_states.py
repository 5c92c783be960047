"""What one of Claude Code's locks means for somebody who wants to refresh now, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from claude_auth.model import Lock

#: A living holder touches its lock every 5 s [told].
STANDS_STILL = 10.0
#: Claude Code takes over a lock that is two minutes old [seen].
TAKEN_OVER_AFTER = 120.0
#: Clocks of file systems differ by a moment.
_FUTURE = -2.0


@dataclass(frozen=True, slots=True)
class LockState:
    """`in_the_way`: a refresh that starts now would not be one."""

    lock: Lock
    state: Literal["held", "orphaned", "abandoned", "future-dated"]
    in_the_way: bool
    text: str


def is_in_the_way(lock: Lock) -> bool:
    """Whether the lock guards the login. The one of .claude.json often stays behind when Claude Code ends
    quickly [seen, 2.1.328], and hinders nobody for longer than 10 s [told]."""
    return not lock.guards.endswith(".claude.json")


def explain(lock: Lock, now: float) -> LockState:
    """By its age at `now`, the moment of the look."""
    matters, age = is_in_the_way(lock), lock.age
    if age < _FUTURE:
        text = (
            f"{lock.path} is dated {-age:.0f} s in the future: as long as it stands there Claude Code never "
            "takes it over, and every call fails. Once no claude runs, remove it with rmdir"
        )
        return LockState(lock, "future-dated", True, text)
    if age <= STANDS_STILL:
        text = f"{lock.path} is held ({lock.guards}): it was touched {max(age, 0):.0f} s ago"
        return LockState(lock, "held", matters, text)
    if age < TAKEN_OVER_AFTER:
        text = (
            f"{lock.path} has not been touched for {age:.0f} s: its holder is gone. Claude Code takes it "
            f"over in {TAKEN_OVER_AFTER - age:.0f} s; once no claude runs, rmdir removes it at once"
        )
        return LockState(lock, "orphaned", matters, text)
    text = f"{lock.path} was left behind {age:.0f} s ago; Claude Code takes it over by itself"
    return LockState(lock, "abandoned", False, text)
