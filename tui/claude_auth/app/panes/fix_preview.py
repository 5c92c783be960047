"""The ways to fix something as rows, and the one under the cursor in full: the change itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from claude_auth.actions.fixes.plans import LockRemoval, Preview
from claude_auth.present.lines import BLANK, Line, Row, Span, fact, line, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import TextStyle, abbreviate_home

_LABEL = 12
_ROLES: dict[str, TextStyle] = {"+": "ok", "-": "fail", "@": "accent"}


#: What can be done on the dashboard as well, by the start of its command.
_KEYS = (
    (("claude-auth run",), "x"),
    (("claude auth login", "claude-auth login"), "l"),
    (("claude-auth status --evaluate",), "e"),
    (("claude-auth diagnose --network",), "n"),
)


class Way(NamedTuple):
    """`command` None: it is applied; else that command is for the person to run."""

    preview: Preview
    command: str | None = None


def ways(previews: Sequence[Preview]) -> dict[str, Way]:
    """What we would do first, then each command once."""
    found = {f"apply:{preview.id}": Way(preview) for preview in previews if preview.applicable}
    seen: set[str] = set()
    for preview in previews:
        for command in preview.commands:
            if command not in seen:
                seen.add(command)
                found[f"copy:{command}"] = Way(preview, command)
    return found


def rows(found: Mapping[str, Way], home: str, width: int) -> list[Row]:
    return [Row(key, _row(way, home, width)) for key, way in found.items()]


def _row(way: Way, home: str, width: int) -> tuple[Line, ...]:
    if way.command is None:
        words = Span(clean(abbreviate_home(way.preview.title, home), 400), "strong")
        return wrap(line(Span("y applies   ", "accent"), words), width, _LABEL)
    return wrap(line(Span("y copies    ", "dim"), clean(way.command, 600)), width, _LABEL)


def lines(way: Way, home: str, width: int) -> list[Line]:
    preview = way.preview
    if way.command is not None:
        return _by_hand(preview, way.command, home, width)
    title = clean(abbreviate_home(f"{preview.title[:1].upper()}{preview.title[1:]}", home), 400)
    found = [*wrap(line(Span(title, "strong")), width)]
    if preview.explanation:
        found += wrap(line(clean(abbreviate_home(preview.explanation, home), 800)), width)
    found += [BLANK, *diff_lines(preview.diff, width), BLANK]
    if preview.afterwards is not None:
        found += fact(
            "afterwards", line(clean(abbreviate_home(preview.afterwards, home), 400)), width, _LABEL
        )
    if not isinstance(preview.change, LockRemoval):
        found += fact("way back", line(Span("z on the diagnosis takes it back", "dim")), width, _LABEL)
    found += wrap(line("Press y to apply exactly this. Enter changes nothing."), width)
    return found


def _by_hand(preview: Preview, command: str, home: str, width: int) -> list[Line]:
    """Every command that it takes, the one to copy marked."""
    title = clean(abbreviate_home(preview.title, home), 400)
    found = [*wrap(line(Span(f"By hand: {title}", "strong")), width)]
    if preview.by_hand is not None:
        reason = f"{preview.by_hand[:1].upper()}{preview.by_hand[1:]}."
        why = clean(abbreviate_home(f"{preview.explanation} {reason}", home), 800)
        found += wrap(line(Span(why, "dim")), width)
    found.append(BLANK)
    for one in preview.commands:
        mark = Span("▸ " if one == command else "  ", "strong")
        found += wrap(line(mark, Span(clean(one, 600), "accent")), width, 2)
    found += [BLANK, *wrap(line("Press y to copy the marked command. Nothing is run from here."), width)]
    key = next((key for starts, key in _KEYS if command.startswith(starts)), None)
    if key is not None:
        found += wrap(line("Or do it here: ", Span(key, "accent"), " on the dashboard."), width)
    return found


def diff_lines(diff: str, width: int) -> list[Line]:
    """The signs say what goes and what comes; the colour only repeats it."""
    found: list[Line] = []
    for text in diff.splitlines():
        sign = text[:1]
        header = text.startswith(("--- ", "+++ "))
        role = "dim" if header else _ROLES.get(sign, "plain")
        indent = len(text[1:]) - len(text[1:].lstrip(" "))
        shown = f"{clean(sign, 1) or ' '}{' ' * min(indent, 60)}{clean(text[1:], 600)}"
        found += wrap(line(Span(shown, role)), width, 2)
    return found
