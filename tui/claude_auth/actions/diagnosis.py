"""What the diagnosis shows at one moment: the findings, every check, and what can be done. Frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from claude_auth.actions.fixes.offers import offers
from claude_auth.actions.fixes.plans import Preview
from claude_auth.actions.fixes.shells import Shell, own_program, shell_of
from claude_auth.diagnose import checks, diagnosed
from claude_auth.model import Check, Finding, Resolution, Snapshot
from claude_auth.security.secret import without_locals


class Diagnosis(NamedTuple):
    """`checks` None: not asked yet, since the machine is still being looked at."""

    snapshot: Snapshot
    resolution: Resolution
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...] | None = None
    previews: tuple[Preview, ...] = ()
    shell: Shell = "bash"

    @classmethod
    @without_locals
    def of(
        cls, snapshot: Snapshot, client: str, version: str | None, *, shell: Shell, program: str
    ) -> Diagnosis:
        """What the core says about a snapshot. Reads the files that a fix would change."""
        resolution, findings = diagnosed(snapshot, client, version)
        previews = offers(snapshot, resolution, findings, shell=shell, program=program)
        return cls(snapshot, resolution, findings, checks(snapshot, resolution), previews, shell)

    @classmethod
    def here(
        cls, snapshot: Snapshot, client: str, version: str | None, environ: Mapping[str, str]
    ) -> Diagnosis:
        """In the words of the shell that `environ` is of."""
        return cls.of(snapshot, client, version, shell=shell_of(environ), program=own_program(environ))

    @property
    def home(self) -> str:
        return self.snapshot.places.home

    @property
    def counts(self) -> Counter[str]:
        """Of the checks by their state."""
        return Counter(check.state for check in self.checks or ())

    @property
    def fixable(self) -> frozenset[str]:
        """The findings that a key of ours can do something about."""
        return frozenset(p.finding for p in self.previews if p.applicable and p.finding is not None)

    @property
    def extras(self) -> tuple[Preview, ...]:
        """What can be done though nothing is wrong."""
        return tuple(preview for preview in self.previews if preview.finding is None)

    def previews_of(self, subject: Finding | Preview) -> tuple[Preview, ...]:
        """Everything that can be done about a finding; of what stands for itself, as it would be now."""
        if isinstance(subject, Finding):
            found = [preview for preview in self.previews if preview.finding == subject.id]
            return tuple(sorted(found, key=lambda preview: not preview.applicable))
        return tuple(preview for preview in self.previews if preview.id == subject.id)
