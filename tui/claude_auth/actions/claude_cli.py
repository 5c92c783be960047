"""A command of Claude Code's that changes its own store: run in a pane, then looked at whether it worked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from claude_auth.actions import Result
from claude_auth.actions.claude_program import ClaudeProgram, Look, Sleep, find_claude, missing_client
from claude_auth.actions.phrases import Phrase
from claude_auth.model import Event, Snapshot


@dataclass(kw_only=True, eq=False, repr=False)
class Delegated:
    """Iterate `events`; meanwhile show `program.pane` and offer `program.urls`. `result` is set in the end.

    `look` observes the machine anew, in a thread; `program` is None until it runs."""

    kind: ClassVar[str]
    phrases: ClassVar[Sequence[Phrase]]

    look: Look
    environ: Mapping[str, str]
    limit: float | None
    columns: int = 80
    rows: int = 24
    client: str = "claude"
    version: str | None = None
    clock: Callable[[], float] = time.time
    sleep: Sleep = asyncio.sleep
    changed: Callable[[], None] = lambda: None
    program: ClaudeProgram | None = field(default=None, init=False)
    result: Result | None = field(default=None, init=False)
    _cancelled: bool = field(default=False, init=False)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `claude` is started with."""
        raise NotImplementedError

    async def cancel(self) -> None:
        self._cancelled = True
        if self.program is not None:
            await self.program.cancel()

    async def events(self) -> AsyncIterator[Event]:
        before = await asyncio.to_thread(self.look)
        path = find_claude(before)
        if path is None:
            self.result = Result("failed", error="Claude Code isn't installed here")
            yield missing_client(self.clock(), f"{self.kind}.client-missing")
            return
        self.program = ClaudeProgram(
            path,
            self.arguments,
            kind=self.kind,
            phrases=self.phrases,
            snapshot=before,
            environ=self.environ,
            columns=self.columns,
            rows=self.rows,
            limit=self.limit,
            clock=self.clock,
            sleep=self.sleep,
            changed=self.changed,
        )
        async for event in self.program.events():
            self._heard(event)
            yield event
        after = await asyncio.to_thread(self.look)
        self.result, event = self._judged(self.program, before, after)
        yield event

    def _heard(self, event: Event) -> None:
        """What the program told."""

    def _judged(self, program: ClaudeProgram, before: Snapshot, after: Snapshot) -> tuple[Result, Event]:
        """Whether it worked, by what is stored now."""
        raise NotImplementedError
