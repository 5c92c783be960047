"""Signing out of Claude Code's own store: by Claude Code itself, with a word before it about what is lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from claude_auth import sources
from claude_auth.actions import Result
from claude_auth.actions.claude_cli import Delegated
from claude_auth.actions.claude_cli_sign_in import login_fingerprint, managed_key
from claude_auth.actions.claude_program import STORE, ClaudeProgram, find_claude
from claude_auth.actions.phrases import SIGN_OUT
from claude_auth.model import Event, Severity, Snapshot
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean

LIMIT = 120.0
ARGUMENTS = ("auth", "logout")

#: Causes where signing out makes things worse or takes away what still works.
_WORSE: dict[int, str] = {
    78: "your organisation's subscription access is switched off at the server: signing out doesn't bring it "
    "back, and signing in again may then be refused; ask the administrator, keep the login",
    79: "the server doesn't see a Max or Pro plan for this account: once out you may not get in again; "
    "check at claude.ai which account is signed in there",
    70: "the sign-in service has an incident: you could not sign in again now",
    71: "the sign-in service doesn't answer in time: you could not sign in again now",
    44: "the Keychain is locked: a new login could not be stored",
    45: "new logins are not being stored here: what you have now is the last one that was",
    54: "the state files aren't yours to write: a new login could not be stored",
    58: "the disk is full: a new login could not be stored",
}


@dataclass(frozen=True, slots=True)
class SignOutWarning:
    """Shown before signing out. `against`: that makes things worse, so the answer is no unless said."""

    text: str
    against: bool = False
    symptom: int | None = None


def warnings_before(snapshot: Snapshot, symptoms: Collection[int] = ()) -> tuple[SignOutWarning, ...]:
    """`symptoms`: entry numbers of what was diagnosed or recognised."""
    found = [
        SignOutWarning(text, against=True, symptom=number)
        for number, text in _WORSE.items()
        if number in symptoms
    ]
    tokens = snapshot.login.tokens
    if tokens is not None and tokens.other_grants:  # seen: 2.1.328 removes the whole file
        servers = clean(", ".join(tokens.other_grants), 120)
        text = f"the sign-ins of MCP servers lie in the same file and go with it: {servers}"
        found.append(SignOutWarning(text, symptom=60))
    if find_claude(snapshot) is not None and login_fingerprint(snapshot) is None:
        found.append(SignOutWarning("there is no stored login; what you use now comes from elsewhere"))
    return tuple(found)


@dataclass(eq=False, repr=False)
class SignOutClaude(Delegated):
    """`claude auth logout`."""

    kind = "sign-out"
    phrases = SIGN_OUT
    arguments = ARGUMENTS

    limit: float | None = field(default=LIMIT, kw_only=True)

    def _judged(self, program: ClaudeProgram, before: Snapshot, after: Snapshot) -> tuple[Result, Event]:
        old, new = login_fingerprint(before), login_fingerprint(after)
        if new is not None or managed_key(after) is not None or after.login.present_unread:
            error = "the login is still there" if new == old else "another login is there now"
            if new is None and after.login.present_unread:
                error = "there is still a login in the Keychain"
            elif new is None:
                error = "the key of a Console login is still there"
            return Result("failed", before=old, after=new, error=error), self._event(
                "unchanged", error, "error"
            )
        winner = resolve(after, self.client, self.version).winner
        text = "signed out"
        if winner is not None:
            text += f"; {clean(sources.label(winner))} is what gets used now"
        result = Result("signed-out", before=old, after=None)
        return result, self._event("verified", text, "warning" if winner else "info", before=old)

    def _event(self, kind: str, text: str, level: Severity = "info", **data: str | None) -> Event:
        return Event(self.clock(), f"sign-out.{kind}", text, level, STORE, data)
