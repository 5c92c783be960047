"""What the checks of the network found, in lines: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.network.conclusions import ALL_REACHED
from claude_auth.network.results import Check, HostReport, NetworkReport, State
from claude_auth.present.text_lines import TextLine
from claude_auth.words import StatusText

_WORDS: dict[State, StatusText] = {
    "ok": StatusText("✓", "", "ok"),
    "warn": StatusText("▲", "", "warn"),
    "fail": StatusText("✗", "", "fail"),
    "skipped": StatusText("–", "", "dim"),
}
UNDER_WAY = StatusText("·", "", "accent")


def network_told(report: NetworkReport) -> list[TextLine]:
    lines = [TextLine(0, "The network"), *settings_told(report.settings)]
    for host in report.hosts:
        lines += host_told(host)
    return [*lines, TextLine(0, ""), *conclusions_told(report)]


def conclusions_told(report: NetworkReport) -> list[TextLine]:
    """The worst first."""
    state: State = "ok" if report.conclusions == (ALL_REACHED,) else "warn" if report.is_fine else "fail"
    word = _WORDS[state]
    heading = TextLine(0, f"{word.glyph} What it means", word.role)
    return [heading, *(TextLine(2, text, "strong") for text in report.conclusions)]


def settings_told(settings: Sequence[Check]) -> list[TextLine]:
    return [_check_told(check, 2) for check in settings]


def host_told(host: HostReport) -> list[TextLine]:
    """A host and the steps to it, as far as they went."""
    word = UNDER_WAY if host.under_way else _WORDS[host.state]
    lines = [TextLine(2, f"{word.glyph} {host.needed.host}: {host.needed.why}", word.role)]
    return lines + [_check_told(check, 6, f"{check.stage}: ") for check in host.checks]


def _check_told(check: Check, indent: int, stage: str = "") -> TextLine:
    word = _WORDS[check.state]
    role = "plain" if check.state == "ok" else word.role
    return TextLine(indent, f"{word.glyph} {stage}{check.words}", role)
