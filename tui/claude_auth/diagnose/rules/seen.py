"""What a rule answers with."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Certainty, Fix, Severity


class RuleMatch(NamedTuple):
    """What a rule saw. What is given besides evidence and fixes replaces the catalogue's where the situation
    knows better; `more` are further lines of evidence."""

    evidence: str
    fixes: tuple[Fix, ...] = ()
    source: str | None = None
    title: str | None = None
    severity: Severity | None = None
    certainty: Certainty | None = None
    symptoms: tuple[int, ...] | None = None
    more: tuple[str, ...] = ()


class NotChecked(NamedTuple):
    """The rule had nothing to look at. `why` completes "not checked, because …"."""

    why: str


Answer = RuleMatch | NotChecked | None
Rule = Callable[[DiagnosisContext], Answer]

SIGN_IN = Fix("sign in", "claude auth login")

NO_SECOND_LOOK = NotChecked("the slower look at this machine was not taken")
MACOS_ONLY = NotChecked("it concerns macOS alone")
