"""The question before helpers are run to learn what they give: the exact commands, and where they come from;
a second time about what is not trusted."""

from __future__ import annotations

from typing import Any

from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.screens.base import BaseScreen
from claude_auth.present.consent import EvaluationRequest, evaluation_lines, second


async def agreed_to_evaluate(screen: BaseScreen[Any], wanted: tuple[EvaluationRequest, ...]) -> bool | None:
    """In a worker of `screen`. None: nothing may be run; else whether the second question was agreed to as
    well. A no to that one alone leaves what the first one allowed."""
    doubtful = second(wanted)
    first = await screen.wait_for(_question(wanted, "go on to a second question" if doubtful else "run it"))
    allowed, again = first is not None, False
    if allowed and doubtful:
        answer = await screen.wait_for(_question(doubtful, "run it", again=True))
        again = answer is not None
        allowed = again or any(not request.distrusted for request in wanted)
    screen.show_notice("running: this may take some seconds" if allowed else "nothing was run")
    return again if allowed else None


def _question(wanted: tuple[EvaluationRequest, ...], agree: str, *, again: bool = False) -> ConfirmDialog:
    return ConfirmDialog(
        "It is not trusted. Really run this?" if again else "Run this to learn what it gives?",
        maker=lambda width: evaluation_lines(wanted, again, width),
        agree=agree,
        decline="nothing is run",
    )
