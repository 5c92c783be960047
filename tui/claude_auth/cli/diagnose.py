"""`claude-auth diagnose`: what this machine shows, and what an error text means."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import print_document, print_lines, refuse, say
from claude_auth.cli.context import Descriptors, at_home, diagnosed, looker, mended
from claude_auth.cli.options import Arguments, add_context_options, add_flag, add_json, default_store
from claude_auth.model import Snapshot
from claude_auth.words import first_line

if TYPE_CHECKING:
    from claude_auth.actions.explain import Parsed, Recognised
    from claude_auth.actions.network import NetworkReport

_STANDARD_INPUT = "-"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommand; the caller hands what it parsed to `run`."""
    parser = commands.add_parser(
        "diagnose",
        help="what is wrong here, and what an error text means",
        description="What is wrong on this machine and, with - or --error, what an error text means. "
        "Changes nothing, connects nowhere unless --network is given. Secrets in the text are taken out "
        "before it is looked at.",
        epilog="Exit status with a text: 1 recognised, or whose answer it is, 3 not, whatever this machine "
        "shows. Without one: 0 no error found, 1 an error found, or the network fails. 2 wrong usage.",
    )
    add_json(parser)
    add_context_options(parser)
    parser.add_argument(
        "--error", metavar="FILE", help="a file with the error text, a whole log for instance"
    )
    add_flag(
        parser,
        "--network",
        "look at the network too: names, connections, certificates, clock; nothing else is sent",
    )
    add_flag(
        parser,
        "--all",
        "list every question that was asked of this machine: found, fine, or not checked and why",
    )
    parser.add_argument(
        "text",
        nargs="?",
        choices=[_STANDARD_INPUT],
        metavar="-",
        help="read the error text on standard input",
    )


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    """The command; returns the exit status."""
    if arguments.error is not None and arguments.text is not None:
        return refuse("either --error FILE or -, not both")
    text: bytes | None = None
    if arguments.error is not None or arguments.text is not None:
        try:
            text = _read(arguments.error)
        except OSError as error:
            where = "standard input" if arguments.error is None else repr(arguments.error)
            return refuse(f"{where} can't be read: {error.strerror or 'it is closed'}")
        if not text.strip():
            return refuse("the text is empty")
    return _tell(arguments, looker(arguments, descriptors, further=True)(), text)


def _tell(arguments: Arguments, snapshot: Snapshot, text: bytes | None) -> int:
    from claude_auth.actions.look import checks, verdict
    from claude_auth.present.status_text import checks_lines, diagnose_lines

    resolution, findings = diagnosed(arguments, snapshot)
    found = verdict(resolution, findings)
    findings = mended(arguments, snapshot, resolution, findings)
    parsed: Parsed | None = None
    recognised: tuple[Recognised, ...] = ()
    if text is not None:
        from claude_auth.actions.explain import explain
        from claude_auth.actions.look import MachineAnswers

        parsed, causes = explain(text, MachineAnswers.of(snapshot, resolution, findings))
        if causes and causes[0].who in {"mcp-server", "github"}:
            findings = ()  # no Claude credential is involved, so none of them has to do with the text
        store = default_store()
        recognised = tuple(one._replace(fixes=at_home(arguments.home, one.fixes, store)) for one in causes)
    asked = checks(snapshot, resolution) if arguments.all else None
    if not arguments.json:
        first = first_line(snapshot, resolution, found, snapshot.observed_at)
        print_lines(diagnose_lines(recognised, findings, parsed, first))
        print_lines(() if asked is None else ("", *checks_lines(asked)))
    report = _network(arguments, snapshot) if arguments.network else None
    if arguments.json:
        from claude_auth.present.documents import diagnose_document
        from claude_auth.present.network import network_document

        if parsed is not None and not recognised and parsed.family is None:
            say(f"claude-auth: the text is not recognised. {parsed.words}")
        network = None if report is None else network_document(report)
        print_document(diagnose_document(recognised, findings, parsed, network, asked, found.word))
    if parsed is not None:
        return ExitCode.NOT_DONE if recognised or parsed.family else ExitCode.NOT_KNOWN
    wrong = any(finding.severity == "error" for finding in findings)
    return ExitCode.NOT_DONE if wrong or (report is not None and not report.is_fine) else ExitCode.DONE


def _network(arguments: Arguments, snapshot: Snapshot) -> NetworkReport:
    """Told at once, for people."""
    from claude_auth.actions.network import check_hosts
    from claude_auth.present.lines import told_text
    from claude_auth.present.network import network_told

    report = check_hosts(snapshot, arguments.client, arguments.client_version)
    if not arguments.json:
        print_lines(told_text(network_told(report)))
    return report


def _read(path: str | None) -> bytes:
    from claude_auth.actions.explain import READ_AT_MOST, read_file

    if path is not None:
        return read_file(path)
    if sys.stdin is None:
        raise OSError("closed")
    if sys.stdin.isatty():
        say("Paste the error text, then press Enter and Ctrl+D.")
    return sys.stdin.buffer.read(READ_AT_MOST)
