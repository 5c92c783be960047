"""`claude-auth` by itself: the verdict, and the commands that people need most."""

from __future__ import annotations

import argparse

from claude_auth.cli.console import colours_serve, print_lines
from claude_auth.cli.context import Descriptors, context_of, diagnosed
from claude_auth.cli.options import add_context_options
from claude_auth.cli.signals import of_verdict

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


def run(descriptors: Descriptors) -> int:
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
