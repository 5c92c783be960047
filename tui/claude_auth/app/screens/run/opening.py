"""The way to the run screen: what could be run, which of it, and a person's yes to exactly that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.screen import Screen
from textual.worker import get_current_worker

from claude_auth.app.eyes import NOT_OWNER
from claude_auth.app.screens.acting import Told
from claude_auth.app.screens.chooser import Choice, Chooser
from claude_auth.app.screens.run.consent import RunConsent
from claude_auth.app.screens.run.doors import RunDoors
from claude_auth.model import Snapshot

if TYPE_CHECKING:
    from claude_auth.actions.run_command import Answer, Kind, RunResult
    from claude_auth.actions.runs import RunOffer

NOT_CONFIGURED = "not configured in any settings file"
HISTORY = "history"


@dataclass(frozen=True, slots=True)
class RunOpening:
    """Over `screen`, which may say why nothing is run."""

    screen: Screen[Any]
    doors: RunDoors
    snapshot: Snapshot
    told: Told
    kinds: tuple[Kind, ...]
    done: Callable[[RunResult | None], None]
    before: Answer | None

    def begin(self) -> None:
        if not self.doors.doors.ours():
            self._give_up(f"not run: {NOT_OWNER}")
            return
        self.screen.run_worker(
            self._find, thread=True, exclusive=True, exit_on_error=False, group="run-offers"
        )

    def _find(self) -> None:
        """Off the UI thread: it reads files."""
        worker = get_current_worker()
        offers = self.doors.offers(self.snapshot, self.kinds)
        if not worker.is_cancelled:
            self.screen.app.call_from_thread(self._found, offers)

    def _found(self, offers: tuple[RunOffer, ...]) -> None:
        if self.screen.app.screen is not self.screen:
            self.done(None)  # the person has gone elsewhere meanwhile
        elif len(offers) == 1 and offers[0].proposal is not None:
            self._ask(offers[0])
        else:
            self._choose(offers)

    def _choose(self, offers: tuple[RunOffer, ...]) -> None:
        def chosen(choice: str | None) -> None:
            if choice == HISTORY:
                from claude_auth.app.screens.run.history import open_history

                self.done(None)
                open_history(self.screen, self.doors)
            elif choice is None:
                self._give_up("nothing was run")
            else:
                self._ask(offers[int(choice)])

        choices = [_choice(number, offer) for number, offer in enumerate(offers)]
        choices.append(Choice(HISTORY, "· History", "the last runs, from the journal"))
        self.screen.app.push_screen(Chooser("Run which command?", choices), chosen)

    def _ask(self, offer: RunOffer, *, again: bool = False, aside: bool = False) -> None:
        proposal = offer.proposal
        if proposal is None:
            self._give_up(f"{offer.setting}: {NOT_CONFIGURED}")
            return
        consent = RunConsent(proposal, self.snapshot.places.home, again=again)

        def answered(agreed: bool | None) -> None:
            in_terminal = aside or consent.aside
            if not agreed:
                self._give_up("nothing was run")
            elif proposal.confirmations > 1 and not again:
                self._ask(offer, again=True, aside=in_terminal)
            else:
                self._run(offer, in_terminal)

        self.screen.app.push_screen(consent, answered)

    def _run(self, offer: RunOffer, aside: bool) -> None:
        from claude_auth.app.screens.run.screen import Run

        assert offer.proposal is not None
        run = Run(self.doors, self.snapshot, self.told, offer.proposal, before=self.before, aside=aside)
        self.screen.app.push_screen(run, lambda started: self.done(run.latest))

    def _give_up(self, words: str) -> None:
        say = getattr(self.screen, "say", None)
        if say is not None:
            say(words)
        self.done(None)


def _choice(number: int, offer: RunOffer) -> Choice:
    """A setting that is not configured stands there too, and can't be chosen."""
    proposal = offer.proposal
    if proposal is None:
        return Choice("", f"– {offer.setting}", NOT_CONFIGURED)
    label = "· our suggestion" if proposal.suggested else f"· {offer.setting}"
    if proposal.confirmations > 1:
        label = f"▲ {offer.setting}"
    missing = f"▲ {proposal.missing[0]} is missing: " if proposal.missing else ""
    return Choice(str(number), label, f"{missing}{proposal.shown}")
