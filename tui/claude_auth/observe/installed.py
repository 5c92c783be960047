"""The `claude` programs on PATH and the `aws` there, with their versions, read from where they lie: none is
ever run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cache

from claude_auth.claude_code.process import PACKAGE
from claude_auth.files import list_directory, read_file, real_path
from claude_auth.model import InstalledClient
from claude_auth.model.surroundings import AwsTool
from claude_auth.processes.environment import folders, is_executable

PACKAGE_LIMIT = 256 << 10
#: A wrapper is a few lines; of a larger file not even the start is read.
WRAPPER_LIMIT = 64 << 10
WRAPPER_START = 4096
#: A wrapper that starts a wrapper that starts the program.
MOST_WRAPPERS = 3

#: Where a package manager keeps the package of the program that stands in its `bin`.
_BESIDE_A_SHIM = (
    f"../lib/node_modules/{PACKAGE}",
    f"../tools/image/packages/{PACKAGE}/lib/node_modules/{PACKAGE}",  # Volta
)


def installed_clients(path_variable: str, home: str, limit: int = 8) -> tuple[InstalledClient, ...]:
    """Every distinct executable `claude`, the one that the shell starts first; at most `limit`.

    `target` is the real path; `version` is None where no package tells it. Never raises.
    """
    clients: dict[str, InstalledClient] = {}
    for folder in folders(path_variable):
        if len(clients) >= limit:
            break
        path = os.path.join(folder, "claude")
        if not is_executable(path):
            continue
        target = real_path(path)
        if target not in clients:
            clients[target] = InstalledClient(path, target, _version_of(path, home))
    return tuple(clients.values())


def _version_of(path: str, home: str, depth: int = 0) -> str | None:
    target = real_path(path)
    if version := _first_version(_folders_above(target)) or version_in_path(target):
        return version
    if depth < MOST_WRAPPERS:
        for started in _started_by(path, target, home):
            if os.path.isfile(started) and (version := _version_of(started, home, depth + 1)):
                return version
    # Last, since a script may stand beside a package that it doesn't start.
    places = dict.fromkeys((os.path.dirname(path), os.path.dirname(target)))
    return _first_version(os.path.join(place, beside) for place in places for beside in _BESIDE_A_SHIM)


def _first_version(folders: Iterable[str]) -> str | None:
    versions = (package_version(os.path.normpath(os.path.join(folder, "package.json"))) for folder in folders)
    return next((version for version in versions if version), None)


def _folders_above(target: str) -> Iterator[str]:
    folder = os.path.dirname(target)
    for _ in range(4):
        yield folder
        folder = os.path.dirname(folder)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}(?:[-+.][0-9A-Za-z.+-]{1,40})?"),
        re.compile(r"^[ \t]*exec[ \t]+(.+)$", re.MULTILINE),
        re.compile(r"""\"([^\"\n]*)\"|'([^'\n]*)'|([^\s"']+)"""),
    )


def package_version(path: str) -> str | None:
    """`version` of a package.json, if the package is Claude Code or its part for one platform."""
    content = read_file(path, PACKAGE_LIMIT).content
    if content is None:
        return None
    import json

    try:
        package = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(package, dict):
        return None
    name, version = package.get("name"), package.get("version")
    if not (isinstance(name, str) and isinstance(version, str)):
        return None
    is_claude_code = name == PACKAGE or name.startswith(f"{PACKAGE}-")
    return version if is_claude_code and _patterns()[0].fullmatch(version) else None


def version_in_path(target: str) -> str | None:
    """The version in a real path: `…/claude/versions/2.1.328`, `…/claude-code/2.1.3/claude`,
    `…-claude-code-2.1.3/bin/claude`. A version of something else, say of Node, doesn't follow our name."""
    parts = target.split("/")
    for index in range(len(parts) - 1, 0, -1):
        part, before = parts[index], "/".join(parts[max(0, index - 2) : index])
        if "claude" in before and _patterns()[0].fullmatch(part):
            return part
        _, found, version = part.rpartition("claude-code-")
        if found and _patterns()[0].fullmatch(version):
            return version
    return None


def _started_by(path: str, target: str, home: str) -> Iterator[str]:
    """Absolute paths behind `exec` in a small shell script, with `$HOME` and pnpm's `$basedir` filled in."""
    content = read_file(target, WRAPPER_LIMIT).content
    if content is None or not content.startswith(b"#!"):
        return
    text = content[:WRAPPER_START].decode("utf-8", "replace")
    _, exec_line, word_pattern = _patterns()
    for line in exec_line.finditer(text):
        for word in word_pattern.finditer(line[1]):
            started = _filled_in(word[1] or word[2] or word[3] or "", os.path.dirname(path), home)
            if os.path.isabs(started) and "$" not in started and "\0" not in started:
                yield started


def _filled_in(word: str, folder: str, home: str) -> str:
    for name, value in (("${HOME}", home), ("$HOME", home), ("${basedir}", folder), ("$basedir", folder)):
        if word.startswith(f"{name}/"):
            return value + word.removeprefix(name)
    return home + word[1:] if word.startswith("~/") else word


# ── the `aws` on PATH ─────────────────────────────────────────────────────────────────────────────

#: The first line of a script.
_FIRST_LINE = 512
#: Beside the program of version 2, which brings its own Python.
_BUNDLED = os.path.join("awscli", "data", "ac.index")


def find_aws_tool(path_variable: str, home: str) -> AwsTool | None:
    """The one that a shell with this PATH starts; None where there is none. Never raises."""
    for folder in folders(path_variable):
        path = os.path.join(folder, "aws")
        if is_executable(path):
            return AwsTool(path, _aws_version(path, path_variable, home))
    return None


@cache
def _aws_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    number = r"(\d{1,4}(?:\.\d{1,6}){1,3})"
    return (
        re.compile(rf"/aws-?cli(?:/v2|v?2)?[/-]{number}(?=[/_-]|$)"),
        re.compile(rf"awscli-{number}(?:-py3\.\d+)?\.(?:dist|egg)-info"),
    )


def _aws_version(path: str, path_variable: str, home: str) -> str | None:
    """By its real path (the installer of version 2, Homebrew, Nix), by what lies beside it, or by the package
    that its interpreter would import."""
    target = real_path(path)
    if found := _aws_patterns()[0].search(target):
        return found[1]
    if os.path.isfile(os.path.join(os.path.dirname(target), _BUNDLED)):
        return "2"
    python = _interpreter(target, path_variable)
    if python is None:
        return None
    packages = (
        name for folder in _site_packages(python, path, home) for name in list_directory(folder, 5000)
    )
    found_in = (_aws_patterns()[1].fullmatch(name) for name in packages)
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
