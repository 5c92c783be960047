"""What this program itself can do about a cause, and the same on the command line."""

from __future__ import annotations

from claude_auth.model import Fix, RemedyAction

#: By the action that the app has for it.
COMMANDS: dict[RemedyAction, str] = {
    "sign-in": "claude-auth login",
    "sign-out": "claude-auth logout",
    "refresh": "claude-auth refresh",
    "run": "claude-auth run",
    "evaluate": "claude-auth status --evaluate",
    "network": "claude-auth diagnose --network",
    "fix": "claude-auth fix",
    "accounts": "claude-auth accounts",
    "probe": "claude-auth probe",
    "diagnose": "claude-auth diagnose",
    "log.open": "claude-auth log",
    "panel.wire": "claude-auth status",
    "set-up": "claude-auth setup",
}


def act(action: RemedyAction, title: str, about: str = "", command: str | None = None) -> Fix:
    """A remedy that is an action. `about`: which command is run, or which fix is applied. `command`: what
    does it without this program, where our command line has no twin of the action on every machine."""
    return Fix(title, command or f"{COMMANDS[action]} {about}".rstrip(), action, about)
