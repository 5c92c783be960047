"""Which variables and settings a fix may take away: what the finding's own record says is unwanted
(`Entry.removes`), as names."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.actions.fixes.plans import Case
from claude_auth.claude_code.variables import PROVIDER_SWITCHES, STEERING
from claude_auth.sources import BY_ID

_COMMANDS = {"api-key-helper": "apiKeyHelper", "aws-credential-export": "awsCredentialExport"}


def variables_of(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_variables(case)))


def _variables(case: Case) -> Iterator[str]:
    for what in case.entry.removes:
        if what in {"source", "sent"}:
            names = [BY_ID[source].variable for source in _sources(case) if source in BY_ID]
            # A switch is what the person chose a provider by: no source's finding is about that.
            yield from (name for name in names if name and name not in PROVIDER_SWITCHES)
        elif what == "project":
            yield from (name for name in STEERING if _from_a_project(case, name))
        elif what != "helper":
            yield what


def settings_of(case: Case) -> tuple[str, ...]:
    found = []
    if "project" in case.entry.removes:
        view = case.situation.view
        settings = ((name, view.setting(name)) for name in _COMMANDS.values())
        found += [name for name, s in settings if s is not None and s.origin.of_project]
    if "helper" in case.entry.removes:
        found += [_COMMANDS[source] for source in _sources(case) if source in _COMMANDS]
    return tuple(dict.fromkeys(found))


def source_of(name: str) -> str | None:
    """The source that a variable or a command belongs to."""
    commands = {setting: source for source, setting in _COMMANDS.items()}
    return commands.get(name) or next((row.id for row in BY_ID.values() if row.variable == name), None)


def _sources(case: Case) -> tuple[str, ...]:
    if "sent" in case.entry.removes:
        return case.situation.sent()
    return (case.finding.source,) if case.finding.source else ()


def _from_a_project(case: Case, name: str) -> bool:
    assignment = case.situation.view.assignment(name)
    return assignment is not None and assignment.origin.of_project
