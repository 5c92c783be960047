"""A change on disk: the processor's time from its notice to the paint, and memory after thousands of them.

    python -m bench.change_bench [--changes N] [--no-write]

The figures go to bench/change_results.json. Exit status 1: a bound was missed. `--show` is what memory is
measured of: the dashboard on the terminal that it is started in, which looks at its files far more often.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import psutil

from bench.__main__ import COMMANDS, LOGIN, furnish
from bench.figures import Figure, write
from bench.terminal import Session

ROOT = Path(__file__).resolve().parent.parent
#: After so long without a byte the app has come to rest.
QUIET = 2.0
#: After so many changes the log of the screen is full; what comes then is to need no more memory.
FILLED = 1500
#: Changes whose time is measured, one after the other as the real program notices them.
TIMED = 50
#: How often the app of `--show` looks at its files, in seconds.
BEAT = 0.01


class Running:
    """A dashboard on a pty, and the file that is written under it."""

    def __init__(self, command: list[str], home: Path) -> None:
        environment = furnish(home) | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tui'}"}
        self.store = home / ".claude" / ".credentials.json"
        self.session = Session(command, environment, str(home))
        while self.session.read(QUIET):
            pass
        self.program = psutil.Process(self.session.process)

    def change(self, number: int) -> None:
        """Another access token, saved as Claude Code does; returns when something was painted."""
        login = {**LOGIN["claudeAiOauth"], "accessToken": f"sk-ant-oat01-{number:040}"}
        written = self.store.with_suffix(".new")
        written.write_text(json.dumps({"claudeAiOauth": login}), encoding="utf-8")
        written.chmod(0o600)
        written.replace(self.store)
        if not self.session.read(60.0):
            raise RuntimeError(f"change {number} was never painted")
        while self.session.read(0.005):
            pass
        self.session.chunks.clear()

    @property
    def seconds(self) -> float:
        times = self.program.cpu_times()
        return float(times.user + times.system)

    @property
    def megabytes(self) -> float:
        return float(self.program.memory_info().rss / 1e6)


def time_of_a_change(home: Path) -> float:
    """Milliseconds of a processor, without what the app uses at rest meanwhile."""
    running = Running([str(COMMANDS / "claude-auth-tui")], home)
    with running.session:
        before, start = running.seconds, time.monotonic()
        while running.session.read(3.0):
            pass
        at_rest = (running.seconds - before) / (time.monotonic() - start)
        running.change(0)
        before, start = running.seconds, time.monotonic()
        for number in range(TIMED):
            running.change(number + 1)
        used = running.seconds - before - at_rest * (time.monotonic() - start)
    return used / TIMED * 1000


def growth(home: Path, changes: int) -> tuple[float, float]:
    """Megabytes once the log is full, and how many more there are at the end."""
    running = Running([sys.executable, "-m", "bench.change_bench", "--show"], home)
    with running.session:
        filled = 0.0
        for number in range(changes):
            if number == min(FILLED, changes // 2):
                filled = running.megabytes
            running.change(number)
        return filled, running.megabytes - filled


def show() -> int:
    from claude_auth.actions.look import HostObserver, ObservationContext
    from claude_auth.app.app import DashboardApp
    from claude_auth.app.services import Services
    from claude_auth.observe.watch import changes
    from claude_auth.present.dashboard_state import DashboardState

    def watch(paths: tuple[str, ...], ready: asyncio.Event) -> AsyncIterator[frozenset[str]]:
        return changes(paths, ready=ready, beat=BEAT)

    host = HostObserver.of(ObservationContext.of_process({}))._replace(watch=watch)
    state = DashboardState.of(host.look(), "claude")
    app = DashboardApp(Services(host, state.home), state)
    app.run(mouse=False)
    return app.return_code or 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.change_bench", description="What a change on disk costs.")
    parser.add_argument("--changes", type=int, default=10_000, help="how many for the memory")
    parser.add_argument("--no-write", action="store_true", help="leave bench/change_results.json as it is")
    parser.add_argument("--show", action="store_true", help="the app that is measured")
    options = parser.parse_args()
    if options.show:
        return show()
    with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as directory:
        homes = [Path(directory).resolve() / name for name in ("time", "memory")]
        for home in homes:
            home.mkdir()
        used = time_of_a_change(homes[0])
        filled, more = growth(homes[1], options.changes)
    figures = [
        Figure("a change on disk, from its notice to the paint", round(used, 1), "ms", 15.0),
        Figure(f"memory after {FILLED:,} changes", round(filled, 1), "MB", 55.0),
        Figure(f"and more after {options.changes:,}", round(more, 1), "MB", 1.5),
    ]
    for figure in figures:
        verdict = "ok" if figure.holds else "MISSED"
        print(f"{figure.name:<52}{figure.value:>8.1f} {figure.unit:<3}{figure.bound:>8.1f}  {verdict}")
    if not options.no_write:
        write("change_results", results=[asdict(figure) for figure in figures])
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
