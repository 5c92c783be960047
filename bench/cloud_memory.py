"""Memory that the cloud screen adds: to the app when it opens on AWS, and for a moment in the asking child.

    python -m bench.cloud_memory [--runs N] [--no-write]

Each run is a dashboard of its own on a terminal, over a pretend home; a stand-in on loopback is asked. The
figures are medians and go to bench/cloud_memory_results.json. Exit status 1: a bound was missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

import psutil

from bench.figures import Figure, write
from bench.terminal import Session
from claude_auth.sandbox.cloud_endpoints import CloudEndpoints

COMMANDS = Path(sys.executable).parent
RUNS = 5
#: So long without a byte, and a screen stands still and its garbage is gone.
QUIET = 1.0
CREDENTIALS = "[default]\naws_access_key_id = ASIASSOSTANDIN000001\naws_secret_access_key = madeUp\n"


def furnish(home: Path, cloud: CloudEndpoints) -> dict[str, str]:
    """A home whose Bedrock signs with keys that the stand-in knows."""
    from bench.__main__ import furnish as furnish_home

    environ = {**furnish_home(home), **cloud.environment(), "CLAUDE_CODE_USE_BEDROCK": "1"}
    (home / ".aws").mkdir()
    (home / ".aws/credentials").write_text(CREDENTIALS, encoding="utf-8")
    return environ


def resident(process: int) -> float:
    return float(psutil.Process(process).memory_info().rss) / (1 << 20)


def settle(session: Session, marker: bytes) -> None:
    """Until `marker` was painted and nothing more comes."""
    seen, deadline = b"", time.perf_counter() + 60
    while marker not in seen:
        chunk = session.read(0.2)
        if chunk is None or time.perf_counter() > deadline:
            raise RuntimeError(f"{marker.decode()} was never painted: {seen[-2000:]!r}")
        seen += chunk
    while session.read(QUIET):
        pass


def grown(environ: Mapping[str, str], directory: str) -> tuple[float, float, float]:
    """Megabytes of the dashboard alone, and what opening the screen and asking added to them."""
    with Session([str(COMMANDS / "claude-auth-tui")], environ, directory) as session:
        settle(session, b"3 What is sent")
        alone = resident(session.process)
        session.send(b"w")
        settle(session, b"not asked yet")
        opened = resident(session.process)
        session.send(b"i")
        settle(session, b"assumed-role/Developer")
        asked = resident(session.process)
        session.send(b"q")
        settle(session, b"3 What is sent")
        session.send(b"q")
        session.wait(10.0)
    return alone, opened - alone, asked - opened


def child_peak(environ: Mapping[str, str], home: str) -> float:
    """Megabytes at most in the process that imports boto3 and asks; it ends with the answer."""
    from claude_auth.claude_code.clients import BY_ID
    from claude_auth.claude_code.effective import EffectiveConfig
    from claude_auth.cloud.aws.plan import plan_aws
    from claude_auth.cloud.identity import ask_aws
    from claude_auth.observe import observe
    from claude_auth.observe.context import Environment, ObservationContext

    snapshot = observe(ObservationContext(home, home, environ=Environment(environ)))
    view = EffectiveConfig(snapshot, BY_ID["claude"], "2.1.328")
    answer = ask_aws(plan_aws(view, environ), view, environ)
    if answer.identity is None or answer.peak_kib is None:
        raise RuntimeError(f"nobody answered: {answer.trouble}")
    return answer.peak_kib / 1024


def measure(runs: int) -> list[Figure]:
    told: list[tuple[float, float, float, float]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="claude-auth-bench-") as folder, CloudEndpoints() as cloud:
            home = Path(folder).resolve()
            environ = furnish(home, cloud)
            told.append((*grown(environ, str(home)), child_peak(environ, str(home))))
    alone, opened, asked, peak = (round(statistics.median(column), 1) for column in zip(*told, strict=True))
    return [
        Figure("the dashboard alone, resident", alone, "MB", 80),
        Figure("opening the AWS pane adds", opened, "MB", 6),
        Figure("asking AWS adds", asked, "MB", 3),
        Figure("the asking child, at most and for as long as it asks", peak, "MB", 80),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.cloud_memory", description="Memory of the cloud screen.")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--no-write", action="store_true", help="leave the results file as it is")
    options = parser.parse_args()
    figures = measure(options.runs)
    for figure in figures:
        verdict = "ok" if figure.holds else "MISSED"
        print(f"{figure.name:<56}{figure.value:>8} {figure.unit} ≤ {figure.bound:>5g}  {verdict}")
    if not options.no_write:
        results = [asdict(figure) for figure in figures]
        write("cloud_memory_results", boto3=metadata.version("boto3"), runs=options.runs, results=results)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
