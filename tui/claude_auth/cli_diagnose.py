"""`claude-auth diagnose`: what this machine shows, and what an error text means.

    claude-auth diagnose [--json] [--client ID] [--error FILE] [-]

Exit status: 0 nothing wrong, 1 an error found or recognised, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from claude_auth.clients import CLIENTS

if TYPE_CHECKING:
    from claude_auth.diagnose.texts import Recognised
    from claude_auth.diagnose.texts.parse import Parsed
    from claude_auth.model import DescriptorReading

NOTHING_WRONG, ERROR_FOUND, WRONG_USAGE = 0, 1, 2

#: More than this of a log is not read: its beginning.
READ_AT_MOST = 64_000_000

_STANDARD_INPUT = "-"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommand; the caller hands what it parsed to `run`."""
    parser = commands.add_parser(
        "diagnose",
        help="what is wrong here, and what an error text means",
        description="What is wrong on this machine and, with - or --error, what an error text means. "
        "Changes nothing, connects nowhere unless --network is given. Secrets in the text are taken out "
        "before it is looked at.",
        epilog="Exit codes: 0 nothing wrong, 1 an error found or recognised, 2 wrong usage.",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--client",
        choices=[client.id for client in CLIENTS],
        default="claude",
        metavar="ID",
        help="who asks: " + ", ".join(client.id for client in CLIENTS) + " (default: claude)",
    )
    parser.add_argument(
        "--error", metavar="FILE", help="a file with the error text, a whole log for instance"
    )
    parser.add_argument(
        "--network",
        action="store_true",
        help="look at the network too: names, connections, certificates, clock; nothing else is sent",
    )
    parser.add_argument(
        "text",
        nargs="?",
        choices=[_STANDARD_INPUT],
        metavar="-",
        help="read the error text on standard input",
    )


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    """The command; returns the exit status."""
    if arguments.error is not None and arguments.text is not None:
        return _refuse("either --error FILE or -, not both")
    text: bytes | None = None
    if arguments.error is not None or arguments.text is not None:
        try:
            text = _read(arguments.error)
        except OSError as error:
            where = "standard input" if arguments.error is None else repr(arguments.error)
            return _refuse(f"{where} can't be read: {error.strerror or 'it is closed'}")

    from claude_auth.diagnose import diagnose
    from claude_auth.observe import observe, observe_more
    from claude_auth.observe.viewpoint import Viewpoint
    from claude_auth.resolve import resolve

    view = Viewpoint.of_process(descriptors)
    snapshot = observe_more(observe(view), view)
    resolution = resolve(snapshot, arguments.client)
    findings = diagnose(snapshot, resolution)
    recognised: tuple[Recognised, ...] = ()
    parsed: Parsed | None = None
    if text is not None:
        from claude_auth.diagnose.texts import classify, explain, without_known_secrets

        classification = classify(text)
        parsed = without_known_secrets(classification.parsed, resolution)
        recognised = explain(classification, snapshot, resolution, findings)

    from claude_auth.report.diagnose_text import diagnose_text, parsed_words

    if arguments.json:
        import json

        from claude_auth.report.diagnose_json import diagnose_document

        if parsed is not None and not recognised:
            print(f"claude-auth: the text is not recognised. {parsed_words(parsed)}", file=sys.stderr)
        print(json.dumps(diagnose_document(recognised, findings), indent=2))
    else:
        _print_text(diagnose_text(recognised, findings, parsed))
    if arguments.network:
        from claude_auth.cli_probe import network_check, network_lines

        report = network_check(snapshot, arguments.client)
        for line in network_lines(report):  # the document on standard output keeps its schema
            print(line, file=sys.stderr if arguments.json else sys.stdout)
        if not report.is_fine:
            return ERROR_FOUND
    wrong = bool(recognised) or any(finding.severity == "error" for finding in findings)
    return ERROR_FOUND if wrong else NOTHING_WRONG


def _read(path: str | None) -> bytes:
    if path is not None:
        with open(path, "rb") as file:
            return file.read(READ_AT_MOST)
    if sys.stdin is None:
        raise OSError("closed")
    if sys.stdin.isatty():
        print("Paste the error text, then press Enter and Ctrl+D.", file=sys.stderr)
    return sys.stdin.buffer.read(READ_AT_MOST)


def _print_text(text: str) -> None:
    """Text on a terminal that may not know every glyph."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding))


def _refuse(message: str) -> int:
    print(f"claude-auth: {message}", file=sys.stderr)
    return WRONG_USAGE
