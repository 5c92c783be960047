"""How the cloud screen reaches the machine and the clouds. All of it blocks, so call it off the UI thread;
what is imported here is imported when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.actions.cloud import CloudLook
from claude_auth.app.screens.doors import Doors
from claude_auth.present.dashboard_state import DashboardState

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection

    from claude_auth.actions.cloud import Asked, CloudSeen, PlannedCommand
    from claude_auth.model import CommandRun


class CloudDoors:
    """Keeps the answers while the dashboard runs. `token_endpoint`: a stand-in for Google's own."""

    def __init__(self, doors: Doors, *, token_endpoint: str | None = None) -> None:
        self.doors = doors
        self.looks = CloudLook(doors.environ, doors.version, token_endpoint)
        self.asked: dict[str, Asked] = self.looks.asked
        self.runs: dict[str, CommandRun] = self.looks.runs

    def see(self, scene: DashboardState) -> CloudSeen:
        """Reads the files of both clouds; what was run from here counts as run."""
        return self.looks.see(scene.snapshot, scene.resolution, scene.findings)

    def ask(
        self, provider: str, scene: DashboardState, allowed: Collection[PlannedCommand], stop: threading.Event
    ) -> tuple[Asked | None, CloudSeen]:
        """Calling this is the consent to run what is `allowed`. No answer: another command than those would
        be run, since a file was changed meanwhile or what was run first gave nothing."""
        return self.looks.ask(provider, scene.snapshot, scene.resolution, scene.findings, allowed, stop)
