"""What the clouds would answer: looked at on this machine, and asked on consent. All of it blocks."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from claude_auth.actions.evaluate import run_setting
from claude_auth.actions.look import diagnosed
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.commands import CommandKind, PlannedCommand
from claude_auth.cloud.identity import Answer, ask_aws, ask_google
from claude_auth.cloud.providers import (
    BY_ID,
    CAN_BE_ASKED,
    RENEWING_COMMANDS,
    CloudSeen,
    ProviderAnswer,
    contacts,
    look,
    will_run,
)
from claude_auth.model import CommandRun, Finding, Resolution, Snapshot

__all__ = [
    "BY_ID",
    "CAN_BE_ASKED",
    "RENEWING_COMMANDS",
    "CloudLook",
    "CloudSeen",
    "CommandKind",
    "PlannedCommand",
    "ProviderAnswer",
    "contacts",
    "will_run",
]


@dataclass(slots=True)
class CloudLook:
    """Keeps the answers while the dashboard runs. `environ` is the shell's; `token_endpoint`: a stand-in for
    Google's own."""

    environ: Mapping[str, str] = field(repr=False)
    version: str | None = None
    token_endpoint: str | None = None
    asked: dict[str, ProviderAnswer] = field(default_factory=dict)
    runs: dict[str, CommandRun] = field(default_factory=dict)

    def see(self, snapshot: Snapshot, resolution: Resolution, findings: tuple[Finding, ...]) -> CloudSeen:
        """Reads the files of both clouds; what was run from here counts as run."""
        if self.runs:
            snapshot = snapshot._replace(runs={**snapshot.runs, **self.runs})
            resolution, findings = diagnosed(snapshot, resolution.client, self.version)
        return look(EffectiveConfig.of(snapshot, resolution), resolution, findings, self.environ)

    def ask(
        self,
        provider: str,
        snapshot: Snapshot,
        resolution: Resolution,
        findings: tuple[Finding, ...],
        allowed: Collection[PlannedCommand],
        stop: threading.Event,
    ) -> tuple[ProviderAnswer | None, CloudSeen]:
        """Calling this is the consent to run what is `allowed`. No answer: another command than those would
        be run, since a file was changed meanwhile or what was run first gave nothing."""
        basis = snapshot, resolution, findings
        seen = self.see(*basis)
        if provider == "aws" and set(will_run(provider, seen)) <= set(allowed) and self._export(seen, stop):
            seen = self.see(*basis)
        if not set(will_run(provider, seen)) <= set(allowed):
            return None, seen
        if provider == "google":
            answer: Answer = ask_google(
                seen.google, seen.view, self.environ, token_endpoint=self.token_endpoint, stop=stop
            )
        else:
            answer = ask_aws(seen.aws, seen.view, self.environ, stop=stop)
        after = self.see(*basis)
        return ProviderAnswer(answer, seen.basis._replace(cache=after.basis.cache)), after

    def _export(self, seen: CloudSeen, stop: threading.Event) -> bool:
        """Whether awsCredentialExport had to be run first."""
        chosen, setting = seen.aws.chosen, seen.view.setting("awsCredentialExport")
        if chosen is None or chosen.source != "aws-credential-export" or setting is None:
            return False
        if seen.view.run_of(setting.name) is not None:
            return False
        run = run_setting(setting, seen.view, self.environ, stop=stop)
        if not stop.is_set():
            self.runs[setting.name] = run
        return True
