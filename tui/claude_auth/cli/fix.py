"""`claude-auth fix`: what can be done about the findings, shown first, applied on consent, taken back."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import consents, print_lines, refuse, say, say_lines
from claude_auth.cli.context import Descriptors, belongs_to_us, diagnosed, follow, looker, our_journal
from claude_auth.cli.options import Arguments, add_context_options, add_flag
from claude_auth.model import Finding, Snapshot
from claude_auth.security.sanitize import clean
from claude_auth.words import Exact, when, with_command

if TYPE_CHECKING:
    from claude_auth.actions.fixes.action import ApplyFix, UndoFix
    from claude_auth.actions.fixes.plans import Preview


_NO_NUMBER = -1


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "fix",
        help="apply a fix for a finding, after showing it; or take one back",
        description="Shows the exact change of a fix, asks, applies it and looks again. Each keeps a copy of "
        "the file as it was. Without ID: what can be fixed, and what was.",
        epilog="Exit status: 0 done or listed, 1 not done, or worse than before, 2 wrong usage or nothing "
        "was done. Nothing is changed but what was shown; Claude Code's own credentials are never written.",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="a finding, or one of its fixes (see --list)")
    add_flag(parser, "--yes", "don't ask")
    parser.add_argument(
        "--undo", type=int, nargs="?", const=_NO_NUMBER, metavar="N", help="take fix number N of --list back"
    )
    add_flag(parser, "--list", "what can be fixed, and what was")
    add_context_options(parser)


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """Show, ask, do, look again; returns the exit code."""
    from claude_auth.actions.fixes.action import ApplyFix, UndoFix
    from claude_auth.actions.look import NOT_OWNER

    if sum(bool(word) for word in (arguments.id, arguments.undo is not None, arguments.list)) > 1:
        return refuse("one of ID, --undo N and --list")
    if arguments.undo == _NO_NUMBER:
        return refuse("--undo needs the number of a fix; `claude-auth fix --list` shows what was fixed")
    look = looker(arguments, descriptors, further=True)
    if arguments.undo is not None:
        return _carry_out(UndoFix(arguments.undo, look=look))
    snapshot = look()
    found, findings = _offers(arguments, snapshot)
    if arguments.id is None:
        _print_list(found)
        return ExitCode.DONE
    matching = _matching(found, arguments.id)
    if not any(preview.applicable for preview in matching):
        return _for_the_person(arguments.id, matching, findings)
    if len(matching) > 1:
        say(f"claude-auth: {arguments.id} can be fixed in {len(matching)} ways; name one:")
        say_lines(Exact(f"  {preview.id}") for preview in matching)
        return ExitCode.WRONG_USAGE
    if not belongs_to_us(arguments, snapshot):
        return refuse(f"nothing is changed from here: {NOT_OWNER}")
    preview = matching[0]
    say_lines(preview_lines(preview))

    if not (arguments.yes or consents("Apply it?")):
        say("Nothing was changed.")
        return ExitCode.WRONG_USAGE
    applying = ApplyFix(preview, look=look, client=arguments.client, version=arguments.client_version)
    code = _carry_out(applying)
    again = applying.result.again if applying.result is not None else None
    if again is not None:
        say("As it is now:")
        say_lines(preview_lines(again))
    return code


def _for_the_person(id: str, matching: Sequence[Preview], findings: Sequence[Finding]) -> int:
    """What to run, where nothing may be changed from here."""
    finding = next((one for one in findings if one.id == id), None)
    if not matching and finding is None:
        return refuse(f"there is no fix {id!r}; `claude-auth fix --list` shows them")
    if finding is not None:
        say(f"{finding.title}: nothing is changed from here. What helps:")
        say_lines(_steps(finding))
    else:
        for preview in matching:
            say_lines(preview_lines(preview))
    return ExitCode.NOT_DONE


def _steps(finding: Finding) -> list[str]:
    from claude_auth.actions.fixes.shells import for_shell, shell_of

    if not finding.fixes:
        return [f"  {finding.explanation}"]
    shell = shell_of(os.environ)
    return [
        with_command(f"  {number}. {fix.title}", fix.command and for_shell(clean(fix.command, 600), shell))
        for number, fix in enumerate(finding.fixes, 1)
    ]


def _offers(arguments: Arguments, snapshot: Snapshot) -> tuple[tuple[Preview, ...], tuple[Finding, ...]]:
    from claude_auth.actions.fixes.offers import offers
    from claude_auth.actions.fixes.shells import own_program, shell_of

    resolution, findings = diagnosed(arguments, snapshot)
    found = offers(
        snapshot, resolution, findings, shell=shell_of(os.environ), program=own_program(os.environ)
    )
    return found, findings


def _matching(found: Sequence[Preview], wanted: str) -> list[Preview]:
    """The fix of that id; for a finding's id those that we can apply and what is advised before them, else
    its commands."""
    exact = [preview for preview in found if preview.id == wanted]
    if exact:
        return exact
    of_finding = [preview for preview in found if wanted in preview.findings]
    return [preview for preview in of_finding if preview.applicable or preview.leads] or of_finding


def _carry_out(action: ApplyFix | UndoFix) -> int:
    import asyncio

    asyncio.run(follow(action.events(), our_journal(), lambda event: None))
    done = action.result is not None and action.result.is_done
    return ExitCode.DONE if done else ExitCode.NOT_DONE


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def preview_lines(preview: Preview) -> list[str]:
    """What is shown before anybody agrees; the diff is clean already, and its spaces count."""
    lines = [f"{preview.title[:1].upper()}{preview.title[1:]}"]
    if preview.explanation:
        lines.append(f"  {preview.explanation}")
    lines += [Exact(f"  {line}") for line in preview.diff.splitlines()]
    if preview.by_hand is not None:
        lines.append(f"  For you to run: {preview.by_hand}.")
        lines += [Exact(f"    {clean(command, 600)}") for command in preview.commands]
    elif preview.afterwards is not None:
        lines.append(f"  Afterwards: {preview.afterwards}.")
    return lines


def _print_list(found: Sequence[Preview]) -> None:
    from claude_auth.actions.fixes.records import Records

    lines = ["What can be fixed"] if found else ["There is nothing to fix."]
    for preview in found:
        mark = "→" if preview.applicable else " "
        lines.append(f"  {mark} {preview.id}")
        lines.append(f"      {preview.title}")
        if not preview.applicable:
            lines += [Exact(f"        {clean(command, 600)}") for command in preview.commands]
    records = Records()
    done = records.all()
    if done:
        lines += ["", "What was fixed"]
        now = time.time()
        for record in done:
            undone = ", taken back" if records.is_undone(record.number) else ""
            lines.append(f"  {record.number:>3}  {when(record.at, now)}  {record.title}{undone}")
    for path in records.unreadable():
        lines += ["", f"▲ a note of an earlier fix can't be read, and is left out: {clean(path, 300)}"]
    print_lines(lines)
