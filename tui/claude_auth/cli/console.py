"""What a command prints: the answer on standard output, everything else for the person on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from claude_auth.actions.program import ExitCode
from claude_auth.security.sanitize import clean, shown_sentence
from claude_auth.words import speaks_unicode, to_ascii

if TYPE_CHECKING:
    from claude_auth.actions import Result
    from claude_auth.model import Snapshot

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
    """What it quotes was given on the command line, and may be a key that got there by mistake."""
    say(f"claude-auth: {shown_sentence(text)}")
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


# ── evaluating ───────────────────────────────────────────────────────────────────────────────────

PROJECT_ALONE = "--evaluate-project is a second consent: it goes with --evaluate"


def evaluated(
    snapshot: Snapshot,
    environ: Mapping[str, str],
    client: str,
    version: str | None = None,
    *,
    agreed: bool = False,
) -> Snapshot:
    """The evaluated snapshot; what was not run, or not as Claude Code would, is said on standard error."""
    from claude_auth.actions.evaluate import evaluate, plan
    from claude_auth.sources.source import withheld_words
    from claude_auth.words import distrust_words, origin_words

    found = evaluate(snapshot, environ, client, version, agreed=agreed)
    home, left_out = snapshot.places.home, False
    for setting in plan(found, client, version).refused:
        where = origin_words(setting.origin, home)
        say(f"{setting.name} was not run, {where}: {distrust_words(setting.origin)}.")
        left_out = True
    for run in found.runs.values():
        if run.withheld:
            say(f"{run.setting}: {withheld_words(run)}.")
            left_out = True
    if left_out:
        say("Read it first; --evaluate-project is the consent to that too.")
    return found
