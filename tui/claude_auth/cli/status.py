"""`claude-auth status`: which credential is used, and why."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from typing import Any

from claude_auth.cli.arguments import add_client, add_evaluate, add_json, add_settings, settings_problem
from claude_auth.cli.signals import EXIT_CODES, of_verdict
from claude_auth.model import DescriptorReading, Snapshot


def add_parser(commands: Any) -> None:
    status = commands.add_parser(
        "status",
        help="which credential is used, and why",
        description="Which credential is used, and why.",
        epilog=EXIT_CODES,
    )
    add_json(status)
    add_client(status)
    status.add_argument(
        "--client-version", metavar="V", help="as which version of Claude Code (default: the installed one)"
    )
    add_evaluate(status)
    add_settings(status)
    status.add_argument("--home", metavar="DIR", help="another home directory")
    status.add_argument("--cwd", metavar="DIR", help="another working directory")
    status.add_argument(
        "--root", metavar="DIR", help="another root for system-wide files, e.g. a container's"
    )
    status.add_argument(
        "--strict", action="store_true", help="exit status 4 where it works, but not as you may think"
    )
    status.add_argument("--no-env", action="store_true", help="leave this environment out")


def run(arguments: argparse.Namespace, descriptors: Mapping[str, DescriptorReading]) -> int:
    from claude_auth.claude_code.versions import parse_version
    from claude_auth.cli.console import PROJECT_ALONE, evaluated, plain, refuse
    from claude_auth.diagnose import diagnosed
    from claude_auth.diagnose.verdict import verdict
    from claude_auth.observe import observe
    from claude_auth.observe.context import ObservationContext

    if arguments.client_version is not None and parse_version(arguments.client_version) is None:
        return refuse(f"{arguments.client_version!r} is not a version such as 2.1.328")
    if arguments.evaluate_project and not arguments.evaluate:
        return refuse(PROJECT_ALONE)
    for name in ("home", "cwd", "root"):
        place = getattr(arguments, name)
        if place is not None and not os.path.isdir(place):
            return refuse(f"--{name} {place!r} is not a directory")
    if problem := settings_problem(arguments.settings):
        return refuse(problem)
    view = ObservationContext.of_process(
        descriptors,
        home=arguments.home,
        cwd=arguments.cwd,
        root=arguments.root,
        settings_flag=arguments.settings,
        keep_environment=not arguments.no_env,
    )
    snapshot = observe(view)
    if arguments.evaluate:
        elsewhere = bool(arguments.home or arguments.root)
        if elsewhere and not (view.belongs_to_us() and _all_ours(snapshot)):
            return refuse("--evaluate runs what the files name: not with files of another user")
        agreed = arguments.evaluate_project
        snapshot = evaluated(
            snapshot, view.environ, arguments.client, arguments.client_version, agreed=agreed
        )
    resolution, findings = diagnosed(snapshot, arguments.client, arguments.client_version)
    if arguments.json:
        import json

        from claude_auth.present.status_json import status_document

        print(json.dumps(status_document(snapshot, resolution, findings), indent=2))
    else:
        from claude_auth.present.status_text import status_text

        terminal = sys.stdout is not None and sys.stdout.isatty()
        colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        print(plain(status_text(snapshot, resolution, findings, colour=colour)))
    return of_verdict(verdict(resolution, findings).word, strict=arguments.strict)


def _all_ours(snapshot: Snapshot) -> bool:
    """Whether no settings file that could name a command belongs to somebody else."""
    return all(found.file is None or found.file.owned_by_us for found in snapshot.settings_files)
