"""Looking at the machine: observe, evaluate, resolve, diagnose. The one way to what a screen or a command
shows. What only some paths need is imported there: the first look is part of the first frame."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.claude_code.versions import parse_version
from claude_auth.diagnose import checks, diagnosed
from claude_auth.diagnose.verdict import verdict
from claude_auth.model import Lock, Snapshot
from claude_auth.observe import observe
from claude_auth.observe.context import ObservationContext
from claude_auth.resolve import resolve

if TYPE_CHECKING:
    import asyncio

__all__ = [
    "NOT_OWNER",
    "EffectiveConfig",
    "Evaluate",
    "HostObserver",
    "Look",
    "ObservationContext",
    "Paths",
    "Watch",
    "checks",
    "diagnosed",
    "effective_config",
    "further_look",
    "is_version",
    "locks_of",
    "merge_evaluations",
    "observe",
    "resolve",
    "running_claude",
    "verdict",
]

Look = Callable[[], Snapshot]
#: The last argument: whether the second question was agreed to.
Evaluate = Callable[[Snapshot, str, str | None, bool], Snapshot]
Watch = Callable[[tuple[str, ...], "asyncio.Event"], AsyncIterator[frozenset[str]]]
Paths = Callable[[Snapshot], tuple[str, ...]]

#: Why nothing is run or changed where `ours` says no.
NOT_OWNER = "the files that are looked at belong to somebody else"


# ── the machine ──────────────────────────────────────────────────────────────────────────────────


def further_look(context: ObservationContext) -> Snapshot:
    """With what takes longer: what diagnosing, fixing and reporting start from."""
    from claude_auth.observe import observe_more

    return observe_more(observe(context), context)


class HostObserver(NamedTuple):
    """How the app reaches the machine. `watch` None: nothing is watched. `clock` tells the moment that
    expiries are counted against. `ours`: whether the files looked at are the caller's; what somebody else's
    files say is never run."""

    look: Look
    evaluate: Evaluate
    watch: Watch | None = None
    paths: Paths = lambda snapshot: ()
    clock: Callable[[], float] = time.time
    ours: Callable[[], bool] = lambda: True

    @classmethod
    def of(cls, context: ObservationContext) -> HostObserver:
        """The real one."""
        looks = count()

        def look() -> Snapshot:
            """The first one is for the first frame; what takes longer is looked at from the second one on."""
            return further_look(context) if next(looks) else observe(context)

        def evaluate(snapshot: Snapshot, client: str, version: str | None, agreed: bool) -> Snapshot:
            from claude_auth.actions.evaluate import evaluate as run

            return run(snapshot, context.environ, client, version, agreed=agreed)

        def watch(paths: tuple[str, ...], ready: asyncio.Event) -> AsyncIterator[frozenset[str]]:
            from claude_auth.observe.watch import changes

            return changes(paths, ready=ready)

        def paths(snapshot: Snapshot) -> tuple[str, ...]:
            from claude_auth.observe.watch import interesting_files

            return interesting_files(snapshot)

        return cls(look, evaluate, watch, paths, ours=context.belongs_to_us)


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


# ── what follows from a snapshot ─────────────────────────────────────────────────────────────────


def effective_config(snapshot: Snapshot, client: str, version: str | None = None) -> EffectiveConfig:
    """What `client` reads of a snapshot."""
    return EffectiveConfig.of(snapshot, resolve(snapshot, client, version))


def is_version(text: str) -> bool:
    """Whether a version of Claude Code can be told by it."""
    return parse_version(text) is not None


def locks_of(snapshot: Snapshot) -> tuple[Lock, ...]:
    """Claude Code's locks as they are now."""
    from claude_auth.observe.claude_files import look_at_locks

    return look_at_locks(snapshot.places.config_dir, snapshot.claude_json.path, time.time())


def running_claude(config_dir: str) -> Collection[int] | None:
    """The processes of Claude Code on that configuration; None where that can't be told."""
    from claude_auth.observe.running import claude_processes

    return claude_processes(config_dir)
