"""Secrets out of a line before anybody keeps it: by their shape, and by a list of known values.

A chunk boundary can't split a secret, since whole lines come in. A terminal that wraps can: what continues
a secret at the start of the next line goes too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from claude_auth.processes.cell_styles import PLAIN, CellStyle, Span, spans_of
from claude_auth.processes.line_builder import RawLine
from claude_auth.security.redact import REDACTED, SHORTEST_KNOWN, KnownValues, redact
from claude_auth.security.secret import Secret


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(r"\s*[\w./+=%-]+"), re.compile(r"\S{6,}\Z")


class Redactor:
    """`columns`: where the terminal wraps."""

    def __init__(self, secrets: Iterable[Secret] = (), columns: int = 80) -> None:
        self.columns = columns
        self._known = KnownValues(secrets)
        self._continues = False

    def __repr__(self) -> str:
        return f"<Redactor of {self._known}>"

    def add(self, secret: Secret) -> None:
        """From now on this value is hidden, as it is and as an address writes it."""
        self._known.add(secret)

    def line(self, raw: RawLine) -> tuple[Span, ...]:
        """A finished line."""
        text = raw.text
        if self._continues:
            text = _patterns()[0].sub(REDACTED, text, count=1)
        fills_line = len(raw.text) >= self.columns - 2 or raw.cut > 0
        hidden = self._hide(text, ends_open=fills_line)
        self._continues = fills_line and hidden.endswith(REDACTED)
        return _styled(raw, hidden)

    def unfinished(self, raw: RawLine) -> tuple[Span, ...]:
        """A line that may go on: a last word that could be the beginning of a secret waits."""
        text = _patterns()[0].sub(REDACTED, raw.text, count=1) if self._continues else raw.text
        hidden = self._hide(text, ends_open=True)
        match = _patterns()[1].search(hidden)
        if match is not None and not match[0].endswith((REDACTED, *":?>])")) and not _is_a_word(match[0]):
            hidden = hidden[: match.start()] + "…"
        return _styled(raw, hidden)

    def _hide(self, text: str, ends_open: bool) -> str:
        text = self._known.hide(text)
        if ends_open:
            for value in self._known.forms:
                text = _without_beginning(text, value)
        return redact(text)


def _without_beginning(text: str, value: str) -> str:
    """Without the beginning of `value` at the end of `text`."""
    for length in range(min(len(value) - 1, len(text)), SHORTEST_KNOWN - 1, -1):
        if text.endswith(value[:length]):
            return text[:-length] + REDACTED
    return text


def _is_a_word(text: str) -> bool:
    stem = text.rstrip(".,;!…")
    return stem.isalpha() and (stem.islower() or stem.isupper() or stem.istitle()) and len(stem) < 20


def _styled(raw: RawLine, hidden: str) -> tuple[Span, ...]:
    """The looks of what is left; what was replaced takes the look of where it began."""
    if raw.looks is None or hidden == raw.text:
        return spans_of(hidden, raw.looks)
    start, limit = 0, min(len(hidden), len(raw.text))
    while start < limit and hidden[start] == raw.text[start]:
        start += 1
    end = 0
    while end < limit - start and hidden[-1 - end] == raw.text[-1 - end]:
        end += 1
    between: CellStyle = raw.looks[start] if start < len(raw.looks) else PLAIN
    tail = raw.looks[len(raw.looks) - end :] if end else ()
    looks = [*raw.looks[:start], *([between] * (len(hidden) - start - end)), *tail]
    return spans_of(hidden, looks)
