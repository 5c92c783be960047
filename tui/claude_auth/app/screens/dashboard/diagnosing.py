"""The part of the dashboard that opens what looks further: the diagnosis and its fixes, an error text, the
network, the clouds, a command."""

from __future__ import annotations

from claude_auth.app.screens.dashboard.doing import Doing
from claude_auth.app.screens.dashboard.panels import Findings


class Diagnosing(Doing):
    """The screens are imported when they are opened."""

    def refusal(self, action: str) -> str | None:
        if action == "fix" and not self.scene.findings:
            return "there is no finding to fix"
        return super().refusal(action)

    def action_diagnose(self) -> None:
        found = self.query_one(Findings)
        self.open_diagnosis(found.cursor if self.focused is found and found.moved else None)

    def open_diagnosis(self, at: str | None) -> None:
        """`at`: the row that the cursor is to stand on; None for the most urgent one."""
        from claude_auth.app.screens.diagnose import DiagnoseScreen

        self.app.push_screen(DiagnoseScreen(self.doors, self.scene, at=at, follows=self), self.came_back)

    def action_fix(self) -> None:
        if self.refuses("fix"):
            return
        from claude_auth.app.screens.fix import Fixes, FixScreen

        choices = Fixes(self.doors, self.scene.snapshot, self.finding_to_act_on())
        self.app.push_screen(FixScreen(self.doors, choices), self.came_back)

    # ── looking further ──────────────────────────────────────────────────────────────────────────

    def action_explain(self) -> None:
        from claude_auth.app.screens.explain import ExplainScreen

        self.app.push_screen(ExplainScreen(self.doors, self.scene.snapshot))

    def action_probe(self) -> None:
        from claude_auth.app.screens.probe import ProbeScreen

        self.app.push_screen(ProbeScreen(self.doors, self.scene.snapshot), self.came_back)

    def action_network(self) -> None:
        from claude_auth.app.screens.network import NetworkScreen

        self.app.push_screen(NetworkScreen(self.doors, self.scene.snapshot))

    def action_cloud(self) -> None:
        from claude_auth.app.screens.cloud import CloudScreen

        self.app.push_screen(CloudScreen(self.doors, self), self.came_back)

    def action_run(self) -> None:
        from claude_auth.app.screens.run_choosing import open_run

        open_run(self, self.doors, self.scene.snapshot, self.told, (), self.ran)
