"""The manual page of `claude-auth`, made from the parser and the examples that `--help` shows.

    python -m tools.manual

writes docs/man/claude-auth.1, which a wheel installs; a test compares.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from argparse_manpage.manpage import Manpage

from claude_auth.cli import build_parser
from claude_auth.cli.examples import examples_of

PAGE = Path(__file__).parents[1] / "docs" / "man" / "claude-auth.1"


def manual() -> str:
    """The page in roff. Nothing in it depends on the day or the terminal."""
    os.environ["COLUMNS"] = "80"
    parser = build_parser()
    commands = [
        command
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for command in action.choices.values()
    ]
    page = Manpage(parser, format="pretty")
    page.date = ""
    page.manual_title = "claude-auth"
    name = f".SH NAME\n{_escaped(parser.prog)}"
    text = str(page).rstrip().replace(name, f"{name} \\- {_escaped(str(parser.description))}", 1)
    text += "\n.SH EXAMPLES\n"
    for program in (parser.prog, *(command.prog for command in commands)):
        for example in examples_of(program):
            text += f".TP\n.B {_escaped(example.line)}\n{_escaped(example.what)}\n"
    return text


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("-", "\\-")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(manual(), encoding="utf-8")
