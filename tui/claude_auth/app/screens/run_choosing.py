"""Before a command is run: what could be run, which of it, and a person's yes to exactly that; and the runs
of the past, from the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from claude_auth.actions.look import NOT_OWNER
from claude_auth.app.dialogs.choose import ChooseDialog, Option
from claude_auth.app.dialogs.confirm import ConfirmDialog
from claude_auth.app.dialogs.journal import show_history
from claude_auth.app.screens.base import BaseScreen
from claude_auth.app.screens.run import IN_CLEAR, RunScreen
from claude_auth.app.services import Services
from claude_auth.model import Fix, Snapshot
from claude_auth.present.runs import consent_lines

if TYPE_CHECKING:
    from claude_auth.actions.run_command import Answer, CommandKind, CommandPlan, RunResult
    from claude_auth.actions.runs import RunOffer

NOT_CONFIGURED = "not configured in any settings file"
HISTORY = "history"


def kinds_of(name: str) -> tuple[CommandKind, ...]:
    """The one of that name; empty, and so all, where there is none."""
    from claude_auth.actions.runs import KINDS

    return tuple(kind for kind in KINDS if kind == name)


async def choose_and_run(
    screen: BaseScreen[Any],
    services: Services,
    snapshot: Snapshot,
    kinds: Sequence[CommandKind] = (),
    before: Answer | None = None,
    advised: Fix | None = None,
) -> RunResult | None:
    """In a worker of `screen`: finds what could be run, lets the person choose, asks, and runs it. `kinds`
    empty: all four. `advised`: that one is asked about at once, without a list. How it ended; None where
    nothing was run to its end."""
    if not services.host.ours():
        screen.show_notice(f"not run: {NOT_OWNER}")
        return None
    offers = await asyncio.to_thread(services.commands.offers, snapshot, tuple(kinds))
    if screen.app.screen is not screen:
        return None  # the person has gone elsewhere meanwhile
    offer = advised_offer(offers, advised) if advised is not None or len(offers) == 1 else None
    if offer is None or offer.proposal is None:
        choice = await screen.wait_for(_menu(offers))
        if choice == HISTORY:
            await show_history(screen, services)
            return None
        offer = None if choice is None else offers[int(choice)]
    answer = None if offer is None else await _agreed(screen, offer.proposal, services.home)
    if offer is None or offer.proposal is None or answer is None:
        screen.show_notice("nothing was run" if advised is None else "nothing was run; x lists every command")
        return None
    run = RunScreen(services, snapshot, offer.proposal, before=before, in_terminal=answer == "terminal")
    await screen.wait_for(run)
    return run.latest


def advised_offer(offers: Sequence[RunOffer], remedy: Fix | None) -> RunOffer | None:
    """The command that is advised, else the first that can be run: the configured before what we suggest."""
    able = [offer for offer in offers if offer.proposal is not None]
    wanted = "" if remedy is None else remedy.command
    same = (one for one in able if one.proposal is not None and one.proposal.shown == wanted)
    return next(same, able[0] if able else None)


async def _agreed(screen: BaseScreen[Any], proposal: CommandPlan | None, home: str) -> str | None:
    """`yes`, `terminal` or None; a repository's command, and another user's, is asked about twice."""
    if proposal is None:
        return None
    first = await screen.wait_for(_question(proposal, home, again=False))
    if first is None or proposal.confirmations == 1:
        return first
    second = await screen.wait_for(_question(proposal, home, again=True))
    return None if second is None else first


def _question(proposal: CommandPlan, home: str, *, again: bool) -> ConfirmDialog:
    whose = "A repository" if proposal.from_repository else "Another user"
    more = proposal.confirmations > 1 and not again
    terminal: bool | str = False if again else IN_CLEAR if proposal.prints_a_secret else True
    return ConfirmDialog(
        f"{whose} chose this command. Really run it?" if again else "Run this command?",
        maker=lambda width: consent_lines(proposal, home, width),
        agree="go on to a second question" if more else "run it",
        decline="nothing is run",
        terminal=terminal,
    )


def _menu(offers: Sequence[RunOffer]) -> ChooseDialog:
    options = [_option(number, offer) for number, offer in enumerate(offers)]
    options.append(Option(HISTORY, "· History", "the last runs, from the journal"))
    return ChooseDialog("Run which command?", options)


def _option(number: int, offer: RunOffer) -> Option:
    """A setting that is not configured stands there too, and can't be chosen."""
    proposal = offer.proposal
    if proposal is None:
        return Option("", f"– {offer.setting}", NOT_CONFIGURED)
    label = "· our suggestion" if proposal.suggested else f"· {offer.setting}"
    if proposal.confirmations > 1:
        label = f"▲ {offer.setting}"
    missing = f"▲ {proposal.missing[0]} is missing: " if proposal.missing else ""
    return Option(str(number), label, f"{missing}{proposal.shown}")
