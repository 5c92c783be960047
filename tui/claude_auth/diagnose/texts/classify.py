"""An error text to its causes, likeliest first. Pure: no I/O, no machine."""

from __future__ import annotations

from dataclasses import dataclass

from claude_auth.diagnose.texts.parse import Parsed, parse, prepare
from claude_auth.diagnose.texts.patterns import CAUSES, Hit, search
from claude_auth.security.secret import without_locals


@dataclass(frozen=True, slots=True)
class Match:
    """A cause that the text points to; `rank` 0: the first one of a phrase."""

    cause: str
    rank: int


@dataclass(frozen=True, slots=True)
class Classification:
    parsed: Parsed
    matches: tuple[Match, ...] = ()

    @property
    def is_recognised(self) -> bool:
        return bool(self.matches)


@without_locals
def classify(text: str | bytes) -> Classification:
    """What `text` is known to mean; nothing where it is not known, never a guess."""
    prepared = prepare(text)
    return Classification(parse(prepared), _ranked(search(prepared)))


def _ranked(hits: tuple[Hit, ...]) -> tuple[Match, ...]:
    """First causes first, the most telling phrase before the others; each cause once."""
    hidden = {cause for hit in hits for cause in hit.phrase.hides}
    rows = [
        (rank, -hit.phrase.weight, hit.start, cause)
        for hit in hits
        for rank, cause in enumerate(hit.phrase.causes)
        if cause not in hidden
    ]
    found: dict[str, Match] = {}
    for rank, _weight, _start, cause in sorted(rows, key=lambda row: row[:3]):
        if cause in CAUSES:
            found.setdefault(cause, Match(cause, rank))
    return tuple(found.values())
