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
from claude_auth.diagnose.texts.other_programs import Spoken, before_lines, forms, mentions, stands
from claude_auth.diagnose.texts.prepare import PreparedText, squeeze

#: Words that make it ours; words that do where no other program's name stands there; and the client's own
#: forms, which it prints whatever program speaks beside them.
_OURS = (b"claude", b"anthropic", b"bedrock", b"aiplatform", b"srcentrypointscli")
_LIKELY_OURS = (b"authenticationerror", b"runlogin", b"typeerrorerrortype", b"apierror4", b"apierror5")
_OUR_MATTERS = (*_OURS, b"gcloudauthapplicationdefault", b"typeerrorerrortype")
_OWN_FORMS = (b"apierror", b"runlogin", b"claudecode", b"failedtoauthenticate")
_GROUP = 8
_LARGE = 100_000
_OCCURRENCES = 60
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
    return tuple(_compile(cause, phrase) for cause in BY_ID.values() for phrase in cause.phrases)


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

    def forms(self, around: bytes, text: bytes) -> Iterator[tuple[bytes, Spoken]]:
        """Forms of other programs. One that this reading lacks stood before each line, `npm ERR!` say, and
        was taken off with it; a long text has one reading."""
        short = len(self._prepared.squeezed) > 1
        for squeezed, each in _forms():
            if (squeezed in around or (short and squeezed not in text)) and self._stands(each.form):
                yield squeezed, each

    def spoken(self, around: bytes, text: bytes) -> Iterator[tuple[bytes, bool]]:
        """What other programs say in forms of their own, and whether they are assistants."""
        for squeezed, each in self.forms(around, text):
            yield squeezed, each.is_assistant
        if self._leads is None:
            found = before_lines(self._prepared.whole_lines)
            self._leads = tuple(self._led(each) for each in found if not each.shared)
        for form, assistant, taken_off in self._leads:
            if taken_off or form in around:
                yield form, assistant

    def _stands(self, form: str) -> bool:
        if form not in self._known:
            self._known[form] = stands(form, self.spaced)
        return self._known[form]

    def _led(self, each: Spoken) -> tuple[bytes, bool, bool]:
        """Its form, and whether that was taken off as the prefix of each line."""
        form = squeeze(each.form)
        return form, each.is_assistant, form not in self._prepared.squeezed[0]


def search(prepared: PreparedText) -> tuple[PhraseMatch, ...]:
    """Every phrase that stands in the text, in the company that it needs."""
    hits: dict[int, PhraseMatch] = {}
    whole = _Text(prepared)
    for reading, text in enumerate(prepared.squeezed):
        for compiled in _possible(text):
            if id(compiled) in hits or compiled.needle not in text:
                continue
            span = _first(compiled, text, whole)
            if span is not None:
                hits[id(compiled)] = PhraseMatch(compiled.phrase, compiled.causes, *span, reading)
    return _without_shorter(tuple(hits.values()))


def _without_shorter(hits: tuple[PhraseMatch, ...]) -> tuple[PhraseMatch, ...]:
    """The longest phrase hides those that stand inside it."""
    return tuple(hit for hit in hits if not any(_hides(other, hit) for other in hits))


def _hides(one: PhraseMatch, other: PhraseMatch) -> bool:
    inside = one.start <= other.start and other.end <= one.end and one.reading == other.reading
    return inside and one.end - one.start > other.end - other.start and "…" not in one.phrase.words


def _first(compiled: _Compiled, text: bytes, whole: _Text) -> tuple[int, int] | None:
    place = -1
    for _ in range(_OCCURRENCES):
        place = text.find(compiled.needle, place + 1)
        if place < 0:
            return None
        span = _span(compiled, text, place)
        if span is not None and _in_company(compiled, text, span, whole):
            return span if _looks_right(compiled, whole) else None
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


def _in_company(compiled: _Compiled, text: bytes, span: tuple[int, int], whole: _Text) -> bool:
    phrase = compiled.phrase
    around = text[max(0, span[0] - phrase.window) : span[1] + phrase.window]
    if compiled.unless and any(word in around for word in compiled.unless):
        return False
    alone = len(text) <= span[1] - span[0] + phrase.alone
    if compiled.near and not any(word in around for word in compiled.near):
        return False
    if _is_anothers(text, span, whole, of_its_own=phrase.company == "any"):
        return False
    if phrase.company == "any":
        return True
    if any(word in around for word in _OURS):
        return True
    strange = any(word in around or word not in text for word in whole.mentions) or any(
        not each.is_own_tool for _, each in whole.forms(around, text)
    )
    likely = alone or any(word in around for word in _LIKELY_OURS)
    return not strange and (phrase.company == "no-stranger" or likely)


#: Another program's form this near makes the words its own.
_SPEECH = 400


def _is_anothers(text: bytes, span: tuple[int, int], whole: _Text, *, of_its_own: bool) -> bool:
    """Whether another program speaks here, and Claude Code does not. `of_its_own`: the words need no company,
    so that only an assistant prints them that is built like Claude Code."""
    around = text[max(0, span[0] - _SPEECH) : span[1] + _SPEECH]
    for form, assistant in whole.spoken(around, text):
        if of_its_own and not assistant:
            continue
        own, rest = (
            (_OWN_FORMS, around.replace(form, b"")) if assistant else (_OWN_FORMS + _OUR_MATTERS, around)
        )
        if not any(word in rest for word in own):
            return True
    return False


def _looks_right(compiled: _Compiled, whole: _Text) -> bool:
    if not compiled.phrase.look:
        return True
    # Where a text was wrapped at a blank, no blank is left.
    pattern = _look(compiled.phrase.look.replace(" ", r"\s*").replace(r"\s+", r"\s*"))
    return _stands_in(pattern, compiled.word, whole.lower) or _stands_in(pattern, compiled.word, whole.spaced)


def _stands_in(pattern: re.Pattern[str], word: str, lower: str) -> bool:
    place = -1
    for _ in range(_OCCURRENCES):
        place = lower.find(word, place + 1)
        if place < 0:
            return False
        if pattern.search(lower, max(0, place - _LOOK_BEFORE), place + _LOOK_AFTER):
            return True
    return False
