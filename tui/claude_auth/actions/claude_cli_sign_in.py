"""Signing in to Claude Code's own store: by Claude Code itself, and then looking whether that worked.

We never write that store, and nothing that is typed into Claude Code is read or kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claude_auth import sources
from claude_auth.actions import Result, SuspendedRun
from claude_auth.actions.claude_cli import Delegated
from claude_auth.actions.claude_program import STORE, ClaudeProgram, environment_of, find_claude
from claude_auth.actions.phrases import SIGN_IN
from claude_auth.model import Event, Snapshot
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean
from claude_auth.words import origin_words

#: A person reads, signs in and types in a browser meanwhile; Claude Code itself gives up sooner.
LIMIT = 900.0

UNKNOWN_IN_KEYCHAIN = "whether the login in the Keychain is new can't be told without reading its value"


@dataclass(frozen=True, slots=True)
class SignInChoice:
    """`console`: API billing through the Console in place of the subscription."""

    console: bool = False
    sso: bool = False
    email: str | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        chosen = ["auth", "login"]
        if self.console:
            chosen.append("--console")
        if self.sso:
            chosen.append("--sso")
        if email := clean((self.email or "").strip(), 254):
            chosen.append(f"--email={email}")
        return tuple(chosen)


@dataclass(eq=False, repr=False)
class DelegatedSignIn(Delegated):
    """`claude auth login`; cancelling or running out of time is no failure of Claude Code's."""

    kind = "sign-in"
    phrases = SIGN_IN

    choice: SignInChoice
    limit: float | None = field(default=LIMIT, kw_only=True)
    _last_error: str | None = field(default=None, init=False)

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.choice.arguments

    def _heard(self, event: Event) -> None:
        if event.level == "error" and event.kind in {"sign-in.refused", "sign-in.failed"}:
            self._last_error = event.text

    def _judged(self, program: ClaudeProgram, before: Snapshot, after: Snapshot) -> tuple[Result, Event]:
        error = self._why_not(program, after, self._last_error)
        return judge_login(before, after, error, client=self.client, version=self.version, at=self.clock())

    def _why_not(self, program: ClaudeProgram, after: Snapshot, said: str | None) -> str:
        """What to say should the store turn out to be what it was."""
        ended = program.ended
        if program.ran_out:
            return "nobody signed in within the time; nothing was changed"
        if self._cancelled or (ended is not None and ended.cause == "cancelled"):
            return "cancelled: nothing was changed"
        if said is not None:
            return said
        if program.has_said("accepted") and not after.login.present_unread:
            return "Claude Code says that the login succeeded, but what it stores has not changed"
        return UNKNOWN_IN_KEYCHAIN if after.login.present_unread else "Claude Code ended without signing in"


# ── did it work ──────────────────────────────────────────────────────────────────────────────────


def judge_login(
    before: Snapshot,
    after: Snapshot,
    error: str | None,
    *,
    client: str = "claude",
    version: str | None = None,
    at: float | None = None,
) -> tuple[Result, Event]:
    """Whether the store really changed, and whether the new login is what gets used. `error`: why not,
    should it be unchanged. Pure."""
    at = after.observed_at if at is None else at
    old, new = login_fingerprint(before), login_fingerprint(after)
    old_key, new_key = managed_key(before), managed_key(after)
    source, expires_at = "stored-login", after.login.tokens.expires_at if after.login.tokens else None
    if new is None or new == old:
        if new_key is None or new_key == old_key:
            error = error or (
                UNKNOWN_IN_KEYCHAIN if after.login.present_unread else "the store has not changed"
            )
            data = {"before": old, "after": new}
            event = Event(at, "sign-in.unchanged", error, "error", STORE, data)
            return Result("failed", before=old, after=new, error=error), event
        source, expires_at, old, new = "managed-key", None, old_key, new_key
    over = what_overrides(after, source, client, version)
    facts = {"before": old, "after": new, "expires_at": expires_at}
    if over is not None:
        text = f"signed in, but the new login isn't what is used: {over}"
        event = Event(at, "sign-in.overridden", text, "warning", STORE, facts)
    else:
        change = f"{old} → {new}" if old else new
        text = f"signed in: {sources.label(source)} {change}, and it is what gets used"
        event = Event(at, "sign-in.verified", text, "info", STORE, facts)
    return Result("signed-in", STORE, None, old, new, expires_at, None, over), event


def login_fingerprint(snapshot: Snapshot) -> str | None:
    """Of the stored login's access token; None where there is none, also after it was wiped."""
    tokens = snapshot.login.tokens
    return None if tokens is None or tokens.access_token.is_empty else tokens.access_token.fingerprint


def managed_key(snapshot: Snapshot) -> str | None:
    key = snapshot.claude_json.primary_api_key
    return None if key is None or key.is_empty else key.fingerprint


def what_overrides(snapshot: Snapshot, source: str, client: str, version: str | None) -> str | None:
    """What is used in place of `source`, where it comes from, how it goes away; None if `source` is used."""
    resolution = resolve(snapshot, client, version)
    if resolution.winner == source:
        return None
    if resolution.winner is None:
        reason = "no request would go out" if resolution.blocked is None else resolution.blocked.reason
        return clean(reason)
    row = sources.BY_ID[resolution.winner or ""]
    origin = origin_words(resolution.standing(row.id).reading.origin, snapshot.places.home)
    return clean(f"{row.label} wins{f' ({origin})' if origin else ''}; to change that: {row.unset}")


# ── in the suspended terminal ────────────────────────────────────────────────────────────────────


def suspended_sign_in(
    choice: SignInChoice, snapshot: Snapshot, environ: Mapping[str, str]
) -> SuspendedRun | None:
    """The same in the person's real terminal; None where there is no client."""
    return _suspended(choice.arguments, snapshot, environ, "sign in with Claude Code in your own terminal")


def setup_token(snapshot: Snapshot, environ: Mapping[str, str]) -> SuspendedRun | None:
    """`claude setup-token`: always in the person's own terminal: it prints a token that lasts a year."""
    reason = (
        "the token that it prints is for you alone: it is shown once, and never passes through this program"
    )
    return _suspended(("setup-token",), snapshot, environ, reason)


def _suspended(
    arguments: tuple[str, ...], snapshot: Snapshot, environ: Mapping[str, str], reason: str
) -> SuspendedRun | None:
    path = find_claude(snapshot)
    if path is None:
        return None
    return SuspendedRun((path, *arguments), environment_of(environ, snapshot), snapshot.places.home, reason)
