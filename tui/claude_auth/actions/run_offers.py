"""What could be run here: what the settings name, what is not configured, the sign-ins that we suggest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from claude_auth.actions.run_outcome import asking_runs
from claude_auth.claude_code.effective import EffectiveConfig
from claude_auth.cloud.aws.plan import plan_aws
from claude_auth.cloud.commands import (
    SETTINGS,
    CommandKind,
    CommandPlan,
    propose,
    suggested_aws,
    suggested_google,
)
from claude_auth.cloud.google import plan_google

KINDS: tuple[CommandKind, ...] = ("aws-refresh", "aws-export", "gcp-refresh", "api-key-helper")


class RunOffer(NamedTuple):
    """`proposal` None: that setting is not configured."""

    kind: CommandKind
    proposal: CommandPlan | None

    @property
    def setting(self) -> str:
        return SETTINGS[self.kind]


def to_be_run(kind: CommandKind, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan | None:
    """The configured command, else the sign-in that would be suggested; None where there is neither."""
    found = propose(kind, view, environ)
    if found is None and kind == "aws-refresh":
        found = suggested_aws(plan_aws(view, environ), view, environ)
    elif found is None and kind == "gcp-refresh":
        found = suggested_google(plan_google(view, environ), view, environ)
    return None if found is None else told_with(found, view, environ)


def told_with(proposal: CommandPlan, view: EffectiveConfig, environ: Mapping[str, str]) -> CommandPlan:
    """Beside the command, what asking who answers would run. A repository's is left out: for that one a
    person is asked on its own, on the pane of the cloud."""
    runs = asking_runs(proposal.kind, view, environ)
    return replace(proposal, asks_by=tuple(run for run in runs if not run.from_repository))


def run_offers(
    kinds: Sequence[CommandKind], view: EffectiveConfig, environ: Mapping[str, str]
) -> tuple[RunOffer, ...]:
    """Reads files. `kinds` empty: all. What is configured first, then what we suggest."""
    wanted = kinds or KINDS
    found = [RunOffer(kind, propose(kind, view, environ)) for kind in wanted]
    for kind in wanted:
        found += [RunOffer(kind, proposal) for proposal in _suggested(kind, view, environ)]
    return tuple(
        offer if offer.proposal is None else offer._replace(proposal=told_with(offer.proposal, view, environ))
        for offer in found
    )


def _suggested(kind: CommandKind, view: EffectiveConfig, environ: Mapping[str, str]) -> list[CommandPlan]:
    """The form that fits this terminal, then the other one: with or without a browser on this side."""
    found: list[CommandPlan | None] = []
    if kind == "aws-refresh":
        aws = plan_aws(view, environ)
        other = replace(aws, over_ssh=not aws.over_ssh)
        found = [suggested_aws(plan, view, environ) for plan in (aws, other)]
    elif kind == "gcp-refresh":
        google = plan_google(view, environ)
        elsewhere = replace(google, over_ssh=not google.over_ssh)
        found = [suggested_google(plan, view, environ) for plan in (google, elsewhere)]
    return [proposal for proposal in found if proposal is not None]
