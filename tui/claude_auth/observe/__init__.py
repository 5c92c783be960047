"""Machine → Snapshot: read-only, no process, no connection, never raises. One module a kind of source."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from claude_auth.claude_code.variables import is_watched
from claude_auth.model import Assignment, AwsFiles, Origin, Snapshot
from claude_auth.observe.claude_store import find_places, read_claude_login, read_state
from claude_auth.observe.cloud_files import is_azure_signed_in, read_aws_files, read_google_credentials
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.installed import installed_clients
from claude_auth.observe.locks import look_at_locks
from claude_auth.observe.machine import look_at_machine
from claude_auth.observe.settings_layers import Layers, read_layers
from claude_auth.observe.shell_startup import likely_set_at
from claude_auth.observe.token_stores import (
    read_claw_tokens,
    read_keyring_list,
    read_profile,
    read_sdk_tokens,
)
from claude_auth.observe.unsaved_refresh import note_path, read_note
from claude_auth.security.secret import Secret, without_locals

__all__ = ["observe", "observe_more"]


@without_locals
def observe(view: ObservationContext) -> Snapshot:
    """Everything that can be seen from `view` at one moment."""
    now = view.moment
    places = find_places(view)
    layers = read_layers(view, places.config_dir, places.repository_root)
    state, legacy = read_state(view, places)
    variables = _with_shell(view, layers, legacy)

    def path_in(name: str) -> str:
        """A relative path starts at the working directory that is looked at, not at ours."""
        path = variables[name][0].value.reveal().strip() if name in variables else ""
        return os.path.join(view.cwd, path) if path else ""

    return Snapshot(
        observed_at=now,
        places=places,
        machine=look_at_machine(
            view.environ, view.home, view.root, places.config_dir, view.platform, view.user_id
        ),
        variables=variables,
        settings={name: tuple(found) for name, found in layers.settings.items()},
        settings_files=tuple(layers.files),
        descriptors=view.descriptors,
        login=read_claude_login(view, places),
        claude_json=state,
        sdk_tokens=read_sdk_tokens(view.home),
        keyring_tokens=read_keyring_list(view.home),
        claw_tokens=read_claw_tokens(view.home),
        profile=read_profile(view.home),
        aws=_aws(view.home, path_in, now),
        google=read_google_credentials(view.home, path_in),
        azure_signed_in=is_azure_signed_in(view.home, path_in),
        locks=look_at_locks(places.config_dir, state.path, now),
        unsaved_refresh=read_note(note_path(view.environ, view.home, view.platform)),
        installed=installed_clients(view.environ.get("PATH", ""), view.home),
    )


@without_locals
def observe_more(snapshot: Snapshot, view: ObservationContext) -> Snapshot:
    """`snapshot` with what takes longer to see: running programs, certificates, mounts, backups. For the
    diagnosis, and for the dashboard once it stands."""
    from claude_auth.observe.surroundings import look_around

    return replace(snapshot, more=look_around(snapshot, view))


def _aws(home: str, path_in: Callable[[str], str], now: float) -> AwsFiles:
    """What reads the tokens of single sign-on is imported only where a profile needs one."""
    files = read_aws_files(home, path_in)
    if not any(profile.provider == "sso" for profile in files.profiles.values()):
        return files
    from claude_auth.observe.aws_sessions import aws_sessions

    return files._replace(sessions=aws_sessions(files, home, now))


def _with_shell(
    view: ObservationContext, layers: Layers, legacy: tuple[Assignment, ...]
) -> dict[str, tuple[Assignment, ...]]:
    """Settings layers first, the shell last: that is the order in which Claude Code lets them win."""
    shell = {name: value for name, value in view.environ.items() if is_watched(name)}
    set_at = likely_set_at(shell, view.home, view.root, view.cwd, view.environ)
    found = {name: list(assignments) for name, assignments in layers.assignments.items()}
    for assignment in legacy:
        found.setdefault(assignment.name, []).append(assignment)
    for name, value in shell.items():
        origin = Origin("environment", variable=name, likely_set_at=set_at.get(name, ()))
        found.setdefault(name, []).append(Assignment(name, Secret(value), origin))
    return {name: tuple(found[name]) for name in sorted(found)}


def with_moment(snapshot: Snapshot, now: float) -> Snapshot:
    """The same facts at another moment: expiry runs on without a new look."""
    return replace(snapshot, observed_at=now)
