"""Looking at the machine: observe, evaluate, resolve, diagnose. The one way to what a screen or a command
shows. What only some paths need is imported there: the first look is part of the first frame."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import TYPE_CHECKING

from claude_auth.actions.advice import AdviceMemory, advised, diagnosed, machine_answers
from claude_auth.actions.host_look import HostLook, further_look, with_keychain
from claude_auth.claude_code.clients import BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.locks import LockJudgement
from claude_auth.claude_code.versions import NEWEST, parse_version
from claude_auth.diagnose import MachineAnswers, checks
from claude_auth.diagnose.verdict import verdict
from claude_auth.model import CommandRun, Lock, Resolution, Setting, Snapshot, StoreReading
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe import observe
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
    "EvaluationPlan",
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
    "evaluate",
    "evaluation_plan",
    "further_look",
    "is_version",
    "locks_of",
    "look_from_new_shell",
    "look_with_keychain",
    "machine_answers",
    "merge_evaluations",
    "observe",
    "resolve",
    "run_setting",
    "running_claude",
    "verdict",
]

Look = Callable[[], Snapshot]
#: The paths that have changed; empty where that is not known.
LookAfterChange = Callable[[frozenset[str]], Snapshot]
#: The last argument: whether the second question was agreed to.
Evaluate = Callable[[Snapshot, str, str | None, bool], Snapshot]
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

        def run(snapshot: Snapshot, client: str, version: str | None, agreed: bool) -> Snapshot:

            return evaluate(snapshot, context.environ, client, version, agreed=agreed)

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
    from claude_auth.actions.policy_helper import with_policy

    named = new.settings.get(run.setting)
    return with_policy(new._replace(runs={run.setting: run})) if named and _stays(named[0], run) else new


# ── what follows from a snapshot ─────────────────────────────────────────────────────────────────


def effective_config(snapshot: Snapshot, client: str, version: str | None = None) -> EffectiveConfig:
    """What `client` reads of a snapshot."""
    return EffectiveConfig.of(snapshot, resolve(snapshot, client, version))


def is_version(text: str) -> bool:
    """Whether a version of Claude Code can be told by it."""
    return parse_version(text) is not None


def locks_of(snapshot: Snapshot) -> tuple[Lock, ...]:
    """Claude Code's locks as they are now."""
    from claude_auth.observe.claude_files import look_at_locks

    return look_at_locks(snapshot.places.config_dir, snapshot.claude_json.path, time.time())


def running_claude(config_dir: str) -> Collection[int] | None:
    """The processes of Claude Code on that configuration; None where that can't be told."""
    from claude_auth.observe.running import claude_processes

    return claude_processes(config_dir)


# ── evaluating ───────────────────────────────────────────────────────────────────────────────────
# Snapshot + consent → Snapshot: the commands are run and the one-shot descriptors read that the answer needs.
# Only what the client would really use is touched: a helper whose key goes nowhere is not run, a pipe whose
# token is not sent is not emptied.

#: A helper that asks a person or a vault takes a while; Claude Code itself is more patient.
SECONDS = 20.0

_COMMAND_OF = {"api-key-helper": "apiKeyHelper", "aws-credential-export": "awsCredentialExport"}
_DESCRIPTOR_OF = {
    "oauth-token-file-descriptor": "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    "api-key-file-descriptor": "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
}


class EvaluationPlan(NamedTuple):
    """What the answer still needs. `refused`: commands of settings that are not trusted, which need a second
    consent."""

    commands: tuple[Setting, ...] = ()
    descriptors: tuple[str, ...] = ()
    refused: tuple[Setting, ...] = ()
    keychain: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.commands and not self.descriptors and not self.keychain


def evaluation_plan(
    snapshot: Snapshot, client_id: str, asked_version: str | None = None, *, agreed: bool = False
) -> EvaluationPlan:
    """Pure: which commands would be run and which descriptors emptied. `agreed`: a second consent, to what
    settings that are not trusted name; then what ran without their variables runs again with them."""
    resolution = resolve(snapshot, client_id, asked_version)
    view = EffectiveConfig.of(snapshot, resolution)
    policy = view.managed_setting("policyHelper") if view.client.is_claude_code else None
    if policy is not None and _stays(policy, snapshot.runs.get(policy.name)) is None:
        trusted = agreed or not snapshot.distrusts(policy.origin)
        return EvaluationPlan((policy,)) if trusted else EvaluationPlan(refused=(policy,))
    needed = _unknown_sources(resolution)
    commands: list[Setting] = []
    refused: list[Setting] = []
    for source in needed:
        setting = view.setting(_COMMAND_OF[source]) if source in _COMMAND_OF else None
        run = None if setting is None else view.run_of(setting.name)
        if setting is None or (run is not None and not (agreed and run.withheld)):
            continue
        (commands if agreed or not snapshot.distrusts(setting.origin) else refused).append(setting)
    descriptors = tuple(
        name
        for source in needed
        if (name := _DESCRIPTOR_OF.get(source)) is not None
        and snapshot.descriptors[name].kind == "pipe"
        and snapshot.descriptors[name].value is None
    )
    return EvaluationPlan(tuple(commands), descriptors, tuple(refused), keychain="stored-login" in needed)


def _stays(setting: Setting, run: CommandRun | None) -> CommandRun | None:
    """The run, where it was of the very same command."""
    return run if run is not None and run.command == setting.value else None


def _unknown_sources(resolution: Resolution) -> tuple[str, ...]:
    wire = resolution.wire
    if wire is None:
        return ()
    headers = [header for header in (wire.x_api_key, wire.authorization) if header is not None]
    return tuple(dict.fromkeys(header.source for header in headers if header.is_unknown))


@without_locals
def evaluate(
    snapshot: Snapshot,
    environ: Mapping[str, str],
    client_id: str,
    asked_version: str | None = None,
    seconds: float = SECONDS,
    *,
    agreed: bool = False,
) -> Snapshot:
    """The snapshot with everything run and read that `client_id`'s answer needs. `environ` is the shell's.
    Calling this is the consent, `agreed` the second one (see `plan`). Blocks: `seconds` a command."""
    from claude_auth.observe.context import read_pipe

    snapshot = with_keychain(snapshot, environ)
    for _ in range(
        4
    ):  # a policy leads to anything, a failed export to the next AWS source, a helper no further
        todo = evaluation_plan(snapshot, client_id, asked_version, agreed=agreed)
        if todo.is_empty:
            break
        descriptors = dict(snapshot.descriptors)
        for name in todo.descriptors:
            descriptors[name] = read_pipe(descriptors[name])
        view = EffectiveConfig(
            snapshot, BY_ID[client_id], resolve(snapshot, client_id, asked_version).version.resolved_as
        )
        login = _keychain_value(snapshot.login, environ) if todo.keychain else snapshot.login
        if todo.commands and todo.commands[0].name == "policyHelper":
            after = _with_policy_run(snapshot, todo.commands[0], environ)
            if after is snapshot:
                break
            snapshot = after
            continue
        new = {s.name: run_setting(s, view, environ, seconds, agreed=agreed) for s in todo.commands}
        runs = {**snapshot.runs, **new}
        snapshot = snapshot._replace(descriptors=descriptors, runs=runs, login=login)
    return snapshot


def _with_policy_run(snapshot: Snapshot, setting: Setting, environ: Mapping[str, str]) -> Snapshot:
    from claude_auth.actions.policy_helper import run_policy_helper, with_policy

    run = run_policy_helper(setting, snapshot.places, snapshot.machine.user_id, environ)
    if run is None:
        return snapshot
    return with_policy(snapshot._replace(runs={**snapshot.runs, run.setting: run}))


def _keychain_value(login: StoreReading, environ: Mapping[str, str]) -> StoreReading:
    from claude_auth.actions.keychain import read_value

    return read_value(login, environ)


def run_setting(
    setting: Setting,
    view: EffectiveConfig,
    environ: Mapping[str, str],
    seconds: float = SECONDS,
    stop: threading.Event | None = None,
    *,
    agreed: bool = False,
) -> CommandRun:
    """Runs one configured command. Calling this is the consent; `agreed`: also to the variables of settings
    that are not trusted, which it goes without otherwise. `stop`, set by another thread, ends it."""
    from claude_auth.cloud.environment import command_environment, distrusted_variables
    from claude_auth.processes.run_captured import SHELL, run_program

    captured = run_program(
        (*SHELL, setting.value.reveal()),
        environment=command_environment(setting.name, setting.value, view, environ, with_distrusted=agreed),
        cwd=view.snapshot.places.cwd,
        seconds=seconds,
        stop=stop,
        to_its_end=setting.name == "apiKeyHelper",
    )
    return CommandRun(
        setting=setting.name,
        command=setting.value,
        exit_code=captured.exit_code,
        stdout=Secret(captured.stdout.decode("utf-8", "replace")),
        stderr=Secret(captured.stderr.decode("utf-8", "replace")),
        seconds=captured.seconds,
        problem=captured.problem,
        withheld=() if agreed else tuple(found.name for found in distrusted_variables(view, setting.name)),
    )
