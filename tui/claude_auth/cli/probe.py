"""`claude-auth probe`: one live request, shown first and sent on consent; `--network`: each step of the way.

`network_check` and `network_lines` are for `claude-auth diagnose --network`, too.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.clients import CLIENTS
from claude_auth.model import DescriptorReading

if TYPE_CHECKING:
    from claude_auth.actions.probing import Planned
    from claude_auth.model import Snapshot
    from claude_auth.network.probe import ProbeAnswer
    from claude_auth.network.results import NetworkReport

FINE, NOT_FINE, WRONG_USAGE = 0, 1, 2


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
    from claude_auth.actions.probing import plan_for
    from claude_auth.cli.places import looker
    from claude_auth.cli.words import say
    from claude_auth.report.probe_text import answer_told, plan_told

    snapshot = looker(descriptors)()
    if arguments.network:
        report = network_check(snapshot, arguments.client)
        _answer(report.as_json() if arguments.json else None, network_lines(report))
        return FINE if report.is_fine else NOT_FINE
    if arguments.evaluate:
        from claude_auth.evaluate import evaluate

        snapshot = evaluate(snapshot, os.environ, arguments.client)
    planned = plan_for(snapshot, arguments.client, os.environ)
    plan = planned.plan
    for line in plan_told(plan):
        say(_plain(str(line)))
    answer: ProbeAnswer | None = None
    if plan.kind != "none" and (arguments.yes or _consents()):
        answer = _send(planned)
    elif plan.kind != "none":
        say("Nothing was sent.")
    document = {"schema": 1, "plan": plan.as_json(), "answer": None if answer is None else answer.as_json()}
    told = [] if answer is None else [str(line) for line in answer_told(answer)]
    _answer(document if arguments.json else None, told)
    if answer is None:
        return WRONG_USAGE
    return FINE if answer.ok else NOT_FINE


def network_check(snapshot: Snapshot, client: str = "claude") -> NetworkReport:
    """Asks every host that `client` needs on this machine, without any credential. Blocks for up to 15 s."""
    from claude_auth.actions.network_look import asked_for
    from claude_auth.network.checks import check_network

    hosts, environ = asked_for(snapshot, client)
    return check_network(hosts, environ, cwd=snapshot.places.cwd)


def network_lines(report: NetworkReport) -> list[str]:
    """The report for people."""
    from claude_auth.report.network_text import network_told

    return [str(line) for line in network_told(report)]


# ── sending ──────────────────────────────────────────────────────────────────────────────────────


def _send(planned: Planned) -> ProbeAnswer | None:
    import asyncio

    from claude_auth.actions.probing import Probe
    from claude_auth.cli.places import our_journal

    probe = Probe(planned, os.environ)

    async def follow() -> None:
        async for _ in our_journal().pass_on(probe.events()):
            pass

    asyncio.run(follow())
    return probe.answer


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
