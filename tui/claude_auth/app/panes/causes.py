"""The causes of an error text: how certain each is in words, what this machine shows, what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from claude_auth.app.panes.fixes import fix_rows
from claude_auth.diagnose.texts.explain import Recognised
from claude_auth.diagnose.texts.token_kinds import TOKEN_KINDS
from claude_auth.model import Certainty
from claude_auth.present.lines import Line, Row, Span, fact, line, plain, wrap
from claude_auth.security.sanitize import clean
from claude_auth.words import StatusText, abbreviate_home

#: The word of the list, and the sentence beside the explanation.
_CERTAINTIES: dict[Certainty, tuple[StatusText, str]] = {
    "seen": (StatusText("★", "seen", "fail"), "the text or this machine proves it"),
    "likely": (StatusText("▲", "likely", "warn"), "the usual reason; nothing here speaks against it"),
    "not-checkable": (
        StatusText("?", "not checkable here", "plain"),
        "a server, another machine or a moment that has passed decides it",
    ),
}
_RULED_OUT = StatusText("–", "ruled out", "dim"), "nothing on this machine points to it"


def certainty_of(cause: Recognised) -> tuple[StatusText, str]:
    return _RULED_OUT if cause.ruled_out else _CERTAINTIES[cause.certainty]


def list_rows(causes: Sequence[Recognised], width: int) -> list[Row]:
    """Likeliest first; the id of a row is its number, from 0."""
    found = []
    for number, cause in enumerate(causes):
        word, _ = certainty_of(cause)
        role = "dim" if cause.ruled_out else "strong" if number == 0 else "plain"
        text = line(Span(f"{word}  ", word.role), Span(clean(cause.title, 200), role))  # type: ignore[arg-type]
        found.append(Row(str(number), wrap(text, width, 2)))
    return found


def cause_rows(cause: Recognised, home: str, width: int, *, kinds: bool = False) -> list[Row]:
    """One cause in full. `kinds`: with the table of the kinds of tokens."""
    word, meaning = certainty_of(cause)
    certain = line(Span(str(word), word.role), f": {meaning}  ", Span(clean(cause.id, 60), "dim"))
    found = [
        Row(None, wrap(line(Span(clean(cause.title, 200), "strong")), width)),
        Row(None, wrap(certain, width, 2)),
        Row(None, ((),)),
        Row(None, wrap(line(clean(cause.explanation, 2000)), width)),
    ]
    if cause.evidence is not None:
        here = line(Span(clean(abbreviate_home(cause.evidence, home), 400), "strong"))
        found += [Row(None, ((),)), Row(None, fact("here", here, width, 6))]
    found += fix_rows(cause.fixes, home, width)
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


def as_text(cause: Recognised, home: str) -> str:
    """For the clipboard: what stands on the screen, unwrapped."""
    rows = cause_rows(cause, home, 1000)
    return "\n".join(plain(spans).rstrip() for row in rows for spans in row.lines)
