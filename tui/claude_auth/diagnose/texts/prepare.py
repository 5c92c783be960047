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

from claude_auth.security.redact import REDACTED, Shape, token_shapes
from claude_auth.security.sanitize import without_invisible

#: No more than this is looked at: the beginning and the end of a longer text.
LIMIT = 8_000_000


@dataclass(frozen=True, slots=True)
class PreparedText:
    plain: str
    lower: str
    squeezed: tuple[bytes, ...]
    lines: tuple[str, ...] = ()
    #: The lines with what stood before them: a stamp, or the name of who writes.
    whole_lines: tuple[str, ...] = ()

    def spaced(self) -> str:
        """Like `lower`, but with a blank where a line ended: for words at the edges of lines."""
        return _lowered(_one_line(list(self.lines), " "))

    def edges(self, size: int) -> str:
        """The beginning and the end of `spaced`, about `size` characters each."""
        text = "\n".join(self.lines)
        if len(text) <= 2 * size:
            return self.spaced()
        return _lowered(_one_line(f"{text[:size]}\n{text[-size:]}".split("\n"), " "))


# ── bytes and text ───────────────────────────────────────────────────────────────────────────────


def decode(data: bytes) -> str:
    """Text of a file or a pipe, whatever it is encoded in; never fails."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    sample = data[:4096]
    if len(sample) > 8 and sample.count(0) * 3 > len(sample):
        return data.decode("utf-16-be" if sample[0] == 0 else "utf-16-le", "replace")
    return data.decode("utf-8", "replace")


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Compiled on first use: most programs that are started explain no text."""
    return re.compile(text)


_DROPPED = bytes(code for code in range(256) if not bytes((code,)).isalnum())


def squeeze(text: str) -> bytes:
    """Lower-case ASCII letters and digits alone: no wrapping, quoting or colouring survives it."""
    return text.encode("ascii", "ignore").translate(None, _DROPPED).lower()


_ANSI = (
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4000}(?:\x07|\x1b\\)"
    r"|[PX^_][^\x1b]{0,4000}\x1b\\|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
#: A colour whose escape character was lost or is spelled out.
_NAKED_COLOUR = r"(?:\\{1,8}(?:u001[bB]|x1[bB]|033|e))?\[\d{1,3}(?:;\d{1,3}){0,4}m"


def _without_escapes(text: str) -> str:
    if "\x1b" in text or "\x9b" in text:
        text = pattern(_ANSI).sub("", text).replace("\x1b", "").replace("\x9b", "")
    return text


def _without_colour(text: str) -> str:
    if "[0m" in text or "[39m" in text or "[22m" in text:
        text = pattern(_NAKED_COLOUR).sub("", text)
    return text


# ── lines ────────────────────────────────────────────────────────────────────────────────────────

_STAMP = r"\d{4}[-/.]\d\d[-/.]\d\d[T _]\d\d[:.]\d\d(?:[:.]\d\d)?(?:[.,]\d+)?(?:Z|\s?[+-]\d\d:?\d\d|\s?UTC)?"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRITICAL|SEVERE|stdout|stderr)"
#: What may stand before a line, several of them one after the other.
_PREFIXES = "|".join(
    (
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
)
#: Above this many lines prefixes stay: such a text is no log, and each line costs time.
_LINES_LIMIT = 60_000
#: Up to this many lines a prefix of any shape is looked for as well.
_SHAPE_LIMIT = 400


def _without_prefixes(lines: list[str]) -> list[str]:
    if len(lines) > _LINES_LIMIT:
        return lines
    match = pattern(rf"(?:(?:{_PREFIXES})[ \t]*){{1,6}}").match
    return [line[found.end() :] if (found := match(line)) else line for line in lines]


def _without_common_beginnings(lines: list[str]) -> list[str]:
    """Lines without the beginning that they share with a neighbour, digits apart: a prefix of any shape."""
    shapes = [pattern(r"\d+").sub("0", line[:160]) for line in lines]
    shared = [0] * len(lines)
    for place, (one, other) in enumerate(pairwise(shapes)):
        length = _shared_length(one, other)
        shared[place] = max(shared[place], length)
        shared[place + 1] = max(shared[place + 1], length)
    return [_cut(line, length) for line, length in zip(lines, shared, strict=True)]


def _shared_length(one: str, other: str) -> int:
    differing = (place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    length = next(differing, min(len(one), len(other)))
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

_ESCAPES = (
    r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(?:033|e)(?=\[)|[nrtbf])?"
    r"|&(?:quot|apos|amp|lt|gt|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});"
    r"|%([0-9a-fA-F]{2})"
)
_ENTITIES = {"&quot;": '"', "&apos;": "'", "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'"}


def _unescape(match: re.Match[str]) -> str:
    whole = match[0]
    if whole in {r"\n", r"\t", r"\r"}:  # most of them
        return " "
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
        text = _without_colour(_without_escapes(pattern(_ESCAPES).sub(_unescape, text)))
    return swallow_rest(redact_text(text))


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────

# Tokens and keys are known by the shapes of `security.redact`; what is named a secret is judged here, since
# an error text talks about keys and tokens. What is shown of it goes through `safe_text` as well, which is
# stricter.

_TAIL = r"[\w~+/=.%-]"
#: A value has a digit in it or is long; `key: please` and `token: invalid` stay.
_VALUE = rf"(?:(?=[\w~+/=.%-]{{0,4000}}\d){_TAIL}{{8,}}|{_TAIL}{{20,}})"
#: What ends like one of these names a secret.
_NAMES = ("token", "secret", "key", "password", "passwd", "verifier", "authorization", "credential")


def _any_case(word: str) -> str:
    """`word` in any case; much faster than the flag, which gives up looking for the first letter."""
    return "".join(f"[{c}{c.upper()}]" if c.isalpha() else re.escape(c) for c in word)


@cache
def _shapes() -> tuple[Shape, ...]:
    bearer, basic = _any_case("bearer"), _any_case("basic")
    return (
        *token_shapes(),
        Shape(("bearer", "basic"), rf"({bearer}|{basic})([ \t\"':=]{{1,4}}){_VALUE}", rf"\1\2{REDACTED}"),
        Shape(
            ("code=", "state=", "token=", "key="),
            r"([?&#;](?:code|state|token|key)=)[^&\s#\"'\\…]{8,}",
            rf"\1{REDACTED}",
        ),
    )


#: What follows a secret's name where something is given to it, up to the end of that. A value never begins
#: with what comes before it, so nothing has to be given back.
_GIVEN = rf"\\*+[\"']?[ \t]{{0,4}}+[:=][ \t]{{0,4}}+(?:[bB](?=[\"']))?\\*+[\"']?({_TAIL}{{8,}}+)"


def redact_text(text: str) -> str:
    """`text` without what has the shape of a token, a key or a password. Twice is the same as once. What is
    invisible goes first: it would end a token here that `prepare` then glues to the words after it."""
    text = _without_escapes(without_invisible(text))
    lower = text.lower()
    for shape in _shapes():
        if shape.may_stand_in(lower):
            text = shape.pattern.sub(shape.replacement, text)
    return _redact_assigned(text)


def _redact_assigned(text: str) -> str:
    """Names are found one by one and not by one pattern: that takes a tenth of the time. Then once from left
    to right: each character is looked at as part of one value at most, so the work is linear."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that is two in lower case
        lower = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    match = pattern(_GIVEN).match
    parts: list[str] = []
    done = 0
    for end in _name_ends(lower):
        if end < done - 2:  # inside a value, and too far from its end for `=`, or `=b`, to lead out of it
            continue
        value = match(text, end)
        if value is not None and value.start(1) >= done and _is_value(value[1]):
            parts += (text[done : value.start(1)], REDACTED)
            done = value.end()
    return "".join((*parts, text[done:]))


def _name_ends(lower: str) -> list[int]:
    """Where a secret's name ends, in order."""
    ends = []
    for name in _NAMES:
        place = lower.find(name)
        while place >= 0:
            ends.append(place + len(name))
            place = lower.find(name, place + 1)
    ends.sort()
    return ends


def _is_value(run: str) -> bool:
    """As `_VALUE` has it, for a whole run of at least eight of its characters."""
    return len(run) >= 20 or any(map(str.isdecimal, run))


def swallow_rest(joined: str) -> str:
    """A token that was wrapped leaves its rest directly after the mark once lines are joined: it goes too. An
    ordinary word or a status there is the next line's own."""
    if REDACTED not in joined:
        return joined
    rest = pattern(rf"{REDACTED}([\w.+/=-]{{4,}})")
    return rest.sub(lambda match: match[0] if _is_word(match[1]) else REDACTED, joined)


def _is_word(rest: str) -> bool:
    rest = rest.rstrip(".")
    return rest.isalpha() and len(rest) < 16 and (rest.islower() or rest.istitle())


# ── the views ────────────────────────────────────────────────────────────────────────────────────


def prepare(text: str | bytes) -> PreparedText:
    """The views of a text. Secrets are out once nothing invisible stands in them, and again once lines are
    joined."""
    if isinstance(text, bytes):
        text = decode(text)
    if len(text) > LIMIT:
        text = f"{text[: LIMIT // 2]}\n{text[-LIMIT // 2 :]}"
    lines = list(filter(None, map(str.strip, _without_colour(redact_text(text)).splitlines())))
    bare = _without_prefixes(lines)
    joined = _one_line(bare, "")
    squeezed = [squeeze(joined)]
    if 1 < len(lines) <= _SHAPE_LIMIT:
        squeezed += [squeeze(_one_line(view, "")) for view in (lines, _without_common_beginnings(lines))]
    return PreparedText(joined, _lowered(joined), tuple(dict.fromkeys(squeezed)), tuple(bare), tuple(lines))


def _lowered(text: str) -> str:
    text = text.lower()
    for blank in "\xa0\u2007\u2009\u202f\u3000":
        text = text.replace(blank, " ")
    return text
