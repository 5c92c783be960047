"""What a rule answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from claude_auth.diagnose.situation import Situation
from claude_auth.model import Fix, Severity


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw. `title` and `severity` replace the catalogue's where the situation knows better."""

    evidence: str
    fixes: tuple[Fix, ...] = ()
    source: str | None = None
    title: str | None = None
    severity: Severity | None = None


Rule = Callable[[Situation], Seen | None]

SIGN_IN = Fix("sign in", "claude auth login")
