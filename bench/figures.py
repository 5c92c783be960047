"""Where the figures go: beside the measuring, with the machine that they are of."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """What was measured, beside the most that it may be; the least where `at_least` says so."""

    name: str
    value: float
    unit: str
    bound: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound


HERE = Path(__file__).resolve().parent


def write(name: str, **figures: object) -> None:
    """Into `bench/{name}.json`."""
    machine = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "textual": metadata.version("textual"),
    }
    (HERE / f"{name}.json").write_text(json.dumps(machine | figures, indent=2) + "\n", encoding="utf-8")
