"""From the command line to the running app."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from claude_auth.actions.program import ExitCode, by_signal, let_go, silence_logs
from claude_auth.model import DescriptorReading

PROGRAM = "claude-auth-tui"


class Options(NamedTuple):
    """What the command line said."""

    client: str = "claude"
    version: str | None = None
    home: str | None = None
    cwd: str | None = None
    root: str | None = None
    ascii_only: bool = False
    no_color: bool = False


def launch(argv: Sequence[str] | None, descriptors: Mapping[str, DescriptorReading]) -> int:
    options = parse(sys.argv[1:] if argv is None else argv)
    term = os.environ.get("TERM", "")
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()) or term == "dumb":
        print(f"{PROGRAM} needs a terminal; for plain text use: claude-auth status", file=sys.stderr)
        return ExitCode.WRONG_USAGE
    from claude_auth import words
    from claude_auth.actions.look import HostObserver, ObservationContext
    from claude_auth.present.dashboard_state import DashboardState

    viewpoint = ObservationContext.of_process(
        descriptors, home=options.home, cwd=options.cwd, root=options.root
    )
    host = HostObserver.of(viewpoint)
    scene = DashboardState.of(host.look(), options.client, options.version)

    from claude_auth.app.app import DashboardApp
    from claude_auth.app.services import Services
    from claude_auth.journal.records import KEPT_SECONDS

    silence_logs()

    if options.no_color:
        os.environ["NO_COLOR"] = "1"
    ascii_only = options.ascii_only or not words.speaks_unicode(_encoding(), term)
    services = Services(host, scene.home, client=options.client, version=options.version)
    scene = scene._replace(log=services.activity.begin(scene.now - KEPT_SECONDS))
    app = DashboardApp(services, scene, ascii_only=ascii_only)
    app.run(mouse=not scene.snapshot.machine.over_ssh)
    code = app.return_code or 0
    if code >= by_signal(1):
        from claude_auth.app.driver import end_programs

        end_programs()
    if code == by_signal(signal.SIGHUP):
        let_go()
    return code


def _encoding() -> str | None:
    """What the locale's terminal understands, not what Python would write."""
    import locale

    try:
        locale.setlocale(locale.LC_CTYPE, "")
        return locale.nl_langinfo(locale.CODESET)
    except (locale.Error, AttributeError):
        return sys.stdout.encoding


def parse(arguments: Sequence[str]) -> Options:
    """The options; argparse is imported only where there is something to parse."""
    if not arguments:
        return Options()
    import argparse

    from claude_auth import __version__
    from claude_auth.claude_code.clients import CLIENTS

    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Which credential Claude Code uses, and why: a dashboard.",
        epilog="For text and JSON: claude-auth status.",
    )
    parser.add_argument("--client", choices=[client.id for client in CLIENTS], default="claude")
    parser.add_argument("--client-version", metavar="V", help="answer by that version's rules")
    parser.add_argument("--home", metavar="DIR", help="look at another home directory")
    parser.add_argument("--cwd", metavar="DIR", help="look as if started in DIR")
    parser.add_argument("--root", metavar="DIR", help="look for system-wide files below DIR")
    parser.add_argument("--ascii", action="store_true", help="plain characters only")
    parser.add_argument("--no-color", action="store_true", help="no colours (as with NO_COLOR)")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    given = parser.parse_args(list(arguments))
    return Options(
        given.client, given.client_version, given.home, given.cwd, given.root, given.ascii, given.no_color
    )
