"""Ways in which an error text reaches a person: escaped, coloured, wrapped, prefixed, inside a large log."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from urllib.parse import quote

_WORDS = (
    *("the", "server", "request", "took", "ms", "info", "worker", "started", "job", "failed", "connection"),
    *("user", "path", "file", "module", "loaded", "cache", "miss", "hit", "time", "stamp", "node", "value"),
    *("https", "com", "api", "token", "json", "data", "handler", "route"),
)


def log(size: int, seed: int = 7) -> str:
    """Ordinary lines, `size` characters or a little more."""
    chance = random.Random(seed)
    lines: list[str] = []
    length = 0
    while length < size:
        minute, second, milli = chance.randrange(60), chance.randrange(60), chance.randrange(1000)
        at = f"2026-11-20T12:{minute:02d}:{second:02d}.{milli:03d}Z"
        words = " ".join(chance.choice(_WORDS) for _ in range(10))
        lines.append(f"{at} INFO [worker-{chance.randrange(9)}] {words} id={chance.randrange(10**9)}")
        length += len(lines[-1]) + 1
    return "\n".join(lines)


def wrapped(text: str, width: int = 80) -> str:
    return "\n".join(text[place : place + width] for place in range(0, len(text), width))


def coloured(text: str) -> str:
    return "".join(f"\x1b[3{place % 8}m{c}\x1b[0m" if place % 7 == 0 else c for place, c in enumerate(text))


def stamped(text: str) -> str:
    return "\n".join(
        f"2026-11-20 12:03:{place % 60:02d},123 [ERROR] runner[4711]: {line}"
        for place, line in enumerate(text.splitlines())
    )


def mixed_case(text: str) -> str:
    return "".join(c.upper() if place % 2 else c.lower() for place, c in enumerate(text))


def prefixed(prefix: str, width: int = 70) -> Callable[[str], str]:
    def change(text: str) -> str:
        return "\n".join(f"{prefix}{line}" for line in wrapped(text, width).splitlines())

    return change


_AROUND = log(100_000)


def within(text: str) -> str:
    """Within 200 kB of other lines."""
    return f"{_AROUND}\n{text}\n{_AROUND}"


#: The error stays alone in the text.
CHANGES: dict[str, Callable[[str], str]] = {
    "escaped once": lambda text: json.dumps({"error": {"log": text}}),
    "escaped twice": lambda text: json.dumps(json.dumps({"error": {"log": text}})),
    "escaped three times": lambda text: json.dumps(json.dumps(json.dumps({"log": text}))),
    "escaped and wrapped": lambda text: wrapped(json.dumps(json.dumps({"log": text}))),
    "coloured": coloured,
    "coloured and escaped": lambda text: json.dumps(coloured(text)),
    "wrapped at 80": wrapped,
    "wrapped at 20": lambda text: wrapped(text, 20),
    "stamped": stamped,
    "wrapped and stamped": lambda text: stamped(wrapped(text, 60)),
    "mixed case": mixed_case,
    "upper case": str.upper,
    "a Python repr": lambda text: repr({"error": text}),
    "a repr of bytes": lambda text: repr(text.encode()),
    "CRLF": lambda text: text.replace("\n", "\r\n") + "\r\n",
    "no-break spaces": lambda text: text.replace(" ", "\xa0"),
    "docker compose": prefixed("web-1  | "),
    "syslog": prefixed("Nov 20 12:03:04 host claude[12]: "),
    "quoted": prefixed("> "),
    "an unknown prefix": lambda text: "\n".join(
        f"job-{place} ~~ 7{place} :: {line}" for place, line in enumerate(wrapped(text, 70).splitlines())
    ),
    "a box": lambda text: "\n".join(f"│ {line:<70} │" for line in wrapped(text, 70).splitlines()),
    "HTML entities": lambda text: (
        "<pre>"
        + text.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#39;").replace("<", "&lt;")
        + "</pre>"
    ),
    "percent-encoded": quote,
}

#: The error stands in 200 kB of other lines.
SURROUNDINGS: dict[str, Callable[[str], str]] = {
    "within noise": within,
    "wrapped, stamped, within noise": lambda text: within(stamped(wrapped(text))),
    "escaped, within noise": lambda text: within(json.dumps({"log": text})),
}
