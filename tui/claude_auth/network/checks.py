"""Every host that is needed, at once. Nothing of this person's is sent: the requests carry no credential."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from claude_auth.network.conclusions import conclusions
from claude_auth.network.connection import Deadline, Resolver, system_resolver
from claude_auth.network.host_check import SECONDS, HostCheck, Listener
from claude_auth.network.results import NeededHost, NetworkReport
from claude_auth.network.settings import settings_checks


def check_network(
    hosts: Sequence[NeededHost],
    environ: Mapping[str, str],
    *,
    cwd: str = "/",
    resolver: Resolver = system_resolver,
    seconds: float = SECONDS,
    now: Callable[[], float] = time.time,
    told: Listener = lambda report: None,
    stop: threading.Event | None = None,
) -> NetworkReport:
    """`environ`: from `network_environment`. Blocks for at most a moment longer than `seconds`. `told` hears
    of each step, in that host's thread; once `stop` is set everything is given up."""
    checks = [HostCheck(host, environ, cwd, resolver, Deadline(seconds), now, told) for host in hosts]
    # Threads that nobody waits for at exit: a name that is being looked up can't be interrupted.
    threads = [threading.Thread(target=check.run, daemon=True) for check in checks]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        while thread.is_alive() and (left := until - time.monotonic()) > 0:
            if stop is not None and stop.is_set():
                break
            thread.join(left if stop is None else min(left, 0.1))
    for check, thread in zip(checks, threads, strict=True):
        if thread.is_alive():
            check.deadline.cut()
            thread.join(0.5)
    reports = tuple(check.report() for check in checks)
    settings = settings_checks(environ, cwd)
    return NetworkReport(now(), settings, reports, conclusions(reports, settings))
