"""The hosts that are needed: which would be asked, what is known by now, what it means. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claude_auth.app.panes.told import told_lines
from claude_auth.network.results import HostReport, NeededHost, NetworkReport
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.present.network import conclusions_told, host_told, settings_told
from claude_auth.present.text_lines import TextLine
from claude_auth.security.sanitize import clean

WHAT_HAPPENS = (
    "Each name is looked up, connected to, greeted with TLS, and asked for one page; its certificate, its "
    "answer and its clock are looked at. Where a proxy is set it goes through that."
)
NOTHING_SENT = "Nothing else is sent: no credential, no cookie, nothing about you or this machine."
ASKS = "Press Enter or y to start. It takes 15 seconds at most."


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
