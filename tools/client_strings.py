"""For maintainers: the names of variables and settings keys in an installed Claude Code, read as a file and
never run.

usage: python -m tools.client_strings CLAUDE [--compare]

CLAUDE: the package's folder (`node_modules/@anthropic-ai/claude-code`), its `cli.js`, or the native program.
Without `--compare` the names are printed as tools/names/VERSION.txt holds them: names alone, none of the
client's sentences. With it: what is neither modelled nor in tools/names/irrelevant.txt, and what is listed
there and gone.
"""

from __future__ import annotations

import argparse
import mmap
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from claude_auth.claude_code.settings_keys import BEARING
from claude_auth.claude_code.variables import SETTINGS_KEYS, is_watched

NAMES = Path(__file__).parent / "names"
PACKAGE = Path(__file__).parents[1] / "tui/claude_auth"

#: Why a name has no part in the answer. `feature`: screens, models, tools, sessions, limits. `telemetry`.
#: `other-service`: a credential or address of another service than the model's. `host`: handed over by a
#: program that starts Claude Code for itself, such as its runner or daemon, never set by a person. `runtime`:
#: of the JavaScript runtime, the terminal, the system. `cloud-sdk`: read by a cloud's library, and nothing of
#: Claude's requests hangs on it. `gateway-server`: of the server that `claude gateway` starts. `sign-in`: of
#: the sign-in itself, not of what is sent afterwards.
Reason = Literal[
    "feature", "telemetry", "other-service", "host", "runtime", "cloud-sdk", "gateway-server", "sign-in"
]

#: What a variable that matters may begin with; others count where `process.env` is asked for them.
_PREFIXES = (
    "ANTHROPIC CLAUDE AWS VERTEX_REGION CLOUD_ML GOOGLE GCLOUD CLOUDSDK AZURE BEDROCK GCE IDENTITY MSI"
)
_VARIABLE = re.compile(
    rb"process\.env\.([A-Z][A-Z0-9_]+)|[\"'`.{,(\s]((?:%s)_[A-Z0-9_]*[A-Z0-9])(?=[\"'`.,:;)}=|&?!\]\s<>])"
    % _PREFIXES.replace(" ", "|").encode()
)
#: The client's schema of settings begins so; keys that it takes from elsewhere are looked for by name.
_SCHEMA = b"{$schema:()=>"
_SCHEMA_OF_SETTINGS = b"apiKeyHelper:()=>"
_BESIDE_THE_SCHEMA = ("enforceAnthropicSignIn",)
_LONGEST_SCHEMA = 1 << 20


class Names(NamedTuple):
    variables: tuple[str, ...]
    settings: tuple[str, ...]


def program_of(path: Path) -> Path:
    """The file that holds the client's source: the largest of the package and of what stands beside it."""
    if path.is_file():
        return path.resolve()
    beside = path.parent.glob(f"{path.name}-*/claude*")
    return max((*path.glob("cli.js"), *path.glob("bin/*"), *beside), key=lambda file: file.stat().st_size)


def names_in(program: Path) -> Names:
    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return names_of(content)


def names_of(content: bytes | mmap.mmap) -> Names:
    variables = {(match[1] or match[2]).decode() for match in _VARIABLE.finditer(content)}
    beside = (name for name in _BESIDE_THE_SCHEMA if content.find(name.encode()) >= 0)
    return Names(tuple(sorted(variables)), tuple(sorted({*_settings(content), *beside})))


def _settings(content: bytes | mmap.mmap) -> Iterator[str]:
    """The keys of the object that describes a settings file."""
    at = content.find(_SCHEMA)
    while at >= 0:
        text = content[at : at + _LONGEST_SCHEMA]
        if _SCHEMA_OF_SETTINGS in text[:1000]:
            yield from keys_of(text.decode("utf-8", "replace"))
            return
        at = content.find(_SCHEMA, at + 1)


_TOKEN = re.compile(
    r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[{(\[]|[})\]]|([$\w]+):|,|.", re.DOTALL
)


def keys_of(source: str) -> Iterator[str]:
    """The keys of the object literal that `source` begins with."""
    depth, before = 0, ""
    for match in _TOKEN.finditer(source):
        token = match[0]
        if match[1] is not None and depth == 1 and before in {"{", ","}:
            yield match[1]
        depth += (token in "{([") - (token in "})]") if len(token) == 1 else 0
        if depth == 0:
            return
        before = token


# ── what is known ────────────────────────────────────────────────────────────────────────────────


def read_names(path: Path) -> Names:
    """A file of names: `[variables]` and `[settings]`, a name a line."""
    variables, _, settings = path.read_text(encoding="utf-8").partition("[settings]")
    return Names(tuple(variables.split()[1:]), tuple(settings.split()))


def irrelevant() -> dict[str, Reason]:
    """Name → reason: headings in brackets, names in lines of any length."""
    found: dict[str, Reason] = {}
    for part in (NAMES / "irrelevant.txt").read_text(encoding="utf-8").split("[")[1:]:
        reason, _, names = part.partition("]")
        known = next(one for one in get_args(Reason) if one == reason)
        found |= dict.fromkeys(names.split(), known)
    return found


def modelled(names: Names) -> frozenset[str]:
    """Variables that the package speaks of; settings keys that it reads or that leave it at "not checked"."""
    words: set[str] = set()
    for path in (path for path in PACKAGE.rglob("*.py") if path.name != "values.py"):  # shapes alone
        words |= set(re.findall(r"\b[A-Z][A-Z0-9_]+", path.read_text(encoding="utf-8")))
    keys = {"env", *SETTINGS_KEYS, *BEARING}
    return frozenset({name for name in names.variables if name in words or is_watched(name)} | keys)


def unknown(names: Names) -> list[str]:
    return sorted({*names.variables, *names.settings} - modelled(names) - set(irrelevant()))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("claude", type=Path)
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    names = names_in(program_of(options.claude))
    if options.compare:
        gone = sorted(set(irrelevant()) - {*names.variables, *names.settings})
        lines = [*(f"new: {name}" for name in unknown(names)), *(f"gone: {name}" for name in gone)]
    else:
        lines = ["[variables]", *names.variables, "[settings]", *names.settings]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
