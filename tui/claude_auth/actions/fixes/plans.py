"""What a fix is before anybody has agreed to it: words, commands to copy, the change and its exact diff; what
it may take away."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from claude_auth.actions.fixes.shells import Shell
from claude_auth.claude_code.locks import lock_paths
from claude_auth.claude_code.variables import PROVIDER_SWITCHES, STEERING
from claude_auth.diagnose.cause import MachineRule
from claude_auth.diagnose.causes import BY_ID as CAUSES
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Finding, Resolution, Snapshot
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.sanitize import clean, safe_text
from claude_auth.security.secret import Secret, without_locals
from claude_auth.sources import BY_ID

Kind = Literal[
    "chmod",
    "chown",
    "remove-lock",
    "approve-key",
    "unreject-key",
    "settings-variable",
    "startup-line",
    "key-helper",
    "move-aside",
    "keep-copy",
    "commands",
    "set-up-settings",
    "set-up-startup",
    "set-up-client",
]


class FileEdit(NamedTuple):
    """The file's bytes before and after; `before` None: it is made. `claudes`: Claude Code writes to this
    file too, so its own lock is taken and no `claude` may run meanwhile. `copy_of`: the file that holds the
    same."""

    path: str
    before: bytes | None
    after: bytes
    claudes: bool = True
    copy_of: str = ""

    def __repr__(self) -> str:
        """Without what stands in the file."""
        return f"FileEdit({self.path!r})"


class ModeChange(NamedTuple):
    path: str
    before: int
    after: int


class MoveAside(NamedTuple):
    """Another name for a file that can't be parsed; its content is never touched."""

    path: str
    to: str


class LockRemoval(NamedTuple):
    path: str


Change = FileEdit | ModeChange | MoveAside | LockRemoval


class Preview(NamedTuple):
    """`commands` are to copy, for this person's shell. `diff` is masked. Without `change` there is nothing
    that we would do, and `by_hand` says why. `afterwards`: what is left to do once it is applied; `variable`:
    the variable that a new shell won't have any more; `removes`: variables and settings that go.
    `leads`: it is advised before what we would do, though it is done by hand; `place`: the file that it is
    done in. `also`: other findings that ask for the same."""

    id: str
    kind: Kind
    finding: str | None
    title: str
    explanation: str
    commands: tuple[str, ...] = ()
    diff: str = ""
    change: Change | None = None
    by_hand: str | None = None
    afterwards: str | None = None
    variable: str | None = None
    removes: tuple[str, ...] = ()
    leads: bool = False
    place: str | None = None
    also: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        return self.also if self.finding is None else (self.finding, *self.also)

    @property
    def applicable(self) -> bool:
        return self.change is not None


class Case(NamedTuple):
    """What the modules of the kinds look at: one finding of one look at the machine."""

    snapshot: Snapshot
    resolution: Resolution
    finding: Finding
    shell: Shell = "bash"

    @property
    def situation(self) -> DiagnosisContext:
        return DiagnosisContext(self.snapshot, self.resolution)

    @property
    def entry(self) -> MachineRule:
        """The finding's own rule, which says what may be done about it."""
        rule = CAUSES[self.finding.id].rule
        assert rule is not None
        return rule

    @property
    def home(self) -> str:
        return self.snapshot.places.home

    def id(self, kind: Kind) -> str:
        return f"{self.finding.id}/{kind}"


def guarded_paths(snapshot: Snapshot) -> dict[str, str]:
    """Every lock that Claude Code takes here, and what it guards."""
    return dict(lock_paths(snapshot.places.config_dir, snapshot.claude_json.path))


# ── what may be taken away ────────────────────────────────────────────────────────────────────────────

#: The settings that a source is configured by.
_COMMANDS = {"api-key-helper": "apiKeyHelper", "aws-credential-export": "awsCredentialExport"}


def variables_of(case: Case) -> tuple[str, ...]:
    """What the finding's own record says is unwanted (`MachineRule.removes`), as names."""
    return tuple(dict.fromkeys(_variables(case)))


def _variables(case: Case) -> Iterator[str]:
    for what in case.entry.removes:
        if what in {"source", "sent"}:
            names = [BY_ID[source].variable for source in _sources(case) if source in BY_ID]
            # A switch is what the person chose a provider by: no source's finding is about that.
            yield from (name for name in names if name and name not in PROVIDER_SWITCHES)
        elif what == "project":
            yield from (name for name in STEERING if _from_a_project(case, name))
        elif what != "helper":
            yield what


def settings_of(case: Case) -> tuple[str, ...]:
    found = []
    if "project" in case.entry.removes:
        view = case.situation.view
        settings = ((name, view.setting(name)) for name in _COMMANDS.values())
        found += [name for name, s in settings if s is not None and s.origin.of_project]
    if "helper" in case.entry.removes:
        found += [_COMMANDS[source] for source in _sources(case) if source in _COMMANDS]
    return tuple(dict.fromkeys(found))


def source_of(name: str) -> str | None:
    """The source that a variable or a command belongs to."""
    commands = {setting: source for source, setting in _COMMANDS.items()}
    return commands.get(name) or next((row.id for row in BY_ID.values() if row.variable == name), None)


def _sources(case: Case) -> tuple[str, ...]:
    if "sent" in case.entry.removes:
        return case.situation.sent()
    return (case.finding.source,) if case.finding.source else ()


def _from_a_project(case: Case, name: str) -> bool:
    assignment = case.situation.view.assignment(name)
    return assignment is not None and assignment.origin.of_project


# ── the exact change, without a secret ────────────────────────────────────────────────────────────────

# Every text in a JSON file but its keys may be a secret (an approved suffix, a token of a server), so none is
# shown but its mask; of a start-up file only the changed line is shown, without the value.

CONTEXT = 2
WIDEST = 160
#: More changed lines than this are not compared line by line.
MOST_LINES = 2000

_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"(\s*+:)?')


@without_locals
def json_diff(path: str, before: bytes | None, after: bytes, shown: Iterable[str] = ()) -> str:
    """`shown`: texts that are ours and no secret."""
    allowed = frozenset(shown)
    return _diff(path, before, after, lambda line: _masked(line, allowed), CONTEXT)


@without_locals
def shell_diff(path: str, before: bytes, after: bytes, name: str) -> str:
    def masked(line: str) -> str:
        head, sign, _ = line.partition(name)
        gap = re.match(r"[ \t]*[=]?[ \t]*", line[len(head) + len(name) :])
        return clean(f"{head}{name}{gap[0] if gap else ''}…", WIDEST) if sign else "…"

    return _diff(path, before, after, masked, 0)


def _masked(line: str, allowed: frozenset[str]) -> str:
    def one(match: re.Match[str]) -> str:
        if match[2] is not None:
            name = safe_text(match[1], WIDEST) if len(match[1]) <= WIDEST else "…"
            return f'"{name}"{match[2]}'
        try:
            value = json.loads(match[0])
        except ValueError:
            value = ""
        return match[0] if value in allowed else f'"{Secret(value).masked if value else ""}"'

    return _STRING.sub(one, line)


def _visible(line: str) -> str:
    """What a terminal may show, with the indentation kept."""
    indent = line[: len(line) - len(line.lstrip(" \t"))][:40].replace("\t", "    ")
    return indent + clean(line, 2 * WIDEST)


def _diff(path: str, before: bytes | None, after: bytes, masked: Callable[[str], str], context: int) -> str:
    old = [] if before is None else _lines(before)
    new = _lines(after)
    first = _common(old, new)
    same = _common(old[first:][::-1], new[first:][::-1])
    begin = max(0, first - context)
    old_part = old[begin : len(old) - same + min(same, context)]
    new_part = new[begin : len(new) - same + min(same, context)]
    head = ["--- /dev/null" if before is None else f"--- {path}", f"+++ {path}"]
    if max(len(old_part), len(new_part)) > MOST_LINES:
        return "\n".join([*head, f"@@ lines {first + 1} to {len(old) - same} @@", "(too many lines to show)"])
    old_part, new_part = [masked(line) for line in old_part], [masked(line) for line in new_part]
    if len(old_part) == len(new_part) == 1:
        old_part, new_part = _around_the_change(old_part[0], new_part[0])
    old_part, new_part = [_visible(line) for line in old_part], [_visible(line) for line in new_part]
    import difflib

    body = list(difflib.unified_diff(old_part, new_part, n=context, lineterm=""))[2:]
    return "\n".join([*head, *(_placed(line, begin) for line in body)])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How much both begin with; by halves, since a file in one line may have millions of characters."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _lines(content: bytes) -> Sequence[str]:
    return [line.removesuffix("\r") for line in content.decode("utf-8", "replace").split("\n")]


_HUNK = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def _placed(line: str, offset: int) -> str:
    """Hunks are counted from the start of the part that was compared."""
    found = _HUNK.fullmatch(line)
    if found is not None:
        return f"@@ -{int(found[1]) + offset}{found[2]} +{int(found[3]) + offset}{found[4]} @@"
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"


def _around_the_change(old: str, new: str) -> tuple[list[str], list[str]]:
    """Of a long line, say of a file without line breaks, the part that changes."""
    if max(len(old), len(new)) <= WIDEST - 1:
        return [old], [new]
    start = max(0, _common(old, new) - WIDEST // 3)
    lead = "…" if start else ""

    def cut(text: str) -> str:
        part = text[start : start + WIDEST - 4]
        return f"{lead}{part}{'…' if start + WIDEST - 4 < len(text) else ''}"

    return [cut(old)], [cut(new)]
