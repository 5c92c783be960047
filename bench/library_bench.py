"""What importing the library costs a program, beside an interpreter alone and beside what any program of its
kind imports: side by side, A B A B.

    python -m bench.library_bench [--runs N] [--no-write]

The figures go to bench/library_results.json. Exit status 1: a bound was missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench.__main__ import COMMANDS, Comparison, compare, run_time
from bench.figures import write

#: What ours is, beside what, and how many times as long it may take.
PAIRS = (
    ("import claude_auth : a bare interpreter", "import claude_auth", "pass", 1.1),
    (
        "ClaudeAuth, query : json, asyncio, dataclasses",
        "from claude_auth import ClaudeAuth, query",
        "import json, asyncio, dataclasses",
        1.5,
    ),
)


def comparisons(runs: int, home: str) -> list[Comparison]:
    environment = {"HOME": home, "PATH": f"{COMMANDS}{os.pathsep}{os.defpath}"}

    def timed(code: str) -> float:
        return run_time([sys.executable, "-c", code], environment, home, {0})

    return [
        Comparison(name, partial(_of, timed, ours), partial(timed, theirs), bound, runs)
        for name, ours, theirs, bound in PAIRS
    ]


def _of(timed: Callable[[str], float], code: str, side: Path) -> float:
    """There is one side: this environment."""
    return timed(code)


def main() -> int:
    parser = argparse.ArgumentParser(prog="library_bench", description="Imports against their bounds.")
    parser.add_argument("--runs", type=int, default=41, help="pairs of starts")
    parser.add_argument("--no-write", action="store_true", help="leave bench/library_results.json as it is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as home:
        results = [compare(what, None) for what in comparisons(options.runs, home)]
    for result in results:
        verdict = "ok" if result.ratio <= result.bound else "MISSED"
        print(
            f"{result.name:<48}{result.ours:>7.1f} ms{result.theirs:>7.1f} ms{result.ratio:>7.2f}  {verdict}"
        )
    if not options.no_write:
        write("library_results", results=[asdict(result) for result in results])
    return 0 if all(result.ratio <= result.bound for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
