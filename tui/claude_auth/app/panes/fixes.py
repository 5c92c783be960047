"""What can be done, as rows to walk over: the step in words, the command below it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.actions.fixes.shells import Shell, for_shell
from claude_auth.model import Fix
from claude_auth.present.lines import Line, Row, Span, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import abbreviate_home


def fix_rows(fixes: Sequence[Fix], home: str, width: int) -> list[Row]:
    """The id of a row is the number of its fix, from 0."""
    if not fixes:
        return []
    found = [Row(None, ((),)), Row(None, (line(Span("what to do", "dim")),))]
    for number, fix in enumerate(fixes):
        found.append(Row(str(number), fix_lines(number, fix, home, width)))
    return found


def fix_lines(number: int, fix: Fix, home: str, width: int, shell: Shell | None = None) -> tuple[Line, ...]:
    """`number`: from 0. `shell`: the command is for that one."""
    lines = wrap(line(f"{number + 1}. ", clean(abbreviate_home(fix.title, home))), width, 3)
    if fix.command:
        command = clean(fix.command, 2000)
        shown = command if shell is None else for_shell(command, shell)
        lines += wrap(line("   ", Span(shown, "accent")), width, 3)
    return lines
