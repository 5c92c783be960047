"""What an evaluation would do, in the words that the person is asked with."""

from __future__ import annotations

from typing import NamedTuple

from claude_auth.model import Location, Setting, Snapshot
from claude_auth.security.sanitize import clean, shown_command
from claude_auth.wording import LAYERS, spot


class Request(NamedTuple):
    """One thing to be allowed. `foreign`: a project's file says so, which anybody may have written.
    `refused`: it is shown, but would not be run."""

    what: str
    command: str = ""
    where: str = ""
    foreign: bool = False
    refused: bool = False


def requests(snapshot: Snapshot, client: str, version: str | None) -> tuple[Request, ...]:
    """What the answer for this client still needs, and what is refused."""
    from claude_auth.evaluate import plan

    todo = plan(snapshot, client, version)
    found = [_run(setting, snapshot, False) for setting in todo.commands]
    for name in todo.descriptors:
        number = snapshot.descriptors[name].number
        what = f"read descriptor {number}, which works once: Claude Code, started from here, finds it empty"
        found.append(Request(what, where=clean(name, 60)))
    return (*found, *(_run(setting, snapshot, True) for setting in todo.refused))


def refusal(wanted: tuple[Request, ...]) -> str | None:
    """Why nothing can be evaluated; None where something can."""
    if any(not request.refused for request in wanted):
        return None
    if wanted:
        return "not run: it stands in this project’s files, and this folder is not trusted yet"
    return "there is nothing left to run: what is unknown only the network could tell"


def _run(setting: Setting, snapshot: Snapshot, refused: bool) -> Request:
    from claude_auth.evaluate import from_a_project

    origin = setting.origin
    where = spot(Location(origin.path, origin.line), snapshot.places.home) if origin.path else ""
    layer = LAYERS[origin.layer] if origin.layer else "settings"
    what = f"run {setting.name}, from {layer}"
    return Request(
        what, shown_command(setting.value.reveal(), 20_000), where, from_a_project(setting), refused
    )
