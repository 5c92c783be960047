"""What the checks of the network found, in lines: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claude_auth.network.conclusions import ALL_REACHED
from claude_auth.network.results import Check, HostReport, NeededHost, NetworkReport, State
from claude_auth.present.lines import Line, Span, TextLine, line, told_lines, wrap
from claude_auth.security.sanitize import clean
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


WHAT_HAPPENS = (
    "Each name is looked up, connected to, greeted with TLS, and asked for one page; its certificate, its "
    "answer and its clock are looked at. Where a proxy is set it goes through that."
)
NOTHING_SENT = "Nothing else is sent: no credential, no cookie, nothing about you or this machine."
ASKS = "Press Enter to start. It takes 15 seconds at most."


def plan_lines(hosts: Sequence[NeededHost], width: int) -> list[Line]:
    if not hosts:
        words = "No host can be told: what is set here names none that requests would go to."
        return [*wrap(line(Span(f"✗ {words}", "fail")), width, 2)]
    found: list[Line] = [
        *wrap(line(Span("These hosts would be contacted from this machine", "strong")), width)
    ]
    for host in hosts:
        name = clean(host.host, 200) if host.port == 443 else f"{clean(host.host, 200)}:{host.port}"
        found += wrap(line("  ", Span(name, "accent"), f": {clean(host.why, 200)}"), width, 4)
    found += [(), *wrap(line(WHAT_HAPPENS), width), *wrap(line(NOTHING_SENT), width)]
    return [*found, (), *wrap(line(Span(ASKS, "strong")), width)]


def seen_lines(
    hosts: Sequence[NeededHost], seen: Mapping[str, HostReport], home: str, width: int
) -> list[Line]:
    """While it runs."""
    found: list[Line] = []
    for host in hosts:
        report = seen.get(host.id) or HostReport(host, (), under_way=True)
        found += told_lines(host_told(report), home, width)
    return found


def report_lines(report: NetworkReport, home: str, width: int) -> list[Line]:
    """The conclusion first."""
    told = [*conclusions_told(report), TextLine(0, "")]
    told += [TextLine(0, "What is set here", "dim"), *settings_told(report.settings), TextLine(0, "")]
    told.append(TextLine(0, "The way to each host", "dim"))
    for host in report.hosts:
        told += host_told(host)
    return told_lines(told, home, width)
