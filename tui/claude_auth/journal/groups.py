"""Which events belong together, as one line that unfolds: a refresh, what was started here, and a change with
what came of it. One of them tells the whole and stands for the others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claude_auth.formats.journal_line import LEVELS
from claude_auth.model import Event

#: How the kinds begin of those that tell the whole.
_WHOLE = (
    *("claude.refresh.", "refresh.saved", "refresh.adopted", "refresh.failed", "refresh.left"),
    *("sign-in.verified", "sign-in.unchanged", "sign-in.overridden", "sign-in.token-made"),
    *("sign-in.no-token", "sign-out.verified", "sign-out.unchanged", "signin.saved", "signin.failed"),
    *("signin.cancelled", "run.understood", "answer."),
)


def tells_the_whole(event: Event) -> bool:
    return event.group is not None and event.kind.startswith(_WHOLE)


def folded(events: Sequence[Event]) -> Iterable[tuple[int, Event]]:
    """Each with its place, but for the steps that another one stands for. What is more serious than that one
    went wrong on the way, and is told by itself."""
    heads: dict[str | None, int] = {}
    for event in events:
        if tells_the_whole(event):
            heads[event.group] = max(heads.get(event.group, 0), LEVELS.index(event.level))
    for number, event in enumerate(events):
        if tells_the_whole(event) or LEVELS.index(event.level) > heads.get(event.group, -1):
            yield number, event
