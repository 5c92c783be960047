"""Secrets out of a whole text, quickly: before anything else looks at it. Tokens and keys are known by the
shapes of `security.redact`; what is named a secret is judged here, since an error text talks about keys and
tokens. What is shown of it goes through `safe_text` as well, which is stricter."""

from __future__ import annotations

import re
from functools import cache

from claude_auth.security.redact import REDACTED, Shape, token_shapes

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
        Shape(
            ("bearer", "basic"),
            re.compile(rf"({bearer}|{basic})([ \t\"':=]{{1,4}}){_VALUE}"),
            rf"\1\2{REDACTED}",
        ),
        Shape(
            ("code=", "state=", "token=", "key="),
            re.compile(r"([?&#;](?:code|state|token|key)=)[^&\s#\"'\\…]{8,}"),
            rf"\1{REDACTED}",
        ),
    )


@cache
def _assigned() -> re.Pattern[str]:
    """What follows a secret's name where something is given to it, up to the end of that. A value never
    begins with what comes before it, so nothing has to be given back."""
    given = r"\\*+[\"']?[ \t]{0,4}+[:=][ \t]{0,4}+(?:[bB](?=[\"']))?\\*+[\"']?"
    return re.compile(rf"{given}({_TAIL}{{8,}}+)")


def redact_text(text: str) -> str:
    """`text` without what has the shape of a token, a key or a password. Twice is the same as once."""
    lower = text.lower()
    for shape in _shapes():
        if any(piece in lower for piece in shape.pieces):
            text = shape.pattern.sub(shape.replacement, text)
    return _redact_assigned(text)


def _redact_assigned(text: str) -> str:
    """Names are found one by one and not by one pattern: that takes a tenth of the time. Then once from left
    to right: each character is looked at as part of one value at most, so the work is linear."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that is two in lower case
        lower = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    match = _assigned().match
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


@cache
def _rest() -> re.Pattern[str]:
    return re.compile(rf"{REDACTED}([\w.+/=-]{{4,}})")


def swallow_rest(joined: str) -> str:
    """A token that was wrapped leaves its rest directly after the mark once lines are joined: it goes too. An
    ordinary word or a status there is the next line's own."""
    if REDACTED not in joined:
        return joined
    return _rest().sub(lambda match: match[0] if _is_word(match[1]) else REDACTED, joined)


def _is_word(rest: str) -> bool:
    rest = rest.rstrip(".")
    return rest.isalpha() and len(rest) < 16 and (rest.islower() or rest.istitle())
