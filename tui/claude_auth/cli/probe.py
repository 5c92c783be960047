"""`claude-auth probe`: one live request, shown first and sent on consent; `--network`: each step of the way.

`network_check` and `network_lines` are for `claude-auth diagnose --network`, too.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.clients import CLIENTS
from claude_auth.model import DescriptorReading

if TYPE_CHECKING:
    from claude_auth.model import Resolution, Snapshot
    from claude_auth.network.probe import ProbeAnswer, ProbePlan
    from claude_auth.network.results import NetworkReport

FINE, NOT_FINE, WRONG_USAGE = 0, 1, 2

_GLYPHS = {"ok": "✓", "warn": "▲", "fail": "✗", "skipped": "–"}


def add_parser(commands: Any) -> None:
    """The command and its options, for the command line's table of commands."""
    parser = commands.add_parser(
        "probe",
        help="one live request as a client would send it, and what its answer means",
        description="Shows what would be sent (masked) and what it costs, asks, sends one request and "
        "explains the answer. A Claude account's own token is never sent by us: there `claude -p` is run.",
        epilog="Exit codes: 0 the credential works (--network: all is reached), 1 not, 2 nothing was sent.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument(
        "--client",
        choices=[client.id for client in CLIENTS],
        default="claude-print",
        metavar="ID",
        help="as which program (default: claude-print)",
    )
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="consent to run a configured helper and to read a one-shot descriptor for it",
    )
    parser.add_argument(
        "--network",
        action="store_true",
        help="instead: name, connection, certificate, proxy and clock for each host that is needed; sends no "
        "credential",
    )


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """Show, ask, send, explain; returns the exit code."""
    from claude_auth.cli.places import looker
    from claude_auth.cli.words import say
    from claude_auth.network.probe import plan_probe
    from claude_auth.resolve import resolve

    snapshot = looker(descriptors)()
    if arguments.network:
        report = network_check(snapshot, arguments.client)
        _answer(report.as_json() if arguments.json else None, network_lines(report))
        return FINE if report.is_fine else NOT_FINE
    if arguments.evaluate:
        from claude_auth.evaluate import evaluate

        snapshot = evaluate(snapshot, os.environ, arguments.client)
    resolution = resolve(snapshot, arguments.client)
    plan = plan_probe(snapshot, resolution, own_base_url=_own_base_url())
    for line in plan_lines(plan):
        say(_plain(line))
    answer: ProbeAnswer | None = None
    if plan.kind != "none" and (arguments.yes or _consents()):
        answer = _send(plan, snapshot, resolution)
    elif plan.kind != "none":
        say("Nothing was sent.")
    document = {"schema": 1, "plan": plan.as_json(), "answer": None if answer is None else answer.as_json()}
    _answer(document if arguments.json else None, [] if answer is None else answer_lines(answer))
    if answer is None:
        return WRONG_USAGE
    return FINE if answer.ok else NOT_FINE


def network_check(snapshot: Snapshot, client: str = "claude") -> NetworkReport:
    """Asks every host that `client` needs on this machine, without any credential. Blocks for up to 15 s."""
    from claude_auth.clients import BY_ID
    from claude_auth.network.checks import check_network
    from claude_auth.network.hosts import needed_hosts
    from claude_auth.network.settings import network_environment
    from claude_auth.resolve import resolve
    from claude_auth.resolve.effective import View

    view = View(snapshot, BY_ID[client], resolve(snapshot, client).version.resolved_as)
    return check_network(needed_hosts(view), network_environment(view), cwd=snapshot.places.cwd)


def network_lines(report: NetworkReport) -> list[str]:
    """The report for people."""
    lines = ["The network"]
    lines += [f"  {_GLYPHS[check.state]} {check.words}" for check in report.settings]
    for host in report.hosts:
        lines.append(f"  {_GLYPHS[host.state]} {host.needed.host}: {host.needed.why}")
        lines += [f"      {_GLYPHS[check.state]} {check.stage:<5} {check.words}" for check in host.checks]
    lines += ["", "What it means", *(f"  {text}" for text in report.conclusions)]
    return lines


def plan_lines(plan: ProbePlan) -> list[str]:
    """What is shown before anybody agrees."""
    if plan.kind == "none":
        lines = [f"Nothing can be probed: {plan.refused}."]
        return [*lines, f"  {plan.next_step}."] if plan.next_step else lines
    lines = [f"{plan.title[:1].upper()}{plan.title[1:]}", f"  Cost: {plan.cost}."]
    if plan.url:
        lines.append(f"  GET {plan.url}")
    lines += [f"  {line}" for line in plan.shown]
    if plan.argv:
        from shlex import join

        lines.append(f"  {join(plan.argv)}")
    return lines


def answer_lines(answer: ProbeAnswer) -> list[str]:
    """What came back and what it is known to mean."""
    glyph = {True: "✓", False: "✗", None: "?"}[answer.ok]
    lines = [f"{glyph} {answer.words[:1].upper()}{answer.words[1:]} ({answer.seconds:.1f} s)"]
    if answer.said and answer.ok is not True:
        lines.append(f"  It said: {answer.said}")
    for cause in answer.causes[:3]:
        lines.append(f"  {cause.title}  [{cause.id}, {cause.certainty}]")
        lines.append(f"      {cause.explanation}")
        if cause.evidence is not None:
            lines.append(f"      Here: {cause.evidence}.")
        lines += [
            f"      → {fix.title}{'' if fix.command is None else f': {fix.command}'}" for fix in cause.fixes
        ]
    if answer.skew is not None and abs(answer.skew) >= 60:
        side = "ahead of" if answer.skew > 0 else "behind"
        lines.append(f"  This clock is {abs(answer.skew):.0f} s {side} the server's.")
    return lines


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def _send(plan: ProbePlan, snapshot: Snapshot, resolution: Resolution) -> ProbeAnswer:
    from claude_auth.cli.places import our_journal
    from claude_auth.clients import BY_ID
    from claude_auth.model import Event
    from claude_auth.network import probe
    from claude_auth.network.settings import network_environment
    from claude_auth.resolve.effective import View

    journal = our_journal()
    journal.write(
        Event(time.time(), "probe.sent", plan.title, data={"client": plan.client, "kind": plan.kind})
    )
    if plan.kind == "claude":
        import asyncio

        answer = asyncio.run(probe.run_claude(plan, snapshot, resolution, os.environ))
    elif plan.kind == "request":
        view = View(snapshot, BY_ID[resolution.client], resolution.version.resolved_as)
        answer = probe.send_probe(plan, snapshot, resolution, network_environment(view))
    else:
        answer = probe.ask_cloud(plan, snapshot, resolution, os.environ)
    level = "info" if answer.ok else "warning"
    data = {"status": answer.status, "ok": answer.ok}
    journal.write(Event(time.time(), "probe.answered", answer.words, level, data=data))  # type: ignore[arg-type]
    return answer


def _own_base_url() -> str | None:
    from claude_auth.oauth.configuration import load_configuration

    client = load_configuration(os.environ).client
    return None if client is None else client.base_url


def _consents() -> bool:
    from claude_auth.cli.words import say

    if sys.stdin is None or not sys.stdin.isatty():
        say("Needs --yes, since nobody can be asked.")
        return False
    print("Send it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _answer(document: Any, lines: Iterable[str]) -> None:
    if document is not None:
        import json

        print(json.dumps(document, indent=2))
        return
    for line in lines:
        print(_plain(line))


def _plain(text: str) -> str:
    """A line as this terminal can show it, without anything invisible."""
    from claude_auth.sanitise import clean
    from claude_auth.wording import speaks_unicode, to_ascii

    indent = text[: len(text) - len(text.lstrip(" "))]
    text = indent + clean(text, 2000)
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    text = text if speaks_unicode(encoding, os.environ.get("TERM", "")) else to_ascii(text)
    return text.encode(encoding, "replace").decode(encoding)
