"""What `claude-auth status` and `diagnose` print, in one piece, or as a terminal of a width shows it."""

from __future__ import annotations

from collections.abc import Iterable

from claude_auth.diagnose.texts import Parsed, Recognised
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.present.status_summary import summary_lines
from claude_auth.present.status_text import diagnose_lines, status_lines
from claude_auth.words import abbreviate_home, broken


def in_lines(lines: Iterable[str], width: int | None = None) -> str:
    return "\n".join(part for line in lines for part in broken(line, width))


def status_text(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], *, colour: bool = False
) -> str:
    text = in_lines(status_lines(snapshot, resolution, findings, colour=colour))
    return abbreviate_home(text, snapshot.places.home)


def status_summary(
    snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...], *, colour: bool = False
) -> str:
    text = in_lines(summary_lines(snapshot, resolution, findings, colour=colour))
    return abbreviate_home(text, snapshot.places.home)


def diagnose_text(
    recognised: tuple[Recognised, ...],
    findings: tuple[Finding, ...],
    parsed: Parsed | None = None,
    width: int | None = None,
) -> str:
    return in_lines(diagnose_lines(recognised, findings, parsed), width)
