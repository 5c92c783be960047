"""Which events belong together, as one line that unfolds: a refresh, what was started here, and a change with
what came of it. One of them tells the whole and stands for the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claude_auth.formats.journal_line import LEVELS
from claude_auth.model import Event

#: How the kinds begin of those that tell the whole, seen from outside, and by who did it.
_SEEN = "claude.refresh."
_WHOLE = (
    *("refresh.saved", "refresh.adopted", "refresh.failed", "refresh.left"),
    *("sign-in.verified", "sign-in.unchanged", "sign-in.overridden", "sign-in.token-made"),
    *("sign-in.no-token", "sign-out.verified", "sign-out.unchanged", "signin.saved", "signin.failed"),
    *("signin.cancelled", "run.understood", "answer."),
)


def rank(event: Event) -> int:
    """0: a step; 1: tells the whole, seen from outside; 2: the same, by who did it. Of those that belong
    together the highest stand for the others."""
    if event.group is None or not event.kind.startswith((_SEEN, *_WHOLE)):
        return 0
    return 1 if event.kind.startswith(_SEEN) else 2


def change_of_login(event: Event) -> str | None:
    """Of what tells the whole of a refresh by Claude Code: from which token to which. No other refresh comes
    to that, since a refresh token works once: so what was seen from outside belongs to the command of ours
    that it was seen for. `process`: of that command, where it is certain that it held the lock."""
    old, new = ("from", "to") if event.kind.startswith(_SEEN) else ("before", "after")
    before, after = event.data.get(old), event.data.get(new)
    if before == after or (old == "before" and event.data.get("process") is None):
        return None
    return f"{before} → {after}"


def folded(events: Sequence[Event]) -> Iterable[tuple[int, Event]]:
    """Each with its place, but for the steps that another one stands for. What is more serious than that one
    went wrong on the way, and is told by itself."""
    names: dict[str | None, str | None] = {}
    heads: dict[str | None, tuple[int, int]] = {}
    for event in events:
        if place := rank(event):
            name = names.setdefault(event.group, change_of_login(event) or event.group)
            heads[name] = max(heads.get(name, (0, 0)), (place, LEVELS.index(event.level)))
    for number, event in enumerate(events):
        place, level = heads.get(names.get(event.group), (0, 0))
        if rank(event) >= place or LEVELS.index(event.level) > level:
            yield number, event
