"""All phrases against one squeezed text, in one pass.

Each phrase has an anchor, its longest run without a gap. For a large text one table of eight-letter groups
tells which anchors can occur at all; only those are searched for, and only finds are looked at closely.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from claude_auth.diagnose.cause import Cause, Wording
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.texts.other_programs import (
    Spoken,
    before_lines,
    errors_of_other_apis,
    forms,
    mentions,
    stands,
)
from claude_auth.diagnose.texts.prepare import PreparedText, squeeze

#: Words that make it ours; words that do where no other program's name stands there; and the client's own
#: forms, which it prints whatever program speaks beside them.
_OURS = (b"claude", b"anthropic", b"bedrock", b"aiplatform", b"srcentrypointscli")
_LIKELY_OURS = (b"authenticationerror", b"runlogin", b"typeerrorerrortype", b"apierror4", b"apierror5")
_OUR_MATTERS = (*_OURS, b"gcloudauthapplicationdefault", b"typeerrorerrortype")
_OWN_FORMS = (b"apierror", b"runlogin", b"claudecode", b"failedtoauthenticate")
_GROUP = 8
_LARGE = 100_000
#: How often one phrase, or a word of it, is looked at closely; and how often all of them after their first
#: time, in a text that is made of nothing else.
_OCCURRENCES, _IN_ALL = 60, 500
_LOOK_BEFORE, _LOOK_AFTER = 400, 800


@dataclass(frozen=True, slots=True)
class PhraseMatch:
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


@lru_cache(maxsize=256)
def _look(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _forms() -> tuple[tuple[bytes, Spoken], ...]:
    return tuple((squeeze(each.form), each) for each in forms())


class _Text:
    """A prepared text while it is searched; the names of strangers are looked for once, when first needed."""

    def __init__(self, prepared: PreparedText) -> None:
        self.lower = prepared.lower
        self._prepared = prepared
        self._spaced: str | None = None
        self._names: tuple[bytes, ...] | None = None
        self._leads: tuple[tuple[bytes, bool, bool], ...] | None = None
        self._known: dict[str, bool] = {}
        self._looks = 0

    @property
    def spaced(self) -> str:
        if self._spaced is None:
            self._spaced = self._prepared.spaced()
        return self._spaced

    @property
    def mentions(self) -> tuple[bytes, ...]:
        if self._names is None:
            self._names = tuple(map(squeeze, mentions(self.spaced)))
        return self._names

    def occurrences(self) -> Iterator[int]:
        """As many as may still be looked at closely, one at least."""
        for number in range(_OCCURRENCES):
            if number:
                self._looks += 1
                if self._looks > _IN_ALL:
                    return
            yield number

    @property
    def is_short(self) -> bool:
        """Whether it has several readings."""
        return len(self._prepared.squeezed) > 1

    @property
    def leads(self) -> tuple[tuple[bytes, bool, bool], ...]:
        """The names before lines: form, whether it is an assistant's, and whether it was taken off."""
        if self._leads is None:
            found = before_lines(self._prepared.whole_lines)
            self._leads = tuple(self._led(each) for each in found if not each.shared)
        return self._leads

    def stands(self, form: str) -> bool:
        if form not in self._known:
            self._known[form] = stands(form, self.spaced)
        return self._known[form]

    def _led(self, each: Spoken) -> tuple[bytes, bool, bool]:
        """Its form, and whether that was taken off as the prefix of each line."""
        form = squeeze(each.form)
        return form, each.is_assistant, form not in self._prepared.squeezed[0]


class _Reading:
    """One reading of a text, and where forms of other programs stand in it: looked for once, when needed."""

    def __init__(self, text: bytes, whole: _Text) -> None:
        self.text, self.whole = text, whole
        self._blocks: dict[int, tuple[tuple[bytes, Spoken], ...]] = {}
        self._taken_off: tuple[tuple[bytes, Spoken], ...] | None = None
        self._anothers: dict[tuple[bytes, bool], bool] = {}

    def forms(self, start: int, around: bytes, assistants: bool = False) -> Iterator[tuple[bytes, Spoken]]:
        """Forms of other programs, or of `assistants` alone, in what stands around a place, from `start` on,
        and what was taken off."""
        if self._taken_off is None:
            self._taken_off = tuple(self._find_taken_off())
        for each in self._in_block(start // _BLOCK) if len(around) <= _BLOCK else _forms():
            if assistants and not each[1].is_assistant:
                continue
            if each[0] in around and self.whole.stands(each[1].form):
                yield each
        yield from (each for each in self._taken_off if each[1].is_assistant or not assistants)

    def _in_block(self, number: int) -> tuple[tuple[bytes, Spoken], ...]:
        """Those that can stand in what begins in that block."""
        if number not in self._blocks:
            block = self.text[number * _BLOCK : (number + 2) * _BLOCK]
            self._blocks[number] = tuple(each for each in _forms() if each[0] in block)
        return self._blocks[number]

    def _find_taken_off(self) -> Iterator[tuple[bytes, Spoken]]:
        """One that this reading lacks stood before each line, `npm ERR!` say, and was taken off with it; a
        long text has one reading."""
        if self.whole.is_short:
            for form, each in _forms():
                if form not in self.text and self.whole.stands(each.form):
                    yield form, each

    def is_anothers(self, span: tuple[int, int], *, of_its_own: bool) -> bool:
        """Whether another program speaks here, and Claude Code does not. `of_its_own`: the words need no
        company, so that only an assistant prints them that is built like Claude Code. A log says the same
        many times."""
        start = max(0, span[0] - _SPEECH)
        around = self.text[start : span[1] + _SPEECH]
        if (around, of_its_own) not in self._anothers:
            self._anothers[around, of_its_own] = self._is_said_by_another(around, start, of_its_own)
        return self._anothers[around, of_its_own]

    def _is_said_by_another(self, around: bytes, start: int, ours: bool) -> bool:
        """Beside `ours`, or words of ours, only an assistant's are its own."""
        said, around = around, _without_others_errors(around)
        ours = ours or _has(_OWN_FORMS, around) or _has(_OUR_MATTERS, around)
        spoken = [(form, each.is_assistant) for form, each in self.forms(start, said, ours)]
        for form, assistant, taken_off in self.whole.leads:
            if (assistant or not ours) and (taken_off or form in around):
                spoken.append((form, assistant))
        return any(
            not assistant or not _has(_OWN_FORMS, around.replace(form, b"")) for form, assistant in spoken
        )


#: What stands around a place is looked through with what stands around its neighbours.
_BLOCK = 2048
#: Another program's form this near makes the words its own, a form of Claude Code's own this near ours.
_SPEECH, _BREATH = 400, 16


def _without_others_errors(around: bytes) -> bytes:
    if b"apierror" in around:
        for form in errors_of_other_apis():
            around = around.replace(squeeze(form), b"")
    return around


def _has(words: tuple[bytes, ...], around: bytes) -> bool:
    return any(word in around for word in words)


def search(prepared: PreparedText) -> tuple[PhraseMatch, ...]:
    """Every phrase that stands in the text, in the company that it needs."""
    hits: dict[int, PhraseMatch] = {}
    whole = _Text(prepared)
    for reading, text in enumerate(prepared.squeezed):
        here = _Reading(text, whole)
        for compiled in _possible(text):
            if id(compiled) in hits or compiled.needle not in text:
                continue
            span = _first(compiled, here)
            if span is not None:
                hits[id(compiled)] = PhraseMatch(compiled.phrase, compiled.causes, *span, reading)
    return _without_shorter(tuple(hits.values()))


def _without_shorter(hits: tuple[PhraseMatch, ...]) -> tuple[PhraseMatch, ...]:
    """The longest phrase hides those that stand inside it, a phrase with a gap none."""
    hidden: set[PhraseMatch] = set()
    reach: tuple[int, int, int] = (-1, 0, 0)  # of the phrase that leads furthest: reading, end, start
    for hit in sorted(hits, key=lambda hit: (hit.reading, hit.start, -hit.end)):
        reading, end, start = reach
        if reading == hit.reading and end >= hit.end and (start, end) != (hit.start, hit.end):
            hidden.add(hit)
        elif "…" not in hit.phrase.words:
            reach = (hit.reading, hit.end, hit.start)
    return tuple(hit for hit in hits if hit not in hidden)


def _first(compiled: _Compiled, here: _Reading) -> tuple[int, int] | None:
    text, place = here.text, -1
    for _ in here.whole.occurrences():
        place = text.find(compiled.needle, place + 1)
        if place < 0:
            return None
        span = _span(compiled, text, place)
        if span is not None and _in_company(compiled, span, here):
            return span if _looks_right(compiled, here.whole) else None
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


def _in_company(compiled: _Compiled, span: tuple[int, int], here: _Reading) -> bool:
    phrase, text = compiled.phrase, here.text
    start = max(0, span[0] - phrase.window)
    around = text[start : span[1] + phrase.window]
    if _has(compiled.unless, around) or (compiled.near and not _has(compiled.near, around)):
        return False
    if here.is_anothers(span, of_its_own=phrase.company == "any"):
        return False
    if phrase.company == "any" or _has(_OURS, around):
        return True
    alone = len(text) <= span[1] - span[0] + phrase.alone
    if phrase.company == "ours" and not alone and not _has(_LIKELY_OURS, _without_others_errors(around)):
        return False
    # In one breath with a form of Claude Code's own, what npm or git said before takes nothing away.
    breath = text[max(0, span[0] - _BREATH) : span[1] + _BREATH]
    ours = _has(_OWN_FORMS, _without_others_errors(breath))
    strange = not ours and any(word in around or word not in text for word in here.whole.mentions)
    return not strange and all(each.is_own_tool for _, each in here.forms(start, around, ours))


def _looks_right(compiled: _Compiled, whole: _Text) -> bool:
    if not compiled.phrase.look:
        return True
    # Where a text was wrapped at a blank, no blank is left.
    pattern = _look(compiled.phrase.look.replace(" ", r"\s*").replace(r"\s+", r"\s*"))
    return any(_stands_in(pattern, compiled.word, text, whole) for text in (whole.lower, whole.spaced))


def _stands_in(pattern: re.Pattern[str], word: str, lower: str, whole: _Text) -> bool:
    place = -1
    for _ in whole.occurrences():
        place = lower.find(word, place + 1)
        if place < 0:
            return False
        if pattern.search(lower, max(0, place - _LOOK_BEFORE), place + _LOOK_AFTER):
            return True
    return False
