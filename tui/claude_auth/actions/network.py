"""What asks the network, with its steps as events: one live request, planned and then sent; and the way to
each host that is needed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from claude_auth.actions.look import NOT_OWNER
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Event, Resolution, Severity, Snapshot
from claude_auth.network import probe
from claude_auth.network.checks import SECONDS as LOOK_SECONDS
from claude_auth.network.checks import check_network
from claude_auth.network.probe import CLAUDE_SECONDS, SECONDS, ProbeAnswer
from claude_auth.network.probe_plan import ProbePlan, plan_probe
from claude_auth.network.results import HostReport, NeededHost, NetworkReport, State, needed_hosts
from claude_auth.network.settings import network_environment
from claude_auth.observe.context import home_directory
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean

__all__ = [
    "HostReport",
    "NeededHost",
    "NetworkLook",
    "NetworkReport",
    "Planned",
    "Probe",
    "ProbeAnswer",
    "ProbePlan",
    "check_hosts",
    "plan_for",
]

SOMEBODY_ELSES = f"{NOT_OWNER}, whose credentials are not sent from here"
SETTINGS_TEXT = (
    "`claude -p` would be run, and the text of --settings would stand in its command line for all to read; "
    "name a file instead"
)
ANOTHER_HOME = "it would be asked with the files of your own home, not with those that are looked at here"


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
    snapshot: Snapshot,
    client: str,
    environ: Mapping[str, str],
    version: str | None = None,
    *,
    ours: bool = True,
    started_with: tuple[str, ...] | None = (),
) -> Planned:
    """Sends nothing. `environ` is the shell's: the configuration of an OAuth client of one's own is there.
    `ours`: whether the files that were looked at are the caller's. Refused, too, where a program would be
    asked that reads the files of another home than was looked at. `started_with`: the options that Claude
    Code is started with, None where they can't be handed on."""
    from claude_auth.oauth.configuration import load_configuration

    resolution = resolve(snapshot, client, version)
    own = load_configuration(environ).client
    base = None if own is None else own.base_url
    plan = plan_probe(snapshot, resolution, own_base_url=base)
    if plan.kind != "none" and not ours:
        plan = _refused(plan, SOMEBODY_ELSES)
    elif plan.kind not in {"none", "request"} and not _is_the_programs(snapshot, environ):
        plan = _refused(plan, ANOTHER_HOME)
    elif plan.kind == "claude" and started_with is None:
        plan = _refused(plan, SETTINGS_TEXT)
    elif plan.kind == "claude" and started_with:
        plan = replace(plan, argv=(plan.argv[0], *started_with, *plan.argv[1:]))
    return Planned(snapshot, resolution, plan)


def _is_the_programs(snapshot: Snapshot, environ: Mapping[str, str]) -> bool:
    """Whether a program started here reads the home that was looked at."""
    return os.path.abspath(home_directory(environ)) == snapshot.places.home


def _refused(plan: ProbePlan, why: str) -> ProbePlan:
    return ProbePlan("none", plan.client, "nothing to probe", refused=why)


class Probe:
    """Iterating `events` is the consent: it sends. `answer` is set in the end; None: it was cancelled."""

    def __init__(self, planned: Planned, environ: Mapping[str, str], reach: Mapping[str, str] = {}) -> None:
        """`reach`: as `send_probe` takes it."""
        self.planned, self._reach = planned, reach
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
        snapshot, resolution, plan = self.planned.snapshot, self.planned.resolution, self.planned.plan
        if plan.kind != "request":
            return probe.ask_cloud(plan, snapshot, resolution, self._environ)
        view = EffectiveConfig.of(snapshot, resolution)
        environ = network_environment(view)
        return probe.send_probe(plan, snapshot, resolution, environ, reach=self._reach)


# ── the way to the hosts ──────────────────────────────────────────────────────────────────────────────

_LEVELS: dict[State, Severity] = {"ok": "info", "skipped": "info", "warn": "warning", "fail": "error"}


def asked_for(
    snapshot: Snapshot, client: str, version: str | None = None
) -> tuple[tuple[NeededHost, ...], Mapping[str, str]]:
    """The hosts that `client` needs on this machine, and its variables about proxies and certificates."""
    view = EffectiveConfig.of(snapshot, resolve(snapshot, client, version))
    return needed_hosts(view), network_environment(view)


class NetworkLook:
    """Iterating `events` starts it. `seen`: what is known of each host by now, by its id; `report` is set in
    the end, None where it was cancelled. `changed` is called where `seen` has grown."""

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        client: str,
        version: str | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> NetworkLook:
        """At the hosts that `client` needs on this machine."""
        return cls(*asked_for(snapshot, client, version), snapshot.places.cwd, changed)

    #: How long it takes at most, in seconds.
    patience = LOOK_SECONDS

    def __init__(
        self,
        hosts: tuple[NeededHost, ...],
        environ: Mapping[str, str],
        cwd: str,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.hosts = hosts
        self.seen: dict[str, HostReport] = {}
        self.report: NetworkReport | None = None
        self._environ, self._cwd, self._changed = environ, cwd, changed
        self._stop, self._cancelled = threading.Event(), False

    async def events(self) -> AsyncIterator[Event]:
        if self._stop.is_set():
            return  # before it was begun: nothing is asked
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[HostReport | None] = asyncio.Queue()

        def told(report: HostReport) -> None:
            if not self._stop.is_set():
                loop.call_soon_threadsafe(queue.put_nowait, report)

        def look() -> NetworkReport:
            return check_network(self.hosts, self._environ, cwd=self._cwd, told=told, stop=self._stop)

        names = ", ".join(clean(host.host, 100) for host in self.hosts)
        yield Event(time.time(), "network.asked", f"asking {names}, without any credential")
        task = asyncio.ensure_future(in_the_background(look))
        task.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (report := await queue.get()) is not None:
                self.seen[report.needed.id] = report
                self._changed()
                if not report.under_way:
                    yield _host_event(report)
            found = task.result()
        finally:
            self._stop.set()
            task.cancel()
        if self._cancelled:
            yield self.left_behind()
            return
        self.report = found
        level: Severity = "info" if found.is_fine else "error"
        yield Event(time.time(), "network.checked", clean(found.conclusions[0], 300), level)

    def left_behind(self) -> Event:
        words = "stopped: what was not told by then is not known"
        return Event(time.time(), "network.cancelled", words, "warning")

    def cancel(self) -> None:
        self._cancelled = True
        self._stop.set()


def check_hosts(snapshot: Snapshot, client: str = "claude", version: str | None = None) -> NetworkReport:
    """The same without events. Blocks for up to 15 s."""
    hosts, environ = asked_for(snapshot, client, version)
    return check_network(hosts, environ, cwd=snapshot.places.cwd)


def _host_event(report: HostReport) -> Event:
    worst = next((check for check in report.checks if check.state == report.state), None)
    name = clean(report.needed.host, 100)
    text = (
        f"{name}: reached" if report.state == "ok" or worst is None else f"{name}: {clean(worst.words, 300)}"
    )
    return Event(time.time(), "network.host", text, _LEVELS[report.state], data={"host": name})


Answer = TypeVar("Answer")


async def in_the_background(work: Callable[[], Answer]) -> Answer:
    """What `work` gives or raises. Cancelled, it goes on alone and its answer is dropped."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Future[Answer] = loop.create_future()

    def tell(answer: Answer | None, error: BaseException | None) -> None:
        if waiting.done():
            return
        if error is not None:
            waiting.set_exception(error)
        else:
            waiting.set_result(answer)  # type: ignore[arg-type]

    def run() -> None:
        answer, error = None, None
        try:
            answer = work()
        except Exception as problem:
            error = problem
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(tell, answer, error)

    threading.Thread(target=run, daemon=True).start()
    return await waiting
