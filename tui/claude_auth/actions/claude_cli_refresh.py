"""Refreshing Claude Code's stored login: by Claude Code itself, which alone knows how to hold its locks.

Which command, and how long it runs, is decided in `claude_code.refreshing`. It runs under a small process of
its own, `refresh_keeper`, that outlives us.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from claude_auth.actions.claude_cli import login_fingerprint
from claude_auth.actions.claude_program import STORE, Look, Sleep, environment_of, find_claude, missing_client
from claude_auth.actions.refresh_keeper import Keeper
from claude_auth.actions.refresh_run import SIGN_IN, RefreshRun, helper_words, last_lines
from claude_auth.actions.result import Outcome, Result
from claude_auth.claude_code.locks import STATE_FILE, judge, lock_paths
from claude_auth.claude_code.refreshing import (
    MCP_SERVE,
    RENEWAL_MARGIN,
    TIMING,
    Command,
    Timing,
    helper_that_runs,
    safe_commands,
)
from claude_auth.files import signature
from claude_auth.model import Event, Lock, Severity, Snapshot, TokenSet
from claude_auth.model.findings import new_group
from claude_auth.observe.claude_files import look_at_locks
from claude_auth.observe.running import claude_processes
from claude_auth.observe.token_stores import note_path
from claude_auth.processes.lifetime import CouldNotStart
from claude_auth.security.sanitize import clean, shown_path
from claude_auth.security.secret import Secret
from claude_auth.words.origins import distrust_words

__all__ = [
    "NOT_ON_MACOS",
    "RENEWAL_MARGIN",
    "DelegatedRefresh",
    "has_time_left",
    "helper_that_runs",
    "helper_words",
]

#: Claude Code itself waits about 31 s for a lock that is held [seen].
HELD_PATIENCE = 35.0
OF_OTHERS = "where you trust its owner: start claude yourself"
NOT_ON_MACOS = (
    "on macOS it was not seen yet that a refresh by Claude Code is saved; sign in: claude auth login"
)
LOOKS_EVERY = 0.1
Fact = str | float | None


@dataclass(eq=False, repr=False, kw_only=True)
class DelegatedRefresh:
    """Iterate `events`; `result` is set in the end. `despite_locks`: start although a lock is in the way;
    `allow_request`: where nothing else refreshes, send one request with `claude -p`."""

    look: Look
    environ: Mapping[str, str]
    force: bool = False
    despite_locks: bool = False
    allow_request: bool = False
    timing: Timing = TIMING
    clock: Callable[[], float] = time.time
    sleep: Sleep = asyncio.sleep
    result: Result | None = field(default=None, init=False)
    _before: str | None = field(default=None, init=False)
    _now: Snapshot | None = field(default=None, init=False)
    _locks: dict[str, Lock] = field(default_factory=dict, init=False)
    _group: str = field(default="", init=False)

    async def events(self) -> AsyncIterator[Event]:
        first = self._now = await asyncio.to_thread(self.look)
        self._before = login_fingerprint(first)
        if (answer := self._answer_at_once(first)) is not None:
            yield answer
            return
        async for event in self._see_to_locks(first):
            yield event
        if self._is_done():
            return
        run = None
        for command in self._commands(first):
            run = RefreshRun(command)
            async for event in self._run(first.installed[0].path, run):
                yield event
            if self._is_done():
                return
        for event in self._nothing_helped(run):
            yield event

    def _is_done(self) -> bool:
        return self.result is not None

    def _answer_at_once(self, first: Snapshot) -> Event | None:
        """Where nothing is run; then `result` is set."""
        if (problem := self._not_possible(first)) is not None:
            return self._failed(problem)
        tokens = first.login.tokens
        assert tokens is not None
        if has_time_left(tokens, first.observed_at):
            if self.force:
                return self._failed(
                    "the login is live, and Claude Code refreshes with less than five minutes left only"
                )
            self.result = self._result("not-needed")
            return self._event("not-needed", "the login is live: there is nothing to refresh")
        if find_claude(first) is None:
            self.result = self._result("failed", "Claude Code isn't installed here")
            return missing_client(self.clock(), "refresh.client-missing")
        return None

    def _commands(self, first: Snapshot) -> tuple[Command, ...]:
        """In the order in which they are tried."""
        commands = safe_commands(
            first.installed[0].version, allow_request=self.allow_request, platform=first.machine.platform
        )
        # With both, a request was asked for by name, after the others came to nothing.
        return commands[-1:] if self.force and self.allow_request else commands

    def _nothing_helped(self, run: RefreshRun | None) -> Iterator[Event]:
        """`run`: the last one that was tried."""
        if run is None:
            yield self._failed(f"no command of this Claude Code is known to refresh safely; {SIGN_IN}")
            return
        for said in last_lines(run.output, self._secrets()):
            yield self._event("output", said, "warning")
        if run.might_do_with_a_request and not self.allow_request:
            offer = "`claude -p` would refresh it, and costs one request of your plan"
            yield self._event("offer-request", offer, "warning", command="claude -p")
        yield self._failed(run.what_to_do)

    def _not_possible(self, snapshot: Snapshot) -> str | None:
        if not safe_commands(None, allow_request=True, platform=snapshot.machine.platform):
            return NOT_ON_MACOS
        tokens = snapshot.login.tokens
        if tokens is None or (tokens.access_token.is_empty and not tokens.is_refreshable):
            return "there is no stored login to refresh: sign in"
        if not tokens.is_refreshable:
            return "the stored login has no refresh token: sign in again once it has expired"
        if tokens.login_deadline is not None and tokens.login_deadline <= snapshot.observed_at:
            return "the sign-in itself has reached its end: sign in again"
        helper = helper_that_runs(snapshot)
        if helper is not None and helper.origin.is_foreign:
            return f"not started: {helper_words(helper)}; {distrust_words(helper.origin)}; {OF_OTHERS}"
        foreign = snapshot.foreign_settings(snapshot.places.cwd == snapshot.places.home)
        if self.allow_request and foreign is not None:
            owner = clean(foreign.owner, 60)
            return (
                f"not started: `claude -p` runs what {shown_path(foreign.path)} of {owner} names; {OF_OTHERS}"
            )
        return None

    # ── locks ────────────────────────────────────────────────────────────────────────────────────

    async def _see_to_locks(self, first: Snapshot) -> AsyncIterator[Event]:
        """Explains each lock; waits for one that is held; stops at one that is in the way."""
        until = self.clock() + HELD_PATIENCE
        told: set[tuple[str, str]] = set()
        while True:
            now = self.clock()
            judged = [judge(lock, None) for lock in self._look_at_locks(first)]
            for one in judged:
                if (one.lock.path, one.state) not in told:
                    told.add((one.lock.path, one.state))
                    level: Severity = "warning" if one.in_the_way else "info"
                    yield self._event(f"lock-{one.state}", one.sentence, level, lock=one.lock.path)
            in_the_way = [one for one in judged if one.in_the_way]
            if not in_the_way:
                break
            if any(one.state != "held" for one in in_the_way) or now >= until:
                if not self.despite_locks:
                    yield self._failed(f"not started: {in_the_way[-1].sentence}. {in_the_way[-1].next_step}")
                    return
                break
            await self.sleep(LOOKS_EVERY)
        if told:
            async for event in self._adopted():
                yield event

    def _look_at_locks(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        return look_at_locks(snapshot.places.config_dir, snapshot.claude_json.path, self.clock())

    async def _adopted(self) -> AsyncIterator[Event]:
        """Whether somebody else refreshed while we waited."""
        await self._observe()
        if self._fingerprint not in {None, self._before}:
            self.result = self._result("adopted")
            yield self._event(
                "adopted", f"another Claude Code refreshed it: {self._change}", "info", **self._facts
            )

    # ── one program ──────────────────────────────────────────────────────────────────────────────

    async def _run(self, path: str, run: RefreshRun) -> AsyncIterator[Event]:
        """Until it has refreshed the login, has ended, or goes on alone; then `result` is set, unless the
        next command may try."""
        assert self._now is not None
        snapshot = self._now
        if run.command == MCP_SERVE and (helper := helper_that_runs(snapshot)) is not None:
            yield self._event("runs-helper", helper_words(helper), "warning", command=run.name)
        keeper = self._keeper(path, run, snapshot)
        try:
            keeper.start()
        except CouldNotStart as problem:
            yield self._failed(f"`{run.name}` did not start: {problem}")
            return
        try:
            text = f"`{run.name}` runs; it is not ended in the middle of a refresh"
            yield self._event("started", text, command=run.name)
            async for event in self._watch(keeper, run, snapshot):
                yield event
        finally:
            keeper.leave()
        if (verdict := self._verdict(run)) is not None:
            yield verdict

    def _keeper(self, path: str, run: RefreshRun, snapshot: Snapshot) -> Keeper:
        environment = environment_of(self.environ, snapshot, DISABLE_AUTOUPDATER="1")  # it may be ended
        return Keeper(
            argv=(path, *run.command),
            name=run.name,
            environment=environment,
            cwd=snapshot.places.home,
            hold_input=run.command == MCP_SERVE,
            credentials=snapshot.places.credentials_path,
            fingerprint=self._before,
            lock=self._refresh_lock(snapshot),
            note=note_path(self.environ, snapshot.places.home, snapshot.machine.platform),
            timing=self.timing,
        )

    def _refresh_lock(self, snapshot: Snapshot) -> str:
        return lock_paths(snapshot.places.config_dir, snapshot.claude_json.path)[0][0]

    async def _watch(self, keeper: Keeper, run: RefreshRun, snapshot: Snapshot) -> AsyncIterator[Event]:
        timing, store, lock = self.timing, snapshot.places.credentials_path, self._refresh_lock(snapshot)
        until = self.clock() + timing.patience + timing.grace + timing.kill + timing.settle
        seen, saved_at = signature(store), None
        await self._see_holder(run, snapshot)  # what that imports is there once the lock stands
        while True:
            over = await keeper.wait(LOOKS_EVERY)
            for report in keeper.news():
                if (told := self._told(report, run)) is not None:
                    yield told
            for event in self._lock_events(snapshot):
                yield event
            if lock in self._locks and run.holder is None:
                await self._see_holder(run, snapshot)
            if over or signature(store) != seen:
                seen = signature(store)
                await self._observe()
            now = self.clock()
            saved_at = (now if saved_at is None else saved_at) if self._has_changed else None
            settled = saved_at is not None and (
                lock not in self._locks or (self._fingerprint is not None and now - saved_at >= timing.settle)
            )
            if over or settled or now >= until:
                break
        if over and run.is_unheard_of and saved_at is None:
            run.goes_on = True
            text = f"what watched over `{run.name}` was ended; `{run.name}` itself may go on"
            yield self._event("ended", text, "warning", command=run.name)
        elif not over and saved_at is None:
            run.goes_on = True
            text = f"`{run.name}` still runs; it is not ended in the middle of a refresh, and goes on alone"
            yield self._event("ended", text, "warning", command=run.name)

    async def _see_holder(self, run: RefreshRun, snapshot: Snapshot) -> None:
        """Once for each time that the lock of the refresh is taken."""
        path = self._refresh_lock(snapshot)
        if (lock := _inode(path)) == run.lock and lock:
            return
        taken = self._locks.get(path)  # the client dates it up to a second ahead [seen, 2.1.332]
        run.lock, run.since = lock, self.clock() - (0.0 if taken is None else max(0.0, taken.age))
        found = await asyncio.to_thread(claude_processes, snapshot.places.config_dir)
        is_alone = bool(found) and all(map(run.is_its_own, found or ()))
        run.holder = run.pid if is_alone and lock and _inode(path) == lock else None

    def _told(self, report: Mapping[str, Any], run: RefreshRun) -> Event | None:
        """What the keeper reports."""
        match report.get("event"):
            case "not-started":
                run.problem = str(report.get("text"))
            case "started":
                run.pid = report.get("pid")
            case "closed" if report.get("why") == "nothing-changed":
                text = f"nothing has changed for {self.timing.patience:.0f} s: `{run.name}` is ended"
                return self._event("closed", text, command=run.name)
            case "tried":
                run.tried(float(report.get("held", 0.0)))
                text = "the lock was let go, and the same login is stored; perhaps it is tried again"
                return self._event("not-saved", text, "warning", command=run.name)
            case "ended":
                run.has_ended = True
                run.code, run.output = report.get("code"), str(report.get("output"))
                return self._event("ended", f"`{run.name}` ended", command=run.name, exit_code=run.code)
        return None

    def _secrets(self) -> tuple[Secret, ...]:
        tokens = None if self._now is None else self._now.login.tokens
        return () if tokens is None else (tokens.access_token, tokens.refresh_token or Secret(""))

    @property
    def _has_changed(self) -> bool:
        """Another login is stored, or none any more."""
        return self._now is not None and self._now.login.damage is None and self._fingerprint != self._before

    def _verdict(self, run: RefreshRun) -> Event | None:
        """None where nothing has changed and the next command may try."""
        if self._fingerprint not in {None, self._before}:
            self.result = self._result("refreshed")
            file = None if self._now is None else self._now.login.origin.file
            how = run.how(self.clock() if file is None else file.modified, self._expires_at)
            text = f"`{run.name}` refreshed the login: {self._change}{how}"
            return self._event("saved", text, "info", **self._facts, process=run.holder)
        if self._has_changed:
            text = f"Claude Code cleared the stored login: its refresh was refused for good; {SIGN_IN}"
            return self._failed(text, run.holder)
        if run.problem is not None:
            return self._failed(f"`{run.name}` did not start: {run.problem}")
        if run.goes_on:
            return self._failed(
                f"`{run.name}` has not refreshed the login yet; it goes on alone: look again in a minute"
            )
        return None

    def _lock_events(self, snapshot: Snapshot) -> list[Event]:
        # The lock of .claude.json often stays behind when Claude Code ends quickly [seen]; it hinders nobody.
        locks = [lock for lock in self._look_at_locks(snapshot) if lock.guards != STATE_FILE]
        before, self._locks = self._locks, {lock.path: lock for lock in locks}
        new = [lock for path, lock in self._locks.items() if path not in before]
        gone = [lock for path, lock in before.items() if path not in self._locks]
        return [
            *(self._event("lock-taken", f"lock taken: {lock.guards}", lock=lock.path) for lock in new),
            *(self._event("lock-released", f"lock released: {lock.guards}", lock=lock.path) for lock in gone),
        ]

    # ── what stands there now ────────────────────────────────────────────────────────────────────

    async def _observe(self) -> None:
        self._now = await asyncio.to_thread(self.look)

    @property
    def _fingerprint(self) -> str | None:
        return None if self._now is None else login_fingerprint(self._now)

    @property
    def _expires_at(self) -> float | None:
        tokens = self._now.login.tokens if self._now is not None else None
        return None if tokens is None else tokens.expires_at

    @property
    def _change(self) -> str:
        return f"{self._before} → {self._fingerprint}"

    @property
    def _facts(self) -> dict[str, Fact]:
        return {"before": self._before, "after": self._fingerprint, "expires_at": self._expires_at}

    def _failed(self, error: str, holder: int | None = None) -> Event:
        self.result = self._result("failed", error)
        return self._event("failed", error, "error", **self._facts, process=holder)

    def _result(self, outcome: Outcome, error: str | None = None) -> Result:
        return Result(outcome, STORE, None, self._before, self._fingerprint, self._expires_at, error)

    def _event(self, kind: str, text: str, level: Severity = "info", **data: Fact) -> Event:
        now = self.clock()
        self._group = self._group or new_group(now)
        return Event(now, f"refresh.{kind}", text, level, STORE, {**data, "refresh": self._group})


def has_time_left(tokens: TokenSet, now: float) -> bool:
    """Claude Code would not refresh it now."""
    return not tokens.refreshes_first(now, RENEWAL_MARGIN)


def _inode(path: str) -> tuple[object, ...]:
    """Of a lock: the same as long as it stands, however often its holder touches it."""
    return (signature(path) or ())[:2]
