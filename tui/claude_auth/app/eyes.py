"""The old name of `actions.look.HostObserver`, for as long as a screen needs it."""

from __future__ import annotations

from claude_auth.actions.look import NOT_OWNER, Evaluate, Look, Paths, Watch, merge_evaluations
from claude_auth.actions.look import HostObserver as Eyes

__all__ = ["NOT_OWNER", "Evaluate", "Eyes", "Look", "Paths", "Watch", "merge_evaluations"]
