"""`claude-auth probe`: one live request, shown first, sent on consent; `--network`: each step of the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import consents, print_document, print_lines, refuse, say, say_lines
from claude_auth.cli.context import (
    Descriptors,
    belongs_to_us,
    context_of,
    evaluated,
    looker,
    our_journal,
    started_with,
)
from claude_auth.cli.options import Arguments, add_context_options, add_evaluate, add_flag, add_json
from claude_auth.model import Snapshot

if TYPE_CHECKING:
    from claude_auth.actions.network import Planned, ProbeAnswer


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "probe",
        help="one live request as a client would send it, and what its answer means",
        description="Shows what would be sent (masked) and what it costs, asks, sends one request and "
        "explains the answer. A Claude account's own token is never sent by us: there `claude -p` is run.",
        epilog="Exit status: 0 the credential works (--network: all is reached), 1 not, 2 nothing was "
        "sent, 3 not known: no answer, or one that does not say.",
    )
    add_json(parser)
    add_flag(parser, "--yes", "don't ask")
    add_context_options(parser, words="as which program (default: claude-print)")
    add_evaluate(parser)
    add_flag(
        parser,
        "--network",
        "instead: name, connection, certificate, proxy and clock for each host that is needed; sends no "
        "credential",
    )


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """Show, ask, send, explain; returns the exit code."""
    from claude_auth.actions.network import plan_for
    from claude_auth.present.lines import told_text
    from claude_auth.present.network import answer_told, plan_told, probe_document

    environ = context_of(arguments, descriptors).environ
    snapshot = looker(arguments, descriptors)()
    if arguments.network:
        return _check_the_way(arguments, snapshot)
    if arguments.evaluate:
        found = evaluated(arguments, snapshot, environ)
        if isinstance(found, str):
            return refuse(found)
        snapshot = found
    ours = belongs_to_us(arguments, snapshot)
    planned = plan_for(
        snapshot,
        arguments.client,
        environ,
        arguments.client_version,
        ours=ours,
        started_with=started_with(arguments),
    )
    plan = planned.plan
    say_lines(told_text(plan_told(plan)))
    answer: ProbeAnswer | None = None
    if plan.kind != "none" and (arguments.yes or consents("Send it?")):
        answer = _send(planned, environ)
    elif plan.kind != "none":
        say("Nothing was sent.")
    told = [] if answer is None else answer_told(answer)
    _answer(probe_document(plan, answer) if arguments.json else None, told_text(told))
    if answer is None:
        return ExitCode.WRONG_USAGE
    if answer.ok is None:  # no answer, or one that says nothing about the credential
        return ExitCode.NOT_KNOWN
    return ExitCode.DONE if answer.ok else ExitCode.NOT_DONE


def _check_the_way(arguments: Arguments, snapshot: Snapshot) -> int:
    from claude_auth.actions.network import check_hosts
    from claude_auth.present.lines import told_text
    from claude_auth.present.network import network_document, network_told

    report = check_hosts(snapshot, arguments.client, arguments.client_version)
    told = told_text(network_told(report))
    _answer(network_document(report) if arguments.json else None, told)
    return ExitCode.DONE if report.is_fine else ExitCode.NOT_DONE


def _send(planned: Planned, environ: Mapping[str, str]) -> ProbeAnswer | None:
    import asyncio

    from claude_auth.actions.network import Probe

    probe = Probe(planned, environ)

    async def follow() -> None:
        async for _ in our_journal().pass_on(probe.events()):
            pass

    asyncio.run(follow())
    return probe.answer


def _answer(document: Mapping[str, Any] | None, lines: Iterable[str]) -> None:
    if document is not None:
        print_document(document)
    else:
        print_lines(lines)
