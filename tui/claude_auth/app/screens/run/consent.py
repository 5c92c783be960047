"""Asks before a command is run: exactly what, from where, what is missing; a repository's is asked twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from claude_auth.app.screens.consent_dialogs import Question
from claude_auth.present.lines import Line, line, wrap
from claude_auth.present.runs import consent_lines

if TYPE_CHECKING:
    from claude_auth.actions.run_command import CommandPlan

IN_CLEAR = "not there: what it prints is a credential, and it would stand in your terminal in clear"


class RunConsent(Question):
    """`y` runs it; Enter, like everything else, doesn't. `aside`: in the real terminal, was answered.
    `again`: the second question, for a repository's command."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "s",
            "agree_aside",
            "In the terminal",
            tooltip="Run it in the real terminal, for commands that need all of it",
            id="question.aside",
        ),
    ]

    def __init__(self, proposal: CommandPlan, home: str, *, again: bool = False) -> None:
        whose = "A repository" if proposal.from_repository else "Another user"
        super().__init__(f"{whose} chose this command. Really run it?" if again else "Run this command?", [])
        self.proposal, self.home, self.again, self.aside = proposal, home, again, False

    def _lines(self, width: int) -> list[Line]:
        found = consent_lines(self.proposal, self.home, width)
        second = self.proposal.confirmations > 1 and not self.again
        words = "y goes on to a second question" if second else "y runs it"
        return [*found, (), *wrap(line(f"{words}; n or Enter runs nothing."), width)]

    def refusal(self, action: str) -> str | None:
        return IN_CLEAR if action == "agree_aside" and self.proposal.prints_a_secret else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (action == "agree_aside" and self.again)  # answered in the first question

    def action_agree_aside(self) -> None:
        if self.refuses("agree_aside"):
            return
        self.aside = True
        self.dismiss(True)
