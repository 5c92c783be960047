"""Signing in to Claude Code's own store and out of it: by Claude Code itself, run in a pane; then looked at
whether it worked.

We never write that store, and nothing that is typed into Claude Code is read or kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Protocol

from claude_auth import sources
from claude_auth.actions.claude_program import (
    SIGN_IN,
    SIGN_OUT,
    STORE,
    ClaudeProgram,
    Look,
    ProgramPhrase,
    Sleep,
    environment_of,
    find_claude,
    missing_client,
)
from claude_auth.actions.result import Result, SuspendedRun
from claude_auth.model import Event, Severity, Snapshot
from claude_auth.model.findings import new_group
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean
from claude_auth.words import origin_words


class ClaudeTask(Protocol):
    """What Claude Code is run for. `limit`: how long that may take, in seconds."""

    kind: ClassVar[str]
    phrases: ClassVar[Sequence[ProgramPhrase]]
    limit: ClassVar[float]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `claude` is started with."""

    def heard(self, event: Event) -> None:
        """What the program told."""

    def judged(
        self, run: Delegated, program: ClaudeProgram, before: Snapshot, after: Snapshot
    ) -> tuple[Result, Event]:
        """Whether it worked, by what is stored now."""


@dataclass(eq=False, repr=False)
class Delegated:
    """Iterate `events`; meanwhile show `program.pane` and offer `program.urls`. `result` is set in the end.

    `look` observes the machine anew, in a thread; `limit`: another one than the task's; `program` is None
    until it runs."""

    task: ClaudeTask
    _: KW_ONLY
    look: Look
    environ: Mapping[str, str]
    limit: float | None = None
    columns: int = 80
    rows: int = 24
    client: str = "claude"
    version: str | None = None
    clock: Callable[[], float] = time.time
    sleep: Sleep = asyncio.sleep
    changed: Callable[[], None] = lambda: None
    program: ClaudeProgram | None = field(default=None, init=False)
    result: Result | None = field(default=None, init=False)
    cancelled: bool = field(default=False, init=False)

    async def cancel(self) -> None:
        self.cancelled = True
        if self.program is not None:
            await self.program.cancel()

    async def events(self) -> AsyncIterator[Event]:
        before = await asyncio.to_thread(self.look)
        path = find_claude(before)
        if path is None:
            self.result = Result("failed", error="Claude Code isn't installed here")
            yield missing_client(self.clock(), f"{self.task.kind}.client-missing")
            return
        self.program = ClaudeProgram(
            path,
            self.task.arguments,
            kind=self.task.kind,
            phrases=self.task.phrases,
            snapshot=before,
            environ=self.environ,
            columns=self.columns,
            rows=self.rows,
            limit=self.task.limit if self.limit is None else self.limit,
            clock=self.clock,
            sleep=self.sleep,
            changed=self.changed,
        )
        group = {"action": new_group(self.clock())}
        async for event in self.program.events():
            self.task.heard(event)
            yield event._replace(data={**event.data, **group})
        after = await asyncio.to_thread(self.look)
        self.result, event = self.task.judged(self, self.program, before, after)
        yield event._replace(data={**event.data, **group})


# ── signing in ────────────────────────────────────────────────────────────────────────────────────────

#: A person reads, signs in and types in a browser meanwhile; Claude Code itself gives up sooner.
LIMIT = 900.0

UNKNOWN_IN_KEYCHAIN = "whether the login in the Keychain is new can't be told without reading its value"


@dataclass(frozen=True, slots=True)
class SignInChoice:
    """`console`: API billing through the Console in place of the subscription. `year_token`: no login is
    stored, the token that is made is printed for the person alone."""

    console: bool = False
    sso: bool = False
    email: str | None = None
    year_token: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        if self.year_token:
            return ("setup-token",)
        chosen = ["auth", "login"]
        if self.console:
            chosen.append("--console")
        if self.sso:
            chosen.append("--sso")
        if email := clean((self.email or "").strip(), 254):
            chosen.append(f"--email={email}")
        return tuple(chosen)


@dataclass(eq=False, repr=False)
class SignInTask:
    """`claude auth login` or `claude setup-token`; cancelling or running out of time is no failure of Claude
    Code's."""

    kind: ClassVar[str] = "sign-in"
    phrases: ClassVar[Sequence[ProgramPhrase]] = SIGN_IN
    limit: ClassVar[float] = LIMIT

    choice: SignInChoice = field(default_factory=SignInChoice)
    _last_error: str | None = field(default=None, init=False)

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.choice.arguments

    def heard(self, event: Event) -> None:
        if event.level == "error" and event.kind in {"sign-in.refused", "sign-in.failed"}:
            self._last_error = event.text

    def judged(
        self, run: Delegated, program: ClaudeProgram, before: Snapshot, after: Snapshot
    ) -> tuple[Result, Event]:
        error = self._why_not(program, after, self._last_error, cancelled=run.cancelled)
        if self.choice.year_token:
            return _judge_token(error, printed=program.has_said("token-printed"), at=run.clock())
        return judge_login(before, after, error, client=run.client, version=run.version, at=run.clock())

    def _why_not(self, program: ClaudeProgram, after: Snapshot, said: str | None, *, cancelled: bool) -> str:
        """What to say should the store turn out to be what it was."""
        ended = program.ended
        if program.ran_out:
            return "nobody signed in within the time; nothing was changed"
        if cancelled or (ended is not None and ended.cause == "cancelled"):
            return "cancelled: nothing was changed"
        if said is not None:
            return said
        if self.choice.year_token:
            return "Claude Code ended without printing a token"
        if program.has_said("accepted") and not after.login.present_unread:
            return "Claude Code says that the login succeeded, but what it stores has not changed"
        return UNKNOWN_IN_KEYCHAIN if after.login.present_unread else "Claude Code ended without signing in"


def _judge_token(error: str, *, printed: bool, at: float) -> tuple[Result, Event]:
    """By what it said alone: nothing is stored by it, and what it printed is not kept."""
    if not printed:
        event = Event(at, "sign-in.no-token", error, "error", STORE)
        return Result("failed", error=error), event
    text = "the token was made; nothing of ours keeps it"
    event = Event(at, "sign-in.token-made", text, "info", STORE)
    return Result("token-made"), event


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
    """`claude setup-token` in the person's own terminal, whose scrollback keeps what it prints."""
    reason = (
        "the token that it prints is for you alone: it is shown once, and never passes through this program"
    )
    return _suspended(SignInChoice(year_token=True).arguments, snapshot, environ, reason)


def _suspended(
    arguments: tuple[str, ...], snapshot: Snapshot, environ: Mapping[str, str], reason: str
) -> SuspendedRun | None:
    path = find_claude(snapshot)
    if path is None:
        return None
    return SuspendedRun((path, *arguments), environment_of(environ, snapshot), snapshot.places.home, reason)


# ── signing out ───────────────────────────────────────────────────────────────────────────────────────

SIGN_OUT_SECONDS = 120.0
SIGN_OUT_ARGUMENTS = ("auth", "logout")

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
    if snapshot.login.mcp:  # seen: 2.1.328 removes the whole file
        servers = clean(", ".join(one.server for one in snapshot.login.mcp), 120)
        text = f"the sign-ins of MCP servers lie in the same file and go with it: {servers}"
        found.append(SignOutWarning(text, symptom=60))
    if find_claude(snapshot) is not None and login_fingerprint(snapshot) is None:
        found.append(SignOutWarning("there is no stored login; what you use now comes from elsewhere"))
    return tuple(found)


class SignOutTask:
    """`claude auth logout`."""

    kind: ClassVar[str] = "sign-out"
    phrases: ClassVar[Sequence[ProgramPhrase]] = SIGN_OUT
    limit: ClassVar[float] = SIGN_OUT_SECONDS
    arguments = SIGN_OUT_ARGUMENTS

    def heard(self, event: Event) -> None:
        """Nothing that it says decides."""

    def judged(
        self, run: Delegated, program: ClaudeProgram, before: Snapshot, after: Snapshot
    ) -> tuple[Result, Event]:
        old, new = login_fingerprint(before), login_fingerprint(after)
        if new is not None or managed_key(after) is not None or after.login.present_unread:
            error = "the login is still there" if new == old else "another login is there now"
            if new is None and after.login.present_unread:
                error = "there is still a login in the Keychain"
            elif new is None:
                error = "the key of a Console login is still there"
            return Result("failed", before=old, after=new, error=error), _sign_out_event(
                run.clock(), "unchanged", error, "error"
            )
        winner = resolve(after, run.client, run.version).winner
        text = "signed out"
        if winner is not None:
            text += f"; {clean(sources.label(winner))} is what gets used now"
        result = Result("signed-out", before=old, after=None)
        return result, _sign_out_event(
            run.clock(), "verified", text, "warning" if winner else "info", before=old
        )


def _sign_out_event(at: float, kind: str, text: str, level: Severity = "info", **data: str | None) -> Event:
    return Event(at, f"sign-out.{kind}", text, level, STORE, data)
