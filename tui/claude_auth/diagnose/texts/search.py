"""All phrases against one squeezed text, in one pass, and the causes that those which stand there point to.

Each phrase has an anchor, its longest run without a gap. For a large text one table of eight-letter groups
tells which anchors can occur at all; only those are searched for, and only finds are looked at closely.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import AnyStr

from claude_auth.diagnose.cause import Cause, Wording
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts.other_programs import (
    SQUEEZED_OURS,
    SQUEEZED_OWN_FORMS,
    TextReading,
    WholeText,
    has,
    without_squeezed_errors,
)
from claude_auth.diagnose.texts.prepare import PreparedText, pattern, squeeze
from claude_auth.named_tuples import NamedTuple

#: Words that make it ours where no other program's name stands there.
_LIKELY_OURS = (b"authenticationerror", b"runlogin", b"typeerrorerrortype", b"apierror4", b"apierror5")
#: A form of Claude Code's own this near makes the words ours.
_BREATH = 16
_GROUP = 8
_LARGE = 100_000
#: How often one phrase, or a word of it, is looked at closely; and how often all of them after their first
#: time, in a text that is made of nothing else.
_OCCURRENCES, _IN_ALL = 60, 500
_LOOK_BEFORE, _LOOK_AFTER = 400, 800


@dataclass(frozen=True, slots=True)
class _PhraseMatch:
    """A phrase that stands in the text, and the causes that it points to, likeliest first. `start` and `end`
    count in the reading of the text with that number."""

    phrase: Wording
    causes: tuple[str, ...]
    start: int
    end: int
    reading: int = 0


@dataclass(frozen=True, slots=True)
class _Compiled:
    phrase: Wording
    causes: tuple[str, ...]
    parts: tuple[bytes, ...]
    anchor: int
    near: tuple[bytes, ...]
    unless: tuple[bytes, ...]
    #: A word of the phrase as it stands in a text with punctuation: `look` is tried around it.
    word: str

    @property
    def needle(self) -> bytes:
        return self.parts[self.anchor]


@cache
def _compiled() -> tuple[_Compiled, ...]:
    return tuple(_compile(cause, phrase) for cause in BY_ID.values() for phrase in cause.wordings)


def _compile(cause: Cause, phrase: Wording) -> _Compiled:
    texts = phrase.words.split("…")
    parts = tuple(squeeze(text) for text in texts)
    anchor = max(range(len(parts)), key=lambda place: len(parts[place]))
    also = cause.also if phrase.also is None else phrase.also
    return _Compiled(
        phrase,
        (cause.id, *also.split()),
        parts,
        anchor,
        tuple(phrase.near.encode().split()),
        tuple(phrase.unless.encode().split()),
        max(re.findall(r"[a-z0-9]+", texts[anchor].lower()), key=len),
    )


@cache
def _groups() -> tuple[dict[int, tuple[int, ...]], tuple[int, ...]]:
    """For each group of eight letters the phrases whose anchor contains it, and the phrases too short for
    that: an anchor of 15 letters contains a whole aligned group wherever it stands."""
    table: dict[int, list[int]] = {}
    short = []
    for place, compiled in enumerate(_compiled()):
        needle = compiled.needle
        if len(needle) < 2 * _GROUP - 1:
            short.append(place)
            continue
        for offset in range(_GROUP):
            group = int.from_bytes(needle[offset : offset + _GROUP], sys.byteorder)
            table.setdefault(group, []).append(place)
    return {group: tuple(places) for group, places in table.items()}, tuple(short)


def _possible(text: bytes) -> Iterator[_Compiled]:
    everything = _compiled()
    if len(text) < _LARGE:
        yield from everything
        return
    table, short = _groups()
    whole = len(text) // _GROUP * _GROUP
    groups = set(memoryview(text)[:whole].cast("Q").tolist())
    places = {place for group in table.keys() & groups for place in table[group]}
    # An anchor at the very end may lie in the last, incomplete group.
    tail = text[-4 * _GROUP :]
    for place, compiled in enumerate(everything):
        if place in places or place in short or compiled.needle in tail:
            yield compiled


class _Places:
    """Where words stand, as often as that may still be looked at closely, once at least."""

    def __init__(self) -> None:
        self._looks = 0

    def of(self, word: AnyStr, text: AnyStr) -> Iterator[int]:
        place = -1
        for number in range(_OCCURRENCES):
            if number:
                self._looks += 1
                if self._looks > _IN_ALL:
                    return
            place = text.find(word, place + 1)
            if place < 0:
                return
            yield place


def _phrases(prepared: PreparedText) -> tuple[_PhraseMatch, ...]:
    """Every phrase that stands in the text, in the company that it needs."""
    hits: dict[int, _PhraseMatch] = {}
    whole, places = WholeText(prepared), _Places()
    for reading, text in enumerate(prepared.squeezed):
        here = TextReading(text, whole)
        for compiled in _possible(text):
            if id(compiled) in hits or compiled.needle not in text:
                continue
            span = _first(compiled, here, places)
            if span is not None:
                hits[id(compiled)] = _PhraseMatch(compiled.phrase, compiled.causes, *span, reading)
    return _without_shorter(tuple(hits.values()))


def _without_shorter(hits: tuple[_PhraseMatch, ...]) -> tuple[_PhraseMatch, ...]:
    """The longest phrase hides those that stand inside it, a phrase with a gap none."""
    hidden: set[_PhraseMatch] = set()
    reach: tuple[int, int, int] = (-1, 0, 0)  # of the phrase that leads furthest: reading, end, start
    for hit in sorted(hits, key=lambda hit: (hit.reading, hit.start, -hit.end)):
        reading, end, start = reach
        if reading == hit.reading and end >= hit.end and (start, end) != (hit.start, hit.end):
            hidden.add(hit)
        elif "…" not in hit.phrase.words:
            reach = (hit.reading, hit.end, hit.start)
    return tuple(hit for hit in hits if hit not in hidden)


def _first(compiled: _Compiled, here: TextReading, places: _Places) -> tuple[int, int] | None:
    for place in places.of(compiled.needle, here.text):
        span = _span(compiled, here.text, place)
        if span is not None and _in_company(compiled, span, here):
            return span if _looks_right(compiled, here.whole, places) else None
    return None


def _span(compiled: _Compiled, text: bytes, place: int) -> tuple[int, int] | None:
    """Where the whole phrase stands, given its anchor: the other parts within their gaps."""
    gap = compiled.phrase.gap
    start, end = place, place + len(compiled.needle)
    for part in reversed(compiled.parts[: compiled.anchor]):
        start = text.rfind(part, max(0, start - gap - len(part)), start)
        if start < 0:
            return None
    for part in compiled.parts[compiled.anchor + 1 :]:
        found = text.find(part, end, end + gap + len(part))
        if found < 0:
            return None
        end = found + len(part)
    return start, end


def _in_company(compiled: _Compiled, span: tuple[int, int], here: TextReading) -> bool:
    phrase, text = compiled.phrase, here.text
    start = max(0, span[0] - phrase.window)
    around = text[start : span[1] + phrase.window]
    if has(compiled.unless, around) or (compiled.near and not has(compiled.near, around)):
        return False
    if here.is_anothers(span, of_its_own=phrase.company == "any"):
        return False
    if phrase.company == "any" or has(SQUEEZED_OURS, around):
        return True
    alone = len(text) <= span[1] - span[0] + phrase.alone
    if phrase.company == "ours" and not alone and not has(_LIKELY_OURS, without_squeezed_errors(around)):
        return False
    # In one breath with a form of Claude Code's own, what npm or git said before takes nothing away.
    breath = text[max(0, span[0] - _BREATH) : span[1] + _BREATH]
    ours = has(SQUEEZED_OWN_FORMS, without_squeezed_errors(breath))
    strange = not ours and any(word in around or word not in text for word in here.whole.mentions)
    return not strange and all(each.is_own_tool for _, each in here.forms(start, around, ours))


def _looks_right(compiled: _Compiled, whole: WholeText, places: _Places) -> bool:
    if not compiled.phrase.look:
        return True
    # Where a text was wrapped at a blank, no blank is left.
    look = pattern(compiled.phrase.look.replace(" ", r"\s*").replace(r"\s+", r"\s*"))
    return any(
        look.search(text, max(0, place - _LOOK_BEFORE), place + _LOOK_AFTER)
        for text in (whole.lower, whole.spaced)
        for place in places.of(compiled.word, text)
    )


# ── the causes that they point to ────────────────────────────────────────────────────────────────


class CauseMatch(NamedTuple):
    """A cause that the text points to; `rank` 0: the first one of a phrase."""

    cause: str
    rank: int


def causes_in(prepared: PreparedText) -> tuple[CauseMatch, ...]:
    """First causes first: of the errors of a text the one that came first, of the phrases of an error the
    most telling; each cause once. A generic signature counts only where no message stands beside it."""
    hits = _phrases(prepared)
    if any(hit.phrase.weight > _GENERIC for hit in hits):
        hits = tuple(hit for hit in hits if hit.phrase.weight > _GENERIC)
    hidden = {cause for hit in hits for cause in hit.phrase.hides.split()}
    errors = _errors(hits)
    rows = [
        (rank, errors[hit], -hit.phrase.weight, hit.start, cause)
        for hit in hits
        for rank, cause in enumerate(hit.causes)
        if cause not in hidden
    ]
    found: dict[str, CauseMatch] = {}
    for rank, *_, cause in sorted(rows, key=lambda row: row[:4]):
        found.setdefault(cause, CauseMatch(cause, rank))
    return tuple(found.values())


#: A phrase of at most this weight is a signature that several errors share.
_GENERIC = 50
#: Phrases with fewer letters than this between them are about one error.
_ONE_ERROR = 240


def _errors(hits: tuple[_PhraseMatch, ...]) -> dict[_PhraseMatch, int]:
    """Which error of the text each phrase is about, in the order of the text."""
    found: dict[_PhraseMatch, int] = {}
    number, end = 0, None
    for hit in sorted(hits, key=lambda hit: hit.start):
        if end is not None and hit.start - end > _ONE_ERROR:
            number += 1
        end = max(hit.end, end or 0)
        found[hit] = number
    return found
