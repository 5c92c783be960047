"""How an action ended, and a program that it wants to be run in the real terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from claude_auth.security.sanitize import clean

Outcome = Literal["refreshed", "adopted", "not-needed", "signed-in", "signed-out", "token-made", "failed"]


@dataclass(frozen=True, slots=True)
class Result:
    """How an action on a store ended. `before` and `after` are fingerprints of the access token; `error` is
    one sentence, None unless it failed."""

    outcome: Outcome
    store: str = "claude-code"
    account: str | None = None
    before: str | None = None
    after: str | None = None
    expires_at: float | None = None
    error: str | None = None
    #: What has the last word over a new login, in words; None where the login itself is used.
    overridden_by: str | None = None

    def as_json(self) -> dict[str, object]:
        from claude_auth.words.times import iso

        return {
            "schema": 1,
            "outcome": self.outcome,
            "store": self.store,
            "account": self.account,
            "before": self.before,
            "after": self.after,
            "expires_at": iso(self.expires_at),
            "error": None if self.error is None else clean(self.error, 600),
        }


@dataclass(frozen=True, slots=True)
class SuspendedRun:
    """A program for the real terminal: the app steps aside, runs it, and looks at the machine again."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    cwd: str
    reason: str
