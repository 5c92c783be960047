"""What is said of a text that was pasted: its size and what was read out of it, never the text. Pure."""

from __future__ import annotations

from claude_auth.actions.explain import Explained
from claude_auth.present.diagnose_text import parsed_words
from claude_auth.present.lines import Line, Span, line, wrap
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.words import StatusText, abbreviate_home

ASKING = (
    "Paste the error text here, with what stands around it: a whole log, a stack trace, JSON, any size. Or "
    "drop a log file on this window.",
    "It is not shown and kept nowhere: secrets are taken out of it before anything looks at it, and only "
    "what it means stands here.",
    "Where your terminal can’t paste in one piece (the Linux console): press i, paste, then ^d. The same is "
    "for typing.",
)
NOT_RECOGNISED = (
    "Nothing is guessed. Paste more of it: the whole answer with its status, and the lines around it. "
    "The findings of the dashboard are about this machine itself; b there sends one live request."
)
NONE_HERE = "None of its causes shows on this machine: the text may come from another one."


def asking_lines(width: int) -> list[Line]:
    first, *rest = ASKING
    found = list(wrap(line(first), width))
    for text in rest:
        found += [(), *wrap(line(Span(text, "dim")), width)]
    return found


def pasted_lines(found: Explained, home: str, width: int) -> list[Line]:
    file = None if found.file is None else safe_text(abbreviate_home(found.file, home), 300)
    if found.problem is not None:
        words = StatusText("✗", f"{file} can’t be read: {clean(found.problem, 100)}", "fail")
        return [*wrap(line(words), width, 2), *wrap(line("  Paste the text itself instead."), width, 2)]
    size = f"{_count(found.lines, 'line')}, {_count(found.characters, 'character')}"
    lines = [*wrap(line(Span(size if file is None else f"{size}, read from the file {file}", "dim")), width)]
    if not found.causes:
        words = StatusText("?", "The text is not recognised.", "warn")
        lines += wrap(line(Span(str(words), "strong")), width, 2)
    lines += wrap(line(clean(parsed_words(found.parsed), 1000)), width)
    if found.causes and all(cause.ruled_out for cause in found.causes):
        lines += wrap(line(Span(f"– {NONE_HERE}", "warn")), width, 2)
    if not found.causes:
        lines += [(), *wrap(line(Span(NOT_RECOGNISED, "dim")), width)]
    return lines


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
