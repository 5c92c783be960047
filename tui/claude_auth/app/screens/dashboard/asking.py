"""The part of the dashboard that opens dialogs and does what was answered there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_auth.app.eyes import NOT_OWNER
from claude_auth.app.screens.dashboard.panels import Findings
from claude_auth.app.watcher import Watcher
from claude_auth.diagnose import diagnosed
from claude_auth.model import Finding
from claude_auth.present.findings import named
from claude_auth.words import client_label

if TYPE_CHECKING:
    from claude_auth.present.consent import EvaluationRequest

NOTHING_TO_RUN = "there is nothing to run: no value is waiting for a helper or a descriptor"


class Asking(Watcher):
    """Dialogs are imported when they are opened: most sessions open few."""

    def refusal(self, action: str) -> str | None:
        """Why an action can't be done now; the hints dim it, and pressing its key says so."""
        return self.nothing_to_run() if action == "evaluate" else None

    def nothing_to_run(self) -> str | None:
        wire = self.scene.resolution.wire
        headers = () if wire is None else (wire.x_api_key, wire.authorization)
        if not any(header is not None and header.value is None for header in headers):
            return NOTHING_TO_RUN  # the common case, told without asking the evaluation itself
        if not self.eyes.ours():
            return f"not run: {NOT_OWNER}"
        from claude_auth.present.consent import refusal

        return refusal(self.wanted())

    def wanted(self) -> tuple[EvaluationRequest, ...]:
        """What an evaluation would do for the program that asks."""
        from claude_auth.present.consent import evaluation_requests

        return evaluation_requests(self.scene.snapshot, self.scene.resolution.client, self.version)

    def finding_to_act_on(self) -> Finding:
        """The one under the cursor, among the findings; from elsewhere the most urgent one."""
        panel, found = self.query_one(Findings), named(self.scene.findings)
        here = found.get(panel.cursor or "") if self.focused is panel else None
        return here or self.scene.findings[0]

    def action_evaluate(self) -> None:
        if self.refuses("evaluate"):
            return
        from claude_auth.app.screens.confirm import ask_to_evaluate

        ask_to_evaluate(self, self.wanted(), lambda agreed: self.evaluate(self.scene.snapshot, agreed))

    def action_client(self) -> None:
        from claude_auth.app.screens.clients import client_menu

        def chosen(client: str | None) -> None:
            if client is not None:
                self.ask_as(client)

        self.app.push_screen(client_menu(self.scene.resolution.client), chosen)

    def ask_as(self, client: str) -> None:
        """Answer for another program; nothing is looked at again."""
        resolution, findings = diagnosed(self.scene.snapshot, client, self.version)
        self.scene = self.scene._replace(resolution=resolution, findings=findings)
        self.say(f"asked by {client_label(client)} now")

    def action_look(self) -> None:
        self.look(by_hand=True)
