"""A variable taken out of the `env` block of a settings file, or a helper's command out of the file."""

from __future__ import annotations

from collections.abc import Iterator

from claude_auth.actions.fixes.diffs import json_diff
from claude_auth.actions.fixes.plans import Case, FileEdit, Preview
from claude_auth.actions.fixes.shells import edit_command
from claude_auth.actions.fixes.targets import settings_of, variables_of
from claude_auth.files import LARGE_LIMIT, read_file
from claude_auth.formats import EditError
from claude_auth.formats.json_edit import remove_key
from claude_auth.model import Origin
from claude_auth.words import LAYERS, format_path


def propose(case: Case) -> Iterator[Preview]:
    seen: set[tuple[str, str]] = set()
    for name in variables_of(case):
        for assignment in case.situation.view.assignments(name):
            yield from _once(case, name, ("env", name), assignment.origin, seen)
    for name in settings_of(case):
        found = case.situation.view.setting(name)
        if found is not None:
            yield from _once(case, name, (name,), found.origin, seen)


def _once(
    case: Case, name: str, path: tuple[str, ...], origin: Origin, seen: set[tuple[str, str]]
) -> Iterator[Preview]:
    if origin.kind != "settings" or not origin.path or (name, origin.path) in seen:
        return
    seen.add((name, origin.path))
    yield _preview(case, name, path, origin)


def _preview(case: Case, name: str, path: tuple[str, ...], origin: Origin) -> Preview:
    file = origin.path or ""
    shown = format_path(file, case.home)
    layer = LAYERS[origin.layer] if origin.layer else "settings"
    content = read_file(file, LARGE_LIMIT).content
    edit, problem = None, "it can't be read"
    if origin.layer == "managed":
        problem = "managed settings belong to the machine's administrator"
    elif content is not None:
        try:
            edit = FileEdit(file, content, remove_key(content, path))
        except EditError as error:
            problem = str(error)
    identifier = case.id("settings-variable")
    command = f"claude-auth fix {identifier} --yes" if edit else edit_command(file, origin.line, case.shell)
    return Preview(
        id=identifier,
        kind="settings-variable",
        finding=case.finding.id,
        title=f"take {name} out of {shown}",
        explanation=f"It stands in {layer} and holds for every claude that reads them.",
        commands=(command,),
        diff="" if edit is None else json_diff(shown, edit.before, edit.after),
        change=edit,
        by_hand=None if edit else problem,
        afterwards="a claude that runs already keeps the old value until it is started again"
        if edit
        else None,
        removes=(name,),
    )
