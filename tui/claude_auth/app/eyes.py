"""How the app reaches the machine: by observing and, on consent, evaluating. Tests put others in."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from claude_auth.model import Snapshot

if TYPE_CHECKING:
    import asyncio

    from claude_auth.observe.context import ObservationContext

Look = Callable[[], Snapshot]
#: The last argument: whether the second question was agreed to.
Evaluate = Callable[[Snapshot, str, str | None, bool], Snapshot]
Watch = Callable[[tuple[str, ...], "asyncio.Event"], AsyncIterator[frozenset[str]]]
Paths = Callable[[Snapshot], tuple[str, ...]]

#: Why nothing is run or changed where `ours` says no.
NOT_OWNER = "the files that are looked at belong to somebody else"


class Eyes(NamedTuple):
    """`watch` None: nothing is watched. `clock` tells the moment that expiries are counted against.
    `ours`: whether the files looked at are the caller's; what somebody else's files say is never run."""

    look: Look
    evaluate: Evaluate
    watch: Watch | None = None
    paths: Paths = lambda snapshot: ()
    clock: Callable[[], float] = time.time
    ours: Callable[[], bool] = lambda: True

    @classmethod
    def of(cls, viewpoint: ObservationContext) -> Eyes:
        """The real ones. What only some paths need is imported there."""
        from claude_auth.observe import observe

        looks = count()

        def look() -> Snapshot:
            """The first one is for the first frame; what takes longer is looked at from the second one on."""
            snapshot = observe(viewpoint)
            if not next(looks):
                return snapshot
            from claude_auth.observe import observe_more

            return observe_more(snapshot, viewpoint)

        def evaluate(snapshot: Snapshot, client: str, version: str | None, agreed: bool) -> Snapshot:
            from claude_auth.actions.evaluate import evaluate as run

            return run(snapshot, viewpoint.environ, client, version, agreed=agreed)

        def watch(paths: tuple[str, ...], ready: asyncio.Event) -> AsyncIterator[frozenset[str]]:
            from claude_auth.observe.watch import changes

            return changes(paths, ready=ready)

        def paths(snapshot: Snapshot) -> tuple[str, ...]:
            from claude_auth.observe.watch import interesting_files

            return interesting_files(snapshot)

        return cls(look, evaluate, watch, paths, ours=viewpoint.belongs_to_us)


def merge_evaluations(old: Snapshot, new: Snapshot) -> Snapshot:
    """`new` with what was evaluated before and still holds: a run of the very same command, and what a
    one-shot descriptor gave, which can't be read again."""
    runs = {
        name: run
        for name, run in old.runs.items()
        if name in new.settings
        and new.settings[name]
        and new.settings[name][0].value == run.command
        and not (run.withheld and new.trusts_folder)
    }
    descriptors = dict(new.descriptors)
    for name, reading in old.descriptors.items():
        now = descriptors.get(name)
        if now is not None and now.kind == "pipe" and now.number == reading.number and now.value is None:
            descriptors[name] = reading
    return replace(new, runs=runs, descriptors=descriptors)
