"""The installed command, as a shell runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("claude-auth"))


def started(line: str, home: Path) -> subprocess.CompletedProcess[str]:
    """As a shell runs it, in a home of its own, where nobody can be asked."""
    path = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", line],
        env={"HOME": str(home), "PATH": path, "LANG": "C.UTF-8"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
