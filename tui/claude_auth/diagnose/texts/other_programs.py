"""Other programs whose errors look like ours: which of them speaks in a text, and which is only named.

A program speaks where its own form stands there: words that only it prints, its name with a colon or in
brackets before a line, or the exception of a package. What it says is not ours, but for words that Claude
Code alone has; an assistant built like it has those, too. Where a program is only named, words that need
company are not taken for ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property

from claude_auth.diagnose.texts.prepare import PreparedText, squeeze
from claude_auth.diagnose.texts.program_names import (
    ASSISTANTS,
    FORMS,
    LEADS,
    MENTIONS,
    OWN_PACKAGES,
    OWN_TOOLS,
    PACKAGES,
    SHARED,
)
from claude_auth.named_tuples import NamedTuple

#: Packages whose first part says nothing.
_TWO_PARTS = {"com", "org", "io", "net", "software"}
#: What Claude Code prints itself, whatever program stands beside it, and what is ours besides.
_OWN_FORMS = re.compile(r"\bapi error(?:[:(]| \(| \d)|run /login|claude code|failed to authenticate")
_OURS = re.compile(
    r"claude|anthropic|bedrock|aiplatform|gcloud\.?auth\.?application-default"
    r"|[\"']type[\"']:[\"']error[\"'],[\"']error[\"']:\{[\"']type[\"']"  # the body of an answer of the API
)
#: Of a long text this many lines at each end, of a line so many letters, and so many programs.
_END_LINES, _BEGINNING, _AT_MOST = 100, 160, 60


class Spoken(NamedTuple):
    """A program that speaks, and its form as it stands there. `shared`: it may speak for ours as well."""

    name: str
    form: str
    shared: bool = False

    @property
    def is_own_tool(self) -> bool:
        return self.name in OWN_TOOLS

    @property
    def is_assistant(self) -> bool:
        return self.name in ASSISTANTS


def _rows(table: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Mark and name, in the order of the table."""
    return tuple((mark.strip(), name) for name, marks in table.items() for mark in marks.split(", "))


@cache
def _leads() -> dict[str, str]:
    return {lead: name for name, leads in LEADS.items() for lead in leads.split()}


def _standing(table: dict[str, str], lower: str) -> Iterator[tuple[str, str]]:
    for mark, name in _rows(table):
        if stands(mark, lower):
            yield mark, name


def named(lower: str) -> dict[str, str]:
    """The marks of other programs that stand in a text as words, and whose they are: `redis` is not meant by
    `are disabled`."""
    return dict((*_standing(FORMS, lower), *_standing(MENTIONS, lower)))


def strangers(lower: str) -> tuple[str, ...]:
    """Names of others than what Claude Code runs itself."""
    return tuple(mark for mark, name in named(lower).items() if name not in OWN_TOOLS)


_LEAD = re.compile(r"[\W_]{0,6}([A-Za-z][\w.-]{1,100})(?:\]|:(?=\s|$) ?)")
#: A router's answer comes in the client's own form; so does what an assistant built like Claude Code prints.
_CLIENTS_FORM = re.compile(r"\s*(?:\[?api error\b:?)?", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"(?:^|[\s\"'(>])((?:[A-Za-z_]\w*\.){1,8}(?=[A-Z])\w{0,80}?(?:Error|Exception|Failure|Denied|Forbidden|Unauthorized"
    r"|Unauthenticated|NotFound|Expired)\w{0,80})(?=:|\s|$)"
)


@cache
def forms() -> tuple[Spoken, ...]:
    """Words that only one program prints."""
    return tuple(Spoken(name, mark) for mark, name in _rows(FORMS))


def stands(mark: str, lower: str) -> bool:
    """Whether it stands in a text in one line, as a word."""
    place = lower.find(mark)
    while place >= 0:
        if _is_word(mark, lower, place):
            return True
        place = lower.find(mark, place + len(mark))
    return False


def _is_word(mark: str, lower: str, place: int) -> bool:
    before, after = lower[place - 1 : place], lower[place + len(mark) : place + len(mark) + 1]
    return not (mark[0].isalnum() and _is_letter(before)) and not (mark[-1].isalpha() and _is_letter(after))


def _is_letter(one: str) -> bool:
    return one.isascii() and one.isalnum()


def before_lines(lines: Iterable[str]) -> tuple[Spoken, ...]:
    """The programs whose name stands before a line, and the exceptions of packages; of many the first."""
    found: dict[Spoken, None] = {}
    for line in dict.fromkeys(line[:_BEGINNING] for line in lines):
        found.update(dict.fromkeys(_of_line(line)))
        if len(found) >= _AT_MOST:
            break
    return tuple(found)


_LEAD_AT_MOST = 110
#: Some of these stand in the name of each exception.
_RAISED = ("Error", "Exception", "Failure", "Denied", "Forbidden", "Unauth", "NotFound", "Expired")


def _of_line(line: str) -> Iterator[Spoken]:
    head = line[:_LEAD_AT_MOST]
    lead = _LEAD.match(line) if ":" in head or "]" in head else None
    if lead is not None and (name := _leads().get(lead[1].lower())):
        end = _CLIENTS_FORM.match(line, lead.end())
        yield Spoken(name, line[: end.end() if end else lead.end()].lower())
    raised = _EXCEPTION.search(line) if any(word in line for word in _RAISED) else None
    if raised is not None:
        package = _package(raised[1])
        if package not in OWN_PACKAGES:
            told = PACKAGES.get(package, f"the package {package}")
            yield Spoken(told, raised[1].lower(), shared=raised[1] in SHARED)


def _package(exception: str) -> str:
    parts = exception.split(".")
    return ".".join(parts[:2]) if parts[0] in _TWO_PARTS and len(parts) > 2 else parts[0]


#: The client says `API Error` of the API that it uses; one with a service's name before it is that service's.
_API_ERROR = "api error"


@cache
def errors_of_other_apis() -> tuple[str, ...]:
    return tuple(mark for mark, _ in _rows(FORMS) if mark.endswith(_API_ERROR))


def without_others_errors(lower: str) -> str:
    if _API_ERROR in lower:
        for form in errors_of_other_apis():
            lower = lower.replace(form, "")
    return lower


def speakers(lower: str, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Whose error the text is, where another program speaks in it and Claude Code does not."""
    if len(lines) > 2 * _END_LINES:
        lines = (*lines[:_END_LINES], *lines[-_END_LINES:])
    speaking = (*(each for each in forms() if stands(each.form, lower)), *before_lines(lines))
    lower = without_others_errors(lower)
    ours = bool(_OWN_FORMS.search(lower) or _OURS.search(lower.replace(" ", "")))
    return tuple(dict.fromkeys(each.name for each in speaking if not _is_ours(each, lower, ours)))


def _is_ours(each: Spoken, lower: str, ours: bool) -> bool:
    if not each.is_assistant:
        return ours
    return bool(_OWN_FORMS.search(lower.replace(" ".join(each.form.split()), "")))


# ── around a place ───────────────────────────────────────────────────────────────────────────────
# All squeezed: a phrase is looked for so.

#: Words that make it ours; what else speaks of ours; and the client's own forms, which it prints whatever
#: program speaks beside them.
SQUEEZED_OURS = (b"claude", b"anthropic", b"bedrock", b"aiplatform", b"srcentrypointscli")
_OUR_MATTERS = (*SQUEEZED_OURS, b"gcloudauthapplicationdefault", b"typeerrorerrortype")
SQUEEZED_OWN_FORMS = (b"apierror", b"runlogin", b"claudecode", b"failedtoauthenticate")
#: What stands around a place is looked through with what stands around its neighbours.
_BLOCK = 2048
#: Another program's form this near makes the words its own.
_SPEECH = 400


def has(words: tuple[bytes, ...], around: bytes) -> bool:
    return any(word in around for word in words)


def without_squeezed_errors(around: bytes) -> bytes:
    if b"apierror" in around:
        for form in errors_of_other_apis():
            around = around.replace(squeeze(form), b"")
    return around


@cache
def _squeezed_forms() -> tuple[tuple[bytes, Spoken], ...]:
    return tuple((squeeze(each.form), each) for each in forms())


class WholeText:
    """A prepared text, and who is named in it: looked for once, when first needed."""

    def __init__(self, prepared: PreparedText) -> None:
        self.lower = prepared.lower
        self.prepared = prepared
        self._known: dict[str, bool] = {}

    @cached_property
    def spaced(self) -> str:
        return self.prepared.spaced()

    @cached_property
    def mentions(self) -> tuple[bytes, ...]:
        """The names of others that stand in it."""
        return tuple(squeeze(mark) for mark, _ in _standing(MENTIONS, self.spaced))

    @cached_property
    def leads(self) -> tuple[tuple[bytes, bool, bool], ...]:
        """The names before lines: form, whether it is an assistant's, and whether it was taken off as the
        prefix of each line."""
        joined = self.prepared.squeezed[0]
        found = (each for each in before_lines(self.prepared.whole_lines) if not each.shared)
        squeezed = ((squeeze(each.form), each) for each in found)
        return tuple((form, each.is_assistant, form not in joined) for form, each in squeezed)

    def stands(self, form: str) -> bool:
        if form not in self._known:
            self._known[form] = stands(form, self.spaced)
        return self._known[form]


class TextReading:
    """One reading of a text, and where forms of other programs stand in it: looked for once, when needed."""

    def __init__(self, text: bytes, whole: WholeText) -> None:
        self.text, self.whole = text, whole
        self._blocks: dict[int, tuple[tuple[bytes, Spoken], ...]] = {}
        self._anothers: dict[tuple[bytes, bool], bool] = {}

    def forms(self, start: int, around: bytes, assistants: bool = False) -> Iterator[tuple[bytes, Spoken]]:
        """Forms of other programs, or of `assistants` alone, in what stands around a place, from `start` on,
        and what was taken off."""
        for each in self._in_block(start // _BLOCK) if len(around) <= _BLOCK else _squeezed_forms():
            if assistants and not each[1].is_assistant:
                continue
            if each[0] in around and self.whole.stands(each[1].form):
                yield each
        yield from (each for each in self._taken_off if each[1].is_assistant or not assistants)

    def _in_block(self, number: int) -> tuple[tuple[bytes, Spoken], ...]:
        """Those that can stand in what begins in that block."""
        if number not in self._blocks:
            block = self.text[number * _BLOCK : (number + 2) * _BLOCK]
            self._blocks[number] = tuple(each for each in _squeezed_forms() if each[0] in block)
        return self._blocks[number]

    @cached_property
    def _taken_off(self) -> tuple[tuple[bytes, Spoken], ...]:
        """One that this reading lacks stood before each line, `npm ERR!` say, and was taken off with it; a
        long text has one reading."""
        if len(self.whole.prepared.squeezed) == 1:
            return ()
        lacking = (each for each in _squeezed_forms() if each[0] not in self.text)
        return tuple(each for each in lacking if self.whole.stands(each[1].form))

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
        said, around = around, without_squeezed_errors(around)
        ours = ours or has(SQUEEZED_OWN_FORMS, around) or has(_OUR_MATTERS, around)
        spoken = [(form, each.is_assistant) for form, each in self.forms(start, said, ours)]
        for form, assistant, taken_off in self.whole.leads:
            if (assistant or not ours) and (taken_off or form in around):
                spoken.append((form, assistant))
        return any(
            not assistant or not has(SQUEEZED_OWN_FORMS, around.replace(form, b""))
            for form, assistant in spoken
        )
