"""What can be done, as rows to walk over: the step in words, the command below it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.actions.fixes.shells import Shell, for_shell
from claude_auth.model import Fix, first_action
from claude_auth.named_tuples import NamedTuple
from claude_auth.present.lines import BLANK, Line, Row, Span, fact, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import TextStyle, abbreviate_home, format_path, when

if TYPE_CHECKING:
    from claude_auth.actions.fixes.records import Done, Record


def fix_rows(fixes: Sequence[Fix], home: str, width: int, shell: Shell = "bash") -> list[Row]:
    """The id of a row is the number of its fix, from 0. `shell`: the commands are for that one."""
    if not fixes:
        return []
    found = [Row(None, ((),)), Row(None, (line(Span("what to do", "dim")),))]
    by_key = first_action(fixes)
    for number, fix in enumerate(fixes):
        found.append(Row(str(number), _fix_lines(number, fix, home, width, shell, by_key=fix is by_key)))
    return found


def _fix_lines(
    number: int, fix: Fix, home: str, width: int, shell: Shell, *, by_key: bool
) -> tuple[Line, ...]:
    """`number`: from 0. `by_key`: `f` does it."""
    title = abbreviate_home(fix.title, home)
    mark = Span("→ f  ", "accent") if by_key else Span("")
    lines = wrap(line(f"{number + 1}. ", mark, title), width, 3)
    if fix.command:
        shown = for_shell(clean(fix.command, 2000), shell)
        lines += wrap(line("   ", Span(shown, "dim" if by_key else "accent")), width, 3)
    return lines


WAY_BACK = "z on the dashboard or the diagnosis takes it back"
_LABEL, _WAY = 12, 14
#: What goes is faint: a failure would shout where a terminal has no colours.
DIFF_ROLES: dict[str, TextStyle] = {"+": "ok", "-": "dim", "@": "accent"}


class Way(NamedTuple):
    """`command` None: it is applied; else that command is for the person to run, or does what `action` does
    here."""

    preview: Preview
    command: str | None = None
    action: Fix | None = None


def ways(previews: Sequence[Preview], fixes: Sequence[Fix] = ()) -> dict[str, Way]:
    """What we would do first, behind what leads; then each command once. `fixes`: of the finding; those that
    are actions."""
    leading = [preview for preview in previews if preview.leads]
    found = {f"copy:{one.commands[0]}": Way(one, one.commands[0]) for one in leading}
    found |= {f"apply:{preview.id}": Way(preview) for preview in previews if preview.applicable}
    actions = {fix.command: fix for fix in fixes if fix.action not in {None, "fix"}}
    for preview in previews:
        for command in preview.commands:
            if command in actions:
                found[f"open:{command}"] = Way(preview, command, actions[command])
    seen = {*actions, *(preview.commands[0] for preview in leading)}
    for preview in previews:
        for command in preview.commands:
            if command not in seen:
                seen.add(command)
                found[f"copy:{command}"] = Way(preview, command)
    return found


def way_rows(found: Mapping[str, Way], home: str, width: int) -> list[Row]:
    return [Row(key, _way_row(way, home, width)) for key, way in found.items()]


def _way_row(way: Way, home: str, width: int) -> tuple[Line, ...]:
    if way.command is None:
        words = Span(abbreviate_home(way.preview.title, home), "strong")
        return wrap(line(Span("Enter applies ", "accent"), words), width, _WAY)
    if way.action is not None:
        return wrap(line(Span("Enter opens   ", "accent"), way.action.title), width, _WAY)
    return wrap(line(Span("y copies      ", "dim"), clean(way.command, 600)), width, _WAY)


def way_lines(way: Way, home: str, width: int) -> list[Line]:
    preview = way.preview
    if way.action is not None:
        title = f"{way.action.title[:1].upper()}{way.action.title[1:]}"
        told = line("The same without the screen: ", Span(clean(way.command or "", 600), "accent"))
        return [*wrap(line(Span(title, "strong")), width), BLANK, *wrap(told, width)]
    if way.command is not None:
        return _by_hand(preview, way.command, home, width)
    title = abbreviate_home(f"{preview.title[:1].upper()}{preview.title[1:]}", home)
    found = [*wrap(line(Span(title, "strong")), width)]
    if preview.explanation:
        found += wrap(line(abbreviate_home(preview.explanation, home)), width)
    found += [BLANK, *diff_lines(preview.diff, width), BLANK]
    if preview.afterwards is not None:
        found += fact("afterwards", line(abbreviate_home(preview.afterwards, home)), width, _LABEL)
    if not isinstance(preview.change, LockRemoval):
        found += fact("way back", line(Span(WAY_BACK, "dim")), width, _LABEL)
    return found


def _by_hand(preview: Preview, command: str, home: str, width: int) -> list[Line]:
    """Every command that it takes, the one to copy marked."""
    title = abbreviate_home(preview.title, home)
    found = [*wrap(line(Span(f"By hand: {title}", "strong")), width)]
    if preview.by_hand is not None:
        reason = f"{preview.by_hand[:1].upper()}{preview.by_hand[1:]}."
        why = abbreviate_home(f"{preview.explanation} {reason}".lstrip(), home)
        found += wrap(line(Span(why, "dim")), width)
    found.append(BLANK)
    for one in preview.commands:
        mark = Span("▸ " if one == command else "  ", "strong")
        found += wrap(line(mark, Span(clean(one, 600), "accent")), width, 2)
    return [
        *found,
        BLANK,
        *wrap(line("Press y to copy the marked command. Nothing is run from here."), width),
    ]


def diff_lines(diff: str, width: int) -> list[Line]:
    """The signs say what goes and what comes; the colour only repeats it."""
    found: list[Line] = []
    for text in diff.splitlines():
        sign = text[:1]
        header = text.startswith(("--- ", "+++ "))
        role = "dim" if header else DIFF_ROLES.get(sign, "plain")
        indent = len(text[1:]) - len(text[1:].lstrip(" "))
        shown = f"{clean(sign, 1) or ' '}{' ' * min(indent, 60)}{clean(text[1:], 600)}"
        found += wrap(line(Span(shown, role)), width, 2)
    return found


NOTHING_FIXED = "Nothing was fixed from here yet: there is nothing to take back."


def done_rows(done: Mapping[str, Done], home: str, now: float, width: int) -> list[Row]:
    if not done:
        return [Row(None, wrap(line(Span(NOTHING_FIXED, "dim")), width))]
    return [Row(key, _done_row(one, home, now, width)) for key, one in done.items()]


def _done_row(one: Done, home: str, now: float, width: int) -> tuple[Line, ...]:
    record = one.record
    title = abbreviate_home(record.title, home)
    state = "○ taken back  " if one.undone else ""
    head = Span(f"{record.number:>3}  {when(record.at, now)}  {state}", "dim")
    return wrap(line(head, Span(title, "dim" if one.undone else "strong")), width, 5)


def done_lines(one: Done, home: str, now: float, width: int) -> list[Line]:
    record = one.record
    found = [
        *wrap(line(Span(f"Take back number {record.number}", "strong")), width),
        *fact("what", line(abbreviate_home(record.title, home)), width, _LABEL),
        *fact("when", line(when(record.at, now)), width, _LABEL),
        *fact("file", line(format_path(record.path, home)), width, _LABEL),
        BLANK,
        *wrap(line(Span(_effect(record, home), "accent")), width),
        BLANK,
    ]
    if one.undone:
        return [*found, *wrap(line(Span("○ It was taken back already.", "dim")), width)]
    return found


def _effect(record: Record, home: str) -> str:
    """What the undo does, and where it would refuse."""
    path = format_path(record.path, home)
    if record.operation == "chmod":
        before, after = clean(record.before, 8), clean(record.after, 8)
        return f"chmod {path}: mode {after} → {before}. Refused where its mode is no longer {after}."
    if record.operation == "move":
        return f"{format_path(record.after, home)} → {path}. Refused where something new stands there."
    if record.operation == "create":
        return f"{path}, which the fix made, is removed. Refused where it was changed since."
    return f"{path} gets the bytes of the copy that was kept. Refused where it was changed since."
