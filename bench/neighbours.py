"""The first paint beside that of other Textual programs, each in a virtual environment that is thrown away.

    python -m bench.neighbours [--runs N] [--no-write]

The figures go to bench/neighbours_results.json; a program that can't be installed here is left out, with the
reason. No bounds: what they do before their first paint is another thing.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NamedTuple

from bench.__main__ import COMMANDS, MARKERS, furnish
from bench.figures import write
from bench.terminal import first_paint

#: So long an installation may take, in seconds.
PATIENCE = 300.0
LOG = "until-20:03"


class Neighbour(NamedTuple):
    """`marker`: what can be read once it stands. `file`: what it is started on, with `LOG` in it."""

    package: str
    command: str
    marker: str
    file: str = ""


NEIGHBOURS = (
    Neighbour("toolong", "tl", LOG, "neighbours.log"),
    Neighbour("harlequin", "harlequin", "Data Catalog"),
)


def install(neighbour: Neighbour, directory: Path) -> str | None:
    """Why that can't be done here; None where it is."""
    venv.create(directory, with_pip=True)
    command = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", neighbour.package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"not installed in {PATIENCE:.0f} seconds"
    if done.returncode == 0:
        return None
    return (done.stderr.strip().splitlines() or ["pip failed"])[-1][:200]


def compared(neighbour: Neighbour, programs: Path, home: Path, runs: int) -> dict[str, float]:
    """Milliseconds, medians; A B A B, so that a busy machine slows both alike."""
    environment = furnish(home)
    command = [str(programs / "bin" / neighbour.command)]
    if neighbour.file:
        (home / neighbour.file).write_text(f"saved 1f3e, lasts {LOG}\n" * 100, encoding="utf-8")
        command.append(neighbour.file)
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 1):
        ours = first_paint([str(COMMANDS / "claude-auth-tui")], environment, str(home), MARKERS)
        theirs = first_paint(command, environment, str(home), [neighbour.marker], timeout=60.0)
        if number:  # the first one is for the caches
            found[0].append(ours)
            found[1].append(theirs)
    return dict(
        zip(("ours", "theirs"), (round(statistics.median(one) * 1000, 1) for one in found), strict=True)
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.neighbours", description="First paints, side by side.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-write", action="store_true", help="leave the results as they are")
    options = parser.parse_args()
    results: list[dict[str, object]] = []
    for neighbour in NEIGHBOURS:
        with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as directory:
            programs, home = Path(directory).resolve() / "programs", Path(directory).resolve() / "home"
            home.mkdir()
            reason = install(neighbour, programs)
            if reason is not None:
                print(f"{neighbour.package}: left out, {reason}")
                results.append({"name": neighbour.package, "left_out": reason})
                continue
            figures = compared(neighbour, programs, home, options.runs)
        print(f"{neighbour.package}: ours {figures['ours']} ms, theirs {figures['theirs']} ms")
        results.append({"name": neighbour.package, **figures})
    if not options.no_write:
        write("neighbours_results", results=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
