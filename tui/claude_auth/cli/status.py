"""`claude-auth status`: which credential is used, and why; `claude-auth` by itself: the verdict, and the
commands that people need most."""

from __future__ import annotations

import argparse
from typing import Any

from claude_auth.cli.console import colours_serve, print_document, print_lines, refuse
from claude_auth.cli.context import Descriptors, context_of, diagnosed, evaluated, mended
from claude_auth.cli.options import Arguments, add_context_options, add_evaluate, add_flag, add_json
from claude_auth.cli.signals import EXIT_CODES, of_verdict


def add_parser(commands: Any) -> None:
    status = commands.add_parser(
        "status",
        help="which credential is used, and why",
        description="Which credential is used, and why.",
        epilog=EXIT_CODES,
    )
    add_json(status)
    add_context_options(status)
    add_evaluate(status)
    add_flag(status, "--all", "every place and every finding, not the answer in five lines alone")
    add_flag(status, "--strict", "exit status 4 where it works, but not as you may think")


def run(arguments: Arguments, descriptors: Descriptors) -> int:
    from claude_auth.actions.look import observe, verdict

    context = context_of(arguments, descriptors)
    snapshot = observe(context)
    if arguments.evaluate:
        found = evaluated(arguments, snapshot, context.environ)
        if isinstance(found, str):
            return refuse(found)
        snapshot = found
    resolution, findings = diagnosed(arguments, snapshot)
    if arguments.json:
        from claude_auth.present.documents import status_document

        print_document(status_document(snapshot, resolution, findings))
    else:
        from claude_auth.present.status_summary import summary_lines
        from claude_auth.present.status_text import status_lines

        told = status_lines if arguments.all else summary_lines
        findings = mended(arguments, snapshot, resolution, findings)
        print_lines(told(snapshot, resolution, findings, colour=colours_serve()))
    return of_verdict(verdict(resolution, findings).word, strict=arguments.strict)


# ── `claude-auth` by itself ───────────────────────────────────────────────────────────────────────

#: In the order in which somebody whose work has stopped needs them.
_USUAL = (
    ("claude-auth status", "what is sent, what is not used, what to do"),
    ("claude-auth diagnose", "what is wrong; with - an error text on standard input"),
    ("claude-auth fix", "what can be mended, each change shown first"),
    ("claude-auth login", "sign in"),
    ("claude-auth setup", "set up step by step"),
    ("claude-auth help", "every command"),
    ("claude-auth-tui", "all of it on one screen"),
)


def overview(descriptors: Descriptors) -> int:
    """The exit code is that of `status`."""
    from claude_auth.actions.look import observe, verdict
    from claude_auth.present.status_text import Ink, answer_word

    parser = argparse.ArgumentParser(add_help=False)
    add_context_options(parser)
    arguments = parser.parse_args([])
    snapshot = observe(context_of(arguments, descriptors))
    resolution, findings = diagnosed(arguments, snapshot)
    print_lines([Ink(colours_serve()).word(answer_word(snapshot, resolution, findings)), ""])
    width = max(len(command) for command, _ in _USUAL)
    print_lines(f"  {command:<{width}}  {what}" for command, what in _USUAL)
    return of_verdict(verdict(resolution, findings).word)
