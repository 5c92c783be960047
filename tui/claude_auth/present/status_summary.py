"""`claude-auth status` in five lines: the verdict, for whom, what is sent, what is there and not used, what
to do. The rest is `status_text`."""

from __future__ import annotations

from claude_auth import words
from claude_auth.model import Finding, Fix, Resolution, Snapshot, Standing
from claude_auth.present.status_text import Ink, answer_word, header_text, marks_line
from claude_auth.security.sanitize import clean, shown_sentence
from claude_auth.security.secret import without_locals
from claude_auth.sources import label
from claude_auth.words import abbreviate_home, broken

_MOST_NAMES = 4
_WIDTH = 10


@without_locals
def status_summary(
    snapshot: Snapshot,
    resolution: Resolution,
    findings: tuple[Finding, ...],
    *,
    colour: bool = False,
    width: int | None = None,
) -> str:
    """`width`: of a terminal, at which the lines are broken."""
    ink = Ink(colour)
    first = answer_word(snapshot, resolution, findings)
    rows = (
        ("for", marks_line(snapshot, resolution)),
        ("sent", _sent(resolution)),
        ("not used", _not_used(resolution)),
        ("next", _next(snapshot.places.home, resolution, findings)),
    )
    indent = " " * (2 + _WIDTH)
    lines = [ink(line, first.role) for line in broken(f"{first.glyph} {first.text}", width, 2)]
    for name, text in rows:
        begin, *rest = broken(f"{indent}{text}", width, len(indent))
        lines += [f"  {ink(name.ljust(_WIDTH), 'dim')}{begin[len(indent) :]}", *rest]
    return "\n".join(lines)


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


def _next(home: str, resolution: Resolution, findings: tuple[Finding, ...]) -> str:
    """The first finding and what mends it; where the rest stands."""
    serious = [one for one in findings if one.severity != "info"]
    if not serious and resolution.usable is None:
        tells = (fix.command for one in findings for fix in one.fixes if fix.action in {"evaluate", "run"})
        return f"what would tell: {next(tells, None) or 'claude-auth probe'}"
    if not serious:
        return "nothing to mend at first sight; more in claude-auth diagnose and status --all"
    first = serious[0]
    command = _first_command(first.fixes)
    by_hand = f"; {abbreviate_home(first.fixes[0].title, home)}" if first.fixes else ""
    told = f"{first.title}{f': {command}' if command else by_hand}"
    more = len(findings) - 1
    seen = f"{more} more at first sight, " if more else ""  # `status` takes no second look
    rest = f"; {seen}all in claude-auth diagnose"
    return shown_sentence(f"{told}{rest}", 400)


def _first_command(fixes: tuple[Fix, ...]) -> str | None:
    """Of the first remedy, which the others may need done; of a line to comment out, what has the same effect
    in this shell."""
    if not fixes or fixes[0].command:
        return fixes[0].command if fixes else None
    at_once = f"unset {fixes[0].about.partition(' ')[0]}"
    return next((fix.command for fix in fixes if fix.command == at_once), None)
