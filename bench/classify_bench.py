"""Classifying a megabyte of log, beside a plain regex scan of the same text.

    python -m bench.classify_bench

The bound is a time and not a ratio: 200 ms. The scan gives the measure of the machine: one pattern with the
same words joined by `|`, in any case, over the text as it is. A megabyte of names of secrets, each of which
could begin a value, takes at most a second: the slowest of a few such texts counts.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial

from bench.figures import write

SIZE = 1_000_000
BOUND_MS = 200.0
NAMES_BOUND_MS = 1000.0
RUNS = 7

_WORDS = (
    *(
        "the",
        "server",
        "request",
        "took",
        "info",
        "worker",
        "started",
        "job",
        "failed",
        "connection",
        "error",
    ),
    *("user", "path", "file", "module", "loaded", "cache", "miss", "hit", "time", "node", "value", "json"),
    *("https", "api", "token", "key", "data", "handler", "route", "login", "claude", "expired", "invalid"),
)
_ERROR = (
    'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"OAuth authentication '
    'is currently not supported."},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}'
)


#: A megabyte of each was once the work of minutes.
_NAMES = ("token=", "key=", "token=a", "token=key=", "secret=password:", "token=\\")


@dataclass(frozen=True)
class Figures:
    ours_ms: float
    scan_ms: float
    bound_ms: float
    names_ms: float
    names_bound_ms: float

    @property
    def holds(self) -> bool:
        return self.ours_ms <= self.bound_ms and self.names_ms <= self.names_bound_ms


def megabyte() -> str:
    """Log lines with one known error in the middle."""
    chance = random.Random(11)
    lines: list[str] = []
    length = 0
    while length < SIZE:
        words = " ".join(chance.choice(_WORDS) for _ in range(11))
        second, milli = chance.randrange(60), chance.randrange(1000)
        lines.append(f"2026-11-20T12:03:{second:02d}.{milli:03d}Z INFO [w-3] {words}")
        length += len(lines[-1]) + 1
    lines[len(lines) // 2] = _ERROR
    return "\n".join(lines)


def _scan(text: str) -> Callable[[], int]:
    from claude_auth.diagnose.causes import BY_ID

    words = sorted(
        {
            re.escape(phrase.words.split("…")[0].strip())
            for cause in BY_ID.values()
            for phrase in cause.wordings
        }
    )
    pattern = re.compile("|".join(words), re.IGNORECASE)
    return lambda: sum(1 for _ in pattern.finditer(text))


def _time(action: Callable[[], object], runs: int) -> float:
    action()  # once for the caches
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return round(min(times) * 1000, 1)  # the others tell of the machine's other work


def measure(runs: int = RUNS) -> Figures:
    from claude_auth.diagnose.texts import classify

    text = megabyte()
    if not classify(text).matches:
        raise RuntimeError("the error in the text was not recognised")
    names = max(_time(partial(classify, unit * (SIZE // len(unit))), 3) for unit in _NAMES)
    ours, scan = _time(lambda: classify(text), runs), _time(_scan(text), 1)
    return Figures(ours, scan, BOUND_MS, names, NAMES_BOUND_MS)


def main() -> int:
    figures = measure()
    write("classify_results", **asdict(figures))
    print(f"classify 1 MB: {figures.ours_ms} ms (bound {figures.bound_ms:g} ms)")
    print(f"1 MB of names of secrets: {figures.names_ms} ms (bound {figures.names_bound_ms:g} ms)")
    print(f"a plain regex scan of the same text: {figures.scan_ms} ms")
    return 0 if figures.holds else 1


if __name__ == "__main__":
    sys.exit(main())
