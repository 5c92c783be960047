"""`make bench`: ratios of start-up times and memory, A B A B, so that a busy machine slows both sides alike.

    python -m bench [--runs N] [--against BIN] [--no-write]

`--against` names the directory with the commands of another environment, an older commit's say, which
is measured in the same rounds. The figures go to bench/results.json. Exit status 1: a bound was missed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from bench.figures import write
from bench.terminal import SLOW, Screen, Session, first_answer, first_paint

HERE = Path(__file__).resolve().parent
COMMANDS = Path(sys.executable).parent
PLAIN = "import json, argparse, dataclasses, pathlib"

#: A machine as people have it: a login, an API key over it, some settings.
LOGIN = {
    "claudeAiOauth": {
        "accessToken": "sk-ant-oat01-bench",
        "refreshToken": "sk-ant-ort01-bench",
        "expiresAt": 4102444800000,
        "scopes": ["user:inference", "user:profile"],
        "subscriptionType": "max",
    }
}
SETTINGS = {"env": {"ANTHROPIC_API_KEY": "sk-ant-api03-bench"}, "model": "opus"}


#: The verdict, a row, a label and the footer: all that a person waits for, in every style of the first frame.
MARKERS = ("claude-auth", "DOESN'T WORK", "▸ ○ WAITS      claude.ai login", "authorization", "Quit")
#: So long without a byte, and a screen stands still.
QUIET = 1.0


@dataclass(frozen=True)
class Result:
    """Medians. `older`: the ratio of the other environment, measured in the same rounds."""

    name: str
    ours: float
    theirs: float
    unit: str
    ratio: float
    bound: float
    rounds: int
    older: float | None = None


@dataclass(frozen=True)
class Comparison:
    """`ours` takes the directory of the commands."""

    name: str
    ours: Callable[[Path], float]
    theirs: Callable[[], float]
    bound: float
    rounds: int
    unit: str = "ms"


def furnish(home: Path) -> dict[str, str]:
    """A pretend home, and an environment that knows no other."""
    store = home / ".claude"
    store.mkdir()
    (store / ".credentials.json").write_text(json.dumps(LOGIN), encoding="utf-8")
    (store / ".credentials.json").chmod(0o600)
    (store / "settings.json").write_text(json.dumps(SETTINGS, indent=2), encoding="utf-8")
    (home / ".claude.json").write_text('{"hasCompletedOnboarding": true}', encoding="utf-8")
    return {
        "COLORTERM": "truecolor",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{COMMANDS}{os.pathsep}{os.defpath}",
        "TERM": "xterm-256color",
    }


def run_time(command: list[str], environment: dict[str, str], directory: str, statuses: set[int]) -> float:
    start = time.perf_counter()
    run = subprocess.run(command, env=environment, cwd=directory, capture_output=True, check=False)
    seconds = time.perf_counter() - start
    if run.returncode not in statuses:
        raise RuntimeError(f"{command[0]} ended with {run.returncode}: {run.stderr.decode(errors='replace')}")
    return seconds


def resident(
    command: list[str], environment: dict[str, str], directory: str, markers: Sequence[str]
) -> float:
    """Megabytes of a program that has painted its screen and come to rest."""
    with Session(command, environment, directory) as session:
        screen = Screen()
        while not all(marker in screen.text for marker in markers):
            chunk = session.read(QUIET)
            if chunk is None:
                raise RuntimeError(f"{command[0]} ended before it showed {', '.join(markers)}")
            screen.feed(chunk)
        while session.read(QUIET):
            pass
        return psutil.Process(session.process).memory_info().rss / 1e6


def compare(what: Comparison, older: Path | None) -> Result:
    sides = [COMMANDS, *([] if older is None else [older])]
    for side in sides:  # once for the caches
        what.ours(side)
    rounds = [([what.ours(side) for side in sides], what.theirs()) for _ in range(what.rounds)]
    scale = 1000 if what.unit == "ms" else 1

    def ratio(side: int) -> float:
        return round(statistics.median(ours[side] / theirs for ours, theirs in rounds), 2)

    return Result(
        what.name,
        round(statistics.median(ours[0] for ours, _ in rounds) * scale, 1),
        round(statistics.median(theirs for _, theirs in rounds) * scale, 1),
        what.unit,
        ratio(0),
        what.bound,
        what.rounds,
        None if older is None else ratio(1),
    )


def comparisons(runs: int, home: Path) -> list[Comparison]:
    environment, directory, python = furnish(home), str(home), sys.executable
    empty = [python, str(HERE / "empty_app.py")]

    def status(side: Path) -> float:
        return run_time([str(side / "claude-auth"), "status", "--json"], environment, directory, {0, 1})

    def dashboard(side: Path) -> float:
        return first_paint([str(side / "claude-auth-tui")], environment, directory, MARKERS)

    def theirs() -> float:
        return first_paint(empty, environment, directory, ["Nothing here"])

    def far(command: list[str], markers: Sequence[str]) -> float:
        return first_paint(command, environment, directory, markers, connection=SLOW)

    return [
        Comparison(
            "claude-auth status --json : four imports",
            status,
            lambda: run_time([python, "-c", PLAIN], environment, directory, {0}),
            2.2,
            runs * 3,
        ),
        Comparison("dashboard readable : empty Textual app painted", dashboard, theirs, 0.75, runs),
        Comparison(
            "dashboard answers a key : empty Textual app painted",
            lambda side: first_answer([str(side / "claude-auth-tui")], environment, directory, b"\t"),
            theirs,
            1.4,
            runs,
        ),
        Comparison(
            "the same two, readable over 150 ms and 64 kB/s",
            lambda side: far([str(side / "claude-auth-tui")], MARKERS),
            lambda: far(empty, ["Nothing here"]),
            0.75,
            runs,
        ),
        Comparison(
            "dashboard : empty Textual app, memory",
            lambda side: resident([str(side / "claude-auth-tui")], environment, directory, MARKERS),
            lambda: resident(empty, environment, directory, ["Nothing here"]),
            1.4,
            max(1, runs // 3),
            "MB",
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Start-up against its bounds.")
    parser.add_argument(
        "--runs", type=int, default=11, help="pairs of first paints; three times as many of status"
    )
    parser.add_argument("--against", type=Path, metavar="BIN", help="the commands of another environment")
    parser.add_argument("--no-write", action="store_true", help="leave bench/results.json as it is")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs is at least 1")

    with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as home:
        found = comparisons(options.runs, Path(home).resolve())
        results = [compare(what, options.against) for what in found]

    print(f"{'':<52}{'ours':>10}{'theirs':>10}{'ratio':>7}{'bound':>7}{'older':>7}")
    for result in results:
        verdict = "ok" if result.ratio <= result.bound else "MISSED"
        figures = f"{result.ours:>7.1f} {result.unit}{result.theirs:>7.1f} {result.unit}"
        older = "" if result.older is None else f"{result.older:.2f}"
        print(f"{result.name:<52}{figures}{result.ratio:>7.2f}{result.bound:>7.2f}{older:>7}  {verdict}")
    if not options.no_write:
        write("results", results=[asdict(result) for result in results])
    return 0 if all(result.ratio <= result.bound for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
