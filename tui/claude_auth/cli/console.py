"""What a command prints: the answer on standard output, everything else for the person on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from claude_auth.actions.program import ExitCode, send_nowhere, tell
from claude_auth.security.sanitize import clean, printable_lines, shown_sentence
from claude_auth.words import Exact, abbreviate_home, broken, speaks_unicode, to_ascii

if TYPE_CHECKING:
    from claude_auth.actions.result import Result

_LONGEST = 600
#: With several numbers in one, too, as argparse of Python 3.14 writes them.
_COLOUR = "(\x1b\\[[0-9]{1,2}(?:;[0-9]{1,2}){0,4}m)"


class _Home:
    """Whose files are talked about: the person's own, or what `--home` names."""

    path: str | None = None


def talk_about(home: str | None) -> None:
    _Home.path = home and os.path.abspath(home)


def readable(text: str, descriptor: int, hang: int | None = None) -> list[str]:
    """As a person reads it: the home as `~`, broken at the width of that terminal. What is `Exact` stays."""
    home = _Home.path or os.path.expanduser("~")
    if isinstance(text, Exact):
        text = Exact(text.exact, abbreviate_home(text.words, home))
    else:
        text = abbreviate_home(text, home)
    return broken(text, terminal_width(descriptor), hang)


def say(text: str, end: str = "\n") -> None:
    """A line for the person."""
    tell(_shown(printable_lines(fitted(text)), getattr(sys.stderr, "encoding", None)), end)


def fitted(text: str) -> str:
    """For standard error."""
    return "\n".join(readable(text, 2))


def say_lines(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def refuse(text: str) -> int:
    """What it quotes was given on the command line, and may be a key that got there by mistake."""
    say(f"claude-auth: {shown_sentence(text)}")
    return ExitCode.WRONG_USAGE


def plain(text: str) -> str:
    """As standard output can show it, which may not know every character. Of escape sequences colours alone
    stay, where they serve; elsewhere they go whole."""
    pieces = re.split(_COLOUR, text) if "\x1b" in text else [text]
    if not colours_serve():
        del pieces[1::2]
        pieces = ["".join(pieces)]
    pieces[::2] = map(printable_lines, pieces[::2])
    return _shown("".join(pieces), getattr(sys.stdout, "encoding", None))  # None: closed


def _shown(text: str, encoding: str | None) -> str:
    encoding = encoding or "ascii"
    text = text if speaks_unicode(encoding, os.environ.get("TERM", "")) else to_ascii(text)
    return text.encode(encoding, "replace").decode(encoding)


def print_text(text: str, end: str = "\n") -> None:
    """Onto standard output, as it is. A reader that has seen enough (`| head -1`) is no error: what follows
    goes nowhere, and the exit code is what it would be whoever reads."""
    try:
        print(text, end=end)
    except BrokenPipeError:
        send_nowhere(1)


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        for part in readable(line, 1):
            print_text(plain(part))


def print_document(document: Mapping[str, Any]) -> None:
    """The one JSON document of a command, in ASCII: what else a text holds is escaped."""
    print_text(json.dumps(document, indent=2))


def colours_serve() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody wants none."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width(descriptor: int) -> int | None:
    """None where it is no terminal."""
    try:
        return os.get_terminal_size(descriptor).columns or None
    except (OSError, ValueError):
        return None


def can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def consents(question: str) -> bool:
    """Whether a person says yes; where nobody can be asked, no."""
    if not can_ask():
        say("Needs --yes, since nobody can be asked.")
        return False
    say(f"{question} [y/N]", end=" ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def finish(result: Result, *, as_json: bool, code: int = 0) -> int:
    """The answer on standard output, what went wrong on stderr, the exit code: `code`, unless that is 0."""
    if result.error:
        say(f"claude-auth: {clean(result.error, _LONGEST)}")
    if as_json:
        print_document(result.as_json())
    return code or (ExitCode.NOT_DONE if result.outcome == "failed" else ExitCode.DONE)
