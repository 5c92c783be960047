"""The shape of a row of the catalogue."""

from __future__ import annotations

from typing import Literal, NamedTuple

from claude_auth.model import Certainty, Severity

#: What a fix of ours may do to a file, besides taking something out of it.
Change = Literal["chmod", "chown", "remove-lock", "move-aside", "approve-key", "unreject-key"]


class Entry(NamedTuple):
    """What one finding says. `symptoms` are entry numbers of the catalogue of causes (docs/symptoms.md).

    `changes` and `removes` are all that a fix may do about it: where both are empty nothing is changed, there
    are commands to run at most. `removes`: `source`, the variable of the finding's source (never a provider's
    switch); `sent`, those of all sources that are sent; `helper`, the command of these sources; `project`,
    what the working directory's settings set; else the name of a variable. Only what the finding says is
    unwanted stands there, for what goes must not be what the person had set up."""

    id: str
    severity: Severity
    title: str
    explanation: str
    symptoms: tuple[int, ...] = ()
    certainty: Certainty = "seen"
    changes: tuple[Change, ...] = ()
    removes: tuple[str, ...] = ()
