"""Installed and running programs, and the locks that running ones hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.claude_code.locks import STATE_FILE, LockState, state_of
from claude_auth.claude_code.variables import CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.claude_code.versions import at_least, parse
from claude_auth.diagnose.context import DiagnosisContext, joined
from claude_auth.diagnose.rules.seen import NO_SECOND_LOOK, Answer, NotChecked, Rule, RuleMatch
from claude_auth.diagnose.rules.stores import quoted
from claude_auth.model import Fix, Severity

if TYPE_CHECKING:
    from claude_auth.model.surroundings import Difference, RunningClient


def _lock(state: LockState) -> Rule:
    """The first lock in that state; that nobody may be running is checked where it is removed."""

    def rule(s: DiagnosisContext) -> RuleMatch | None:
        for lock in s.snapshot.locks:
            if state_of(lock) == state:
                fix = Fix("with no claude running, remove the lock", f"rmdir {quoted(lock.path)}")
                words = (
                    f"{lock.path} is dated {-lock.age:.0f} s ahead of the clock"
                    if state == "future"
                    else f"{lock.path} was last touched {lock.age:.0f} s ago"
                )
                # The one of .claude.json often stays behind, and the client takes it over within seconds.
                hinders = state == "future" or lock.guards != STATE_FILE
                return RuleMatch(words, (fix,), severity=None if hinders else "info")
        return None

    return rule


# ── installed ────────────────────────────────────────────────────────────────────────────────────

#: Earlier ones ask the sign-in server for what it does not know [told].
_SIGNS_IN_SINCE = "2.1.88"


def _outdated(s: DiagnosisContext) -> Answer:
    installed = [client for client in s.snapshot.installed if client.version and parse(client.version)]
    if not installed:
        return NotChecked("no claude with a version is on PATH")
    old = [client for client in installed if not at_least(client.version or "", _SIGNS_IN_SINCE)]
    if not old or not s.is_claude_code:
        return None
    words = joined(f"{client.path} is {client.version}" for client in old)
    return RuleMatch(words, (Fix("update", "claude update"),), title=f"Claude Code {old[0].version} is old")


def _several(s: DiagnosisContext) -> Answer:
    if len(s.snapshot.installed) < 2 or not s.is_claude_code:
        return None
    words = joined(
        f"{client.path} ({client.version or 'version unknown'})" for client in s.snapshot.installed
    )
    versions = {client.version for client in s.snapshot.installed}
    severity: Severity | None = None if len(versions) > 1 and None not in versions else "info"
    title = None if severity is None else "Several claude programs"
    fix = Fix("see them all, and remove those that you do not use", "which -a claude")
    return RuleMatch(words, (fix,), title=title, severity=severity)


# ── running ──────────────────────────────────────────────────────────────────────────────────────

_NO_TABLE = NotChecked("the running programs are not those of the machine that is looked at, or hidden")
_UNREAD = NotChecked("the environment of a running claude could not be read")


def _running(s: DiagnosisContext) -> tuple[RunningClient, ...] | NotChecked:
    """Those of this home and configuration: what runs elsewhere is nobody's business here."""
    if s.snapshot.more is None:
        return NO_SECOND_LOOK
    if s.snapshot.more.running is None:
        return _NO_TABLE
    return tuple(c for c in s.snapshot.more.running if c.config_dir is not None)


def _has_unread(s: DiagnosisContext) -> bool:
    more = s.snapshot.more
    return any(client.config_dir is None for client in (more.running if more is not None else None) or ())


def _sessions(s: DiagnosisContext) -> tuple[RunningClient, ...] | NotChecked:
    running = _running(s)
    if isinstance(running, NotChecked):
        return running
    return tuple(client for client in running if client.kind == "session")


#: With another of these another credential is used.
_THE_CREDENTIAL = frozenset({*CREDENTIALS, *PROVIDER_SWITCHES, "AWS_ACCESS_KEY_ID"})
_MOST_TOLD = 4


def _environment_differs(s: DiagnosisContext) -> Answer:
    sessions = _sessions(s)
    if isinstance(sessions, NotChecked):
        return sessions
    if not s.is_claude_code:
        return None
    differing = [client for client in sessions if client.differences]
    if not differing:
        return _UNREAD if _has_unread(s) else None
    warns = any(change.name in _THE_CREDENTIAL for client in differing for change in client.differences)
    lines = [
        f"process {client.pid}: {', '.join(_told(change) for change in _first(client))}"
        for client in differing[:_MOST_TOLD]
    ]
    if len(differing) > _MOST_TOLD:
        lines.append(f"and {len(differing) - _MOST_TOLD} more")
    fix = Fix("end that session, and start it again from this shell")
    return RuleMatch(lines[0], (fix,), severity="warning" if warns else None, more=tuple(lines[1:]))


def _first(client: RunningClient) -> tuple[Difference, ...]:
    """A few, the credentials before the rest."""
    ordered = sorted(client.differences, key=lambda change: change.name not in _THE_CREDENTIAL)
    return tuple(ordered[:_MOST_TOLD])


def _told(change: Difference) -> str:
    if change.here is None:
        return f"{change.name} is set there only ({change.there})"
    if change.there is None:
        return f"{change.name} is set here only ({change.here})"
    return f"{change.name} is {change.there} there, {change.here} here"


_SOME, _MANY = 3, 8


def _many(s: DiagnosisContext) -> Answer:
    sessions = _sessions(s)
    if isinstance(sessions, NotChecked):
        return sessions
    tokens = s.snapshot.login.tokens
    shares = "stored-login" in s.sent() and (tokens is None or tokens.is_refreshable)
    if len(sessions) < _SOME or not shares or not s.is_claude_code:
        return None
    few = len(sessions) < _MANY
    words = f"{len(sessions)} sessions use {s.snapshot.places.config_dir}"
    fix = Fix("give jobs that nobody watches a token of their own", "claude setup-token")
    title = "Several running sessions share one login" if few else None
    return RuleMatch(words, (fix,), "stored-login", title, "info" if few else None)


def _versions_differ(s: DiagnosisContext) -> Answer:
    sessions = _sessions(s)
    if isinstance(sessions, NotChecked):
        return sessions
    versions = sorted({client.version for client in sessions if client.version})
    if len(versions) < 2 or not s.is_claude_code:
        return None
    return RuleMatch(f"running: {joined(versions)}", (Fix("update, then start them again", "claude update"),))


_PATIENCE = 600.0


def _parked(s: DiagnosisContext) -> Answer:
    running = _running(s)
    if isinstance(running, NotChecked):
        return running
    now = s.snapshot.observed_at
    waiting = [client for client in running if client.kind == "sign-in"]
    old = [
        client for client in waiting if client.started_at is not None and now - client.started_at > _PATIENCE
    ]
    if len(waiting) < 2 and not old:
        return None
    words = joined(f"process {client.pid}" for client in waiting)
    fixes = tuple(Fix("end it", f"kill {client.pid}") for client in waiting[:_MOST_TOLD])
    return RuleMatch(words, fixes, "stored-login")


def _older_than_credentials(s: DiagnosisContext) -> Answer:
    """Cloud credentials that were renewed in a file; AWS profiles are judged by their session."""
    running = _running(s)
    if isinstance(running, NotChecked):
        return running
    google, more = s.snapshot.google, s.snapshot.more
    renewed: list[tuple[str, float]] = []
    if s.resolution.provider == "vertex" and google is not None and google.file is not None:
        renewed.append((google.path, google.file.modified))
    if s.resolution.provider == "bedrock" and more is not None and more.aws_files_modified:
        renewed += list(more.aws_files_modified.items())
    for path, moment in renewed:
        older = [c for c in running if c.started_at is not None and c.started_at < moment]
        if older:
            words = f"{path} is newer than {joined(f'process {client.pid}' for client in older[:_MOST_TOLD])}"
            return RuleMatch(words, (Fix("end that session, and start it again"),), s.resolution.provider)
    return None


RULES: dict[str, Rule] = {
    "lock-from-the-future": _lock("future"),
    "lock-left-behind": _lock("orphan"),
    "client-outdated": _outdated,
    "several-installs": _several,
    "running-environment-differs": _environment_differs,
    "many-running-clients": _many,
    "running-versions-differ": _versions_differ,
    "parked-sign-ins": _parked,
    "older-than-cloud-credentials": _older_than_credentials,
}
