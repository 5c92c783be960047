"""What the checks of the network and a probe found: as lines, the same on the screen and on paper, and as
JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claude_auth.formats.outputs import SKEW_TOLD
from claude_auth.network.results import (
    ALL_REACHED,
    HostReport,
    NeededHost,
    NetworkCheck,
    NetworkReport,
    State,
)
from claude_auth.present.lines import Line, Span, TextLine, line, told_lines, wrap
from claude_auth.security.sanitize import clean, shown_path, shown_sentence
from claude_auth.words import Exact, StatusText, TextStyle, with_command
from claude_auth.words.states import CERTAINTY_WORDS
from claude_auth.words.times import iso

if TYPE_CHECKING:
    from claude_auth.network.probe import ProbeAnswer
    from claude_auth.network.probe_plan import ProbePlan

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


def settings_told(settings: Sequence[NetworkCheck]) -> list[TextLine]:
    return [_check_told(check, 2) for check in settings]


def host_told(host: HostReport) -> list[TextLine]:
    """A host and the steps to it, as far as they went."""
    word = UNDER_WAY if host.under_way else _WORDS[host.state]
    lines = [TextLine(2, f"{word.glyph} {host.needed.host}: {host.needed.why}", word.role)]
    return lines + [_check_told(check, 6, f"{check.stage}: ") for check in host.checks]


def _check_told(check: NetworkCheck, indent: int, stage: str = "") -> TextLine:
    word = _WORDS[check.state]
    role: TextStyle = "plain" if check.state == "ok" else "strong" if check.state == "fail" else word.role
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
        found += wrap(line("  ", Span(name, "accent"), f": {host.why}"), width, 4)
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


# ── a probe ──────────────────────────────────────────────────────────────────────────────────────


def plan_told(plan: ProbePlan, steps: Mapping[str, str] | None = None) -> list[TextLine]:
    """What is shown before anybody agrees. `steps`: by remedy, where this place has a better one."""
    if plan.kind == "none":
        step = (steps or {}).get(plan.remedy, plan.next_step)
        lines = [TextLine(0, f"Nothing can be probed: {plan.refused}.", "warn")]
        return [*lines, TextLine(2, f"{step}.", "strong")] if step else lines
    lines = [
        TextLine(0, f"{plan.title[:1].upper()}{plan.title[1:]}", "strong"),
        TextLine(2, f"Cost: {plan.cost}.", "warn" if plan.argv else "plain"),
    ]
    if plan.url:
        lines.append(TextLine(2, f"GET {plan.url}", "accent"))
    lines += [TextLine(2, shown) for shown in plan.shown]
    if plan.argv:
        from shlex import join

        lines.append(TextLine(2, Exact(join(plan.argv)), "accent"))
    return lines


def verdict_told(answer: ProbeAnswer) -> list[TextLine]:
    """Whether it was accepted, and what was said."""
    glyph, role = _VERDICTS[answer.ok]
    words = f"{glyph} {answer.words[:1].upper()}{answer.words[1:]} ({answer.seconds:.1f} s)"
    lines = [TextLine(0, words, role)]
    if answer.said and answer.ok is not True:
        lines.append(TextLine(2, f"It said: {answer.said}"))
    return lines


_VERDICTS: Mapping[bool | None, tuple[str, TextStyle]] = {
    True: ("✓", "ok"),
    False: ("✗", "fail"),
    None: ("?", "warn"),
}


def clock_told(answer: ProbeAnswer) -> list[TextLine]:
    if answer.skew is None or abs(answer.skew) < SKEW_TOLD:
        return []
    side = "ahead of" if answer.skew > 0 else "behind"
    return [TextLine(2, f"This clock is {abs(answer.skew):.0f} s {side} the server's.", "warn")]


def answer_told(answer: ProbeAnswer) -> list[TextLine]:
    """What came back and what it is known to mean."""
    lines = verdict_told(answer)
    for cause in answer.causes[:3]:
        lines.append(TextLine(2, f"{cause.title}  [{cause.id}, {CERTAINTY_WORDS[cause.certainty]}]"))
        lines.append(TextLine(6, f"The answer of {cause.answerer}."))
        lines.append(TextLine(6, cause.explanation))
        if cause.evidence is not None:
            lines.append(TextLine(6, f"Here: {cause.evidence}."))
        lines += [TextLine(6, with_command(f"→ {fix.title}", fix.command)) for fix in cause.fixes]
    return lines + clock_told(answer)


# ── as JSON ──────────────────────────────────────────────────────────────────────────────────────


def network_document(report: NetworkReport) -> dict[str, Any]:
    return {
        "schema": 1,
        "at": iso(report.at),
        "fine": report.is_fine,
        "settings": [_check_document(check) for check in report.settings],
        "hosts": [_host_document(host) for host in report.hosts],
        "conclusions": list(report.conclusions),
    }


def _host_document(host: HostReport) -> dict[str, Any]:
    return {
        "id": host.needed.id,
        "host": shown_path(host.needed.host, 200),
        "port": host.needed.port,
        "why": host.needed.why,
        "state": host.state,
        "addresses": list(host.addresses),
        "proxy": host.proxy,
        "issuer": host.issuer,
        "status": host.status,
        "clock_skew": None if host.skew is None else round(host.skew, 1),
        "checks": [_check_document(check) for check in host.checks],
    }


def _check_document(check: NetworkCheck) -> dict[str, Any]:
    took = None if check.seconds is None else round(check.seconds, 3)
    text = shown_sentence(check.words, 600)
    return {"stage": check.stage, "state": check.state, "text": text, "seconds": took}


def probe_document(plan: ProbePlan, answer: ProbeAnswer | None = None) -> dict[str, Any]:
    """`claude-auth probe --json`; `answer` None: nothing was sent."""
    return {
        "schema": 1,
        "plan": {
            "kind": plan.kind,
            "client": plan.client,
            "title": plan.title,
            "cost": plan.cost,
            "url": clean(plan.url, 300),
            "headers": [clean(line, 300) for line in plan.shown],
            "command": [clean(word, 500) for word in plan.argv],
            "refused": plan.refused,
            "next_step": plan.next_step,
        },
        "answer": None if answer is None else answer_document(answer),
    }


def answer_document(answer: ProbeAnswer) -> dict[str, Any]:
    from claude_auth.present.documents import diagnose_document

    return {
        "ok": answer.ok,
        "text": answer.words,
        "status": answer.status,
        "seconds": round(answer.seconds, 2),
        "said": answer.said,
        "clock_skew": None if answer.skew is None else round(answer.skew, 1),
        "causes": diagnose_document(answer.causes, ())["recognised"],
    }
