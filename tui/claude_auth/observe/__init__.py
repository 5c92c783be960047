"""Machine → Snapshot: read-only, no process, no connection, never raises. One module a kind of place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.claude_code.variables import is_watched
from claude_auth.model import Assignment, Origin, Snapshot
from claude_auth.observe.claude_files import (
    Layers,
    find_places,
    follow_settings,
    look_at_locks,
    read_claude_login,
    read_layers,
    read_remote_files,
    read_server_settings,
    read_state,
)
from claude_auth.observe.cloud_files import is_azure_signed_in, read_aws_files, read_google_credentials
from claude_auth.observe.context import ObservationContext
from claude_auth.observe.installed import installed_clients
from claude_auth.observe.machine import look_at_machine
from claude_auth.observe.profiles import read_profiles
from claude_auth.observe.shell_startup import likely_set_at
from claude_auth.observe.token_stores import (
    note_path,
    read_claw_tokens,
    read_keyring_list,
    read_note,
    read_sdk_tokens,
)
from claude_auth.security.secret import Secret, without_locals

if TYPE_CHECKING:
    from claude_auth.observe.running import Process

SIMPLE = "CLAUDE_CODE_SIMPLE"

__all__ = ["observe", "observe_more", "shell_variables"]


@without_locals
def observe(view: ObservationContext) -> Snapshot:
    """Everything that can be seen from `view` at one moment."""
    now = view.moment
    places = find_places(view)
    state, legacy = read_state(view, places)
    places = follow_settings(view, places, legacy)
    layers = read_layers(view, places)
    variables = _with_shell(view, layers, tuple(one for found in legacy.values() for one in found))
    places = follow_settings(view, places, variables)
    profiles = read_profiles(view, variables)
    of_server, server_variables = read_server_settings(places)
    return Snapshot(
        observed_at=now,
        places=places,
        machine=look_at_machine(view, places),
        variables=variables,
        settings={name: tuple(found) for name, found in layers.settings.items()},
        settings_files=tuple(layers.files),
        server_settings=of_server,
        server_variables=server_variables,
        descriptors=view.descriptors,
        login=read_claude_login(view, places, variables),
        claude_json=state,
        sdk_tokens=read_sdk_tokens(view),
        keyring_tokens=read_keyring_list(view),
        claw_tokens=read_claw_tokens(view),
        profile=profiles.profile,
        profile_tokens=profiles.tokens,
        identity=profiles.identity,
        remote_files=read_remote_files(view),
        aws=read_aws_files(view, variables, now),
        google=read_google_credentials(view, variables),
        azure_signed_in=is_azure_signed_in(view, variables),
        locks=look_at_locks(places.config_dir, state.path, now),
        unsaved_refresh=read_note(note_path(view.environ, view.home, view.platform)),
        installed=installed_clients(view.environ.get("PATH", ""), view.home),
    )


@without_locals
def observe_more(
    snapshot: Snapshot, view: ObservationContext, processes: tuple[Process, ...] | None = None
) -> Snapshot:
    """`snapshot` with what takes longer to see: running programs, certificates, mounts, backups. For the
    diagnosis, and for the dashboard once it stands. `processes`: the table where it was read already."""
    from claude_auth.observe.running import process_table
    from claude_auth.observe.surroundings import look_around

    if processes is None and view.has_processes:
        processes = process_table()
    return snapshot._replace(more=look_around(snapshot, view, processes))


def shell_variables(view: ObservationContext) -> tuple[Assignment, ...]:
    """What the environment sets of what matters. No file is read."""
    return tuple(
        Assignment(name, Secret(value), Origin("environment", variable=name))
        for name, value in view.environ.items()
        if is_watched(name)
    )


def _with_shell(
    view: ObservationContext, layers: Layers, legacy: tuple[Assignment, ...]
) -> dict[str, tuple[Assignment, ...]]:
    """Settings layers first, the shell last: that is the order in which Claude Code lets them win."""
    shell = shell_variables(view)
    set_at = likely_set_at([one.name for one in shell], view)
    placed = (
        one._replace(origin=one.origin._replace(likely_set_at=set_at.get(one.name, ()))) for one in shell
    )
    found = {name: list(assignments) for name, assignments in layers.assignments.items()}
    for assignment in (*legacy, *placed):
        found.setdefault(assignment.name, []).append(assignment)
    if view.bare:  # it stands whatever settings say of the variable [seen, 2.1.332]
        bare = Assignment(SIMPLE, Secret("1"), Origin("settings", "flag", "--bare", variable=SIMPLE))
        found.setdefault(SIMPLE, []).insert(0, bare)
    return {name: tuple(found[name]) for name in sorted(found)}
