"""Snapshot + consent → Snapshot: runs the commands and reads the one-shot descriptors that the answer needs.

Only what the client would really use is touched: a helper whose key goes nowhere is not run, a pipe whose
token is not sent is not emptied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from claude_auth.claude_code.clients import BY_ID
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import CommandRun, HeaderValue, Resolution, Setting, Snapshot
from claude_auth.resolve import resolve
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    import threading

#: A helper that asks a person or a vault takes a while; Claude Code itself is more patient.
SECONDS = 20.0

_COMMAND_OF = {"api-key-helper": "apiKeyHelper", "aws-credential-export": "awsCredentialExport"}
_DESCRIPTOR_OF = {
    "oauth-token-file-descriptor": "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    "api-key-file-descriptor": "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the answer still needs. `refused`: commands of settings that are not trusted, which need a second
    consent."""

    commands: tuple[Setting, ...] = ()
    descriptors: tuple[str, ...] = ()
    refused: tuple[Setting, ...] = ()
    keychain: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.commands and not self.descriptors and not self.keychain


def plan(
    snapshot: Snapshot, client_id: str, asked_version: str | None = None, *, agreed: bool = False
) -> Plan:
    """Pure: which commands would be run and which descriptors emptied. `agreed`: a second consent, to what
    settings that are not trusted name; then what ran without their variables runs again with them."""
    resolution = resolve(snapshot, client_id, asked_version)
    view = EffectiveConfig.of(snapshot, resolution)
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
    return Plan(tuple(commands), descriptors, tuple(refused), keychain="stored-login" in needed)


def _unknown_sources(resolution: Resolution) -> tuple[str, ...]:
    wire = resolution.wire
    if wire is None:
        return ()
    headers = [header for header in (wire.x_api_key, wire.authorization) if header is not None]
    return tuple(dict.fromkeys(header.source for header in headers if _is_unknown(header)))


def _is_unknown(header: HeaderValue) -> bool:
    return header.identity is None if header.is_signature else header.value is None


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
    from claude_auth.observe.keychain import read_value

    for _ in range(3):  # a failed export leads to the next AWS source, a helper to nothing further
        todo = plan(snapshot, client_id, asked_version, agreed=agreed)
        if todo.is_empty:
            break
        descriptors = dict(snapshot.descriptors)
        for name in todo.descriptors:
            descriptors[name] = read_pipe(descriptors[name])
        view = EffectiveConfig(
            snapshot, BY_ID[client_id], resolve(snapshot, client_id, asked_version).version.resolved_as
        )
        login = read_value(snapshot.login) if todo.keychain else snapshot.login
        new = {s.name: run_setting(s, view, environ, seconds, agreed=agreed) for s in todo.commands}
        runs = {**snapshot.runs, **new}
        snapshot = replace(snapshot, descriptors=descriptors, runs=runs, login=login)
    return snapshot


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
    from claude_auth.processes.run_captured import run_shell

    captured = run_shell(
        setting.value.reveal(),
        environment=command_environment(setting.name, setting.value, view, environ, with_distrusted=agreed),
        cwd=view.snapshot.places.cwd,
        seconds=seconds,
        stop=stop,
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
