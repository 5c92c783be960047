"""The part of the dashboard that opens what looks further: the diagnosis and its fixes, an error text, the
network, the clouds, a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.app.screens.dashboard.doing import Doing
from claude_auth.app.screens.dashboard.panels import Findings

if TYPE_CHECKING:
    from claude_auth.app.screens.cloud_doors import CloudDoors
    from claude_auth.app.screens.diagnose_doors import DiagnoseDoors


class Diagnosing(Doing):
    """The screens are imported when they are opened."""

    _diagnose_doors: DiagnoseDoors | None = None
    _cloud: CloudDoors | None = None

    @property
    def diagnose_doors(self) -> DiagnoseDoors:
        if self._diagnose_doors is None:
            from claude_auth.app.screens.diagnose_doors import DiagnoseDoors

            self._diagnose_doors = DiagnoseDoors(self.doors)
        self._diagnose_doors.doors = self.doors  # for the program that asks now
        return self._diagnose_doors

    @diagnose_doors.setter
    def diagnose_doors(self, doors: DiagnoseDoors) -> None:
        self._diagnose_doors = doors

    def refusal(self, action: str) -> str | None:
        if action == "fix" and not self.scene.findings:
            return "there is no finding to fix"
        return super().refusal(action)

    def action_diagnose(self) -> None:
        found = self.query_one(Findings)
        self.open_diagnosis(found.cursor if self.focused is found and found.moved else None)

    def open_diagnosis(self, at: str | None) -> None:
        """`at`: the row that the cursor is to stand on; None for the most urgent one."""
        from claude_auth.app.screens.diagnose import Diagnose

        screen = Diagnose(self.diagnose_doors, self.scene, self.told, at=at, follows=self)
        self.app.push_screen(screen, self.came_back)

    def action_fix(self) -> None:
        if self.refuses("fix"):
            return
        from claude_auth.app.screens.fix import Fix

        finding = self.finding_to_act_on()
        self.app.push_screen(
            Fix(self.diagnose_doors, self.scene.snapshot, finding, self.told), self.came_back
        )

    # ── looking further ──────────────────────────────────────────────────────────────────────────

    def action_explain(self) -> None:
        from claude_auth.app.screens.explain import Explain
        from claude_auth.app.screens.explain_doors import ExplainDoors

        self.app.push_screen(Explain(ExplainDoors(self.doors), self.scene.snapshot))

    def action_probe(self) -> None:
        from claude_auth.app.screens.probe import ProbeScreen
        from claude_auth.app.screens.probe_doors import ProbeDoors

        doors = ProbeDoors(self.doors, self.eyes)
        self.app.push_screen(ProbeScreen(doors, self.scene.snapshot, self.told), self.came_back)

    def action_network(self) -> None:
        from claude_auth.app.screens.network import NetworkScreen
        from claude_auth.app.screens.network_doors import NetworkDoors

        doors = NetworkDoors(self.doors)
        self.app.push_screen(NetworkScreen(doors, self.scene.snapshot, self.told))

    def action_cloud(self) -> None:
        from claude_auth.app.screens.cloud import Cloud

        if self._cloud is None:
            from claude_auth.app.screens.cloud_doors import CloudDoors

            self._cloud = CloudDoors(self.doors)
        self.app.push_screen(Cloud(self._cloud, self, self.told), self.came_back)

    def action_run(self) -> None:
        from claude_auth.app.screens.run_choosing import open_run

        open_run(self, self.doors, self.scene.snapshot, self.told, (), self.ran)
