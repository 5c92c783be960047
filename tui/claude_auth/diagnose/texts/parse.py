"""From whatever was pasted to what can be searched: escapes, colours, wrapping and log prefixes gone.

`prepare` gives three views of one text: `squeezed`, lower-case letters and digits alone, for phrases;
`lower`, one line with its punctuation, for the patterns that need it; and `plain`, the same with its case,
for what is told back. Secrets go first. The work is linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from claude_auth.diagnose.texts.redaction import redact_text, swallow_rest
from claude_auth.security.sanitize import safe_text, without_invisible

#: No more than this is looked at: the beginning and the end of a longer text.
LIMIT = 8_000_000

Program = Literal["claude-code", "python-sdk", "js-sdk", ""]


@dataclass(frozen=True, slots=True)
class Prepared:
    plain: str
    lower: str
    squeezed: tuple[bytes, ...]
    lines: tuple[str, ...] = ()

    def spaced(self) -> str:
        """Like `lower`, but with a blank where a line ended: for words at the edges of lines."""
        return _lowered(_one_line(list(self.lines), " "))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the text itself says: status code, error type, message, and whose words they are."""

    status: int | None = None
    type: str | None = None
    message: str | None = None
    program: Program = ""

    @property
    def is_empty(self) -> bool:
        return self.status is None and self.type is None and self.message is None


# ── bytes and text ───────────────────────────────────────────────────────────────────────────────


def decode(data: bytes) -> str:
    """Text of a file or a pipe, whatever it is encoded in; never fails."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    sample = data[:4096]
    if len(sample) > 8 and sample.count(0) * 3 > len(sample):
        return data.decode("utf-16-be" if sample[0] == 0 else "utf-16-le", "replace")
    return data.decode("utf-8", "replace")


_LOWER = bytes(code + 32 if 65 <= code <= 90 else code for code in range(256))
_DROPPED = bytes(
    code for code in range(256) if not (48 <= code <= 57 or 65 <= code <= 90 or 97 <= code <= 122)
)


def squeeze(text: str) -> bytes:
    """Lower-case ASCII letters and digits alone: no wrapping, quoting or colouring survives it."""
    return text.encode("ascii", "ignore").translate(_LOWER, _DROPPED)


@cache
def _ansi() -> re.Pattern[str]:
    return re.compile(
        r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4000}(?:\x07|\x1b\\)"
        r"|[PX^_][^\x1b]{0,4000}\x1b\\|[ -/]*[0-~])"
        r"|\x9b[0-?]*[ -/]*[@-~]"
    )


@cache
def _naked_colour() -> re.Pattern[str]:
    """A colour whose escape character was lost or is spelled out."""
    return re.compile(r"(?:\\{1,8}(?:u001[bB]|x1[bB]|033|e))?\[\d{1,3}(?:;\d{1,3}){0,4}m")


def _without_colour(text: str) -> str:
    if "\x1b" in text or "\x9b" in text:
        text = _ansi().sub("", text)
    if "[0m" in text or "[39m" in text or "[22m" in text:
        text = _naked_colour().sub("", text)
    return text


# ── lines ────────────────────────────────────────────────────────────────────────────────────────

_STAMP = r"\d{4}[-/.]\d\d[-/.]\d\d[T _]\d\d[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d+)?(?:Z|\s?[+-]\d\d:?\d\d|\s?UTC)?"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL|SEVERE|stdout|stderr)"


@cache
def _prefix() -> re.Pattern[str]:
    units = (
        rf"[\[(<]?{_STAMP}[\])>]?",
        r"[\[(]?\d\d?:\d\d:\d\d(?:[.,]\d+)?(?: ?[AP]M)?[\])]?(?![\w:])",
        r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d [\w.-]+ "
        r"[\w./@-]+(?:\[\d+\])?:",
        r"\[?\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]?",
        r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.-]+:\d+\]",
        r"\[ *\d+\.\d+\]",
        r"\d{10}(?:\d{3}|\.\d{1,9})?(?= )",
        rf"[\[(<]{_LEVEL}[\])>]:?",
        rf"(?:level=)?{_LEVEL}(?:\s*[:|-]|(?=\s{{2}})|(?= \[)| [FP] )",
        r"\[[\w .:/@#-]{1,40}\]:?(?=\s)",
        r"<\d{1,3}>",
        r"[\w.-]{1,40}\s*\|(?=\s)",
        r"[\w./-]{1,40}\[\d+\]:",
        r"[^\t\n]{1,60}\t[^\t\n]{1,60}\t(?=\d{4}-)",
        r"[|>│┃▌║#*]{1,3}(?=\s)",
    )
    return re.compile(rf"(?:(?:{'|'.join(units)})[ \t]*){{1,6}}")


#: Above this many lines prefixes stay: such a text is no log, and each line costs time.
_LINES_LIMIT = 60_000
#: Up to this many lines a prefix of any shape is looked for as well.
_SHAPE_LIMIT = 400


def _lines(text: str) -> list[str]:
    return list(filter(None, map(str.strip, text.splitlines())))


def _without_prefixes(lines: list[str]) -> list[str]:
    if len(lines) > _LINES_LIMIT:
        return lines
    match = _prefix().match
    return [line[found.end() :] if (found := match(line)) else line for line in lines]


@cache
def _digits() -> re.Pattern[str]:
    return re.compile(r"\d+")


def _without_common_beginnings(lines: list[str]) -> list[str]:
    """Lines without the beginning that they share with a neighbour, digits apart: a prefix of any shape."""
    shapes = [_digits().sub("0", line[:160]) for line in lines]
    shared = [0] * len(lines)
    for place, (one, other) in enumerate(pairwise(shapes)):
        length = _shared_length(one, other)
        shared[place] = max(shared[place], length)
        shared[place + 1] = max(shared[place + 1], length)
    return [_cut(line, length) for line, length in zip(lines, shared, strict=True)]


def _shared_length(one: str, other: str) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    while length and one[length - 1] not in " \t:|]>)":
        length -= 1
    return length


def _cut(line: str, shape_length: int) -> str:
    """`line` without its beginning that has `shape_length` characters once each number is one."""
    place = seen = 0
    while seen < shape_length and place < len(line):
        if line[place].isdigit():
            while place < len(line) and line[place].isdigit():
                place += 1
        else:
            place += 1
        seen += 1
    return line[place:]


# ── escapes ──────────────────────────────────────────────────────────────────────────────────────


@cache
def _escapes() -> re.Pattern[str]:
    return re.compile(
        r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(?:033|e)(?=\[)|[nrtbf])?"
        r"|&(?:quot|apos|amp|lt|gt|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});"
        r"|%([0-9a-fA-F]{2})"
    )


_ENTITIES = {"&quot;": '"', "&apos;": "'", "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'"}


def _unescape(match: re.Match[str]) -> str:
    whole = match[0]
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if code.upper() != "0A" else " "
    if whole[0] == "&":
        return _ENTITIES.get(whole, " ")
    if whole.endswith(("033", "e")):
        return "\x1b"
    return "" if whole.endswith("\\") else " "


def _one_line(lines: list[str], glue: str) -> str:
    text = glue.join(lines)
    if "\\" in text or "&" in text or "%" in text:
        text = _escapes().sub(_unescape, text)
        text = _without_colour(text)
    return swallow_rest(redact_text(text))


# ── the views ────────────────────────────────────────────────────────────────────────────────────


def prepare(text: str | bytes) -> Prepared:
    """The views of a text. Secrets are out once nothing invisible stands in them, and again once lines are
    joined."""
    if isinstance(text, bytes):
        text = decode(text)
    if len(text) > LIMIT:
        text = f"{text[: LIMIT // 2]}\n{text[-LIMIT // 2 :]}"
    lines = _lines(redact_text(_without_colour(without_invisible(text))))
    bare = _without_prefixes(lines)
    joined = _one_line(bare, "")
    squeezed = [squeeze(joined)]
    if 1 < len(lines) <= _SHAPE_LIMIT:
        squeezed += [squeeze(_one_line(view, "")) for view in (lines, _without_common_beginnings(lines))]
    return Prepared(joined, _lowered(joined), tuple(dict.fromkeys(squeezed)), tuple(bare))


def _lowered(text: str) -> str:
    text = text.lower()
    for blank in "\xa0\u2007\u2009\u202f\u3000":
        text = text.replace(blank, " ")
    return text


# ── what the text says of itself ─────────────────────────────────────────────────────────────────

_PARSED_PART, _AROUND = 20_000, 2_000
_ERROR_MARKS = ("api error", "error code", '"error"', "'error'", "_error")


def _telling_parts(prepared: Prepared) -> str:
    """The beginning, the end, and what stands around the words by which errors begin."""
    text = prepared.plain
    if len(text) <= 3 * _PARSED_PART or len(text) != len(prepared.lower):
        return text[: 3 * _PARSED_PART]
    places = [place for mark in _ERROR_MARKS if (place := prepared.lower.find(mark)) >= 0]
    around = [text[max(0, place - 200) : place + _AROUND] for place in sorted(places)]
    return " ".join((*around, text[:_PARSED_PART], text[-_PARSED_PART:]))


@cache
def _statuses() -> tuple[re.Pattern[str], ...]:
    # Blanks are never given back: two runs of them side by side would take the square of their length.
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            r"\bapi error:?\s*+\(?([1-5]\d\d)\b",
            r"\berror code:?\s*+([1-5]\d\d)\b",
            r"\bstatus(?:[ _]?code)?[\"']?\s*+[:=]?\s*+([1-5]\d\d)\b",
            r"\bhttp(?:/\d(?:\.\d)?)?\s++([1-5]\d\d)\b",
            r"(?<![\d.:])([45]\d\d)\s*+[-:]?\s*+[{<]",
            r"(?<![\d.:])([45]\d\d)\s++(?:unauthorized|forbidden|bad request|not found|too many requests)",
        )
    )


@cache
def _type() -> re.Pattern[str]:
    return re.compile(r"[\"']type[\"']\s*+:\s*+[\"'](?!error[\"'])(\w{3,60})[\"']", re.IGNORECASE)


@cache
def _message() -> re.Pattern[str]:
    return re.compile(r"[\"']message[\"']\s*+:\s*+([\"'])(.{1,600}?)\1\s*+(?:[,}\]]|$)", re.IGNORECASE)


@cache
def _bare_message() -> re.Pattern[str]:
    return re.compile(r"\bapi error:?\s*+(?:\d{3}\b)?\s*+(?![{<\s])(.{3,300}?)(?:\s·|$|[{<])", re.IGNORECASE)


_PROGRAMS: tuple[tuple[Program, tuple[str, ...]], ...] = (
    (
        "python-sdk",
        ("anthropic.authenticationerror", "anthropic._", "error code: 401 - {", "error code: 400 - {"),
    ),
    (
        "python-sdk",
        ("anthropic.permissiondeniederror", "anthropic.badrequesterror", "anthropic/_base_client.py"),
    ),
    ("js-sdk", ("@anthropic-ai/sdk", "authenticationerror: 401 {")),
    ("claude-code", ("run /login", "api error: 4", "api error (")),
)


def parse(prepared: Prepared) -> Parsed:
    """Status, type and message as the text has them; the message is cleaned and redacted."""
    text = _telling_parts(prepared)
    status = next((found for pattern in _statuses() if (found := pattern.search(text))), None)
    kind, message = _type().search(text), _message().search(text)
    words = message[2] if message else (bare[1] if (bare := _bare_message().search(text)) else None)
    lower = text.lower()
    program: Program = next((name for name, marks in _PROGRAMS if any(mark in lower for mark in marks)), "")
    return Parsed(
        int(status[1]) if status else None,
        safe_text(kind[1], 60) if kind else None,
        safe_text(words, 200) if words else None,
        program,
    )
