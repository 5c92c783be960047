"""The `aws` on PATH and its version, read from where it lies: it is never run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache

from claude_auth.files import list_directory, read_file, real_path
from claude_auth.model.surroundings import AwsTool
from claude_auth.processes.environment import folders, is_executable

#: The first line of a script.
_FIRST_LINE = 512
#: Beside the program of version 2, which brings its own Python.
_BUNDLED = os.path.join("awscli", "data", "ac.index")


def find_aws_tool(path_variable: str, home: str) -> AwsTool | None:
    """The one that a shell with this PATH starts; None where there is none. Never raises."""
    for folder in folders(path_variable):
        path = os.path.join(folder, "aws")
        if is_executable(path):
            return AwsTool(path, _version(path, path_variable, home))
    return None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    number = r"(\d{1,4}(?:\.\d{1,6}){1,3})"
    return (
        re.compile(rf"/aws-?cli(?:/v2|v?2)?[/-]{number}(?=[/_-]|$)"),
        re.compile(rf"awscli-{number}(?:-py3\.\d+)?\.(?:dist|egg)-info"),
    )


def _version(path: str, path_variable: str, home: str) -> str | None:
    """By its real path (the installer of version 2, Homebrew, Nix), by what lies beside it, or by the package
    that its interpreter would import."""
    target = real_path(path)
    if found := _patterns()[0].search(target):
        return found[1]
    if os.path.isfile(os.path.join(os.path.dirname(target), _BUNDLED)):
        return "2"
    python = _interpreter(target, path_variable)
    if python is None:
        return None
    packages = (
        name for folder in _site_packages(python, path, home) for name in list_directory(folder, 5000)
    )
    found_in = (_patterns()[1].fullmatch(name) for name in packages)
    return next((found[1] for found in found_in if found is not None), None)


def _interpreter(script: str, path_variable: str) -> str | None:
    """The Python that a script is run by, links not followed: they lead out of a virtual environment."""
    start = read_file(script, _FIRST_LINE, cut=True).content or b""
    if not start.startswith(b"#!"):
        return None
    words = start[2:].partition(b"\n")[0].decode("utf-8", "replace").split()
    if words and os.path.basename(words[0]) == "env" and len(words) > 1:
        places = (os.path.join(folder, words[1]) for folder in folders(path_variable))
        words = [next((place for place in places if is_executable(place)), "")]
    is_python = bool(words) and os.path.basename(words[0]).startswith("python")
    return words[0] if is_python else None


def _site_packages(python: str, script: str, home: str) -> Iterator[str]:
    """Where that Python looks, the person's own first. Debian keeps packages apart from a version."""
    own = os.path.join(home, ".local")
    prefixes = [own] if os.path.dirname(script) == os.path.join(own, "bin") else []
    prefixes += [os.path.dirname(os.path.dirname(place)) for place in (python, real_path(python))]
    for prefix in dict.fromkeys(prefixes):
        library = os.path.join(prefix, "lib")
        for name in sorted(list_directory(library), reverse=True):
            if name.startswith("python3"):
                yield os.path.join(library, name, "site-packages")
                yield os.path.join(library, name, "dist-packages")
    yield from (f"/usr/{part}lib/python3/dist-packages" for part in ("local/", ""))
