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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
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
        for command in (
            [python, "-m", "venv", str(environment)],
            [*pip, "hatchling", "editables"],
            [*pip, "--no-build-isolation", "-e", ".[test]"],
        ):
            subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        mark.touch()
    return str(own)


def tried(version: str, python: str, environment: str, tests: Sequence[str]) -> tuple[int, str]:
    """The exit status, and all that was said."""
    try:
        own = installed(python, Path(f"{environment}-{version}"))
    except subprocess.CalledProcessError as error:
        return error.returncode or 1, f"{error}\n{error.stdout or ''}"
    run = subprocess.run(
        [own, "-m", "pytest", "-p", "no:cacheprovider", *tests],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout


def main(environment: str, *tests: str) -> int:
    first = version_of(os.path.join(environment, "bin/python"))
    others = {
        ".".join(map(str, version)): python for version, python in pythons().items() if version != first
    }
    if not others:
        print("There is no other Python from 3.11 on this machine.")
        return 0
    with ThreadPoolExecutor(len(others)) as side_by_side:
        runs = {
            version: side_by_side.submit(tried, version, python, environment, tests)
            for version, python in others.items()
        }
        for version, run in runs.items():
            code, said = run.result()
            print(f"Python {version}: {others[version]}\n{said}", flush=True)
            if code:
                print(f"Tests failed on Python {version}.", file=sys.stderr)
    return int(any(run.result()[0] for run in runs.values()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
