"""What a command prints: the answer on standard output, everything else for the person on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from claude_auth.cli.endings import ExitCode
from claude_auth.security.sanitize import clean
from claude_auth.wording import speaks_unicode, to_ascii

if TYPE_CHECKING:
    from claude_auth.actions import Result

_LONGEST = 600


def say(text: str, end: str = "\n") -> None:
    """A line for the person. A terminal that is gone ends nothing: a refresh under way has to be saved all
    the same."""
    try:
        if sys.stderr is not None:
            print(_shown(text, sys.stderr.encoding), end=end, file=sys.stderr, flush=True)
    except ValueError:  # closed
        return
    except RuntimeError:  # a signal came in the middle of another line, and this is its handler
        with contextlib.suppress(OSError):
            os.write(2, f"{text}\n".encode("utf-8", "replace"))
    except OSError:
        with contextlib.suppress(OSError):  # nobody reads it: else Python complains at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def say_lines(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def refuse(text: str) -> int:
    say(f"claude-auth: {text}")
    return ExitCode.WRONG_USAGE


def plain(text: str) -> str:
    """As standard output can show it, which may not know every character."""
    return _shown(text, getattr(sys.stdout, "encoding", None))  # None: closed


def _shown(text: str, encoding: str | None) -> str:
    encoding = encoding or "ascii"
    text = text if speaks_unicode(encoding, os.environ.get("TERM", "")) else to_ascii(text)
    return text.encode(encoding, "replace").decode(encoding)


def can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def consents(question: str) -> bool:
    """Whether a person says yes; where nobody can be asked, no."""
    if not can_ask():
        say("Needs --yes, since nobody can be asked.")
        return False
    say(f"{question} [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def finish(result: Result, *, as_json: bool) -> int:
    """The answer on standard output, what went wrong on stderr, the exit code."""
    if result.error:
        say(f"claude-auth: {clean(result.error, _LONGEST)}")
    if as_json:
        print(json.dumps(result.as_json(), indent=2))
    return ExitCode.NOT_DONE if result.outcome == "failed" else ExitCode.DONE
