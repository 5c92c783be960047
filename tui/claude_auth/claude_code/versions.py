"""Versions of Claude Code whose behaviour was seen, and what falls between them [behaviour.md]."""

from __future__ import annotations

from functools import lru_cache

from claude_auth.model import VersionAnswer

Version = tuple[int, ...]

OLDEST = "2.1.197"
NEWEST = "2.1.332"

#: Changes seen on both sides: the last version with the old behaviour, the first one with the new.
CHANGES: tuple[tuple[str, str], ...] = (
    ("2.1.197", "2.1.199"),
    ("2.1.206", "2.1.207"),
    ("2.1.210", "2.1.212"),
    ("2.1.225", "2.1.227"),
)


@lru_cache(maxsize=64)
def parse_version(text: str) -> Version | None:
    """`2.1.328` (or `v2.1.328`, `2.1.328-beta.1`) as numbers; None where it is no version."""
    head = text.strip().removeprefix("v").split("-")[0].split("+")[0].split(" ")[0]
    parts = head.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        return None
    return tuple(int(part) for part in parts)


def at_least(version: str, bound: str) -> bool:
    return (parse_version(version) or (0,)) >= (parse_version(bound) or (0,))


def is_oldest(version: str) -> bool:
    """Whether the oldest observed behaviour applies, for what differs between 2.1.197 and 2.1.328 and was not
    searched for in between: there the newer behaviour is shown."""
    return at_least(OLDEST, version)


def answer(asked: str | None, installed: str | None) -> VersionAnswer:
    """Which version's rules apply: the one asked for, else the installed one, else the newest seen."""
    wanted = asked or installed or NEWEST
    number = parse_version(wanted)
    if number is None:
        return VersionAnswer(NEWEST, installed, asked, observed=False)
    dotted = ".".join(str(part) for part in number)
    if not at_least(dotted, OLDEST):
        return VersionAnswer(OLDEST, installed, asked, observed=False)
    if not at_least(NEWEST, dotted):
        return VersionAnswer(NEWEST, installed, asked, observed=False, is_newer=True)
    for before, after in CHANGES:
        if at_least(dotted, before) and dotted != before and not at_least(dotted, after):
            return VersionAnswer(after, installed, asked, observed=False)
    return VersionAnswer(dotted, installed, asked)
