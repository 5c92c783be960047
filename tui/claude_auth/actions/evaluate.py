"""Snapshot + consent → Snapshot: the commands are run, the one-shot descriptors and the Keychain's value read
that the answer needs.

Only what the client would really use is touched: a helper whose key goes nowhere is not run, a pipe whose
token is not sent is not emptied. policyHelper is a program that managed settings name; its output counts as
managed settings [seen, 2.1.332]. It is run only where root or the caller owns it, and nobody else can write
to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.actions.host_look import with_keychain
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.formats.settings import environment_entries, key_entries, read_policy
from claude_auth.model import Assignment, CommandRun, Origin, Places, Resolution, Setting, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.observe.context import read_pipe
from claude_auth.processes.environment import child_environment
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    import threading

    from claude_auth.processes.run_captured import Captured

POLICY_HELPER = "policyHelper"
#: What Claude Code gives it.
POLICY_SECONDS = 10.0
#: A helper that asks a person or a vault takes a while; Claude Code itself is more patient.
SECONDS = 20.0

_COMMAND_OF = {"api-key-helper": "apiKeyHelper", "aws-credential-export": "awsCredentialExport"}
_DESCRIPTOR_OF = {
    "oauth-token-file-descriptor": "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    "api-key-file-descriptor": "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
}


class EvaluationPlan(NamedTuple):
    """What the answer still needs. `refused`: commands of untrusted settings, which need a second consent."""

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
    policy = view.managed_setting(POLICY_HELPER) if view.client.is_claude_code else None
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
    stop: threading.Event | None = None,
) -> Snapshot:
    """The snapshot with everything run and read that `client_id`'s answer needs. `environ` is the shell's.
    Calling this is the consent, `agreed` the second one (see `plan`). Blocks: `seconds` a command. `stop`,
    set by another thread, ends what runs, and no more is begun."""
    from claude_auth.actions.keychain import read_value

    snapshot = with_keychain(snapshot, environ)
    # A policy leads to anything, a failed export to the next AWS source, a helper no further.
    for _ in range(4):
        todo = evaluation_plan(snapshot, client_id, asked_version, agreed=agreed)
        if todo.is_empty or (stop is not None and stop.is_set()):
            break
        descriptors = dict(snapshot.descriptors)
        for name in todo.descriptors:
            descriptors[name] = read_pipe(descriptors[name])
        view = EffectiveConfig.of(snapshot, resolve(snapshot, client_id, asked_version))
        login = read_value(snapshot.login, environ) if todo.keychain else snapshot.login
        if todo.commands and todo.commands[0].name == POLICY_HELPER:
            after = _with_policy_run(snapshot, todo.commands[0], environ, stop)
            if after is snapshot:
                break
            snapshot = after
            continue
        new = {s.name: run_setting(s, view, environ, seconds, stop, agreed=agreed) for s in todo.commands}
        runs = {**snapshot.runs, **new}
        snapshot = snapshot._replace(descriptors=descriptors, runs=runs, login=login)
    return snapshot


def _with_policy_run(
    snapshot: Snapshot, setting: Setting, environ: Mapping[str, str], stop: threading.Event | None
) -> Snapshot:
    run = run_policy_helper(setting, snapshot.places, snapshot.machine.user_id, environ, stop)
    if run is None:
        return snapshot
    return with_policy(snapshot._replace(runs={**snapshot.runs, run.setting: run}))


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
    withheld = () if agreed else tuple(found.name for found in distrusted_variables(view, setting.name))
    return _recorded(setting, captured)._replace(withheld=withheld)


def _recorded(setting: Setting, done: Captured) -> CommandRun:
    stdout, stderr = (Secret(raw.decode("utf-8", "replace")) for raw in (done.stdout, done.stderr))
    return CommandRun(setting.name, setting.value, done.exit_code, stdout, stderr, done.seconds, done.problem)


# ── the policyHelper ─────────────────────────────────────────────────────────────────────────────


def run_policy_helper(
    setting: Setting,
    places: Places,
    user_id: int,
    environ: Mapping[str, str],
    stop: threading.Event | None = None,
) -> CommandRun | None:
    """Calling this is the consent. None where the program belongs to somebody else: it is not run."""

    from claude_auth.processes.run_captured import run_program

    path = _found_at(setting.value.reveal(), places)
    problem = None
    if not os.path.isabs(path):
        problem = "its path is not absolute"
    else:
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            problem = "it is not there"
        else:
            if found.st_uid not in {0, user_id} or found.st_mode & 0o022:
                return None
    if problem is not None:
        return CommandRun(POLICY_HELPER, setting.value, None, Secret(""), Secret(""), 0.0, problem)
    environment = child_environment({**environ, "HOME": places.home}, "plain")
    done = run_program((path,), environment=environment, cwd="/", seconds=POLICY_SECONDS, stop=stop)
    return _recorded(setting, done)


def _found_at(path: str, places: Places) -> str:
    """Below the root that is looked at, but for what lies in the home directory."""
    if places.root == "/" or not path.startswith("/") or path.startswith(f"{places.home}/"):
        return path
    return places.root.rstrip("/") + path


def with_policy(snapshot: Snapshot) -> Snapshot:
    """With what the program said over the managed files: its `env` above theirs, its other keys in the place
    of all of theirs."""
    run = snapshot.runs.get(POLICY_HELPER)
    if run is None or run.exit_code != 0:
        return snapshot
    document = read_policy(run.stdout)
    if document.damage is not None:
        return snapshot
    path = run.command.reveal()
    variables = {name: list(found) for name, found in snapshot.variables.items()}
    for entry in environment_entries(document):
        origin = Origin("settings", "managed", path, entry.line, entry.name)
        variables.setdefault(entry.name, []).insert(0, Assignment(entry.name, entry.value, origin))
    settings = {
        name: [one for one in found if one.origin.layer != "managed" or name == POLICY_HELPER]
        for name, found in snapshot.settings.items()
    }
    for entry in (one for one in key_entries(document, managed=True) if one.name != POLICY_HELPER):
        origin = Origin("settings", "managed", path, entry.line)
        settings.setdefault(entry.name, []).insert(0, Setting(entry.name, entry.value, origin))
    return snapshot._replace(
        variables={name: tuple(variables[name]) for name in sorted(variables)},
        settings={name: tuple(found) for name, found in settings.items() if found},
    )
