"""What was fixed on this machine as rows, and what taking one back would do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.present.lines import BLANK, Line, Row, Span, fact, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import abbreviate_home, format_path, when

if TYPE_CHECKING:
    from claude_auth.actions.fixes.records import Record
    from claude_auth.app.screens.diagnose_doors import Done

NONE = "Nothing was fixed from here yet: there is nothing to take back."
_LABEL = 12


def rows(done: Mapping[str, Done], home: str, now: float, width: int) -> list[Row]:
    if not done:
        return [Row(None, wrap(line(Span(NONE, "dim")), width))]
    return [Row(key, _row(one, home, now, width)) for key, one in done.items()]


def _row(one: Done, home: str, now: float, width: int) -> tuple[Line, ...]:
    record = one.record
    title = clean(abbreviate_home(record.title, home), 300)
    state = "○ taken back  " if one.undone else ""
    head = Span(f"{record.number:>3}  {when(record.at, now)}  {state}", "dim")
    return wrap(line(head, Span(title, "dim" if one.undone else "strong")), width, 5)


def lines(one: Done, home: str, now: float, width: int) -> list[Line]:
    record = one.record
    found = [
        *wrap(line(Span(f"Take back number {record.number}", "strong")), width),
        *fact("what", line(clean(abbreviate_home(record.title, home), 300)), width, _LABEL),
        *fact("when", line(when(record.at, now)), width, _LABEL),
        *fact("file", line(format_path(record.path, home)), width, _LABEL),
        BLANK,
        *wrap(line(Span(_effect(record, home), "accent")), width),
        BLANK,
    ]
    if one.undone:
        return [*found, *wrap(line(Span("○ It was taken back already.", "dim")), width)]
    return [*found, *wrap(line("Press y to take it back. Enter changes nothing."), width)]


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
