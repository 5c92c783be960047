"""What the checks of the network found, in lines: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.network.conclusions import ALL_REACHED
from claude_auth.network.results import Check, HostReport, NetworkReport, State
from claude_auth.report.told import Told
from claude_auth.wording import Word

_WORDS: dict[State, Word] = {
    "ok": Word("✓", "", "ok"),
    "warn": Word("▲", "", "warn"),
    "fail": Word("✗", "", "fail"),
    "skipped": Word("–", "", "dim"),
}
UNDER_WAY = Word("·", "", "accent")


def network_told(report: NetworkReport) -> list[Told]:
    lines = [Told(0, "The network"), *settings_told(report.settings)]
    for host in report.hosts:
        lines += host_told(host)
    return [*lines, Told(0, ""), *conclusions_told(report)]


def conclusions_told(report: NetworkReport) -> list[Told]:
    """The worst first."""
    state: State = "ok" if report.conclusions == (ALL_REACHED,) else "warn" if report.is_fine else "fail"
    word = _WORDS[state]
    heading = Told(0, f"{word.glyph} What it means", word.role)
    return [heading, *(Told(2, text, "strong") for text in report.conclusions)]


def settings_told(settings: Sequence[Check]) -> list[Told]:
    return [_check_told(check, 2) for check in settings]


def host_told(host: HostReport) -> list[Told]:
    """A host and the steps to it, as far as they went."""
    word = UNDER_WAY if host.under_way else _WORDS[host.state]
    lines = [Told(2, f"{word.glyph} {host.needed.host}: {host.needed.why}", word.role)]
    return lines + [_check_told(check, 6, f"{check.stage}: ") for check in host.checks]


def _check_told(check: Check, indent: int, stage: str = "") -> Told:
    word = _WORDS[check.state]
    role = "plain" if check.state == "ok" else word.role
    return Told(indent, f"{word.glyph} {stage}{check.words}", role)
