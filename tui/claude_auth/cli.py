"""`claude-auth`: the same answers without a screen. Heavy imports happen in the branch that needs them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import NoReturn

from claude_auth import __version__
from claude_auth.clients import CLIENTS
from claude_auth.model import DescriptorReading
from claude_auth.observe.descriptors import look

USABLE, NOT_USABLE, WRONG_USAGE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    descriptors = look(os.environ)  # before anything opens a file: later the number may be ours
    arguments = build_parser().parse_args(argv)
    try:
        return _run(arguments, descriptors)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), 1
        )  # the reader has gone: nothing more to say, at exit either
        return NOT_USABLE
    except KeyboardInterrupt:
        return 130


def build_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="claude-auth",
        description="Shows which credential Claude Code uses and why. Changes nothing.",
        epilog="Exit codes: 0 a usable credential, 1 none or not known, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"claude-auth {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Parser, prog="claude-auth"
    )
    status = commands.add_parser(
        "status", help="which credential is used, and why", description="Which credential is used, and why."
    )
    status.add_argument("--json", action="store_true", help="one JSON document on standard output")
    status.add_argument(
        "--client",
        choices=[client.id for client in CLIENTS],
        default="claude",
        metavar="ID",
        help="who asks: " + ", ".join(client.id for client in CLIENTS) + " (default: claude)",
    )
    status.add_argument(
        "--client-version", metavar="V", help="as which version of Claude Code (default: the installed one)"
    )
    status.add_argument(
        "--evaluate",
        action="store_true",
        help="consent to run apiKeyHelper or awsCredentialExport and to read a one-shot descriptor",
    )
    status.add_argument("--settings", metavar="FILE", help="a settings file, as `claude --settings FILE`")
    status.add_argument("--home", metavar="DIR", help="another home directory")
    status.add_argument("--cwd", metavar="DIR", help="another working directory")
    status.add_argument(
        "--root", metavar="DIR", help="another root for system-wide files, e.g. a container's"
    )
    status.add_argument("--no-env", action="store_true", help="leave this environment out")
    return parser


def _run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    from claude_auth.diagnose import diagnose
    from claude_auth.observe import observe
    from claude_auth.observe.viewpoint import Viewpoint
    from claude_auth.resolve import resolve
    from claude_auth.versions import parse

    if arguments.client_version is not None and parse(arguments.client_version) is None:
        return _refuse(f"{arguments.client_version!r} is not a version such as 2.1.328")
    for name in ("home", "cwd", "root"):
        place = getattr(arguments, name)
        if place is not None and not os.path.isdir(place):
            return _refuse(f"--{name} {place!r} is not a directory")
    if arguments.settings is not None and not os.path.isfile(arguments.settings):
        return _refuse(f"--settings {arguments.settings!r} is not a file")
    view = Viewpoint.of_process(
        descriptors,
        home=arguments.home,
        cwd=arguments.cwd,
        root=arguments.root,
        settings_flag=arguments.settings,
        keep_environment=not arguments.no_env,
    )
    snapshot = observe(view)
    if arguments.evaluate:
        if not view.belongs_to_us():
            return _refuse("--evaluate runs what the files name: not with files of another user")
        from claude_auth.evaluate import evaluate

        snapshot = evaluate(snapshot, view.environ, arguments.client, arguments.client_version)
    resolution = resolve(snapshot, arguments.client, arguments.client_version)
    findings = diagnose(snapshot, resolution)
    if arguments.json:
        import json

        from claude_auth.report.status_json import status_document

        print(json.dumps(status_document(snapshot, resolution, findings), indent=2))
    else:
        from claude_auth.report.status_text import status_text

        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        _print_text(status_text(snapshot, resolution, findings, colour=colour))
    return USABLE if resolution.usable else NOT_USABLE


def _print_text(text: str) -> None:
    """Text on a terminal that may not know every glyph."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding))


def _refuse(message: str) -> int:
    print(f"claude-auth: {message}", file=sys.stderr)
    return WRONG_USAGE


if __name__ == "__main__":
    sys.exit(main())
