"""What a fix is before anybody has agreed to it: words, commands to copy, and the change itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from claude_auth.actions.fixes.shells import Shell
from claude_auth.diagnose.cause import MachineRule
from claude_auth.diagnose.causes import BY_ID
from claude_auth.diagnose.context import DiagnosisContext
from claude_auth.model import Finding, Resolution, Snapshot

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
    "commands",
]


@dataclass(frozen=True, slots=True)
class FileEdit:
    """The file's bytes before and after; `before` None: it is made. `claudes`: Claude Code writes to this
    file too, so its own lock is taken and no `claude` may run meanwhile."""

    path: str
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)
    claudes: bool = True


@dataclass(frozen=True, slots=True)
class ModeChange:
    path: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class MoveAside:
    """Another name for a file that can't be parsed; its content is never touched."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class LockRemoval:
    path: str


Change = FileEdit | ModeChange | MoveAside | LockRemoval


@dataclass(frozen=True, slots=True)
class Preview:
    """`commands` are to copy, for this person's shell. `diff` is masked. Without `change` there is nothing
    that we would do, and `by_hand` says why. `afterwards`: what is left to do once it is applied; `variable`:
    the variable that a new shell won't have any more; `removes`: variables and settings that go."""

    id: str
    kind: Kind
    finding: str | None
    title: str
    explanation: str
    commands: tuple[str, ...] = ()
    diff: str = ""
    change: Change | None = field(default=None, repr=False)
    by_hand: str | None = None
    afterwards: str | None = None
    variable: str | None = None
    removes: tuple[str, ...] = ()

    @property
    def applicable(self) -> bool:
        return self.change is not None


@dataclass(frozen=True, slots=True)
class Case:
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
        rule = BY_ID[self.finding.id].rule
        assert rule is not None
        return rule

    @property
    def home(self) -> str:
        return self.snapshot.places.home

    def id(self, kind: Kind) -> str:
        return f"{self.finding.id}/{kind}"
