"""One live request, planned and then sent, with its steps as events: the same for the command line and the
app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from claude_auth.actions.background import in_the_background
from claude_auth.model import Event, Resolution, Severity, Snapshot
from claude_auth.network import probe
from claude_auth.network.probe import CLAUDE_SECONDS, SECONDS, ProbeAnswer
from claude_auth.network.probe_plan import ProbePlan, plan_probe
from claude_auth.resolve import resolve


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be sent, and what that follows from."""

    snapshot: Snapshot
    resolution: Resolution
    plan: ProbePlan

    @property
    def patience(self) -> float:
        """How long the answer is waited for, at most."""
        return CLAUDE_SECONDS if self.plan.kind == "claude" else SECONDS


def plan_for(
    snapshot: Snapshot, client: str, environ: Mapping[str, str], version: str | None = None
) -> Planned:
    """Sends nothing. `environ` is the shell's: the configuration of an OAuth client of one's own is there."""
    from claude_auth.oauth.configuration import load_configuration

    resolution = resolve(snapshot, client, version)
    own = load_configuration(environ).client
    base = None if own is None else own.base_url
    return Planned(snapshot, resolution, plan_probe(snapshot, resolution, own_base_url=base))


class Probe:
    """Iterating `events` is the consent: it sends. `answer` is set in the end; None: it was cancelled."""

    def __init__(self, planned: Planned, environ: Mapping[str, str]) -> None:
        self.planned = planned
        self.answer: ProbeAnswer | None = None
        self._environ = environ
        self._cancelled = asyncio.Event()

    async def events(self) -> AsyncIterator[Event]:
        if self._cancelled.is_set():
            return  # before it was begun: nothing is sent
        plan = self.planned.plan
        data = {"client": plan.client, "kind": plan.kind}
        yield Event(time.time(), "probe.sent", plan.title, data=data)
        asked = asyncio.ensure_future(self._ask())
        stopped = asyncio.ensure_future(self._cancelled.wait())
        try:
            await asyncio.wait({asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                self.answer = asked.result()
        finally:
            for one in (asked, stopped):
                one.cancel()
        if self.answer is None:
            yield self.left_behind()
            return
        level: Severity = "info" if self.answer.ok else "warning"
        result = {"status": self.answer.status, "ok": self.answer.ok}
        yield Event(time.time(), "probe.answered", self.answer.words, level, data=result)

    def cancel(self) -> None:
        """Nothing is taken back: it is no longer waited for."""
        self._cancelled.set()

    def left_behind(self) -> Event:
        """That it is no longer waited for, and what of it goes on."""
        words = "no longer waited for: what was sent is not taken back, its answer is not looked at"
        if self.planned.plan.kind == "claude":
            words = "no longer waited for: Claude Code goes on undisturbed, and its request may be counted"
        return Event(time.time(), "probe.cancelled", words, "warning")

    async def _ask(self) -> ProbeAnswer:
        planned = self.planned
        if planned.plan.kind == "claude":
            return await probe.run_claude(planned.plan, planned.snapshot, planned.resolution, self._environ)
        return await in_the_background(self._send)

    def _send(self) -> ProbeAnswer:
        from claude_auth.claude_code.effective import EffectiveConfig
        from claude_auth.network.settings import network_environment

        snapshot, resolution, plan = self.planned.snapshot, self.planned.resolution, self.planned.plan
        if plan.kind != "request":
            return probe.ask_cloud(plan, snapshot, resolution, self._environ)
        view = EffectiveConfig.of(snapshot, resolution)
        return probe.send_probe(plan, snapshot, resolution, network_environment(view))
