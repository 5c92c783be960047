"""The README's pictures: each is a snapshot, so it shows what the code paints.

    python -m tests.docs.pictures

makes them anew. Which test paints one is told by its name.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[2]


def pictures() -> tuple[str, ...]:
    """The names of the snapshots that the README shows, without `.svg`."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return tuple(unquote(name) for name in re.findall(r"\(snapshots/(.+?)\.svg\)", text))


def painter(picture: str) -> str:
    """The test that paints it, as pytest names it. LookupError where there is none."""
    function = picture.partition("[")[0]
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if f"def {function}(" in path.read_text(encoding="utf-8"):
            return f"{path.relative_to(ROOT)}::{picture}"
    raise LookupError(picture)


def main() -> int:
    """In a process of its own: this module belongs to the tests, and pytest wants to load those itself.
    What else is said on the command line is for pytest."""
    tests = ["--snapshot-update", *map(painter, pictures()), *sys.argv[1:]]
    return subprocess.run([sys.executable, "-m", "pytest", *tests], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
