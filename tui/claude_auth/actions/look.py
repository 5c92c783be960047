"""Looking at the machine: observe, resolve, diagnose. The one way to what a screen or a command shows. What
only some paths need is imported there: the first look is part of the first frame."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import TYPE_CHECKING

from claude_auth.actions.host_look import HostLook, further_look, with_keychain
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.locks import LockJudgement
from claude_auth.claude_code.refreshing import RENEWAL_MARGIN
from claude_auth.claude_code.versions import NEWEST, parse_version
from claude_auth.diagnose import MachineAnswers, checks, diagnose, verdict
from claude_auth.diagnose.causes import BY_ID as CAUSES
from claude_auth.model import CommandRun, Finding, Lock, Resolution, Setting, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe import observe
from claude_auth.observe.claude_files import look_at_locks
from claude_auth.observe.context import Environment, ObservationContext
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    import asyncio
    import threading


__all__ = [
    "NEWEST",
    "NOT_OWNER",
    "AdviceMemory",
    "EffectiveConfig",
    "Evaluate",
    "HostObserver",
    "LockJudgement",
    "Look",
    "LookAfterChange",
    "MachineAnswers",
    "ObservationContext",
    "Paths",
    "Watch",
    "advised",
    "checks",
    "diagnosed",
    "effective_config",
    "further_look",
    "is_version",
    "locks_of",
    "look_from_new_shell",
    "look_with_keychain",
    "machine_answers",
    "merge_evaluations",
    "observe",
    "resolve",
    "running_claude",
    "verdict",
]

Look = Callable[[], Snapshot]
#: The paths that have changed; empty where that is not known.
LookAfterChange = Callable[[frozenset[str]], Snapshot]
#: The last two arguments: whether the second question was agreed to, and what, once it is set, ends it.
Evaluate = Callable[[Snapshot, str, str | None, bool, "threading.Event"], Snapshot]
Watch = Callable[[tuple[str, ...], "asyncio.Event"], AsyncIterator[frozenset[str]]]
Paths = Callable[[Snapshot], tuple[str, ...]]

#: Why nothing is run or changed where `ours` says no.
NOT_OWNER = "the files that are looked at belong to somebody else"


# ── the machine ──────────────────────────────────────────────────────────────────────────────────


@without_locals
def look_from_new_shell(context: ObservationContext, changes: Mapping[str, Secret | None]) -> Snapshot:
    """As a shell would have it that is started next: with these variables, without those that are None."""
    kept = {name: value for name, value in context.environ.items() if name not in changes}
    new = {name: value.reveal() for name, value in changes.items() if value is not None}
    return further_look(context._replace(environ=Environment({**kept, **new})))


def look_with_keychain(context: ObservationContext) -> Snapshot:
    """On macOS with the Keychain asked, by a program that may take its time; elsewhere a mere look."""
    return with_keychain(observe(context), context.environ)


class HostObserver(NamedTuple):
    """How the app reaches the machine. `watch` None: nothing is watched. `clock` tells the moment that
    expiries are counted against. `ours`: whether the files looked at are the caller's; what somebody else's
    files say is never run. `look_after_change`: None where each look is a whole one."""

    look: Look
    evaluate: Evaluate
    watch: Watch | None = None
    paths: Paths = lambda snapshot: ()
    clock: Callable[[], float] = time.time
    ours: Callable[[], bool] = lambda: True
    #: From where is looked, for who looks as another shell would.
    context: ObservationContext | None = None
    look_after_change: LookAfterChange | None = None

    @classmethod
    def of(cls, context: ObservationContext) -> HostObserver:
        """The real one."""
        host = HostLook(context)

        def run(
            snapshot: Snapshot, client: str, version: str | None, agreed: bool, stop: threading.Event
        ) -> Snapshot:
            from claude_auth.actions.evaluate import evaluate

            return evaluate(snapshot, context.environ, client, version, agreed=agreed, stop=stop)

        def watch(paths: tuple[str, ...], ready: asyncio.Event) -> AsyncIterator[frozenset[str]]:
            from claude_auth.observe.watch import changes

            return changes(paths, ready=ready)

        def paths(snapshot: Snapshot) -> tuple[str, ...]:
            from claude_auth.observe.watch import interesting_files

            return interesting_files(snapshot)

        return cls(
            host.whole,
            run,
            watch,
            paths,
            ours=context.belongs_to_us,
            context=context,
            look_after_change=host.after_change,
        )


# ── what is worth telling ────────────────────────────────────────────────────────────────────────


@without_locals
def diagnosed(
    snapshot: Snapshot, client: str, version: str | None = None
) -> tuple[Resolution, tuple[Finding, ...]]:
    """What the core says about a snapshot: what `client` would send, and what is worth telling about that."""
    resolution = resolve(snapshot, client, version)
    return resolution, diagnose(snapshot, resolution)


@without_locals
def advised(
    snapshot: Snapshot, client: str, version: str | None = None
) -> tuple[Resolution, tuple[Finding, ...]]:
    """The same with what can be changed here before all else that helps; a first look alone does without."""
    resolution, findings = diagnosed(snapshot, client, version)
    if snapshot.more is not None:
        findings = with_changes(snapshot, resolution, findings, client)
    return resolution, findings


@without_locals
def machine_answers(snapshot: Snapshot, client: str, version: str | None = None) -> MachineAnswers:
    """What the machine says about every cause, for the texts that are explained on it."""
    resolution, findings = diagnosed(snapshot, client, version)
    findings = with_changes(snapshot, resolution, findings, client)
    return MachineAnswers.of(snapshot, resolution, findings)


@without_locals
def with_changes(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], client: str
) -> tuple[Finding, ...]:
    """Reads the files that a fix would change, where there may be one."""
    if not any(map(_may_be_changed, findings)):
        return findings
    from claude_auth.actions.fixes.offers import client_option, offers, with_ours

    return with_ours(findings, offers(snapshot, resolution, findings), client_option(client))


def _may_be_changed(finding: Finding) -> bool:
    """Whether a fix of ours can be possible, which only a look at the files decides."""
    rule = CAUSES[finding.id].rule
    return rule is not None and bool(rule.changes or rule.removes)


# ── look by look ─────────────────────────────────────────────────────────────────────────────────


class AdviceMemory:
    """Mostly it is a token that changes, and no fix of ours is about its value: reading the files and trying
    each fix on the snapshot again is a sixth of what a change costs. A whole look tries them all."""

    def __init__(self) -> None:
        self._kept: tuple[object, tuple[Finding, ...]] | None = None

    @without_locals
    def advised(
        self, snapshot: Snapshot, client: str, version: str | None, *, after_change: bool
    ) -> tuple[Resolution, tuple[Finding, ...]]:
        """As `advised`; `after_change`: what hasn't changed since the last time need not be tried again."""
        resolution, findings = diagnosed(snapshot, client, version)
        if snapshot.more is None:
            return resolution, findings
        basis = (client, version, findings, _outcome(resolution), _without_values(snapshot))
        kept = self._kept
        if not after_change or kept is None or kept[0] != basis:
            kept = self._kept = (basis, with_changes(snapshot, resolution, findings, client))
        return resolution, kept[1]


def _outcome(resolution: Resolution) -> tuple[object, ...]:
    """All of it that a fix is judged by."""
    readings = (one.reading for one in resolution.standings)
    states = tuple((one.source, one.state, one.expiry) for one in readings)
    return resolution.provider, resolution.usable, resolution.winner, resolution.blocked, states


def _without_values(snapshot: Snapshot) -> tuple[object, ...]:
    """All that was seen, of the login's tokens only what decides whether one could go out in place of another
    credential. The second look counts by what is found in it."""
    login, now = snapshot.login, snapshot.observed_at
    tokens = login.tokens
    kinds = None if tokens is None else (_kind(tokens.access_token), _kind(tokens.refresh_token))
    rest = (
        None
        if tokens is None
        else tokens._replace(
            access_token=_SOME, refresh_token=None, expires_at=None, login_deadline=None, issued_at=None
        )
    )
    origin = login.origin._replace(file=None)
    return (
        snapshot._replace(
            observed_at=0.0,
            more=None,
            machine=snapshot.machine._replace(free_bytes=None),
            login=login._replace(origin=origin, tokens=rest),
        ),
        kinds,
        tokens is not None and (tokens.is_spent(now), tokens.refreshes_first(now, RENEWAL_MARGIN)),
    )


_SOME = Secret("")


def _kind(token: Secret | None) -> tuple[str, bool] | None:
    return None if token is None else (token.kind, token.is_blank)


# ── from one look to the next ────────────────────────────────────────────────────────────────────


def merge_evaluations(old: Snapshot, new: Snapshot) -> Snapshot:
    """`new` with what was evaluated before and still holds: a run of the very same command, and what a
    one-shot descriptor gave, which can't be read again."""
    if "policyHelper" in old.runs:
        new = _with_same_policy(old.runs["policyHelper"], new)
    runs = {
        name: run
        for name, run in old.runs.items()
        if any(setting.value == run.command for setting in _named(name, new))
        and not (run.withheld and new.trusts_folder)
    }
    descriptors = dict(new.descriptors)
    for name, reading in old.descriptors.items():
        now = descriptors.get(name)
        if now is not None and now.kind == "pipe" and now.number == reading.number and now.value is None:
            descriptors[name] = reading
    return new._replace(runs=runs, descriptors=descriptors)


def _named(name: str, snapshot: Snapshot) -> tuple[Setting, ...]:
    """The settings that may decide on `name`: the server's last, and the strongest file's."""
    given = snapshot.server_settings.get(name)
    return (*((given,) if given else ()), *snapshot.settings.get(name, ())[:1])


def _with_same_policy(run: CommandRun, new: Snapshot) -> Snapshot:
    from claude_auth.actions.evaluate import with_policy

    named = new.settings.get(run.setting)
    if not named or named[0].value != run.command:
        return new
    return with_policy(new._replace(runs={run.setting: run}))


# ── what follows from a snapshot ─────────────────────────────────────────────────────────────────


def effective_config(snapshot: Snapshot, client: str, version: str | None = None) -> EffectiveConfig:
    """What `client` reads of a snapshot."""
    return EffectiveConfig.of(snapshot, resolve(snapshot, client, version))


def is_version(text: str) -> bool:
    """Whether a version of Claude Code can be told by it."""
    return parse_version(text) is not None


def locks_of(snapshot: Snapshot) -> tuple[Lock, ...]:
    """Claude Code's locks as they are now."""
    return look_at_locks(snapshot.places.config_dir, snapshot.claude_json.path, time.time())


def running_claude(config_dir: str) -> Collection[int] | None:
    """The processes of Claude Code on that configuration; None where that can't be told."""
    from claude_auth.observe.running import claude_processes

    return claude_processes(config_dir)
