"""How the cloud screen reaches the machine and the clouds. All of it blocks, so call it off the UI thread;
what is imported here is imported when it is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from claude_auth.app.screens.doors import Doors
from claude_auth.present.dashboard_state import DashboardState

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection

    from claude_auth.cloud.commands import PlannedCommand
    from claude_auth.cloud.identity import Answer
    from claude_auth.cloud.providers import CloudSeen, ProviderAnswer
    from claude_auth.model import CommandRun


class CloudDoors:
    """Keeps the answers while the dashboard runs. `token_endpoint`: a stand-in for Google's own."""

    def __init__(self, doors: Doors, *, token_endpoint: str | None = None) -> None:
        self.doors, self.token_endpoint = doors, token_endpoint
        self.asked: dict[str, ProviderAnswer] = {}
        self.runs: dict[str, CommandRun] = {}

    def see(self, scene: DashboardState) -> CloudSeen:
        """Reads the files of both clouds; what was run from here counts as run."""
        from claude_auth.claude_code.effective import EffectiveConfig
        from claude_auth.cloud.providers import look
        from claude_auth.diagnose import diagnosed

        snapshot, resolution, findings = scene.snapshot, scene.resolution, scene.findings
        if self.runs:
            snapshot = replace(snapshot, runs={**snapshot.runs, **self.runs})
            resolution, findings = diagnosed(snapshot, resolution.client, self.doors.version)
        view = EffectiveConfig.of(snapshot, resolution)
        return look(view, resolution, findings, self.doors.environ)

    def ask(
        self, provider: str, scene: DashboardState, allowed: Collection[PlannedCommand], stop: threading.Event
    ) -> tuple[ProviderAnswer | None, CloudSeen]:
        """Calling this is the consent to run what is `allowed`. No answer: another command than those would
        be run, since a file was changed meanwhile or what was run first gave nothing."""
        from claude_auth.cloud.identity import ask_aws, ask_google
        from claude_auth.cloud.providers import ProviderAnswer, will_run

        environ = self.doors.environ
        seen = self.see(scene)
        if provider == "aws" and set(will_run(provider, seen)) <= set(allowed) and self._export(seen, stop):
            seen = self.see(scene)
        if not set(will_run(provider, seen)) <= set(allowed):
            return None, seen
        if provider == "google":
            answer: Answer = ask_google(
                seen.google, seen.view, environ, token_endpoint=self.token_endpoint, stop=stop
            )
        else:
            answer = ask_aws(seen.aws, seen.view, environ, stop=stop)
        after = self.see(scene)
        return ProviderAnswer(answer, seen.basis._replace(cache=after.basis.cache)), after

    def _export(self, seen: CloudSeen, stop: threading.Event) -> bool:
        """Whether awsCredentialExport had to be run first."""
        chosen, setting = seen.aws.chosen, seen.view.setting("awsCredentialExport")
        if chosen is None or chosen.source != "aws-credential-export" or setting is None:
            return False
        if seen.view.run_of(setting.name) is not None:
            return False
        from claude_auth.actions.evaluate import run_setting

        run = run_setting(setting, seen.view, self.doors.environ, stop=stop)
        if not stop.is_set():
            self.runs[setting.name] = run
        return True
