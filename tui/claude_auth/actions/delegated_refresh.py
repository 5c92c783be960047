"""Refreshing Claude Code's stored login: by Claude Code itself, which alone knows how to hold its locks.

`claude auth status`, then `claude doctor`, each in a session of its own on pipes: never ended by us, not even
when we go. It is the one child that may outlive us.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping

from claude_auth.actions import Outcome, Result
from claude_auth.actions.claude_program import (
    STORE,
    Look,
    Sleep,
    environment_of,
    find_claude,
    missing_client,
)
from claude_auth.actions.delegated_sign_in import login_fingerprint
from claude_auth.claude_code.locks import STATE_FILE, judge
from claude_auth.model import Event, Lock, Severity, Snapshot, TokenSet
from claude_auth.observe.locks import look_at_locks
from claude_auth.observe.watched import signature
from claude_auth.processes.detached import Detached
from claude_auth.processes.lifetime import CouldNotStart

#: So long each program is watched at least; it goes on undisturbed after that.
PATIENCE = 60.0
#: Claude Code itself waits about 31 s for a lock that is held [seen].
HELD_PATIENCE = 35.0
LOOKS_EVERY = 0.1

STEPS = (("auth", "status"), ("doctor",))
#: Costs one request of the plan.
REQUEST = ("-p", "Answer with: ok")
#: Claude Code refreshes with less than this left [seen].
MARGIN = 300.0

Fact = str | float | None


class DelegatedRefresh:
    """Iterate `events`; `result` is set in the end. `despite_locks`: start although a lock is in the way;
    `allow_request`: where neither step refreshes, send one request with `claude -p`."""

    def __init__(
        self,
        *,
        look: Look,
        environ: Mapping[str, str],
        force: bool = False,
        despite_locks: bool = False,
        allow_request: bool = False,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.result: Result | None = None
        self._look, self._environ = look, environ
        self._force, self._despite_locks = force, despite_locks
        self._steps = (*STEPS, REQUEST) if allow_request else STEPS
        self._allow_request = allow_request
        self._patience = max(patience, PATIENCE)
        self._clock, self._sleep = clock, sleep
        self._before: str | None = None
        self._now: Snapshot | None = None
        self._locks: dict[str, Lock] = {}

    async def events(self) -> AsyncIterator[Event]:
        first = self._now = await asyncio.to_thread(self._look)
        self._before = login_fingerprint(first)
        path = find_claude(first)
        if (problem := self._not_possible(first)) is not None:
            yield self._failed(problem)
            return
        tokens = first.login.tokens
        assert tokens is not None
        if not self._force and has_time_left(tokens, first.observed_at):
            self.result = self._result("not-needed")
            yield self._event("not-needed", "the login is live: there is nothing to refresh")
            return
        if path is None:
            self.result = self._result("failed", "Claude Code isn't installed here")
            yield missing_client(self._clock(), "refresh.client-missing")
            return
        async for event in self._see_to_locks(first):
            yield event
        if self._is_done():
            return
        for step in self._steps:
            async for event in self._run(path, step):
                yield event
            if self._is_done():
                return
        text = "neither `claude auth status` nor `claude doctor` refreshed the login"
        if self._force and has_time_left(tokens, first.observed_at):
            text = "the login is live, and Claude Code refreshes with less than five minutes left only"
        if not self._allow_request:
            offer = "`claude -p` would refresh it, and costs one request of your plan"
            yield self._event("offer-request", offer, "warning", command="claude -p")
        yield self._failed(text)

    def _is_done(self) -> bool:
        return self.result is not None

    def _not_possible(self, snapshot: Snapshot) -> str | None:
        if snapshot.login.present_unread:
            return None
        tokens = snapshot.login.tokens
        if tokens is None or (tokens.access_token.is_empty and not tokens.is_refreshable):
            return "there is no stored login to refresh: sign in"
        if not tokens.is_refreshable:
            return "the stored login has no refresh token: sign in again once it has expired"
        if tokens.login_deadline is not None and tokens.login_deadline <= snapshot.observed_at:
            return "the sign-in itself has reached its end: sign in again"
        return None

    # ── locks ────────────────────────────────────────────────────────────────────────────────────

    async def _see_to_locks(self, first: Snapshot) -> AsyncIterator[Event]:
        """Explains each lock; waits for one that is held; stops at one that is in the way."""
        until = self._clock() + HELD_PATIENCE
        told: set[tuple[str, str]] = set()
        while True:
            now = self._clock()
            states = [judge(lock, None) for lock in self._look_at_locks(first)]
            for state in states:
                if (state.lock.path, state.state) not in told:
                    told.add((state.lock.path, state.state))
                    level: Severity = "warning" if state.in_the_way else "info"
                    yield self._event(f"lock-{state.state}", state.sentence, level, lock=state.lock.path)
            in_the_way = [state for state in states if state.in_the_way]
            if not in_the_way:
                break
            if any(state.state != "held" for state in in_the_way) or now >= until:
                if not self._despite_locks:
                    yield self._failed(f"not started: {in_the_way[-1].sentence}. {in_the_way[-1].next_step}")
                    return
                break
            await self._sleep(LOOKS_EVERY)
        if told:
            async for event in self._adopted():
                yield event

    def _look_at_locks(self, snapshot: Snapshot) -> tuple[Lock, ...]:
        return look_at_locks(snapshot.places.config_dir, snapshot.claude_json.path, self._clock())

    async def _adopted(self) -> AsyncIterator[Event]:
        """Whether somebody else refreshed while we waited."""
        await self._observe()
        if self._fingerprint not in {None, self._before}:
            self.result = self._result("adopted")
            yield self._event(
                "adopted", f"another Claude Code refreshed it: {self._change}", "info", **self._facts
            )

    # ── one program ──────────────────────────────────────────────────────────────────────────────

    async def _run(self, path: str, step: tuple[str, ...]) -> AsyncIterator[Event]:
        assert self._now is not None
        snapshot, name = self._now, f"claude {' '.join(step[:2])}"
        child = Detached(
            (path, *step), environment=environment_of(self._environ, snapshot), cwd=snapshot.places.home
        )
        store = snapshot.places.credentials_path
        seen = signature(store)
        try:
            child.start()
        except CouldNotStart as problem:
            yield self._failed(f"{name} did not start: {problem}")
            return
        try:
            yield self._event("started", f"`{name}` runs; it is not disturbed", command=name, pid=child.pid)
            until = self._clock() + self._patience
            while True:
                ended = await child.wait(LOOKS_EVERY) is not None
                for event in self._lock_events(snapshot):
                    yield event
                now = signature(store)
                if ended or now != seen:
                    seen = now
                    await self._observe()
                if ended or self._clock() >= until:
                    break
            text = (
                f"`{name}` ended"
                if ended
                else f"`{name}` still runs after {self._patience:.0f} s; left alone"
            )
            yield self._event("ended", text, "info" if ended else "warning", command=name)
        finally:
            child.leave()
        if (verdict := self._verdict(ended, name)) is not None:
            yield verdict

    def _verdict(self, ended: bool, name: str) -> Event | None:
        """None where nothing has changed and the next program may try."""
        assert self._now is not None
        if self._fingerprint not in {None, self._before}:
            self.result = self._result("refreshed")
            return self._event(
                "saved", f"`{name}` refreshed the login: {self._change}", "info", **self._facts
            )
        if self._fingerprint is None and self._before is not None and not self._now.login.present_unread:
            return self._failed(
                "Claude Code cleared the stored login: its refresh was refused for good. Sign in again"
            )
        return None if ended else self._failed(f"`{name}` has not refreshed the login yet; it goes on alone")

    def _lock_events(self, snapshot: Snapshot) -> list[Event]:
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
        self._now = await asyncio.to_thread(self._look)

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

    def _failed(self, error: str) -> Event:
        self.result = self._result("failed", error)
        return self._event("failed", error, "error", **self._facts)

    def _result(self, outcome: Outcome, error: str | None = None) -> Result:
        return Result(outcome, STORE, None, self._before, self._fingerprint, self._expires_at, error)

    def _event(self, kind: str, text: str, level: Severity = "info", **data: Fact) -> Event:
        return Event(self._clock(), f"refresh.{kind}", text, level, STORE, data)


def has_time_left(tokens: TokenSet, now: float) -> bool:
    """More than five minutes: with less Claude Code refreshes. A token without an end has time."""
    return tokens.expires_at is None or tokens.expires_at - now > MARGIN
