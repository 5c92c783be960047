"""policyHelper: a program that managed settings name; its output counts as managed settings [seen, 2.1.332].
It is run on consent alone, and only where root or the caller owns it, and nobody else can write to it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from claude_auth.formats.settings import environment_entries, key_entries, read_policy
from claude_auth.model import Assignment, CommandRun, Origin, Places, Setting, Snapshot
from claude_auth.security.secret import Secret

NAME = "policyHelper"
#: What Claude Code gives it.
SECONDS = 10.0


def run_policy_helper(
    setting: Setting, places: Places, user_id: int, environ: Mapping[str, str]
) -> CommandRun | None:
    """Calling this is the consent. None where the program belongs to somebody else: it is not run."""
    from claude_auth.processes.environment import child_environment
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
        return CommandRun(NAME, setting.value, None, Secret(""), Secret(""), 0.0, problem)
    environment = child_environment({**environ, "HOME": places.home}, "plain")
    done = run_program((path,), environment=environment, cwd="/", seconds=SECONDS)
    stdout, stderr = (Secret(raw.decode("utf-8", "replace")) for raw in (done.stdout, done.stderr))
    return CommandRun(NAME, setting.value, done.exit_code, stdout, stderr, done.seconds, done.problem)


def _found_at(path: str, places: Places) -> str:
    """Below the root that is looked at, but for what lies in the home directory."""
    if places.root == "/" or not path.startswith("/") or path.startswith(f"{places.home}/"):
        return path
    return places.root.rstrip("/") + path


def with_policy(snapshot: Snapshot) -> Snapshot:
    """With what the program said over the managed files: its `env` above theirs, its other keys in the place
    of all of theirs."""
    run = snapshot.runs.get(NAME)
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
        name: [one for one in found if one.origin.layer != "managed" or name == NAME]
        for name, found in snapshot.settings.items()
    }
    for entry in (one for one in key_entries(document, managed=True) if one.name != NAME):
        origin = Origin("settings", "managed", path, entry.line)
        settings.setdefault(entry.name, []).insert(0, Setting(entry.name, entry.value, origin))
    return snapshot._replace(
        variables={name: tuple(variables[name]) for name in sorted(variables)},
        settings={name: tuple(found) for name, found in settings.items() if found},
    )
