"""The causes of an error text: how certain each is in words, what this machine shows, what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.actions.explain import Explained
from claude_auth.diagnose.causes.tokens import TOKEN_KINDS
from claude_auth.diagnose.texts import Recognised
from claude_auth.model import Certainty
from claude_auth.present.fixes import fix_rows
from claude_auth.present.lines import Line, Row, Span, fact, line, plain, wrap
from claude_auth.security.sanitize import safe_text
from claude_auth.words import StatusText, abbreviate_home

#: The word of the list, and the sentence beside the explanation.
_CERTAINTIES: dict[Certainty, tuple[StatusText, str]] = {
    "seen": (StatusText("★", "seen", "strong"), "the text or this machine proves it"),
    "likely": (StatusText("▲", "likely", "warn"), "the usual reason; nothing here speaks against it"),
    "not-checkable": (
        StatusText("?", "not checkable here", "plain"),
        "a server, another machine or a moment that has passed decides it",
    ),
}
_RULED_OUT = StatusText("–", "ruled out", "dim"), "nothing on this machine points to it"


def certainty_of(cause: Recognised) -> tuple[StatusText, str]:
    return _RULED_OUT if cause.ruled_out else _CERTAINTIES[cause.certainty]


def cause_list_rows(causes: Sequence[Recognised], width: int) -> list[Row]:
    """Likeliest first; the id of a row is its number, from 0."""
    found = []
    for number, cause in enumerate(causes):
        word, _ = certainty_of(cause)
        role = "dim" if cause.ruled_out else "strong" if number == 0 else "plain"
        text = line(Span(f"{word}  ", word.role), Span(cause.title, role))  # type: ignore[arg-type]
        found.append(Row(str(number), wrap(text, width, 2)))
    return found


def cause_rows(cause: Recognised, home: str, width: int, *, kinds: bool = False) -> list[Row]:
    """One cause in full: what it is, what mends it, why. `kinds`: with the table of the kinds of tokens."""
    word, meaning = certainty_of(cause)
    certain = line(Span(str(word), word.role), f": {meaning}  ", Span(cause.id, "dim"))
    found = [
        Row(None, wrap(line(Span(cause.title, "strong")), width)),
        Row(None, wrap(certain, width, 2)),
        *fix_rows(cause.fixes, home, width),
        Row(None, ((),)),
        Row(None, wrap(line(cause.explanation), width)),
        Row(None, wrap(line(Span(f"the answer of {cause.answerer}", "dim")), width, 2)),
    ]
    if cause.evidence is not None:
        here = line(Span(abbreviate_home(cause.evidence, home), "strong"))
        found += [Row(None, ((),)), Row(None, fact("here", here, width, 6))]
    if kinds:
        found += [Row(None, ((),)), Row(None, kind_lines(width))]
    return found


def kind_lines(width: int) -> tuple[Line, ...]:
    """Which values look alike, and what each is good for."""
    found: list[Line] = [line(Span("which token is which", "dim"))]
    for kind in TOKEN_KINDS:
        found += wrap(line(Span(f"{kind.prefix:<16}", "accent"), Span(kind.name, "strong")), width, 16)
        found += fact("", line(kind.good_for), width, 4)
        found += fact("", line(Span(f"belongs into: {kind.belongs}", "dim")), width, 4)
    return tuple(found)


def cause_text(cause: Recognised, home: str) -> str:
    """For the clipboard: what stands on the screen, unwrapped."""
    rows = cause_rows(cause, home, 1000)
    return "\n".join(plain(spans).rstrip() for row in rows for spans in row.lines)


ASKING = (
    "Paste the error text here, with what stands around it: a whole log, a stack trace, JSON, any size. Or "
    "drop a log file on this window.",
    "It is not shown and kept nowhere: secrets are taken out of it before anything looks at it, and only "
    "what it means stands here.",
    "Where your terminal can't paste in one piece (the Linux console): press i, paste, then ^d. The same is "
    "for typing.",
)
NOT_RECOGNISED = (
    "Nothing is guessed. Paste more of it: the whole answer with its status, and the lines around it. "
    "The findings of the dashboard are about this machine itself; s there sends one live request."
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
        words = StatusText("✗", f"{file} can't be read: {found.problem}", "fail")
        return [*wrap(line(words), width, 2), *wrap(line("  Paste the text itself instead."), width, 2)]
    size = f"{_count(found.lines, 'line')}, {_count(found.characters, 'character')}"
    lines = [*wrap(line(Span(size if file is None else f"{size}, read from the file {file}", "dim")), width)]
    first, *rest = found.parsed.unknown_words
    if not found.causes:
        lines += wrap(line(Span(str(StatusText("?", first, "warn")), "strong")), width, 2)
    told = (found.parsed.words,) if not found.parsed.is_empty else ()
    for sentence in rest if not found.causes else told:
        lines += wrap(line(sentence), width)
    if found.causes and all(cause.ruled_out for cause in found.causes):
        lines += wrap(line(Span(f"– {NONE_HERE}", "warn")), width, 2)
    if not found.causes and found.parsed.family is None:
        lines += [(), *wrap(line(Span(NOT_RECOGNISED, "dim")), width)]
    return lines


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
