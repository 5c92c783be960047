"""The part of the dashboard that opens the diagnosis, and the fixes of the finding under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.app.panes.findings import Findings
from claude_auth.app.screens.doing import Doing

if TYPE_CHECKING:
    from claude_auth.app.screens.diagnose_doors import DiagnoseDoors


class Diagnosing(Doing):
    """The screens are imported when they are opened."""

    _diagnose_doors: DiagnoseDoors | None = None

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
        self.open_diagnosis(self.query_one(Findings).cursor)

    def open_diagnosis(self, at: str | None) -> None:
        """`at`: the row that the cursor is to stand on."""
        from claude_auth.app.screens.diagnose import Diagnose

        screen = Diagnose(self.diagnose_doors, self.scene, self.told, at=at, follows=self)
        self.app.push_screen(screen, self.came_back)

    def action_fix(self) -> None:
        refused = self.refusal("fix")
        if refused is not None:
            self.say(refused)
            return
        from claude_auth.app.screens.fix import Fix

        finding = self.finding_under_cursor()
        self.app.push_screen(
            Fix(self.diagnose_doors, self.scene.snapshot, finding, self.told), self.came_back
        )
