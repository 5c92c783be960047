"""`claude-auth report`: everything that helps somebody else to help, without secrets and without names."""

from __future__ import annotations

from typing import Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import plain, print_document, print_text
from claude_auth.cli.context import Descriptors, diagnosed, looker
from claude_auth.cli.options import Arguments, add_context_options, add_flag, add_json


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "report",
        help="a report to hand to a colleague or to put into an issue, without secrets",
        description="Versions, which credential is used and why, findings, checks and the last lines of the "
        "journal, as Markdown. Secrets, names, e-mail and the home directory are masked.",
        epilog="Exit status: 0 made, 2 wrong usage. Read it before you hand it on.",
    )
    add_json(parser, "one JSON document instead of Markdown")
    add_context_options(parser)
    add_flag(parser, "--network", "check the network for it, too")


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    from claude_auth.actions.look import checks
    from claude_auth.present.support_report import (
        MOST_LINES,
        handout_document,
        handout_text,
        last_lines,
        versions,
    )

    snapshot = looker(arguments, descriptors, further=True)()
    resolution, findings = diagnosed(arguments, snapshot)
    network = None
    if arguments.network:
        from claude_auth.actions.network import check_hosts
        from claude_auth.present.network import network_document

        network = network_document(check_hosts(snapshot, arguments.client, arguments.client_version))
    document = handout_document(
        snapshot,
        resolution,
        findings,
        versions=versions(),
        journal=() if arguments.home or arguments.root else last_lines(MOST_LINES),  # ours, not theirs
        checks=checks(snapshot, resolution),
        network=network,
    )
    if arguments.json:
        print_document(document)
    else:
        print_text(plain(handout_text(document)), end="")
    return ExitCode.DONE
