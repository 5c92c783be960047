"""Where the figures go: beside the measuring, with the machine that they are of."""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent


def write(name: str, **figures: object) -> None:
    """Into `bench/{name}.json`."""
    machine = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "textual": metadata.version("textual"),
    }
    (HERE / f"{name}.json").write_text(json.dumps(machine | figures, indent=2) + "\n", encoding="utf-8")
