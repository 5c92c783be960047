"""The exact change to a file as a unified diff that holds no secret. Pure.

Every text in a JSON file but its keys may be one (an approved suffix, a token of a server), so none is shown
but its mask; of a start-up file only the changed line is shown, without the value.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Sequence

from claude_auth.security.sanitize import clean, safe_text
from claude_auth.security.secret import Secret, without_locals

CONTEXT = 2
WIDEST = 160
#: More changed lines than this are not compared line by line.
MOST_LINES = 2000

_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*+:)?')


@without_locals
def json_diff(path: str, before: bytes | None, after: bytes, shown: Iterable[str] = ()) -> str:
    """`shown`: texts that are ours and no secret."""
    allowed = frozenset(shown)
    return _diff(path, before, after, lambda line: _masked(line, allowed), CONTEXT)


@without_locals
def shell_diff(path: str, before: bytes, after: bytes, name: str) -> str:
    def masked(line: str) -> str:
        head, sign, _ = line.partition(name)
        gap = re.match(r"[ \t]*[=]?[ \t]*", line[len(head) + len(name) :])
        return clean(f"{head}{name}{gap[0] if gap else ''}…", WIDEST) if sign else "…"

    return _diff(path, before, after, masked, 0)


def _masked(line: str, allowed: frozenset[str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match[2] is not None:
            name = safe_text(match[1], WIDEST) if len(match[1]) <= WIDEST else "…"
            return f'"{name}"{match[2]}'
        try:
            value = json.loads(match[0])
        except ValueError:
            value = ""
        return match[0] if value in allowed else f'"{Secret(value).masked if value else ""}"'

    return _STRING.sub(one, line)


def _visible(line: str) -> str:
    """What a terminal may show, with the indentation kept."""
    indent = line[: len(line) - len(line.lstrip(" \t"))][:40].replace("\t", "    ")
    return indent + clean(line, 2 * WIDEST)


def _diff(path: str, before: bytes | None, after: bytes, masked: Callable[[str], str], context: int) -> str:
    old = [] if before is None else _lines(before)
    new = _lines(after)
    first = _common(old, new)
    same = _common(old[first:][::-1], new[first:][::-1])
    begin = max(0, first - context)
    old_part = old[begin : len(old) - same + min(same, context)]
    new_part = new[begin : len(new) - same + min(same, context)]
    head = ["--- /dev/null" if before is None else f"--- {path}", f"+++ {path}"]
    if max(len(old_part), len(new_part)) > MOST_LINES:
        return "\n".join([*head, f"@@ lines {first + 1} to {len(old) - same} @@", "(too many lines to show)"])
    old_part, new_part = [masked(line) for line in old_part], [masked(line) for line in new_part]
    if len(old_part) == len(new_part) == 1:
        old_part, new_part = _around_the_change(old_part[0], new_part[0])
    old_part, new_part = [_visible(line) for line in old_part], [_visible(line) for line in new_part]
    body = list(difflib.unified_diff(old_part, new_part, n=context, lineterm=""))[2:]
    return "\n".join([*head, *(_placed(line, begin) for line in body)])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How much both begin with; by halves, since a file in one line may have millions of characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _lines(content: bytes) -> Sequence[str]:
    return [line.removesuffix("\r") for line in content.decode("utf-8", "replace").split("\n")]


_HUNK = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def _placed(line: str, offset: int) -> str:
    """Hunks are counted from the start of the part that was compared."""
    found = _HUNK.fullmatch(line)
    if found is not None:
        return f"@@ -{int(found[1]) + offset}{found[2]} +{int(found[3]) + offset}{found[4]} @@"
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"


def _around_the_change(old: str, new: str) -> tuple[list[str], list[str]]:
    """Of a long line, say of a file without line breaks, the part that changes."""
    if max(len(old), len(new)) <= WIDEST - 1:
        return [old], [new]
    start = max(0, _common(old, new) - WIDEST // 3)
    lead = "…" if start else ""

    def cut(text: str) -> str:
        part = text[start : start + WIDEST - 4]
        return f"{lead}{part}{'…' if start + WIDEST - 4 < len(text) else ''}"

    return [cut(old)], [cut(new)]
