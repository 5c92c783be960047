"""Every fix that can be offered for what was found, each with an id of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from claude_auth.actions.fixes.effects import foreseen, got_worse
from claude_auth.actions.fixes.files import propose_modes, propose_move_aside, propose_startup_lines
from claude_auth.actions.fixes.locks import propose_lock_removal
from claude_auth.actions.fixes.plans import Case, FileEdit, Preview, settings_of, variables_of
from claude_auth.actions.fixes.settings import propose_helper, propose_key_answer, propose_settings
from claude_auth.actions.fixes.shells import Shell, for_shell
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import without_locals
from claude_auth.words import format_path

Propose = Callable[[Case], Iterator[Preview]]

#: In the order in which they are offered for one finding.
KINDS: tuple[Propose, ...] = (
    propose_modes,
    propose_lock_removal,
    propose_move_aside,
    propose_key_answer,
    propose_settings,
    propose_startup_lines,
)


@without_locals
def offers(
    snapshot: Snapshot,
    resolution: Resolution,
    findings: Iterable[Finding],
    *,
    shell: Shell = "bash",
    program: str = "claude-auth",
) -> tuple[Preview, ...]:
    """`findings` in their order; where no kind knows one, its commands to copy. Reads files, writes none."""
    found: list[Preview] = []
    for finding in findings:
        case = Case(snapshot, resolution, finding, shell)
        kinds = [preview for propose in KINDS for preview in propose(case) if _may_be_offered(case, preview)]
        covered = {command for preview in kinds for command in preview.commands}
        found += kinds
        moves = any(preview.kind == "move-aside" for preview in kinds)
        found += [
            preview
            for preview in _commands(case)
            if not set(preview.commands) <= covered and not (moves and preview.commands[0].startswith("mv "))
        ]
    helper = propose_helper(snapshot, program=program, shell=shell)
    home = snapshot.places.home
    return _numbered(_by_its_real_name(one, home) for one in [*found, *([helper] if helper else [])])


def _may_be_offered(case: Case, preview: Preview) -> bool:
    """What the finding's own record allows, and what leaves all that was set up working as before."""
    takes_away = preview.kind in {"settings-variable", "startup-line"}
    if takes_away and not set(preview.removes) <= {*variables_of(case), *settings_of(case)}:
        return False
    if not takes_away and preview.kind != "commands" and preview.kind not in case.entry.changes:
        return False
    if not preview.applicable:
        return True
    before = case.resolution
    after = resolve(foreseen(case.snapshot, preview), before.client, before.version.asked)
    return got_worse(case.snapshot, before, after, preview) is None


def _by_its_real_name(preview: Preview, home: str) -> Preview:
    """Where a symbolic link is on the way, say into a dotfiles repository, another file changes."""
    change = preview.change
    if not isinstance(change, FileEdit):
        return preview
    shown, real = (
        format_path(change.path, home),
        format_path(os.path.realpath(change.path), os.path.realpath(home)),
    )
    if shown == real:
        return preview
    words = f"{shown} leads through a symbolic link: the file that changes is {real}."
    return replace(preview, explanation=f"{preview.explanation} {words}".strip())


def _commands(case: Case) -> Iterator[Preview]:
    """The finding's own suggestions, for this shell."""
    for fix in case.finding.fixes:
        if fix.command is None:
            continue
        yield Preview(
            id=case.id("commands"),
            kind="commands",
            finding=case.finding.id,
            title=clean(fix.title, 300),
            explanation="",
            commands=(for_shell(clean(fix.command, 600), case.shell),),
            by_hand="this one is for you to run",
        )


def _numbered(previews: Iterable[Preview]) -> tuple[Preview, ...]:
    """A second one of the same name gets a number: `…/startup-line-2`."""
    counts: dict[str, int] = {}
    found = []
    for preview in previews:
        counts[preview.id] = count = counts.get(preview.id, 0) + 1
        if count > 1:
            identifier = f"{preview.id}-{count}"
            commands = tuple(
                command.replace(f"fix {preview.id} --yes", f"fix {identifier} --yes")
                for command in preview.commands
            )
            preview = replace(preview, id=identifier, commands=commands)
        found.append(preview)
    return tuple(found)
