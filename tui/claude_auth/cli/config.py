"""`claude-auth config`: the file of settings, where it lies, and what is wrong with it."""

from __future__ import annotations

import os
from typing import Any

from claude_auth.actions.program import ExitCode
from claude_auth.cli.console import print_document, print_lines, say
from claude_auth.cli.context import Descriptors
from claude_auth.cli.options import Arguments, add_json
from claude_auth.model.errors import AuthenticationError
from claude_auth.security.sanitize import shown_path, shown_sentence
from claude_auth.words import Exact


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "config",
        help="the file of settings: write it, find it, check it",
        description="init writes config.toml with every setting as a comment, and moves oauth.toml into it; "
        "path says where it belongs; check lists what is set, by what, and what is wrong, by line.",
        epilog="Exit status: 0 done, or nothing is wrong; 1 something is wrong; 2 wrong usage, or the file "
        "is there already.",
    )
    parser.add_argument("what", choices=("init", "path", "check"), metavar="init|path|check")
    add_json(parser)


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    from claude_auth.actions.preferences import preferences_path

    if arguments.what == "init":
        return _initialise(arguments.json)
    if arguments.what == "check":
        return _check(arguments.json)
    path = preferences_path(os.environ)
    if arguments.json:
        print_document({"schema": 1, "path": path, "exists": os.path.lexists(path)})
    else:
        print_lines([Exact(shown_path(path))])
    return ExitCode.DONE


def _initialise(as_json: bool) -> int:
    from claude_auth.actions.preferences import initialise

    try:
        path, moved = initialise(os.environ)
    except AuthenticationError as error:
        say(f"claude-auth: {shown_sentence(error.sentence)}. {shown_sentence(error.next_step)}.")
        return ExitCode.WRONG_USAGE if error.code == "exists" else ExitCode.NOT_DONE
    if as_json:
        print_document({"schema": 1, "path": path, "moved": moved and list(moved)})
        return ExitCode.DONE
    print_lines([f"{shown_path(path)} is written: every setting stands there as a comment."])
    if moved:
        old, kept = map(shown_path, moved)
        print_lines([f"The OAuth client of {old} stands there too; it is kept as {kept}."])
    return ExitCode.DONE


def _check(as_json: bool) -> int:
    from claude_auth.actions.accounts import oauth_configuration
    from claude_auth.actions.preferences import PREFERENCES, load_preferences

    found, client = load_preferences(os.environ), oauth_configuration(os.environ)
    problems = [*found.problems, *client.problems, *client.warnings]
    if as_json:
        print_document(
            {
                "schema": 1,
                "settings": {
                    one.name: {"value": found.values[one.name], "set_by": found.origins.get(one.name)}
                    for one in PREFERENCES
                },
                "keys": dict(found.keys),
                "oauth_client": client.client is not None,
                "problems": [{"where": one.where, "text": one.text} for one in problems],
            }
        )
    else:
        width = max(len(one.name) for one in PREFERENCES)
        for one in PREFERENCES:
            set_by = found.origins.get(one.name, "default")
            value = str(found.values[one.name]) or "–"
            print_lines([f"{one.name:<{width}}  {value}  ({shown_path(set_by)})"])
        print_lines(shown_sentence(f"✗ {one}") for one in dict.fromkeys(problems))
    return ExitCode.NOT_DONE if problems else ExitCode.DONE
