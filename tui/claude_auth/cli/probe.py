"""`claude-auth probe`: one live request, shown first and sent on consent; `--network`: each step of the way.

`network_check` and `network_lines` are for `claude-auth diagnose --network`, too.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.claude_code.clients import CLIENTS
from claude_auth.cli.arguments import add_evaluate, add_json
from claude_auth.cli.console import PROJECT_ALONE, consents, evaluated, plain, refuse, say
from claude_auth.model import DescriptorReading

if TYPE_CHECKING:
    from claude_auth.actions.network import Planned
    from claude_auth.model import Snapshot
    from claude_auth.network.probe import ProbeAnswer
    from claude_auth.network.results import NetworkReport


def add_parser(commands: Any) -> None:
    """The command and its options, for the command line's table of commands."""
    parser = commands.add_parser(
        "probe",
        help="one live request as a client would send it, and what its answer means",
        description="Shows what would be sent (masked) and what it costs, asks, sends one request and "
        "explains the answer. A Claude account's own token is never sent by us: there `claude -p` is run.",
        epilog="Exit status: 0 the credential works (--network: all is reached), 1 not, 2 nothing was "
        "sent, 3 not known: no answer, or one that does not say.",
    )
    add_json(parser)
    parser.add_argument("--yes", action="store_true", help="don't ask")
    parser.add_argument(
        "--client",
        choices=[client.id for client in CLIENTS],
        default="claude-print",
        metavar="ID",
        help="as which program (default: claude-print)",
    )
    add_evaluate(parser)
    parser.add_argument(
        "--network",
        action="store_true",
        help="instead: name, connection, certificate, proxy and clock for each host that is needed; sends no "
        "credential",
    )


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """Show, ask, send, explain; returns the exit code."""
    from claude_auth.actions.network import plan_for
    from claude_auth.cli.context import looker
    from claude_auth.present.network import answer_told, network_document, plan_told, probe_document

    if arguments.evaluate_project and not arguments.evaluate:
        return refuse(PROJECT_ALONE)
    snapshot = looker(descriptors)()
    if arguments.network:
        report = network_check(snapshot, arguments.client)
        _answer(network_document(report) if arguments.json else None, network_lines(report))
        return ExitCode.DONE if report.is_fine else ExitCode.NOT_DONE
    if arguments.evaluate:
        agreed = arguments.evaluate_project
        snapshot = evaluated(snapshot, os.environ, arguments.client, agreed=agreed)
    planned = plan_for(snapshot, arguments.client, os.environ)
    plan = planned.plan
    for line in plan_told(plan):
        say(_visible(str(line)))
    answer: ProbeAnswer | None = None
    if plan.kind != "none" and (arguments.yes or consents("Send it?")):
        answer = _send(planned)
    elif plan.kind != "none":
        say("Nothing was sent.")
    told = [] if answer is None else [str(line) for line in answer_told(answer)]
    _answer(probe_document(plan, answer) if arguments.json else None, told)
    if answer is None:
        return ExitCode.WRONG_USAGE
    if answer.ok is None:  # no answer, or one that says nothing about the credential
        return ExitCode.NOT_KNOWN
    return ExitCode.DONE if answer.ok else ExitCode.NOT_DONE


def network_check(snapshot: Snapshot, client: str = "claude") -> NetworkReport:
    """Asks every host that `client` needs on this machine, without any credential. Blocks for up to 15 s."""
    from claude_auth.actions.network import check_hosts

    return check_hosts(snapshot, client)


def network_lines(report: NetworkReport) -> list[str]:
    """The report for people."""
    from claude_auth.present.network import network_told

    return [str(line) for line in network_told(report)]


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def _send(planned: Planned) -> ProbeAnswer | None:
    import asyncio

    from claude_auth.actions.network import Probe
    from claude_auth.cli.context import our_journal

    probe = Probe(planned, os.environ)

    async def follow() -> None:
        async for _ in our_journal().pass_on(probe.events()):
            pass

    asyncio.run(follow())
    return probe.answer


def _answer(document: Any, lines: Iterable[str]) -> None:
    if document is not None:
        import json

        print(json.dumps(document, indent=2))
        return
    for line in lines:
        print(plain(_visible(line)))


def _visible(text: str) -> str:
    """A line without anything invisible, its indent kept."""
    from claude_auth.security.sanitize import clean

    indent = text[: len(text) - len(text.lstrip(" "))]
    return indent + clean(text, 2000)
