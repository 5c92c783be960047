"""Bytes to a JSON object, with damage told precisely and line numbers for keys."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from claude_auth.model import Damage
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import WHITE_SPACE

JsonObject = dict[str, Any]

_KIND_WORDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


#: Of a damaged document; never written into.
_NOTHING: JsonObject = {}


class Document(NamedTuple):
    """A parsed JSON object and its text, or the damage. Its `repr` shows neither."""

    data: JsonObject = _NOTHING
    damage: Damage | None = None
    text: str = ""

    def __repr__(self) -> str:
        return f"Document(damage={self.damage!r})"

    def line_of(self, key: str) -> int | None:
        """The line (from 1) on which a key of the object itself stands, None where that isn't known."""
        return self.lines_below().get(key) if f'"{key}"' in self.text else None

    def line_at(self, path: tuple[str, ...]) -> int | None:
        """The line of the innermost key of `path` whose line is known; items of lists have none."""
        places = (self.lines_below(*path[:depth]).get(path[depth]) for depth in reversed(range(len(path))))
        return next((line for line in places if line is not None), None)

    def lines_below(self, *path: str) -> dict[str, int]:
        """Key → line for every key of the object at `path`."""
        return lines_of_keys(self.text, path) if len(self.text) <= LONGEST_WITH_LINES else {}


def decode(content: bytes, *, forgiving: bool = False) -> tuple[str, Damage | None]:
    """UTF-8 text, or the damage. A byte order mark is damage: Claude Code's own reader stumbles over it.
    `forgiving`: what is no UTF-8 becomes U+FFFD, as in JavaScript."""
    if not content:
        return "", Damage("empty", "the file is empty")
    if content.startswith(b"\xef\xbb\xbf"):
        return "", Damage("bom", "the file starts with a byte order mark (UTF-8 BOM)", 1, 1)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Damage("utf-16", "the file is UTF-16, not UTF-8", 1, 1)
    try:
        text = content.decode("utf-8", "replace" if forgiving else "strict")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return "", Damage("not-utf-8", f"the file is not UTF-8 (line {line})", line)
    if not text.strip():
        return "", Damage("empty", "the file holds nothing but white space")
    return text, None


def parse(content: bytes, *, forgiving: bool = False) -> Document:
    """A JSON object from bytes; never raises."""
    text, damage = decode(content, forgiving=forgiving)
    if damage is not None:
        return Document(damage=damage)
    try:
        data = json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].strip()
        if not rest or (error.msg.startswith("Unterminated string")):
            words = f"the file ends too early (line {error.lineno})"
            return Document(damage=Damage("truncated", words, error.lineno))
        at = _where_it_is_wrong(text, error.pos)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        # Named and never quoted: it may be a secret.
        slip = next((f": {words}" for slip, words in _SLIPS if re.match(slip, text[at : at + 1000])), "")
        place = f"line {line}, column {column}{slip}"
        return Document(damage=Damage("not-json", f"the file is not valid JSON ({place})", line, column))
    except RecursionError:
        return Document(damage=Damage("not-json", "the file is nested too deeply to be read"))
    except ValueError:  # NaN and Infinity, or a number of thousands of digits
        return Document(damage=Damage("not-json", "the file holds a number that JSON does not know"))
    if not isinstance(data, dict):
        words = f"the file holds {_KIND_WORDS[type(data)]} where an object belongs"
        return Document(damage=Damage("wrong-type", words))
    return Document(data, None, text)


#: What people write in a file that is JSON by its name alone.
_SLIPS = (
    (r"\s*+(?://|/\*|#)", "a comment"),
    (r"\s*+'", "single quotes"),
    (r"\s*+[“”„]", "typographic quotes"),
    (r"\s*+,\s*+[}\]]", "a comma with nothing after it"),
)


def _where_it_is_wrong(text: str, place: int) -> int:
    """The index that `json` reports, but of a comma with nothing after it the comma's own: before Python 3.13
    it was that of the bracket behind it."""
    if text[place : place + 1] not in ("}", "]"):
        return place
    before = text[:place].rstrip()
    return len(before) - 1 if before.endswith(",") else place


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def text_of(value: object) -> str | None:
    """A string field, None for anything else."""
    return value if isinstance(value, str) else None


def object_of(value: object) -> JsonObject:
    return value if isinstance(value, dict) else {}


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')

#: In a longer text no lines are looked for: settings are short, and looking takes a second a megabyte or two.
LONGEST_WITH_LINES = 1 << 20


def lines_of_keys(text: str, path: tuple[str, ...] = ()) -> dict[str, int]:
    """Key → line (from 1) for every key of the object at `path`, in JSON that has been parsed before; of a
    repeated key the last one, which is the one that counts.

    Only the positions are wanted here: `json` has read the values already and keeps no lines. Keys that are
    written with escapes are left out: no line is better than a wrong one.
    """
    found: dict[str, int] = {}
    if not all(f'"{key}"' in text for key in path):
        return found
    containers: list[tuple[str, str]] = []  # the bracket, and the key that the container is the value of
    key = ""
    expects_key = False
    line, counted = 1, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "{[":
            containers.append((token, key))
            expects_key = token == "{"
            if len(containers) == len(path) + 1 and _leads_to(containers, path):
                found = {}  # a repeated object replaces the earlier one
        elif token in "}]":
            key = containers.pop()[1] if containers else ""
            expects_key = False
        elif token == ",":
            expects_key = bool(containers) and containers[-1][0] == "{"
        elif expects_key and token.startswith('"'):
            key = token[1:-1]
            expects_key = False
            if len(containers) == len(path) + 1 and "\\" not in key and _leads_to(containers, path):
                line += text.count("\n", counted, match.start())
                counted = match.start()
                found[key] = line
    return found


def _leads_to(containers: list[tuple[str, str]], path: tuple[str, ...]) -> bool:
    return all(containers[depth + 1][1] == key for depth, key in enumerate(path))


# ── numbers and texts, as Claude Code's JavaScript reads them ────────────────────────────────────

#: Deeper than any file of Claude Code's has one.
DEEPEST_LIST = 20

_BASES = {"0x": 16, "0o": 8, "0b": 2}


def javascript_number(value: object) -> float:
    """`Number(value)`: NaN where it is no number; booleans count, null is 0, a list counts as its text."""
    if value is None:
        return 0.0
    if isinstance(value, bool | int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if isinstance(value, list):
        value = javascript_text(value)
    return _number_of_text(value.strip(WHITE_SPACE)) if isinstance(value, str) else math.nan


def _number_of_text(text: str) -> float:
    """Python would take 1_000, other alphabets' digits and more words for numbers."""
    if not text:
        return 0.0
    if not text.isascii() or "_" in text or len(text) > 400:
        return math.nan
    base = _BASES.get(text[:2].lower())
    is_word = base is None and any(sign.isalpha() and sign not in "eE" for sign in text)
    if is_word and text.lstrip("+-") != "Infinity":
        return math.nan
    try:
        if base is None:
            return float(text)
        return float(int(text[2:], base)) if text[2:].isalnum() else math.nan
    except (ValueError, OverflowError):
        return math.nan


def javascript_number_text(value: int | float) -> str:
    """`String(n)` of a number that JSON holds: the shortest digits that give the same double, without an
    exponent from 1e-6 up to 1e21."""
    number = javascript_number(value)
    if not math.isfinite(number):
        return "Infinity" if number > 0 else "-Infinity"
    mantissa, _, exponent = repr(abs(number)).partition("e")
    before, _, after = mantissa.partition(".")
    point = len(before) + int(exponent or 0)
    digits = (before + after).lstrip("0")
    point -= len(before + after) - len(digits)
    digits = digits.rstrip("0") or "0"
    sign = "-" if number < 0 else ""
    if number == 0:
        return "0"
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{point - 1:+d}"


def javascript_text(value: object, depth: int = 0) -> str:
    """`String(value)`: null and booleans as words, numbers without a trailing .0, lists joined by commas (not
    followed beyond a depth that no settings file has)."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return javascript_number_text(value)
    if isinstance(value, list) and depth < DEEPEST_LIST:
        return ",".join("" if item is None else javascript_text(item, depth + 1) for item in value)
    return "[object Object]"


def sent_text(value: object) -> str:
    """What becomes of a field that is to be a token: whatever JavaScript counts as true goes out as its text,
    an empty list as a blank; the rest is none [seen, 2.1.332]."""
    if value is None or value is False or value == "" or (value == 0 and not isinstance(value, bool)):
        return ""
    return javascript_text(value) or " "


def moment(milliseconds: object) -> float | None:
    """Seconds since the epoch from a field of milliseconds; None for no moment, or one that never comes."""
    number = javascript_number(milliseconds)
    if number == -math.inf:
        return 0.0
    return number / 1000 if math.isfinite(number) else None
