"""`make bench`: ratios of start-up times, A B A B, so that a busy machine slows both sides alike.

    python -m bench [--runs N] [--no-write]

The figures go to bench/results.json. Exit status 1: a bound was missed.
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
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.figures import write
from bench.terminal import first_paint

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


@dataclass(frozen=True)
class Result:
    name: str
    ours_ms: float
    theirs_ms: float
    ratio: float
    bound: float
    pairs: int


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


def compare(
    name: str, ours: Callable[[], float], theirs: Callable[[], float], bound: float, pairs: int
) -> Result:
    ours(), theirs()  # once for the caches
    times = [(ours(), theirs()) for _ in range(pairs)]
    return Result(
        name,
        round(statistics.median(mine for mine, _ in times) * 1000, 1),
        round(statistics.median(other for _, other in times) * 1000, 1),
        round(statistics.median(mine / other for mine, other in times), 2),
        bound,
        pairs,
    )


def measure(runs: int, home: Path) -> list[Result]:
    environment, directory, python = furnish(home), str(home), sys.executable

    def status() -> float:
        command = [str(COMMANDS / "claude-auth"), "status", "--json"]
        return run_time(command, environment, directory, {0, 1})

    def dashboard() -> float:
        command = [str(COMMANDS / "claude-auth-tui")]
        # The footer too: a first frame without it isn't what a person waits for.
        return first_paint(command, environment, directory, ["Priority", "On the wire", "Quit"])

    def empty() -> float:
        return first_paint([python, str(HERE / "empty_app.py")], environment, directory, ["Nothing here"])

    return [
        compare(
            "claude-auth status --json : four imports",
            status,
            lambda: run_time([python, "-c", PLAIN], environment, directory, {0}),
            3.0,
            runs * 3,
        ),
        compare("dashboard : empty Textual app, first paint", dashboard, empty, 1.4, runs),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description="Start-up against its bounds.")
    parser.add_argument(
        "--runs", type=int, default=11, help="pairs of first paints; three times as many of status"
    )
    parser.add_argument("--no-write", action="store_true", help="leave bench/results.json as it is")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("--runs is at least 1")

    with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as home:
        results = measure(options.runs, Path(home).resolve())

    print(f"{'':<44}{'ours':>9}{'theirs':>9}{'ratio':>7}{'bound':>7}")
    for result in results:
        verdict = "ok" if result.ratio <= result.bound else "MISSED"
        times = f"{result.ours_ms:>6.1f} ms{result.theirs_ms:>6.1f} ms"
        print(f"{result.name:<44}{times}{result.ratio:>7.2f}{result.bound:>7.1f}  {verdict}")
    if not options.no_write:
        write("results", results=[asdict(result) for result in results])
    return 0 if all(result.ratio <= result.bound for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
