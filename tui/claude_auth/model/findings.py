"""What is worth telling, what can be done about it, and what was done."""

from collections.abc import Iterable, Mapping
from itertools import count
from types import MappingProxyType
from typing import Literal

from claude_auth.model.resolution import VerdictWord
from claude_auth.named_tuples import NamedTuple

Severity = Literal["error", "warning", "info"]
#: `seen`: the machine shows it; `likely`: what is seen has other explanations too; `not-checkable`: decided
#: elsewhere.
Certainty = Literal["seen", "likely", "not-checkable"]


#: What this program can do about something: ids of its table of actions.
RemedyAction = Literal[
    "sign-in",
    "sign-out",
    "refresh",
    "run",
    "evaluate",
    "network",
    "fix",
    "accounts",
    "probe",
    "diagnose",
    "log.open",
    "panel.wire",
    "cloud",
    "set-up",
]


class Fix(NamedTuple):
    """One thing to do: a title and, where there is one, the exact command. `action`: this program does it,
    and the command is the same without the screen; `about`: which command it runs, which fix it applies.
    Where a fix of ours may stand for it: what that takes out of which file, or its kind and the file.
    `renames`: the variable whose value the command moves, and the one that it moves it to."""

    title: str
    command: str | None = None
    action: RemedyAction | None = None
    about: str = ""
    renames: tuple[str, str] | None = None


def first_action(fixes: Iterable[Fix]) -> Fix | None:
    """What one key does: the first remedy that is an action of this program."""
    return next((fix for fix in fixes if fix.action is not None), None)


class Finding(NamedTuple):
    """Something worth telling. `symptoms` are entry numbers of the catalogue of causes; `explanation`
    is a paragraph, `evidence` names files, lines and variables, never a secret; it may have
    several lines."""

    id: str
    severity: Severity
    title: str
    explanation: str
    evidence: str
    symptoms: tuple[int, ...] = ()
    fixes: tuple[Fix, ...] = ()
    source: str | None = None
    certainty: Certainty = "seen"
    #: Only the second, slower look shows it: `status` does not take that one, so the verdict leaves it out.
    from_second_look: bool = False


class Verdict(NamedTuple):
    """What a resolution and its findings come to. `because`: the finding that makes it less than `works`."""

    word: VerdictWord
    because: Finding | None = None


class Check(NamedTuple):
    """One question that was asked of the machine, by the id of its finding. `why`: where it was not checked,
    the reason; where it was found, the evidence."""

    id: str
    title: str
    state: Literal["found", "fine", "not-checked"]
    why: str = ""


class Event(NamedTuple):
    """One thing that happened while an action ran, or that was seen. `kind` is dotted (`refresh.saved`);
    `text` is one sentence; `data` holds plain JSON values, fingerprints and paths, never a secret."""

    at: float
    kind: str
    text: str
    level: Severity = "info"
    store: str | None = None
    data: Mapping[str, str | int | float | bool | None] = MappingProxyType({})

    @property
    def group(self) -> str | None:
        """What it has in common with those that it belongs to."""
        for name in _GROUPS:
            if isinstance(value := self.data.get(name), str):
                return f"{name} {value}"
        return None


#: The facts that say what an event belongs to.
_GROUPS = ("refresh", "action", "look")
_groups = count(1)


def new_group(at: float) -> str:
    """For events that belong together, the first of them at that moment."""
    return f"{at:.6f}.{next(_groups)}"
