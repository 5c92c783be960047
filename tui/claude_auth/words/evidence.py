"""What Claude Code's own files say of a login beside it, in sentences with their age. For the second look."""

from __future__ import annotations

from claude_auth.model.logins import ConfigDirectory
from claude_auth.words.times import ago


def evidence_words(directory: ConfigDirectory, now: float) -> tuple[str, ...]:
    """What Claude Code's own files say beside the login, with their age."""
    state, service = directory.state, directory.service
    told: list[str] = []
    if state.account_at is not None:
        told.append(f"its account was looked up {ago(state.account_at, now)}")
    if state.usage is not None:
        shares = (("5 hours", state.usage.five_hours), ("7 days", state.usage.seven_days))
        used = ", ".join(f"{share:.0f} % of {window}" for window, share in shares if share is not None)
        told.append(f"its usage was looked up {ago(state.usage.at, now)}{': ' if used else ''}{used}")
    if service is not None and service.written_at is not None:
        runs = f"runs as process {service.pid}" if service.runs else "does not run"
        workers = f"{service.workers} worker{'s' if service.workers != 1 else ''}"
        told.append(f"the background service {runs}; {ago(service.written_at, now)} it had {workers}")
    if service is not None and service.sign_in_wanted_since is not None:
        told.append(f"the background service asked for a sign-in {ago(service.sign_in_wanted_since, now)}")
    if service is not None and service.logged is not None and service.logged_at is not None:
        told.append(f"it logged {ago(service.logged_at, now)}: {service.logged}")
    return tuple(told)
