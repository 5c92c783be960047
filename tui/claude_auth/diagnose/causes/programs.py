"""Installed and running programs, and the locks that running ones hold."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from claude_auth.claude_code.destination import AWS_PROVIDERS, GOOGLE_PROVIDERS
from claude_auth.claude_code.locks import STATE_FILE, LockState, state_of
from claude_auth.claude_code.variables import CREDENTIALS, PROVIDER_SWITCHES
from claude_auth.claude_code.versions import OLDEST, at_least, parse_version
from claude_auth.diagnose.cause import OPEN, UPDATE, Answer, Cause, MachineRule, NotChecked, RuleMatch
from claude_auth.diagnose.context import DiagnosisContext, joined
from claude_auth.model import Fix, Lock, Severity
from claude_auth.words.times import span

if TYPE_CHECKING:
    from claude_auth.model.surroundings import Difference, RunningClient


def _lock(s: DiagnosisContext, state: LockState) -> tuple[Lock, tuple[Fix, ...]] | None:
    """The first lock in that state; that nobody may be running is checked where it is removed."""
    for lock in s.snapshot.locks:
        if state_of(lock) == state:
            command, about = f"rmdir {quote(lock.path)}", f"remove-lock {lock.path}"
            return lock, (Fix("with no claude running, remove the lock", command, about=about),)
    return None


def _lock_from_the_future(s: DiagnosisContext) -> Answer:
    """A lock directory of Claude Code is dated ahead of the clock."""
    if (found := _lock(s, "future")) is None:
        return None
    lock, fixes = found
    return RuleMatch(f"{lock.path} is dated {-lock.age:.0f} s ahead of the clock", fixes)


def _lock_left_behind(s: DiagnosisContext) -> Answer:
    """A lock directory of Claude Code has stood still for over a minute; the one of `.claude.json` for over
    ten seconds, a note."""
    if (found := _lock(s, "orphan")) is None:
        return None
    lock, fixes = found
    # The one of .claude.json often stays behind, and the client takes it over within seconds.
    severity: Severity | None = "info" if lock.guards == STATE_FILE else None
    return RuleMatch(f"{lock.path} was last touched {span(lock.age)} ago", fixes, severity=severity)


# ── installed ────────────────────────────────────────────────────────────────────────────────────

#: Earlier ones ask the sign-in server for what it does not know [told].
_SIGNS_IN_SINCE = "2.1.88"


def _client_outdated(s: DiagnosisContext) -> Answer:
    """A `claude` on PATH is older than 2.1.88."""
    installed = [
        client for client in s.snapshot.installed if client.version and parse_version(client.version)
    ]
    if not installed:
        return NotChecked("no claude with a version is on PATH")
    old = [client for client in installed if not at_least(client.version or "", _SIGNS_IN_SINCE)]
    if not old or not s.is_claude_code:
        return None
    words = joined(f"{client.path} is {client.version}" for client in old)
    return RuleMatch(words, (Fix("update", "claude update"),), title=f"Claude Code {old[0].version} is old")


def _several_installs(s: DiagnosisContext) -> Answer:
    """Several `claude` programs on PATH, of different versions; of one or of unknown version a note."""
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

_UNREAD = NotChecked("the environment of a running claude could not be read")


def _running(s: DiagnosisContext, *kinds: str) -> list[RunningClient]:
    """Those of this home and configuration: what runs elsewhere is nobody's business here."""
    ours = [client for client in s.more.running or () if client.config_dir is not None]
    return [client for client in ours if client.kind in kinds] if kinds else ours


#: With another of these another credential is used.
_THE_CREDENTIAL = frozenset({*CREDENTIALS, *PROVIDER_SWITCHES, "AWS_ACCESS_KEY_ID"})
_MOST_TOLD = 4


def _running_environment_differs(s: DiagnosisContext) -> Answer:
    """A running `claude` of this home and configuration has other variables in its environment; another
    credential or provider is a warning."""
    sessions = _running(s, "session")
    if not s.is_claude_code:
        return None
    differing = [client for client in sessions if client.differences]
    if not differing:
        unread = any(client.config_dir is None for client in s.more.running or ())
        return _UNREAD if unread else None
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


def _many_running_clients(s: DiagnosisContext) -> Answer:
    """Eight or more sessions share a login that can be refreshed; three or more are a note."""
    sessions = _running(s, "session")
    tokens = s.snapshot.login.tokens
    shares = "stored-login" in s.sent() and (tokens is None or tokens.is_refreshable)
    if len(sessions) < _SOME or not shares or not s.is_claude_code:
        return None
    few = len(sessions) < _MANY
    words = f"{len(sessions)} sessions use {s.snapshot.places.config_dir}"
    fix = Fix("give jobs that nobody watches a token of their own", "claude setup-token")
    title = "Several running sessions share one login" if few else None
    return RuleMatch(words, (fix,), "stored-login", title, "info" if few else None)


def _running_versions_differ(s: DiagnosisContext) -> Answer:
    """Running sessions on one configuration directory have different versions."""
    sessions = _running(s, "session")
    versions = sorted({client.version for client in sessions if client.version})
    if len(versions) < 2 or not s.is_claude_code:
        return None
    return RuleMatch(f"running: {joined(versions)}", (Fix("update, then start them again", "claude update"),))


_PATIENCE = 600.0


def _parked_sign_ins(s: DiagnosisContext) -> Answer:
    """Two sign-ins wait, or one for over ten minutes."""
    waiting, now = _running(s, "sign-in"), s.snapshot.observed_at
    old = [
        client for client in waiting if client.started_at is not None and now - client.started_at > _PATIENCE
    ]
    if len(waiting) < 2 and not old:
        return None
    words = joined(f"process {client.pid}" for client in waiting)
    fixes = tuple(Fix("end it", f"kill {client.pid}") for client in waiting[:_MOST_TOLD])
    return RuleMatch(words, fixes, "stored-login")


def _older_than_cloud_credentials(s: DiagnosisContext) -> Answer:
    """A running `claude` was started before the cloud credentials were written.

    Cloud credentials that were renewed in a file; AWS profiles are judged by their session."""
    running = _running(s)
    google, aws_files = s.snapshot.google, s.more.aws_files_modified
    renewed: list[tuple[str, float]] = []
    if s.resolution.provider in GOOGLE_PROVIDERS and google is not None and google.file is not None:
        renewed.append((google.path, google.file.modified))
    if s.resolution.provider in AWS_PROVIDERS:
        renewed += list(aws_files.items())
    for path, moment in renewed:
        older = [c for c in running if c.started_at is not None and c.started_at < moment]
        if older:
            words = f"{path} is newer than {joined(f'process {client.pid}' for client in older[:_MOST_TOLD])}"
            return RuleMatch(words, (Fix("end that session, and start it again"),), s.resolution.provider)
    return None


def _older_than_observed(s: DiagnosisContext) -> Answer:
    installed = [client for client in s.snapshot.installed if client.version]
    old = [client for client in installed if not at_least(client.version or "", OLDEST)]
    if old:
        return RuleMatch(f"{old[0].path} is version {old[0].version}")
    return None if installed else OPEN


CAUSES: tuple[Cause, ...] = (
    Cause(
        "lock-from-the-future",
        "A lock of Claude Code lies in the future",
        "Claude Code takes over an old lock but never one whose time lies ahead of the clock: every call "
        "that needs it fails. This happens after the clock was set back.",
        (10,),
        rule=MachineRule("error", _lock_from_the_future, changes=("remove-lock",)),
    ),
    Cause(
        "lock-left-behind",
        "A lock of Claude Code was left behind",
        "The lock has not been touched for over a minute (the one of .claude.json: ten seconds), although "
        "a running client touches it every few seconds. Claude Code waits for it before it goes on with "
        "the old token.",
        (10,),
        rule=MachineRule("warning", _lock_left_behind, changes=("remove-lock",)),
    ),
    Cause(
        "running-environment-differs",
        "A running claude has another environment than this shell",
        "A process keeps the variables that it was started with. What is set or unset here later has no "
        "effect on it until it is started again.",
        (4, 22, 84),
        rule=MachineRule("info", _running_environment_differs, second_look=True, processes=True),
    ),
    Cause(
        "many-running-clients",
        "Many running sessions share one login",
        "Each of them renews the same login, and a refresh token works once. Claude Code takes a lock, but "
        "with many sessions of different age one now and then uses an old token, and the server ends the "
        "login for all. Give jobs that run by themselves a token of their own.",
        (10,),
        rule=MachineRule("warning", _many_running_clients, "likely", second_look=True, processes=True),
    ),
    Cause(
        "parked-sign-ins",
        "A sign-in waits in the background",
        "A program started the sign-in and nobody sees its page. Each one waits for minutes, and its code "
        "can't be used by another.",
        (75,),
        rule=MachineRule("warning", _parked_sign_ins, second_look=True, processes=True),
    ),
    Cause(
        "client-outdated",
        "An old Claude Code",
        "Releases as old as this one no longer fit the sign-in server: they ask for scopes that it does "
        "not know or leave out what it demands, and earlier ones sent subscription tokens in a way that "
        "the server refuses.",
        (1, 73, 76),
        rule=MachineRule("warning", _client_outdated, "likely"),
    ),
    Cause(
        "several-installs",
        "Several claude programs of different versions",
        "Which one starts depends on PATH, so a terminal, an editor and a job may run different ones. An "
        "update reaches one of them.",
        (1, 74),
        rule=MachineRule("warning", _several_installs),
    ),
    Cause(
        "running-versions-differ",
        "Running sessions of different versions share one login",
        "The command line and the extension of an editor that renew one login by different rules can sign "
        "each other out. Bring them to the same version and start them again.",
        (11,),
        rule=MachineRule("info", _running_versions_differ, "likely", second_look=True, processes=True),
    ),
    Cause(
        "older-than-cloud-credentials",
        "A running claude is older than the cloud credentials",
        "Claude Code keeps the credentials of a cloud provider that it has loaded. It was started before "
        "they were renewed: if it says that they have expired, start it again.",
        (95, 107),
        rule=MachineRule("info", _older_than_cloud_credentials, "likely", second_look=True, processes=True),
    ),
    Cause(
        "client-too-old",
        "An old Claude Code",
        "Some releases of 2025 sent the login in a way that the server no longer takes. A second, older "
        "installation counts too: an editor extension brings its own, and PATH may find another than you "
        "think.",
        (1, 73),
        fixes=(UPDATE, Fix("look for a second installation", "which -a claude")),
        here=_older_than_observed,
        phrases=r"""
            95: err_invalid_ip_address, invalid ip address undefined; also: proxy-fault-of-old-client
            95: header requires credential parameter, header requires signature parameter, version of claude
                code … needs an update, a newer version … is required to continue, is no longer supported
                please update, this version of claude code doesnt understand, is not defined at claude
            80: api error … is not defined; gap: 30; look: api error:?\s+\w{1,20} is not defined
        """,
    ),
    Cause(
        "proxy-fault-of-old-client",
        "A fault of Claude Code behind a proxy",
        "Releases from 2.0.37 on asked the proxy for an address that they never gave it, where NO_PROXY has "
        "a network (10.0.0.0/8) or the proxy no user: mended in 2.0.54.",
        (73,),
        fixes=(UPDATE,),
        until="2.0.54",
    ),
    Cause(
        "parked-logins",
        "Sign-ins wait in the background",
        "A program started `claude auth login` without showing its output. Each waits ten minutes for an "
        "answer that nobody can give.",
        (75,),
        fixes=(Fix("see them", "pgrep -af 'claude auth login'"),),
        certainty="not-checkable",
    ),
    Cause(
        "client-and-server-disagree",
        "This Claude Code and the sign-in server do not fit",
        "A client that is much older than the server asks for things in a way that is no longer taken. "
        "First make sure that the address was not merely broken by wrapping.",
        (73,),
        fixes=(Fix("update", "claude update"),),
        also="login-url-broken",
        phrases="70 ours: redirect uri not supported; alone: 40",
    ),
    Cause(
        "profile-parse-failure",
        "An old client can't read the account's profile",
        "A fault of an early release with Console logins, corrected since.",
        (76,),
        fixes=(Fix("update", "claude update"),),
        certainty="seen",
        phrases="90: reading organization_type",
    ),
)
