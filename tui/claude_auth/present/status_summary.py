"""`claude-auth status` in five lines: the verdict, for whom, what is sent, what is there and not used, what
to do. The rest is `status_text`."""

from __future__ import annotations

from claude_auth import words
from claude_auth.model import Finding, Fix, Resolution, Snapshot, Standing
from claude_auth.present.status_text import Ink, answer_word, header_text, marks_line
from claude_auth.security.sanitize import clean, shown_sentence
from claude_auth.security.secret import without_locals
from claude_auth.sources import label
from claude_auth.words import with_command

_MOST_NAMES = 4
_WIDTH = 10


@without_locals
def summary_lines(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], *, colour: bool = False
) -> list[str]:
    ink = Ink(colour)
    rows = (
        ("for", marks_line(snapshot, resolution), None),
        ("sent", _sent(resolution), None),
        ("not used", _not_used(resolution), None),
        ("next", *_next(resolution, findings)),
    )
    lines = [ink.word(answer_word(snapshot, resolution, findings))]
    for name, text, command in rows:
        lines.append(with_command(f"  {ink(name.ljust(_WIDTH), 'dim')}{text}", command))
    return lines


def _sent(resolution: Resolution) -> str:
    wire = resolution.wire
    if wire is None:
        return "nothing"
    headers = [
        f"{name} {header_text(header)} from {label(header.source)}"
        for name, header in (("x-api-key", wire.x_api_key), ("authorization", wire.authorization))
        if header is not None
    ]
    return f"{' and '.join(headers) or 'no credential'}, to {clean(wire.host, 80)}"


def _not_used(resolution: Resolution) -> str:
    """Whatever is there; a place that can't be read is there too."""
    rows = [one for one in resolution.standings if _is_idle(one)]
    told = [f"{label(one.reading.source)} ({words.standing_word(one).text})" for one in rows[:_MOST_NAMES]]
    more = f" and {len(rows) - _MOST_NAMES} more" if rows[_MOST_NAMES:] else ""
    return f"{', '.join(told)}{more}" if told else "nothing else is there"


def _is_idle(one: Standing) -> bool:
    return one.reading.state != "absent" and one.verdict not in {"winning", "also-sent"}


def _next(resolution: Resolution, findings: tuple[Finding, ...]) -> tuple[str, str | None]:
    """The first finding, where the rest stands, and the command that mends it."""
    serious = [one for one in findings if one.severity != "info"]
    if not serious and resolution.usable is None:
        tells = (fix.command for one in findings for fix in one.fixes if fix.action in {"evaluate", "run"})
        return "what would tell", next(tells, None) or "claude-auth probe"
    if not serious:
        return "nothing to mend at first sight; more in claude-auth diagnose and status --all", None
    first = serious[0]
    command = _first_command(first.fixes)
    by_hand = f"; {first.fixes[0].title}" if first.fixes and not command else ""
    # `status` takes no second look
    seen = f"the first of {len(findings)} at first sight, all" if findings[1:] else "more"
    told = f"{shown_sentence(f'{first.title}{by_hand}', 400)} ({seen} in claude-auth diagnose)"
    return told, command and clean(command, 600)


def _first_command(fixes: tuple[Fix, ...]) -> str | None:
    """Of the first remedy, which the others may need done; of a line to comment out, what has the same effect
    in this shell."""
    if not fixes or fixes[0].command:
        return fixes[0].command if fixes else None
    at_once = f"unset {fixes[0].about.partition(' ')[0]}"
    return next((fix.command for fix in fixes if fix.command == at_once), None)
