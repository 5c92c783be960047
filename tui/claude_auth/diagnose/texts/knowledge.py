"""The two shapes of what is known about error texts: a cause, and a phrase that points to causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from claude_auth.model import Fix

__all__ = ["Cause", "Certainty", "Company", "Fix", "Phrase"]

#: `seen`: the text or this machine proves it; `likely`: the usual reason; `not checkable here`: it is decided
#: by a server, another machine or a moment that has passed.
Certainty = Literal["seen", "likely", "not checkable here"]

#: What must stand around a phrase. `any`: nothing, the words are unmistakable. `no-stranger`: no other
#: program's name nearby, unless one of ours is there too. `ours`: Claude or Anthropic nearby, or nothing else
#: in the whole text.
Company = Literal["any", "no-stranger", "ours"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an error appeared. The first of `symptoms` is the entry of the catalogue that this row is about."""

    id: str
    symptoms: tuple[int, ...]
    title: str
    explanation: str
    fixes: tuple[Fix, ...] = ()
    certainty: Certainty = "likely"
    #: Findings of this machine that confirm the cause.
    findings: tuple[str, ...] = ()
    #: The platform that it needs, as `sys.platform` names it.
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of an error, compared in lower case without anything but letters and digits.

    `…` in `words` stands for up to `gap` further letters and digits. `causes`: likeliest first. `near`: one
    of these words within `window`; `unless`: none of them. `look`: a pattern that the text must contain as
    well, tried on the text with its punctuation, in lower case. `hides`: causes that these words rule out.
    `alone`: how many more letters the text may have and still count as nothing but this phrase.
    """

    words: str
    causes: tuple[str, ...]
    weight: int = 50
    company: Company = "any"
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    look: str = ""
    hides: tuple[str, ...] = ()
    gap: int = 160
    window: int = 200
    alone: int = 40
