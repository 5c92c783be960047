"""The log under load: lines a second taken in, memory, and key-to-paint time at 100,000 lines.

    python -m bench.log_bench [--lines N] [--no-write]

The figures go to bench/log_results.json. Exit status 1: a bound was missed. `--show N` is the app that is
measured: the real screen on N lines, on the terminal that it is started in.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench.figures import Figure, write
from bench.terminal import Session
from claude_auth.formats.journal_line import JournalEntry
from claude_auth.journal import FILES, Journal, read
from claude_auth.model import Event, Severity

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LINES = 100_000
#: One frame's worth of waiting: after so long without a byte a paint is over.
QUIET = 0.08


def entries(count: int, start: int = 0) -> Iterator[JournalEntry]:
    """Lines as they are: refreshes with fingerprints, locks with paths, some of them problems."""
    kinds = (
        ("refresh.saved", "saved {0:08x} → {1:08x}, lasts until 20:03", "sdk"),
        ("lock.waited", "waited 0.4 s for process {0}", "sdk"),
        (
            "claude.login.refreshed",
            "Claude Code refreshed {0:08x} → {1:08x}, lasts until 20:03",
            "claude-code",
        ),
        ("claude.lock.appeared", "a lock was taken: ~/.claude/.oauth_refresh.lock", "claude-code"),
        ("command.ended", "claude auth status ended with {0}", None),
    )
    for number in range(start, start + count):
        kind, text, store = kinds[number % len(kinds)]
        level: Severity = "error" if number % 1000 == 999 else "warning" if number % 100 == 99 else "info"
        words = text.format(number * 2654435761 % (1 << 32), number * 40503 % (1 << 32))
        data: dict[str, str | int] = {"number": number, "path": "~/.claude/.credentials.json"}
        yield JournalEntry(
            Event(1795176184.0 + number / 10, kind, words, level, store, data), 4711, "claude-auth"
        )


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# ── without a screen ─────────────────────────────────────────────────────────────────────────────


def journal_figures(directory: str, lines: int) -> list[Figure]:
    journal = Journal(directory, file_size=1 << 30, files=FILES)
    some = [entry.event for entry in entries(min(lines, 20_000))]
    writing = timed(lambda: [journal.write(event) for event in some])
    reading = timed(lambda: sum(1 for _ in read(directory=directory)))
    return [
        Figure("journal: lines a second written, one process", round(len(some) / writing), "/s", 2_000, True),
        Figure("journal: lines a second read", round(len(some) / reading), "/s", 8_000, True),
    ]


def ring_figures(lines: int) -> list[Figure]:
    from claude_auth.app.widgets.line_ring import LineRing
    from claude_auth.app.widgets.log_lines import LogRecord

    ring: LineRing[LogRecord] = LineRing(lambda record: 1)

    def take(some: Iterable[JournalEntry]) -> None:
        ring.extend(map(LogRecord.of, some))
        ring.forget(len(ring.lines) - lines)

    tracemalloc.start()
    take(entries(lines))
    full = tracemalloc.get_traced_memory()[0]
    for start in range(lines, 2 * lines, 1000):
        take(entries(1000, start))
    turned = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    batches = [list(entries(100, start)) for start in range(0, 20_000, 100)]
    taking = timed(lambda: list(map(take, batches)))
    return [
        Figure("screen: lines a second taken in, ring full", round(20_000 / taking), "/s", 20_000, True),
        Figure(f"screen: memory of {lines:,} lines", round(full / 1e6, 1), "MB", 60),
        Figure(f"screen: memory after {lines:,} more", round(turned / 1e6, 1), "MB", 60),
    ]


# ── on a terminal ────────────────────────────────────────────────────────────────────────────────


def show(lines: int) -> None:
    from textual.app import App

    from claude_auth.app.driver import QuietDriver
    from claude_auth.app.screens.base import TypedAhead
    from claude_auth.app.screens.log import LogScreen
    from claude_auth.app.themes import OWN, sheet, themes

    class LogApp(App[None], inherit_bindings=False):
        CSS_PATH = sheet("app")
        ENABLE_COMMAND_PALETTE = False
        first_frame = None  # nothing stands on the screen before

        def __init__(self) -> None:
            super().__init__(driver_class=QuietDriver)
            self.animation_level = "none"
            for one in themes():
                self.register_theme(one)
            self.theme = OWN
            self.typed_ahead = TypedAhead(self, super().on_event)

        async def on_mount(self) -> None:
            screen = LogScreen(capacity=lines)
            await self.push_screen(screen)
            screen.view.extend(entries(lines))
            screen.beat = 3600.0

    LogApp().run(mouse=False)


def resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


HOME, END = b"\x1b[H", b"\x1b[F"
#: The filter has three states and wrapping two, so that after a multiple of six everything is as it was.
#: What is measured, its key, the key before it that isn't measured, and the bound in milliseconds.
KEYS = (
    ("up, one line", b"\x1b[A", b"", 80.0),
    ("page up", b"\x1b[5~", b"", 80.0),
    ("to the oldest", HOME, END, 80.0),
    ("to the newest", END, HOME, 80.0),
    ("next problem", b"d", b"", 80.0),
    ("level filter", b"!", b"", 250.0),
    ("wrap on or off", b"v", b"", 600.0),
)


def terminal_figures(directory: str, lines: int, rounds: int) -> list[Figure]:
    environment = {
        "HOME": directory,
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tui'}",
        "TERM": "xterm-256color",
    }
    command = [sys.executable, "-m", "bench.log_bench", "--show", str(lines)]
    figures = []
    with Session(command, environment, directory) as session:
        _wait_for(session, f"{lines:,} lines".encode())
        _settle(session)
        for name, key, before, bound in KEYS:
            taken = []
            for _ in range(rounds):
                if before:
                    session.send(before)
                    _settle(session, 0.2)
                taken.append(_key_to_paint(session, key))
            usual = statistics.median(seconds for seconds, _ in taken) * 1000
            worst = max(seconds for seconds, _ in taken) * 1000
            kilobytes = statistics.median(size for _, size in taken) / 1000
            words = f"key to paint: {name} ({kilobytes:.1f} kB, at worst {worst:.0f} ms)"
            figures.append(Figure(words, round(usual, 1), "ms", bound))
        megabytes = resident_megabytes(session.process)
    figures.append(Figure(f"whole app with {lines:,} lines, resident", round(megabytes, 1), "MB", 160))
    return figures


def _wait_for(session: Session, marker: bytes, timeout: float = 120.0) -> None:
    seen, deadline = b"", time.perf_counter() + timeout
    while marker not in seen:
        chunk = session.read(0.5)
        if chunk is None or time.perf_counter() > deadline:
            raise RuntimeError(f"the log never showed {marker.decode()}: {seen[-2000:]!r}")
        seen += chunk


def _settle(session: Session, quiet: float = 0.5) -> None:
    while session.read(quiet):
        pass


def _key_to_paint(session: Session, key: bytes) -> tuple[float, int]:
    """Seconds from the key to the last byte of what it paints, and how many bytes that was."""
    start = last = time.perf_counter()
    size = 0
    session.send(key)
    while chunk := session.read(QUIET if size else 10.0):
        last, size = time.perf_counter(), size + len(chunk)
    if not size:
        raise RuntimeError(f"nothing was painted for {key!r}")
    return last - start, size


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.log_bench", description="The log under load.")
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument(
        "--rounds", type=int, default=12, help="how often each key is pressed, made a multiple of 6"
    )
    parser.add_argument("--no-write", action="store_true", help="leave bench/log_results.json as it is")
    parser.add_argument("--show", type=int, metavar="N", help="the app itself, with N lines")
    options = parser.parse_args()
    if options.show is not None:
        show(options.show)
        return 0
    with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as home:
        figures = [
            *journal_figures(os.path.join(home, "state"), options.lines),
            *ring_figures(options.lines),
            *terminal_figures(home, options.lines, -(-options.rounds // 6) * 6),
        ]
    for figure in figures:
        sign = "≥" if figure.at_least else "≤"
        verdict = "ok" if figure.holds else "MISSED"
        print(
            f"{figure.name:<76}{figure.value:>10,} {figure.unit:<3} {sign} {figure.bound:>8,.0f}  {verdict}"
        )
    if not options.no_write:
        write("log_results", lines=options.lines, results=[asdict(figure) for figure in figures])
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
