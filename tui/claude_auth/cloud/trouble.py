"""An error of a cloud, explained: what was said, what it means, what to do. Shared by AWS and Google."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.formats.outputs import moment_of
from claude_auth.model import Fix
from claude_auth.words import span


@dataclass(frozen=True, slots=True)
class CloudError:
    """`code` is stable; `said` is the service's own text, one line, redacted; `symptoms` are numbers of the
    catalogue of causes."""

    code: str
    title: str
    meaning: str
    said: str = ""
    fixes: tuple[Fix, ...] = ()
    symptoms: tuple[int, ...] = ()


def clock_offset(date: object, now: float) -> float | None:
    """Seconds by which this machine's clock is ahead of a `Date` header."""
    moment = moment_of(date)
    return None if moment is None else now - moment


def clock_words(offset: float) -> str:
    return f"this machine's clock is {span(abs(offset))} {'ahead' if offset > 0 else 'behind'}"


CLOCK_FIX = Fix("Set the clock", "sudo timedatectl set-ntp true")
