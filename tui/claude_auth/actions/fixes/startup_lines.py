"""An export in a start-up file made a comment; in this shell the variable stays until it is unset."""

from __future__ import annotations

import os
from collections.abc import Iterator

from claude_auth.actions.fixes.diffs import shell_diff
from claude_auth.actions.fixes.plans import Case, FileEdit, Preview
from claude_auth.actions.fixes.shells import edit_command, unset
from claude_auth.actions.fixes.targets import variables_of
from claude_auth.files import read_file
from claude_auth.formats import EditError
from claude_auth.formats.shell_edit import Dialect, comment_out
from claude_auth.model import Location
from claude_auth.words import format_location

_MOST = 3


def propose(case: Case) -> Iterator[Preview]:
    for name in variables_of(case):
        assignment = case.situation.view.assignment(name)
        if assignment is None or assignment.origin.kind != "environment":
            continue
        places = assignment.origin.likely_set_at
        for location in places[:_MOST]:
            yield _preview(case, name, location, only=len(places) == 1)
        if not places:
            yield Preview(
                id=case.id("commands"),
                kind="commands",
                finding=case.finding.id,
                title=f"unset {name} in this shell",
                explanation="Where it is set was not found: perhaps a program that started this shell did.",
                commands=(unset(name, case.shell), "claude"),
                by_hand="only this shell itself can change its variables",
                variable=name,
            )


def dialect_of(path: str) -> Dialect | None:
    """None for files that a program writes."""
    name = os.path.basename(path)
    if name == "fish_variables":
        return None
    if path.endswith(".fish"):
        return "fish"
    if name.startswith(".env") and name != ".envrc":
        return "lines"
    return "lines" if path.endswith(".conf") or name in {"environment", ".pam_environment"} else "shell"


def _preview(case: Case, name: str, location: Location, *, only: bool) -> Preview:
    shown = format_location(location, case.home)
    content = read_file(location.path).content
    dialect = dialect_of(location.path)
    edit, problem = None, "it can't be read"
    if dialect is None:
        problem = f"fish keeps it; `set -Ue {name}` in fish erases it"
    elif content is not None and location.line is not None:
        try:
            edit = FileEdit(location.path, content, comment_out(content, location.line, name, dialect), False)
        except EditError as error:
            problem = str(error)
    diff = shell_diff(shown, edit.before or b"", edit.after, name) if edit is not None else ""
    more = "" if only else " It is set in other places too."
    return Preview(
        id=case.id("startup-line"),
        kind="startup-line",
        finding=case.finding.id,
        title=f"comment out {name} in {shown}",
        explanation=f"New shells won't set it any more.{more}",
        commands=(edit_command(location.path, location.line, case.shell), unset(name, case.shell)),
        diff=diff,
        change=edit,
        by_hand=None if edit else problem,
        afterwards=f"this shell still has it: `{unset(name, case.shell)}`, or open a new one",
        variable=name,
        removes=(name,),
    )
