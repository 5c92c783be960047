"""The way to each host that is needed, looked at all at once, its steps as they come."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping

from claude_auth.actions.background import in_the_background
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.model import Event, Severity, Snapshot
from claude_auth.network.checks import SECONDS, check_network
from claude_auth.network.results import HostReport, NeededHost, NetworkReport, State, needed_hosts
from claude_auth.network.settings import network_environment
from claude_auth.resolve import resolve
from claude_auth.security.sanitize import clean

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

    #: How long it takes at most, in seconds.
    patience = SECONDS

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


def _host_event(report: HostReport) -> Event:
    worst = next((check for check in report.checks if check.state == report.state), None)
    name = clean(report.needed.host, 100)
    text = (
        f"{name}: reached" if report.state == "ok" or worst is None else f"{name}: {clean(worst.words, 300)}"
    )
    return Event(time.time(), "network.host", text, _LEVELS[report.state], data={"host": name})
