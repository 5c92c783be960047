"""The proof: what the chosen client would send now, and what that costs whom. Pure."""

from __future__ import annotations

from claude_auth.actions.look import diagnosed, verdict
from claude_auth.actions.set_up.choice import SetUpChoice
from claude_auth.actions.set_up.paths import BY_HAND
from claude_auth.model import Snapshot, VerdictWord
from claude_auth.named_tuples import NamedTuple
from claude_auth.security.secret import without_locals
from claude_auth.sources import label
from claude_auth.words import StatusText
from claude_auth.words.verdict import first_line, payer_words


class SetUpProof(NamedTuple):
    """`proved`: what was chosen is what goes out, and nothing speaks against it. `new_shell`: only there.
    `bills`: who pays, in words. `by_hand`: nothing was written here. `next_step`: what to run then."""

    proved: bool
    word: VerdictWord
    sentence: StatusText
    winner: str | None
    host: str | None
    bills: str | None
    new_shell: bool
    next_step: str
    by_hand: bool = False


@without_locals
def prove(
    seen: Snapshot, choice: SetUpChoice, client: str, version: str | None, *, new_shell: bool
) -> SetUpProof:
    """`seen`: by a new shell; `new_shell`: which has other variables than this one."""
    resolution, findings = diagnosed(seen, client, version)
    found = verdict(resolution, findings)
    winner = resolution.winner
    proved = (
        winner in choice.path.expects
        and choice.path.provider in {None, resolution.provider}
        and resolution.blocked is None
        and resolution.usable is not False
    )
    return SetUpProof(
        proved,
        found.word,
        first_line(seen, resolution, found, seen.observed_at),
        None if winner is None else label(winner),
        None if resolution.wire is None else resolution.wire.host,
        None if winner is None else payer_words(resolution, winner),
        new_shell,
        "open a new shell and run: claude" if new_shell else "run: claude",
        choice.place in BY_HAND,
    )
