"""The quick tests on every other Python from 3.11 that the machine has: `make test-pythons`.

Runs before anything is installed. Each version gets an environment of its own, `.venv-3.13` beside `.venv`,
with what constraints.txt says.
"""

from __future__ import annotations

import glob
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

OLDEST = (3, 11)
#: A version that is on PATH, and those that version managers keep beside it.
_PLACES = (
    *(
        os.path.join(folder, "python3.[0-9]*")
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        if folder
    ),
    os.path.join(
        os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv"), "versions/3.*/bin/python3.[0-9]*"
    ),
    os.path.expanduser("~/.local/share/uv/python/*/bin/python3.[0-9]*"),
)
_NAME = re.compile(r"python(3\.\d+)")
#: The version as it names itself; a Python without venv or pip can make no environment.
_ASKED = "import sys, venv, ensurepip, ssl, sqlite3; print('%d.%d' % sys.version_info[:2])"


def candidates() -> Iterator[str]:
    for pattern in _PLACES:
        yield from (path for path in sorted(glob.glob(pattern)) if _NAME.fullmatch(os.path.basename(path)))


def version_of(python: str) -> tuple[int, int] | None:
    """None where it does not run, as a version manager's link to a version that isn't chosen."""
    try:
        told = subprocess.run(
            [python, "-I", "-c", _ASKED], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"(3)\.(\d+)\n", told.stdout)
    return (int(match[1]), int(match[2])) if match and told.returncode == 0 else None


def pythons() -> dict[tuple[int, int], str]:
    """The first of each version, oldest first."""
    found: dict[tuple[int, int], str] = {}
    for python in candidates():
        version = version_of(python)
        if version is not None and version >= OLDEST:
            found.setdefault(version, python)
    return dict(sorted(found.items()))


def installed(python: str, environment: Path) -> str:
    """The environment's own Python, with everything in it; installed anew only where the pins changed."""
    own, mark = environment / "bin/python", environment / ".installed"
    wanted = max(Path(name).stat().st_mtime for name in ("pyproject.toml", "constraints.txt"))
    if not mark.exists() or mark.stat().st_mtime < wanted:
        pip = [str(own), "-m", "pip", "--disable-pip-version-check", "--quiet", "--quiet", "install"]
        pip += ["-c", "constraints.txt"]
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
        subprocess.run([*pip, "hatchling", "editables"], check=True)
        subprocess.run([*pip, "--no-build-isolation", "-e", ".[test]"], check=True)
        mark.touch()
    return str(own)


def main(environment: str, *tests: str) -> int:
    first = version_of(os.path.join(environment, "bin/python"))
    others = {version: python for version, python in pythons().items() if version != first}
    if not others:
        print("There is no other Python from 3.11 on this machine.")
    failed = []
    for version, python in others.items():
        name = ".".join(map(str, version))
        print(f"Python {name}: {python}", flush=True)
        own = installed(python, Path(f"{environment}-{name}"))
        if subprocess.run([own, "-m", "pytest", "-p", "no:cacheprovider", *tests], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"Tests failed on Python {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
